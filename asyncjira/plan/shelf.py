"""Pages that have arrived and wait until everything before them is covered; their rows leave in order, each once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from math import inf
from operator import itemgetter

from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage

__all__ = ["Row", "Shelf"]

Row = tuple[int, int, str, bytes]
"""When an issue was created (seconds) and updated (milliseconds), its id, its bytes."""

_Held = tuple[int, int, list[Row]]


class Shelf:
    """Holds pages in the order of their offsets."""

    def __init__(self) -> None:
        self._pages: list[_Held] = []

    def __len__(self) -> int:
        return len(self._pages)

    def add(self, start: int, arrival: int, page: SearchPage, dates: Dates) -> None:
        """Put a page there. `arrival` counts the pages, and settles the order of two from the same offset."""
        rows = list(zip(dates.created, dates.updated, page.ids, page.issues, strict=True))
        insort(self._pages, (start, arrival, rows), key=itemgetter(0, 1))

    @property
    def rows(self) -> int:
        """How many rows wait."""
        return sum(len(rows) for _, _, rows in self._pages)

    def holds(self, end: float) -> bool:
        """Whether any issue that was created before second `end` is there."""
        return any(rows[0][0] < end for _, _, rows in self._pages)

    def take(self, end: float) -> list[Row]:
        """Take away and return rows that were created before second `end`, about a page: by `created`, then by offset.

        Of an issue that several of these pages hold, the version that was updated last stays, at the first place.
        """
        if not self.holds(end):
            return []
        end = min(end, self._end_of_a_page())
        parts: list[list[Row]] = []
        kept: list[_Held] = []
        for held in self._pages:
            start, arrival, rows = held
            if rows[0][0] >= end:
                kept.append(held)
                continue
            cut = bisect_left(rows, end, key=itemgetter(0))
            parts.append(rows[:cut])
            if cut < len(rows):
                kept.append((start, arrival, rows[cut:]))
        self._pages = kept
        return _newest(sorted((row for part in parts for row in part), key=itemgetter(0)))

    def _end_of_a_page(self) -> float:
        first = min(rows[0][0] for _, _, rows in self._pages)
        return min((rows[-1][0] for _, _, rows in self._pages if rows[-1][0] > first), default=inf)

    def adopt(self, other: Shelf) -> None:
        """Take over what is left of another shelf."""
        for page in other._pages:
            insort(self._pages, page, key=itemgetter(0, 1))


def _newest(rows: Sequence[Row]) -> list[Row]:
    newest: dict[str, Row] = {}
    for row in rows:
        known = newest.setdefault(row[2], row)
        if row[1] > known[1]:
            newest[row[2]] = row
    return list(newest.values())
