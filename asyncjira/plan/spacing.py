"""When the next request may leave so that they are evenly spaced, although timers are late. No clock here."""

from __future__ import annotations

from math import inf

__all__ = ["Spacing"]

# Seconds that requests may make up for where a timer or the loop was late: asyncio's timers tick in milliseconds, and a
# few bodies that are read in between take as long again. Without it each of them would be lost to the rate.
_MADE_UP = 0.01
# What is made up for comes on top of a second's own requests, so these are as many fewer: no second sees more in all.
_SHARE = 1 - _MADE_UP


class Spacing:
    """The moments at which requests are due, one after another."""

    def __init__(self) -> None:
        self._due = -inf

    def reserve(self, now: float, seconds: float) -> float:
        """Return how many seconds after `now` a request is due that comes `seconds` after the one before it."""
        self._due = max(self._due + seconds / _SHARE, now - _MADE_UP)
        return max(0.0, self._due - now)

    def left(self, now: float) -> None:
        """Learn when it left: what it was later than can be made up for is lost."""
        self._due = max(self._due, now - _MADE_UP)
