"""What the engine needs of a plan: what to ask next, what is in order now, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from asyncjira.errors import JiraError
from asyncjira.events import Purpose
from asyncjira.jira.exchange import Request
from asyncjira.jira.search import Query
from asyncjira.manifest import Guarantee
from asyncjira.plan.start import Mark

__all__ = ["Ask", "Outcome", "Place", "Rows", "Strategy"]

Place = Literal["next", "between", "replace", "last"]


class Ask(msgspec.Struct, frozen=True, eq=False):
    """One request to send: for `size` rows from row `start` on, where it asks for rows.

    `patience` bounds how often it is tried where Jira fails at it but answers others: what can be asked otherwise.
    `suspect` says that this is known, since Jira has failed at more of the same. `purpose` is for who listens.
    """

    request: Request[Any]
    start: int
    size: int
    patience: int | None = None
    suspect: bool = False
    purpose: Purpose = "page"


@dataclass(frozen=True, slots=True)
class Rows:
    """Issues whose turn has come: `start_at` is how many rows came before, `issues` are their bytes as Jira sent them.

    `place` says where they belong in the order: behind what came before ("next"), somewhere in between by `created`
    ("between": found after their turn), in the place of the issues with the same ids ("replace": newer versions), or
    behind everything else ("last": tombstones, which are no issues).
    `mark` says how far the pull has come with them.
    """

    start_at: int
    issues: list[bytes]
    place: Place = "next"
    mark: Mark | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a plan ended. `doubts` say why it cannot be called whole; without any, `guarantee` names what was checked.

    `notes` are worth knowing and take nothing away from it. The rest is what the manifest says.
    """

    guarantee: Guarantee
    doubts: tuple[str, ...]
    issues: int
    duplicates_dropped: int
    refetched_pages: int
    total_first: int | None
    total_last: int | None
    notes: tuple[str, ...] = ()
    uncovered: tuple[tuple[str, str], ...] = ()
    missing_ids: tuple[str, ...] = ()
    fresh: bool = False
    stale_ids: tuple[str, ...] = ()
    caught_up_at: str | None = None
    condition: str | None = None


class Strategy(Protocol):
    """A plan that learns from every page. None of its methods waits."""

    @property
    def query(self) -> Query:
        """What is asked for, with the fields that are delivered."""

    @property
    def foresees(self) -> bool:
        """Whether it may say what to ask next before an answer is read: that hardly depends on it."""

    def next(self) -> Ask | None:
        """Return what to ask now; None where nothing may be asked before a page arrives or rows are taken."""

    def on_sent(self, ask: Ask) -> None:
        """Learn that a request goes out now, for the first time or again."""

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Learn from what the request of `ask` has read. Raises ProtocolError where it cannot be true."""

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Learn that no answer could be had, and why; raises `error` where there is no other way to ask."""

    def take(self) -> Rows | None:
        """Return the next rows in order, each issue once; None where they have not arrived yet.

        Raises ProtocolError where they show that the server cannot be followed.
        """

    @property
    def total(self) -> int:
        """How many issues there seem to be."""

    @property
    def is_estimate(self) -> bool:
        """Whether `total` is one, and no count."""

    @property
    def finished(self) -> bool:
        """Whether every row was taken."""

    def outcome(self) -> Outcome:
        """Say how it ended, or how it stands."""
