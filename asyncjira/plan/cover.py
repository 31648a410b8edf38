"""Everything that a query matches, in segments of the line of `created` where it is too long for one search."""

from __future__ import annotations

from functools import partial
from math import inf

from asyncjira.errors import JiraError
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.plan.errand import Budget, Errand, Server
from asyncjira.plan.evidence import dates_of
from asyncjira.plan.segment import Segment
from asyncjira.plan.shelf import Row

__all__ = ["Cover"]

_TRIES_TO_CUT = 3  # of one pull: an answer without the row that it counts, or none


class Cover:
    """Asks for all issues of a part of the line, and gives them out in the order of `created`.

    A segment that reaches beyond the server's result window is cut before a row inside of it: the rows of the rest are
    counted from 0 again. `window` is how many pages may be asked or wait at a time.
    """

    def __init__(self, query: Query, part: Part, server: Server, *, window: int) -> None:
        self._query, self._server, self._window = query, server, window
        self._budget = Budget(server)
        self._segments = [Segment(query, part, server, self._budget)]
        self._cutting: set[Segment] = set()
        self._failed_cuts = self._taken = 0
        self.uncovered: list[tuple[float, float]] = []

    @property
    def load(self) -> int:
        """How many pages are asked or wait for their turn."""
        return sum(segment.load for segment in self._segments)

    @property
    def waiting(self) -> int:
        """How many rows have come and wait for their turn."""
        return sum(segment.evidence.shelf.rows for segment in self._segments)

    @property
    def total(self) -> int:
        """How many issues there are, as the latest pages count."""
        return self._taken + int(sum(segment.evidence.total for segment in self._segments))

    @property
    def is_asked(self) -> bool:
        """Whether all pages that are known to be needed were asked for."""
        return all(segment.is_asked for segment in self._segments)

    @property
    def finished(self) -> bool:
        """Whether all of it is covered, or given up, and was taken."""
        return not self._segments

    @property
    def is_doubtful(self) -> bool:
        """Whether any of it was given up."""
        return bool(self.uncovered) or any(segment.uncovered for segment in self._segments)

    @property
    def rest(self) -> list[tuple[float, float]]:
        """The end of the line that was neither covered nor given up yet."""
        return [(self._segments[0].evidence.line.end, inf)] if self._segments else []

    def next(self, *, busy: int = 0) -> Errand | None:
        """Return what to ask now, None where nothing may be asked yet. `busy` pages of others take room, too."""
        for segment in self._segments:
            if segment.is_too_long and segment not in self._cutting:
                self._cutting.add(segment)
                return self._cut(segment)
            busy += segment.load
            # What waits may wait for the first segment: it is never without a page under way.
            room = busy < self._window or (segment is self._segments[0] and segment.is_idle)
            if (errand := segment.next(room=room)) is not None:
                return errand
        return None

    def take(self) -> list[Row]:
        """Return the next rows in order, none where they have not arrived yet."""
        while self._segments:
            segment = self._segments[0]
            rows = segment.take()
            if segment.finished:
                self._taken += int(segment.evidence.total)
                self.uncovered += self._segments.pop(0).uncovered
                for following in self._segments[:1]:  # it may have rows from before its cut
                    following.evidence.shelf.adopt(segment.evidence.shelf)
            if rows or not segment.finished:
                return rows
        return []

    def _cut(self, segment: Segment) -> Errand:
        """Ask when the row was created before which `segment` is short enough."""
        row = int(self._server.longest)
        taken, failed = partial(self._cut_at, segment, row), partial(self._cannot_cut, segment)
        return segment.asks.errand(row, 1, taken, failed, dates_only=True)

    def _cut_at(self, segment: Segment, row: int, page: SearchPage) -> None:
        if segment not in self._segments or segment.evidence.line.closed:
            return
        if not page.issues and page.total > row:
            self._cannot_cut(segment, None)
        elif not page.issues:
            segment.evidence.total = page.total
            self._cutting.discard(segment)
        else:
            self._split(segment, dates_of(page).created[0], row, page.total)

    def _split(self, segment: Segment, second: int, row: int, total: int) -> None:
        oldest, before = segment.evidence.oldest, segment.asks.part.before
        is_exact = oldest is None or second > oldest
        second, most = (second, row) if is_exact else (second + 1, inf)
        if before is not None and second >= before:
            segment.is_hopeless = True  # one second holds more than the server looks at
            return
        rest = Segment(self._query, segment.cut(second, most), self._server, self._budget, expected=total - row)
        self._segments.insert(self._segments.index(segment) + 1, rest)
        self._cutting.discard(segment)

    def _cannot_cut(self, segment: Segment, _: JiraError | None) -> None:
        self._failed_cuts += 1
        if self._failed_cuts < _TRIES_TO_CUT:
            self._cutting.discard(segment)
        else:
            segment.is_hopeless = True
