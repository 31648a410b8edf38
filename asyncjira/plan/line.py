"""The line of `created`, and which part of it is covered: the proof that no issue was lost.

A page is a contiguous run of a list that is ordered by `created`, as it was in some view of the server. So an issue
that matched in that view and was created after the page's first row and before its last one is in the page. If the
open intervals between first and last row cover the whole line, every issue that matched in all views is in some page:
pages may come from different moments and nodes, and the order inside a second does not matter.
"""

from __future__ import annotations

from bisect import insort
from math import inf
from typing import NamedTuple

__all__ = ["Gap", "Line", "Span"]


class Span(NamedTuple):
    """The open interval that a page covers, in seconds since 1970, and where its rows stood: offsets, and when."""

    low: float
    high: float
    start: int
    stop: int
    arrival: int


class Gap(NamedTuple):
    """What is not covered between two pages: everything from second `low` to second `high`, both included.

    `left` and `right` are the spans beside it, None at the ends of the line.
    """

    low: float
    high: float
    left: Span | None
    right: Span | None

    @property
    def place(self) -> tuple[float, float]:
        """What tells one gap from another."""
        return self.low, self.high


class Line:
    """Covered are all seconds before `end`, and further spans apart from that. The line ends before `until`."""

    def __init__(self) -> None:
        self.end, self.until = -inf, inf
        self._left: Span | None = None
        self._apart: list[Span] = []

    def __repr__(self) -> str:
        return f"<Line covered to {self.end}, {len(self._apart)} spans apart>"

    @property
    def closed(self) -> bool:
        """Whether the whole line is covered, or given up."""
        return self.end >= self.until

    def add(self, span: Span) -> None:
        """Cover a span."""
        insort(self._apart, span)
        self._grow()

    def gaps(self) -> list[Gap]:
        """Return what is not covered, from left to right."""
        found, end, left = [], self.end, self._left
        for span in self._apart:
            if span.low >= self.until:
                break
            if span.low >= end:
                found.append(Gap(end, span.low, left, span))
            if span.high > end:
                end, left = span.high, span
        if end < self.until:
            found.append(Gap(end, self.until, left, None))
        return found

    def give_up(self) -> Gap:
        """Go on behind the first gap as if it were covered, and return it."""
        gap = self.gaps()[0]
        if gap.right is None:
            self.end = self.until
        else:
            self._absorb(self._apart.pop(0))
            self._grow()
        return gap

    def _grow(self) -> None:
        while self._apart and self._touches(self._apart[0]):
            self._absorb(self._apart.pop(0))

    def _touches(self, span: Span) -> bool:
        # Strictly: two pages that meet in one second may each have a part of that second's issues.
        return span.low < self.end or span.low == -inf

    def _absorb(self, span: Span) -> None:
        if span.high > self.end:
            self.end, self._left = span.high, span
