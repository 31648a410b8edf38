"""One part of the line of `created`, asked for by offsets that overlap, until its pages cover it."""

from __future__ import annotations

from math import inf

from msgspec.structs import replace

from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.plan.asks import Asks
from asyncjira.plan.errand import Budget, Errand, Server
from asyncjira.plan.evidence import Evidence
from asyncjira.plan.gaps import Gaps, Place
from asyncjira.plan.pieces import Pieces
from asyncjira.plan.shelf import Row

__all__ = ["Segment"]


class Segment:
    """Asks for the issues of `part` until they are covered, and gives them out in the order of `created`.

    `expected` is how many issues it is thought to hold, until a page of it tells.
    """

    def __init__(self, query: Query, part: Part, server: Server, budget: Budget, *, expected: int = 0) -> None:
        self._server = server
        until = inf if part.before is None else part.before
        self.evidence = Evidence(server, oldest=part.first, until=until, expected=expected)
        self.asks = Asks(query, part, server, budget, self.evidence)
        self._gaps = Gaps(self.asks, self.evidence, server, self._has_more)
        self._planned = 0
        self.is_hopeless = False  # too long for the result window, and cannot be cut

    def __repr__(self) -> str:
        return f"<Segment {self.asks.part} {self.evidence.line!r} {len(self.asks.open)} open>"

    @property
    def uncovered(self) -> list[Place]:
        """The gaps that were given up."""
        return self._gaps.given_up

    @property
    def load(self) -> int:
        """How many pages are asked or wait for their turn; a larger one counts as those of usual size that it holds."""
        if self._server.sizing is None:
            return len(self.asks.open) + len(self.evidence.shelf)
        return -(-(self.asks.rows + self.evidence.shelf.rows) // self._server.page)

    @property
    def is_idle(self) -> bool:
        """Whether no page is asked, and nothing can be taken before one comes."""
        return not self.asks.open and not self.evidence.shelf.holds(self.evidence.line.end)

    @property
    def is_too_long(self) -> bool:
        """Whether rows lie so far back that the server does not look at them."""
        if self.is_hopeless or self.asks.budget.is_spent or self.evidence.line.closed:
            return False
        return self.evidence.total > self._server.longest

    @property
    def is_asked(self) -> bool:
        """Whether all pages that are known to be needed were asked for."""
        return self.evidence.line.closed or (self.evidence.is_known and not self._has_more() and not self.is_too_long)

    @property
    def finished(self) -> bool:
        """Whether it is covered, or given up, and all of its rows were taken."""
        line, shelf = self.evidence.line, self.evidence.shelf
        return line.closed and not shelf.holds(line.until)

    def take(self) -> list[Row]:
        """Return the next rows in order: those before which nothing is missing any more."""
        if self.evidence.is_known and not self.asks.queue and not self.is_too_long:
            self._gaps.give_up()
        return self.evidence.shelf.take(min(self.evidence.line.end, self.evidence.line.until))

    def cut(self, second: int, most: float) -> Part:
        """End this segment, of `most` issues, before `second`, and return the part that is left."""
        rest = replace(self.asks.part, first=second)
        self.asks.part = replace(self.asks.part, before=second)
        self.evidence.line.until, self.evidence.most = second, most
        self.evidence.total = min(self.evidence.total, most)
        return rest

    def next(self, *, room: bool) -> Errand | None:
        """Return what to ask now: pieces and repairs at once, further pages where there is `room` to keep them."""
        if self.asks.queue:
            return self.asks.queue.popleft()
        if self.evidence.line.closed:
            return None
        repair = self._gaps.next() if self.evidence.is_known else None
        return repair or (self._next_page() if room else None)

    def _next_page(self) -> Errand | None:
        if not self.evidence.is_known:  # nothing can be planned without a first page
            return None if self.asks.open else self.asks.page(0, self._server.page, _ignore)
        if not self._has_more():
            return None
        start = self._planned or self._server.step
        size = self._server.size_of_page(start)
        self._planned = start + size - self._server.overlap
        return self.asks.page(start, size, _ignore)

    def _has_more(self) -> bool:
        server, start = self._server, self._planned or self._server.step
        if self.asks.budget.is_spent or (self.evidence.dry is not None and start > self.evidence.dry):
            return False
        # The last page must be short: a full one does not show that nothing follows.
        is_within = server.window is None or start + server.page <= server.window
        return is_within and start + server.overlap <= self.evidence.total


def _ignore(_: SearchPage | Pieces | None) -> None:
    """Do nothing more: a planned page is evidence when it comes, and that is all."""
