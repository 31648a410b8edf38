"""One request until it is answered or given up: what was tried so far, and on whose account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from asyncjira.events import Purpose
from asyncjira.jira.exchange import Request
from asyncjira.plan.budget import RetryBudget

__all__ = ["Asking", "Tally"]

T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What one pull has cost: `requests` on the wire, `retries` of ours, and the budget that these are paid from."""

    budget: RetryBudget
    requests: int = 0
    retries: int = 0


@dataclass(slots=True, eq=False)
class Asking(Generic[T]):
    """A request, and its tries. `on_sent` is called each time that it goes out, at `sent_at` for the last time.

    `patience` allows fewer tries where the request itself seems to be too much: it is `suspect`, or Jira fails at it
    and answers others meanwhile: `came` is the number of its answer, `failed_after` that of the last one of any request
    when this one failed first. `purpose` is for who listens. `failures` and `throttles` are its tries so far that count
    as such; it `is_replaced` where the last one went out with a token that has been replaced since.
    """

    request: Request[T]
    tally: Tally
    on_sent: Callable[[], None] = lambda: None
    patience: int | None = None
    suspect: bool = False
    purpose: Purpose = "question"
    failures: int = 0
    throttles: int = 0
    came: int = 0
    failed_after: int = 0
    sent_at: float = 0.0
    is_replaced: bool = False
