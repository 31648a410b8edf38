"""A page that the server cannot serve whole: its dates alone, as the proof, and its issues in halves, down to one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from asyncjira.errors import JiraError
from asyncjira.jira.page import SearchPage
from asyncjira.plan.errand import Errand

__all__ = ["Pieces", "Source"]


class Source(Protocol):
    """Makes the errand for `size` rows from row `start` on; `dates_only` for nothing but their dates."""

    def __call__(
        self,
        start: int,
        size: int,
        taken: Callable[[SearchPage], None],
        failed: Callable[[JiraError], None],
        *,
        dates_only: bool = False,
    ) -> Errand:
        """Return it."""


class Pieces:
    """Asks for rows in pieces by `ask`, and calls `done` when each piece has come or failed for good.

    `dates` names all of these issues, None where not even that could be had; `pages` hold those that can be served.
    """

    dates: SearchPage | None = None

    def __init__(
        self, source: Source, start: int, size: int, ask: Callable[[Errand], None], done: Callable[[Pieces], None]
    ) -> None:
        self.start = start
        self.pages: list[SearchPage] = []
        self._source, self._queue, self._done, self._left = source, ask, done, 0
        self._ask(start, size, dates_only=True)
        self._halve(start, size)

    def _halve(self, start: int, size: int) -> None:
        for first, rows in ((start, size // 2), (start + size // 2, size - size // 2)):
            if rows:
                self._ask(first, rows)

    def _ask(self, start: int, size: int, *, dates_only: bool = False) -> None:
        self._left += 1
        taken = self._named if dates_only else self.pages.append
        failed = partial(self._failed, start, 1 if dates_only else size)
        self._queue(self._source(start, size, self._counted(taken), failed, dates_only=dates_only))

    def _counted(self, taken: Callable[[SearchPage], None]) -> Callable[[SearchPage], None]:
        def come(page: SearchPage) -> None:
            taken(page)
            self._count()

        return come

    def _named(self, page: SearchPage) -> None:
        self.dates = page

    def _failed(self, start: int, size: int, error: JiraError) -> None:
        if size > 1:
            self._halve(start, size)
        self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._done(self)
