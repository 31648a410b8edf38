"""What the engine needs of a plan: what to ask next, what is in order now, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from msgspec import Raw

from asyncjira.jira.exchange import Request
from asyncjira.jira.page import SearchPage
from asyncjira.manifest import Guarantee

__all__ = ["Ask", "Outcome", "Rows", "Strategy"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One page to fetch: `size` rows from row `start` on."""

    request: Request[SearchPage]
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Issues whose turn has come: `start_at` is the offset of the first, `issues` are their bytes as Jira sent them."""

    start_at: int
    issues: list[Raw]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a plan ended. `doubts` say why it cannot be called whole; without any, `guarantee` names what was checked."""

    guarantee: Guarantee
    doubts: tuple[str, ...]
    issues: int
    duplicates_dropped: int
    refetched_pages: int
    total_first: int | None
    total_last: int | None


class Strategy(Protocol):
    """A plan that learns from every page. None of its methods waits."""

    def next(self) -> Ask | None:
        """Return what to ask now; None where nothing may be asked before a page arrives or rows are taken."""

    def on_sent(self, ask: Ask) -> None:
        """Learn that a request goes out now, for the first time or again."""

    def on_page(self, ask: Ask, page: SearchPage) -> None:
        """Learn from a page. Raises ProtocolError where it cannot belong to an offset search."""

    def take(self) -> Rows | None:
        """Return the next rows in order, each issue once; None where they have not arrived yet.

        Raises ProtocolError where they show that the server cannot be followed.
        """

    @property
    def finished(self) -> bool:
        """Whether every row was taken."""

    def outcome(self) -> Outcome:
        """Say how it ended, or how it stands."""
