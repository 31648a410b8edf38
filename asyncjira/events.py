"""What a listener may hear of a pull: pass `on_event` to `Jira`, and it is called with these values.

It is called in the thread of the event loop, and should return soon: nothing else runs meanwhile. What it raises goes
to the loop's exception handler, which logs it, and the pull goes on. The logger `asyncjira` tells the same: requests at
DEBUG, how a pull goes on and ends at INFO, retries, pauses and an incomplete end at WARNING.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest

__all__ = [
    "Answered",
    "Delivered",
    "Event",
    "Listener",
    "PageFetched",
    "PullFinished",
    "PullStarted",
    "Purpose",
    "Resumed",
    "Retried",
    "Throttled",
    "both",
]

Purpose = Literal["page", "gap", "catch-up", "question"]


@dataclass(frozen=True, slots=True)
class PullStarted:
    """A pull begins: what it asks the Jira at `url` for, before its first request."""

    url: str
    jql: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A request came to its end: with an HTTP `status` and so many `bytes` of inflated body, or broken: status None.

    `purpose` says what it was for: a page of issues, a gap between pages to be filled, what changed meanwhile, or a
    question about the server or the login. It left at `sent_at`, in seconds of the event loop's clock, and took
    `seconds`; `in_flight` requests of this client were under way when it ended, itself among them.
    """

    label: str
    purpose: Purpose
    status: int | None
    bytes: int
    sent_at: float
    seconds: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class PageFetched:
    """A page arrived: the offset of its first row, its rows, and how many issues there seem to be in all.

    Pages may share rows, and wait for others before them: how far the pull is, `Delivered` tells. `is_estimate` says
    that `total` is one, as it is on Cloud until all ids are listed.
    """

    start_at: int
    issues: int
    total: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """Issues were handed on in order: so many by now, each counted once, with those before a resumption."""

    issues: int


@dataclass(frozen=True, slots=True)
class Retried:
    """A request gave no page, and is sent again after `seconds`."""

    label: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Throttled:
    """Jira asked for a pause: no request of this client for `seconds`, or none like this one."""

    label: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """A pull goes on behind so many `issues` of an interrupted one in `place`; 0: nothing there to go on from."""

    place: str
    issues: int


@dataclass(frozen=True, slots=True)
class PullFinished:
    """A pull ended by itself, complete or not."""

    manifest: Manifest


Event = PullStarted | Answered | PageFetched | Delivered | Retried | Throttled | Resumed | PullFinished
Listener = Callable[[Event], None]


def both(one: Listener, other: Listener) -> Listener:
    """Return a listener that lets two hear everything, one after the other."""

    def hear(event: Event) -> None:
        one(event)
        other(event)

    return hear
