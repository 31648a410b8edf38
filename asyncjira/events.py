"""What a listener may hear of a pull: pass `on_event` to `Jira`, and it is called with these values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest

__all__ = ["Event", "Listener", "PageFetched", "PullFinished", "Resumed", "Retried", "Throttled"]


@dataclass(frozen=True, slots=True)
class PageFetched:
    """A page arrived: the offset of its first row, its rows, and how many issues there seem to be in all."""

    start_at: int
    issues: int
    total: int


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


Event = PageFetched | Retried | Throttled | Resumed | PullFinished
Listener = Callable[[Event], None]
