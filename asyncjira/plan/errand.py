"""A request together with what its answer is for, and what all parts of one pull have learnt about the server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import inf
from typing import Any

import msgspec

from asyncjira.errors import JiraError
from asyncjira.plan.overlap import SMALLEST_PAGE
from asyncjira.plan.sizing import Sizing
from asyncjira.plan.strategy import Ask

__all__ = ["Budget", "Errand", "Server", "Undated", "Unprovable"]

# Pages of one pull that may be out of order: a node that is being reindexed passes, an oddity of the server stays.
_UNUSABLE = 3
_TIMES, _MORE = 3, 50  # what may be asked for: so many times the pages that the first one lets expect, and some more


class Unprovable(Exception):
    """Whether the pull is whole cannot be proven with this server; the message says why."""


class Undated(Unprovable):
    """The server does not tell the times that a proof needs."""


class Errand(Ask, frozen=True, eq=False, kw_only=True):
    """An ask that knows whom its answer goes to: `taken` with what its request reads, `failed` where none came."""

    taken: Callable[[Any], None]
    failed: Callable[[JiraError], None]


class Server(msgspec.Struct):
    """What one pull has learnt: `page` rows to a page, `overlap` of them shared, rows that can be asked for at all.

    `sizing` finds out whether larger pages pay, where that is wished for. `window` is the most rows that a search looks
    at, None where there seems to be no such limit; `reach` the furthest row that came. `pages` and `rows` are what
    came, `refetched` the pages asked for a second time. `listed` are ids that Jira names, but may not be able to serve,
    with when they were updated. It `miscounts` where it has more or fewer issues than it says, and `cuts` pages where
    one that was not the last came with rows missing at its end.
    """

    page: int
    sizing: Sizing | None = None
    overlap: int = 0
    window: int | None = None
    miscounts: bool = False
    cuts: bool = False
    reach: int = 0
    pages: int = 0
    unusable: int = 0
    repeated: int = 0
    refetched: int = 0
    rows: int = 0
    listed: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def step(self) -> int:
        """Rows from the beginning of one page to that of the next."""
        return self.page - self.overlap

    @property
    def longest(self) -> float:
        """Rows of a segment at most: what is created in the past meanwhile must still fit into the window."""
        return inf if self.window is None else max(self.window - 2 * self.page, self.window // 2)

    def size_of_page(self, start: int) -> int:
        """Return how many rows to ask for from `start` on: a page, or more where that is tried or has paid."""
        size = self.page if self.sizing is None else max(self.page, self.sizing.next())
        return max(self.page, min(size, self.room_behind(start)))

    def room_behind(self, start: int) -> int:
        """Return how many rows from `start` on can be asked for."""
        return sys.maxsize if self.window is None else self.window - start

    def shrink(self, page: int) -> None:
        """Learn that pages hold fewer rows. Raises Unprovable when they are too few for a proof, again and again."""
        if page < SMALLEST_PAGE:
            self._refuse(f"Jira's pages can hold no more than {page} issues, and a proof takes {SMALLEST_PAGE}")
        self.page = min(self.page, max(page, SMALLEST_PAGE))
        self.overlap = min(self.overlap, self.page // 2)

    def learn_window(self, limit: int | None, *, asked: int) -> None:
        """Learn that `asked` rows are more than the server looks at; it may have named the `limit`."""
        named = limit if limit is not None and 0 < limit < asked else asked - 1
        self.window = named if self.window is None else min(self.window, named)
        if self.page > self.window // 2:
            self.shrink(self.window // 2)

    def refuse_page(self) -> None:
        """Count a page that proves nothing: not sorted, an issue twice. Raises Unprovable when they are too many."""
        self._refuse("Jira does not sort by `created` as it was asked to, or brings an issue twice on one page")

    def _refuse(self, reason: str) -> None:
        self.unusable += 1
        if self.unusable == _UNUSABLE:
            raise Unprovable(reason)


class Budget(msgspec.Struct):
    """How many pages may be asked for: a set that changes as fast as it can be read must not be read for ever.

    `expected` is how many issues the first page counted, None until it did.
    """

    server: Server
    expected: int | None = None
    spent: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether none is left."""
        if self.expected is None:
            return False
        return self.spent >= _TIMES * (self.expected // self.server.step + 1) + _MORE
