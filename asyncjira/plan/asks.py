"""Asks for rows of one part of the line, and takes what comes as evidence, whole or in pieces."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from asyncjira.errors import JiraError, ResultWindow
from asyncjira.events import Purpose
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query, search_part
from asyncjira.plan.errand import Budget, Errand, Server
from asyncjira.plan.evidence import Evidence
from asyncjira.plan.pieces import Pieces

__all__ = ["Asks", "Then"]

_PATIENCE = 3  # tries of a page that Jira answers with 500 or 504, and others not; then it is asked for in pieces

Then = Callable[[SearchPage | Pieces | None], None]
"""Hears how a page came: whole, in pieces, or not in a way that proves anything."""


class Asks:
    """What is asked about `part`: `open` are the first rows of the pages that are under way, `queue` what is urgent.

    `rows` is how many these pages were asked for.
    """

    def __init__(self, query: Query, part: Part, server: Server, budget: Budget, evidence: Evidence) -> None:
        self._query, self.part, self._server, self.budget, self._evidence = query, part, server, budget, evidence
        self.open: list[int] = []
        self.rows = 0
        self.queue: deque[Errand] = deque()

    def page(self, start: int, size: int, then: Then, *, purpose: Purpose | None = None) -> Errand:
        """Return what asks for a page, whose answer becomes evidence before `then` hears of it."""
        self.open.append(start)
        self.rows += size
        came, failed = partial(self._came, start, size, then), partial(self._failed, start, size, then)
        return self.errand(start, size, came, failed, purpose=purpose)

    def errand(
        self,
        start: int,
        size: int,
        taken: Callable[[SearchPage], None],
        failed: Callable[[JiraError], None],
        *,
        dates_only: bool = False,
        suspect: bool = False,
        purpose: Purpose | None = None,
    ) -> Errand:
        """Return what asks for rows, for whoever can use the answer."""
        self.budget.spent += 1
        purpose = purpose or ("page" if self.part.updated_since_ms is None else "catch-up")
        request = search_part(self._query, self.part, start, size, dates_only=dates_only)
        return Errand(request, start, size, _PATIENCE, suspect, purpose, taken=taken, failed=failed)

    def _came(self, start: int, size: int, then: Then, page: SearchPage) -> None:
        self._close(start, size)
        is_proof = self._evidence.add(start, size, page)
        if self.budget.expected is None and is_proof:
            self.budget.expected = page.total
        then(page if is_proof else None)

    def _failed(self, start: int, size: int, then: Then, error: JiraError) -> None:
        if isinstance(error, ResultWindow):
            self._close(start, size)
            self._server.learn_window(error.limit, asked=start + size)
            then(None)
        else:
            done = partial(self._came_apart, size, then)
            Pieces(partial(self.errand, suspect=True), start, size, self.queue.append, done)

    def _close(self, start: int, size: int) -> None:
        self.open.remove(start)
        self.rows -= size

    def _came_apart(self, size: int, then: Then, pieces: Pieces) -> None:
        self._close(pieces.start, size)
        self._evidence.add_pieces(pieces)
        then(pieces)
