"""Every request as a bar from when it left to when it ended, each on a line that was free."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from asyncjira.events import Answered, Retried, Throttled

__all__ = ["Bar", "Waterfall", "is_of_use"]

# A browser draws 2,000 bars within a second. The begin and the end of a pull tell most, and where something went wrong.
_FIRST, _LAST, _AROUND = 500, 500, 1000
_BESIDE = 10  # bars before and after one that failed
_NO = (400, 403, 404, 405, 410)  # what servers answer with that do not know a question, or not for this login
_NAMES = 1000  # of requests that may yet turn out to have failed: more than are under way


@dataclass(slots=True)
class Bar:
    """A request on `line`, from `begin` to `end` in seconds.

    `reason` says why it was of no use and had to be asked again; `is_again`: it repeats one of the same label.
    """

    line: int
    begin: float
    end: float
    label: str
    purpose: str
    status: int | None
    bytes: int
    reason: str = ""
    is_again: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether it gave nothing that could be used."""
        return bool(self.reason) or not is_of_use(self.purpose, self.status)


def is_of_use(purpose: str, status: int | None) -> bool:
    """Whether an answer of this HTTP status tells something: to a question, also that there is no such thing."""
    return status == 200 or (purpose == "question" and status in _NO)


class Waterfall:
    """Keeps the first 500 requests, the last 500, and up to 1,000 around what failed; `count` is of all.

    `broken` counts those that broke without a reason being told, as where the HTTP client sends one again by itself.
    Requests must come as they end. Where many have one label, as on Cloud, which of them repeats another is a guess.
    """

    def __init__(self) -> None:
        self.count = self.broken = 0
        self._ends: list[float] = []  # of the latest bar on each line
        self._first: list[tuple[int, Bar]] = []
        self._last: deque[tuple[int, Bar]] = deque(maxlen=_LAST)
        self._around: dict[int, Bar] = {}
        self._around_until = 0
        self._named: dict[str, tuple[int, Bar]] = {}  # the latest of each label
        self._due: dict[str, float] = {}  # when a request of this label is to be asked again

    def add(self, event: Answered, end: float) -> None:
        """Add a request that has ended at `end`."""
        begin = max(0.0, end - event.seconds)
        bar = Bar(self._line(begin, end), begin, end, event.label, event.purpose, event.status, event.bytes)
        due = self._due.get(event.label)
        if due is not None and begin >= due - 0.001:  # what is written down is rounded
            bar.is_again = True
            del self._due[event.label]
        if bar.status is None:
            self.broken += 1
            self._due[bar.label] = end
        self._keep(bar)
        if bar.has_failed:
            self._look_around()
        elif bar.purpose == "gap":
            self._note(self.count, bar)

    def ask_again(self, event: Retried | Throttled, at: float) -> None:
        """Learn why the latest request of a label was of no use."""
        self._due[event.label] = at + event.seconds
        number, bar = self._named.get(event.label, (0, None))
        if bar is None:
            return
        self.broken -= bar.status is None
        bar.reason = event.reason
        if number == self.count:
            self._look_around()
        else:
            self._note(number, bar)

    def bars(self) -> list[Bar]:
        """Return those that were kept, in the order in which they ended."""
        kept = dict([*self._first, *self._around.items(), *self._last])
        return [kept[number] for number in sorted(kept)]

    def _line(self, begin: float, end: float) -> int:
        """Return the line that became free last before `begin`: as they come by their ends, so few lines do."""
        free = [line for line, ended in enumerate(self._ends) if ended <= begin + 1e-6]
        line = max(free, key=self._ends.__getitem__, default=len(self._ends))
        self._ends[line : line + 1] = [end]
        return line

    def _keep(self, bar: Bar) -> None:
        self.count += 1
        if self.count <= _FIRST:
            self._first.append((self.count, bar))
        else:
            self._last.append((self.count, bar))
        if self.count <= self._around_until:
            self._note(self.count, bar)
        self._named.pop(bar.label, None)
        self._named[bar.label] = (self.count, bar)
        if len(self._named) > _NAMES:
            del self._named[next(iter(self._named))]

    def _look_around(self) -> None:
        self._around_until = self.count + _BESIDE
        for number, bar in [*self._last][-_BESIDE - 1 :]:
            self._note(number, bar)

    def _note(self, number: int, bar: Bar) -> None:
        if len(self._around) < _AROUND:
            self._around[number] = bar
