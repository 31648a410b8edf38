"""A request together with what its answer is for, and what all parts of one pull have learnt about the server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asyncjira.errors import JiraError
from asyncjira.plan.strategy import Ask

__all__ = ["Budget", "Errand", "Server", "Undated", "Unprovable"]

# Pages of one pull that may be out of order: a node that is being reindexed passes, an oddity of the server stays.
_UNUSABLE = 3


class Unprovable(Exception):
    """Whether the pull is whole cannot be proven with this server; the message says why."""


class Undated(Unprovable):
    """The server does not tell the times that a proof needs."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Errand(Ask):
    """An ask that knows whom its answer goes to: `taken` with what its request reads, `failed` where none came."""

    taken: Callable[[Any], None]
    failed: Callable[[JiraError], None]


@dataclass(slots=True)
class Budget:
    """How many pages may be asked for: a set that changes as fast as it can be read must not be read for ever."""

    pages: int | None = None
    spent: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether none is left."""
        return self.pages is not None and self.spent >= self.pages


@dataclass(slots=True)
class Server:
    """What one pull has learnt: `page` rows to a page, `overlap` of them shared, rows that can be asked for at all.

    `window` is the most rows that a search looks at, None where there seems to be no such limit; `reach` the furthest
    row that came. `pages` and `rows` are what came, `refetched` the pages asked for a second time. `listed` are ids
    that Jira names, but may not be able to serve. It `miscounts` where it has more or fewer issues than it says.
    """

    page: int
    overlap: int = 0
    window: int | None = None
    miscounts: bool = False
    reach: int = 0
    pages: int = 0
    unusable: int = 0
    repeated: int = 0
    refetched: int = 0
    rows: int = 0
    listed: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def step(self) -> int:
        """Rows from the beginning of one page to that of the next."""
        return self.page - self.overlap

    def room_behind(self, start: int) -> int:
        """Return how many rows from `start` on can be asked for."""
        return sys.maxsize if self.window is None else self.window - start

    def shrink(self, page: int) -> None:
        """Learn that pages hold fewer rows. Raises Unprovable where they hold one: pages share rows, and differ."""
        if page == 1:
            raise Unprovable("Jira gives one issue at a time, and a proof takes pages that share some")
        self.page = page
        self.overlap = min(self.overlap, max(1, page // 2))

    def learn_window(self, limit: int | None, *, asked: int) -> None:
        """Learn that `asked` rows are more than the server looks at; it may have named the `limit`."""
        named = limit if limit is not None and 0 < limit < asked else asked - 1
        self.window = named if self.window is None else min(self.window, named)
        if self.page > self.window // 2:
            self.shrink(max(1, self.window // 2))

    def refuse_page(self) -> None:
        """Count a page that proves nothing: not sorted, an issue twice. Raises Unprovable when they are too many."""
        self.unusable += 1
        if self.unusable == _UNUSABLE:
            raise Unprovable("Jira does not sort by `created` as it was asked to")
