"""Issues as Cloud hands them out: in portions, each behind the last, or by id and key."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from asyncjira.mock.pages import rows_within
from asyncjira.mock.query import EVERYTHING
from asyncjira.mock.tokens import Position

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncjira.mock.corpus import Corpus, Rows
    from asyncjira.mock.living import Living
    from asyncjira.mock.query import Bounds
    from asyncjira.mock.record import Record
    from asyncjira.mock.selection import Selection

__all__ = ["Issues", "LivingIssues", "Portion", "StillIssues"]


class Portion(NamedTuple):
    """Issues in order, and where the next portion begins; None if there is none."""

    records: list[Record]
    end: Position | None


class Issues(Protocol):
    """What Cloud's endpoints ask of the issues. `still` says that they never change."""

    still: bool

    def turn(self, bounds: Bounds = EVERYTHING, reconciled: Collection[str] = ()) -> None:
        """Let happen what is due before a request."""

    def portion(self, bounds: Bounds, position: Position, size: int) -> Portion:
        """Return up to `size` issues from a position on."""

    def count(self, bounds: Bounds) -> int:
        """Return how many issues match now."""

    def find(self, name: str) -> Record | None:
        """Return the issue with that id or key as it is now."""

    def show(self, record: Record, selection: Selection) -> bytes:
        """Return the JSON of an issue."""


class StillIssues:
    """Issues that never change; see `Issues`."""

    still = True

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._within = lru_cache(64)(partial(rows_within, rows))

    def turn(self, bounds: Bounds = EVERYTHING, reconciled: Collection[str] = ()) -> None:
        """Let nothing happen."""

    def portion(self, bounds: Bounds, position: Position, size: int) -> Portion:
        """Return up to `size` issues from a position on."""
        found, end = self._within(bounds), position.offset + size
        records = [self._rows.record(number) for number in found[position.offset : end]]
        return Portion(records, Position(end) if end < len(found) else None)

    def count(self, bounds: Bounds) -> int:
        """Return how many issues match."""
        return len(self._within(bounds))

    def find(self, name: str) -> Record | None:
        """Return the issue with that id or key."""
        row = self._rows.find(name)
        return None if row is None else self._rows.record(row)

    def show(self, record: Record, selection: Selection) -> bytes:
        """Return the JSON of an issue."""
        return _bare(record) if selection.only_id else self._rows.row(record.row, selection)


class LivingIssues:
    """Issues that change; see `Issues`. `positional` positions count rows, and do not care which."""

    still = False

    def __init__(self, living: Living, corpus: Corpus, *, positional: bool) -> None:
        self._living, self._corpus, self._positional = living, corpus, positional
        self.turn, self.count, self.find = living.turn, living.count, living.find

    def portion(self, bounds: Bounds, position: Position, size: int) -> Portion:
        """Return up to `size` issues from a position on, as the node of the latest turn sees them."""
        start, sent = position.offset, frozenset(position.ids)
        if position.second is not None:
            start = self._living.before(bounds, position.second)
        found = self._living.read(bounds, start, size + len(sent) + 1).records
        records = [record for record in found if record.id not in sent]
        return Portion(records[:size], self._end(position, records[:size]) if len(records) > size else None)

    def _end(self, position: Position, sent: list[Record]) -> Position:
        last = sent[-1]
        if self._positional:
            return Position(position.offset + len(sent))
        ids = [record.id for record in sent if record.created == last.created]
        return Position(0, last.created, (*(position.ids if position.second == last.created else ()), *ids))

    def show(self, record: Record, selection: Selection) -> bytes:
        """Return the JSON of an issue."""
        return _bare(record) if selection.only_id else self._corpus.show(record, selection)


def _bare(record: Record) -> bytes:
    return b'{"id":"%b"}' % record.id.encode()
