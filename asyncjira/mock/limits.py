"""The token bucket of Data Center's rate limiting, and the headers that tell a client about it.

https://confluence.atlassian.com/adminjiraserver/adjusting-your-code-for-rate-limiting-987143384.html
"""

from __future__ import annotations

from math import ceil

__all__ = ["Bucket"]


class Bucket:
    """Tokens: at most `rate` of them (at least one), refilled evenly by `rate` a second. It has no clock of its own."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.capacity = max(1.0, rate)
        self._tokens, self._at = self.capacity, 0.0

    def __repr__(self) -> str:
        return f"<Bucket of {self.capacity:g}, {self._tokens:.1f} left, {self.rate:g} a second>"

    def take(self, now: float) -> bool:
        """Take one token at the moment `now` (in seconds, never going back); False where there is none."""
        self._tokens = min(self.capacity, self._tokens + (now - self._at) * self.rate)
        self._at = now
        granted = self._tokens >= 1
        self._tokens -= granted
        return granted

    @property
    def left(self) -> int:
        """Whole tokens that are left."""
        return int(self._tokens)

    @property
    def wait(self) -> int:
        """Whole seconds until there is a token: 0 while there is one."""
        return 0 if self._tokens >= 1 else max(1, ceil((1 - self._tokens) / self.rate))

    def headers(self, *, granted: bool) -> dict[str, str]:
        """Return what every answer says about the limit; Jira writes `retry-after` even where it is 0."""
        interval = 1 if self.rate >= 1 else ceil(1 / self.rate)
        return {
            "X-RateLimit-Limit": f"{int(self.capacity)}",
            "X-RateLimit-Remaining": f"{int(self._tokens)}",
            "X-RateLimit-FillRate": f"{max(1, int(self.rate))}",
            "X-RateLimit-Interval-Seconds": f"{interval}",
            "retry-after": f"{0 if granted and self._tokens >= 1 else max(1, self.wait)}",
        }
