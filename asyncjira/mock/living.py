"""Issues that change while they are read: a model without sockets, so that properties can run it by the thousand.

Every search is one step: first what is due changes, then the search is answered from the issues as they are now, or as
a second node that lags behind still sees them. The model keeps what a complete pull must hold: `Living.truth`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.changes import CHANGES, Changing, checked_kinds
from asyncjira.mock.query import EVERYTHING, Bounds
from asyncjira.mock.truth import Ledger, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from asyncjira.mock.record import Record

__all__ = ["Living", "Slice"]

_CREATED = attrgetter("created")


class Slice(NamedTuple):
    """The answer to a search: the records of a page, how many there are in all, and the model's clock in ms."""

    records: list[Record]
    total: int
    served_at: int


class Living:
    """`records` of which `rate` change at each search from now on, by kinds drawn from `kinds`, all from the seed.

    `clock` gives milliseconds since 1970. `shuffle_ties` draws the order within each second anew at every search; it is
    that of the keys otherwise. With a `lag` of N, half of the searches are answered as of N searches ago.
    Raises ConfigError for a kind that is none.
    """

    def __init__(
        self,
        records: Iterable[Record],
        *,
        clock: Callable[[], int],
        rate: float = 0.0,
        seed: int = 0,
        kinds: Iterable[str] = tuple(CHANGES),
        shuffle_ties: bool = False,
        lag: int = 0,
    ) -> None:
        self._clock, self.rate, self._kinds, self._shuffle_ties = clock, rate, checked_kinds(kinds), shuffle_ties
        self._random = Random(f"{seed}/changes")
        self._order, self._node = Random(f"{seed}/ties"), Random(f"{seed}/node")
        self._issues, self._ledger = Changing(records, self._random), Ledger()
        self._views = deque([self._issues.view], lag + 1)
        self._answering, self._now, self._draw = self._issues.view, 0, 0

    @property
    def view(self) -> list[Record]:
        """What matches now, in order; not to be changed."""
        return self._issues.view

    def truth(self) -> Truth:
        """Return what a pull since the first search must hold, as far as it is known now."""
        return self._ledger.truth()

    def begin(self) -> None:
        """Let the truth begin with the next search."""
        self._ledger = Ledger()

    def search(self, bounds: Bounds = EVERYTHING, start: int = 0, size: int = 50) -> Slice:
        """Answer one search: `turn`, then `read`."""
        self.turn(bounds)
        return self.read(bounds, start, size)

    def turn(self, bounds: Bounds = EVERYTHING, reconciled: Collection[str] = ()) -> None:
        """Let happen what is due before a search within `bounds`, and choose the node that answers it.

        Of the issues with the ids `reconciled`, that node knows the newest.
        """
        self._now, self._draw = self._clock(), self._order.getrandbits(64)
        due = int(self.rate) + (self._random.random() < self.rate % 1)
        kinds = self._random.choices(self._kinds, k=due)
        self._ledger.changes += self._issues.change(kinds, self._now)
        self._views.append(self._issues.view)
        self._ledger.note(self._views, self._issues.gone, self._issues.come)
        if bounds.updated_since is not None:
            self._ledger.note_catch_up(self._views)
        self._answering = self._views[0 if self._node.random() < 0.5 else -1]
        if reconciled and self._answering is not self.view:
            self._answering = self._reconciled(reconciled)

    def read(self, bounds: Bounds, start: int, size: int) -> Slice:
        """Return a page from the view of the latest turn; to read twice gives the same."""
        found = _within(self._answering, bounds)
        first, last = min(start, len(found)), min(start + size, len(found))
        if bounds.descending:
            first, last = len(found) - last, len(found) - first
        page = self._tied(found, first, last) if self._shuffle_ties else found[first:last]
        return Slice(page[::-1] if bounds.descending else page, len(found), self._now)

    def before(self, bounds: Bounds, second: int) -> int:
        """Return how many rows come before those created in `second`, in the view of the latest turn."""
        found = _within(self._answering, bounds)
        if bounds.descending:
            return len(found) - bisect_right(found, second, key=_CREATED)
        return bisect_left(found, second, key=_CREATED)

    def count(self, bounds: Bounds) -> int:
        """Return how many issues match now."""
        return len(_within(self.view, bounds))

    def find(self, name: str) -> Record | None:
        """Return the issue of that id or key as it is now, whether it matches or not."""
        return self._issues.find(name)

    def _reconciled(self, ids: Collection[str]) -> list[Record]:
        view = [record for record in self._answering if record.id not in ids]
        for record in filter(None, map(self.find, ids)):
            if record.matches:
                insort(view, record)
        return view

    def _tied(self, found: list[Record], first: int, last: int) -> list[Record]:
        """Return found[first:last], the order within each second drawn for this turn."""
        if first == last:
            return []
        low = bisect_left(found, found[first].created, key=_CREATED)
        high = bisect_right(found, found[last - 1].created, key=_CREATED)
        part = found[low:high]
        Random(self._draw).shuffle(part)
        part.sort(key=_CREATED)
        return part[first - low : last - low]


def _within(view: list[Record], bounds: Bounds) -> list[Record]:
    low, high = _place(view, bounds.created_from, 0), _place(view, bounds.created_before, len(view))
    found = view[low:high] if (low, high) != (0, len(view)) else view
    since = bounds.updated_since
    return found if since is None else [record for record in found if record.updated >= since]


def _place(view: list[Record], moment: int | None, otherwise: int) -> int:
    return otherwise if moment is None else bisect_left(view, -(-moment // 1000), key=_CREATED)
