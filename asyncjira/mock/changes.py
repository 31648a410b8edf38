"""What can happen to issues while they are being read: the kinds of change, and the set that they happen to."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from asyncjira.errors import ConfigError
from asyncjira.mock.record import Record
from asyncjira.mock.values import PROJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

__all__ = ["CHANGES", "Changing", "checked_kinds"]

_LONGEST_NUMBER = 19  # digits of an id or of a key: Java's long


class Changing:
    """Issues that match, sorted, in `view`; others wait outside until they enter.

    `gone` and `come` name what the latest `change` took from the view and added to it, all of it taken together. A view
    that somebody holds stays as it is: a change makes a new one.
    """

    def __init__(self, records: Iterable[Record], random: Random) -> None:
        records = sorted(records)
        self.view = [record for record in records if record.matches]
        self.gone: set[str] = set()
        self.come: set[str] = set()
        self._outside = [record for record in records if not record.matches]
        self._random = random
        self._numbers = dict.fromkeys(PROJECTS, 0)
        for record in records:
            self._numbers[record.project] = max(self._numbers.get(record.project, 0), record.number)
        self._last_id = max((int(record.id) for record in records), default=9999)
        self._last_row = max((record.row for record in records), default=-1)
        self._now = {record.id: record for record in records}
        self._ids = {(record.project, record.number): record.id for record in records}  # a key stays taken for ever

    def change(self, kinds: Iterable[str], now: int) -> int:
        """Change an issue by each of `kinds` at the moment `now`, in ms, and return how often that could be done."""
        self.gone, self.come = set(), set()
        kinds = list(kinds)
        if kinds:
            self.view = self.view.copy()
        return sum(self._change(kind, now) for kind in kinds)

    def _change(self, kind: str, now: int) -> bool:
        possible = self._outside if kind == "enter" else self.view
        if not possible and kind != "create":
            return False
        CHANGES[kind](self, now)
        return True

    def find(self, name: str) -> Record | None:
        """Return the issue of that id, or of that key, be it an old one; None if there is none now."""
        project, _, number = name.upper().rpartition("-")
        if number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER:
            return self._now.get(self._ids.get((project, int(number)), "") if project else number)
        return None

    def create(self, now: int) -> None:
        """Create an issue now."""
        self._add(self._new(now // 1000, now))

    def backdate(self, now: int) -> None:
        """Create an issue that says that it was created in the past, in the second of another or just before."""
        second = self._random.choice(self.view).created - self._random.randint(0, 1)
        self._add(self._new(second, now))

    def edit(self, now: int) -> None:
        """Edit an issue: only `updated` tells."""
        place = self._place()
        self.view[place] = record = _touched(self.view[place], now)
        self._now[record.id] = record

    def move(self, now: int) -> None:
        """Move an issue to another project: a new key, the same id and `created`."""
        record = _touched(self.view.pop(self._place()), now)
        project = self._random.choice([name for name in PROJECTS if name != record.project])
        moved = record._replace(project=project, number=self._number(project))
        insort(self.view, moved)
        self._now[moved.id] = moved
        self._ids[project, moved.number] = moved.id

    def delete(self, _: int) -> None:
        """Take an issue away without a trace: it was deleted, or the permission to see it was lost."""
        self._remove()

    def leave(self, now: int) -> None:
        """Edit an issue so that it does not match any more."""
        record = _touched(self._remove(), now)._replace(matches=False)
        self._outside.append(record)
        self._now[record.id] = record

    def enter(self, now: int) -> None:
        """Edit an issue so that it matches from now on."""
        record = self._outside.pop(self._random.randrange(len(self._outside)))
        self._add(_touched(record, now)._replace(matches=True))

    def _place(self) -> int:
        return self._random.randrange(len(self.view))

    def _number(self, project: str) -> int:
        self._numbers[project] += 1
        return self._numbers[project]

    def _new(self, second: int, now: int) -> Record:
        self._last_id += 1
        self._last_row += 1
        project = self._random.choice(PROJECTS)
        record = Record(second, project, self._number(project), str(self._last_id), now, self._last_row)
        self._ids[project, record.number] = record.id
        return record

    def _add(self, record: Record) -> None:
        insort(self.view, record)
        self._now[record.id] = record
        self.come.add(record.id)
        self.gone.discard(record.id)

    def _remove(self) -> Record:
        record = self.view.pop(self._place())
        del self._now[record.id]
        self.gone.add(record.id)
        self.come.discard(record.id)
        return record


def _touched(record: Record, now: int) -> Record:
    return record._replace(updated=max(now, record.updated + 1))


CHANGES: dict[str, Callable[[Changing, int], None]] = {
    "create": Changing.create,
    "backdate": Changing.backdate,
    "edit": Changing.edit,
    "move": Changing.move,
    "delete": Changing.delete,
    "leave": Changing.leave,
    "enter": Changing.enter,
    "hide": Changing.delete,
}


def checked_kinds(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of change as they were named. Raises ConfigError where one is none, or there is none."""
    named = tuple(kinds)
    if isinstance(kinds, str) or not named or not set(named) <= set(CHANGES):
        raise ConfigError(f"the kinds of change are a list of some of {', '.join(CHANGES)}")
    return named
