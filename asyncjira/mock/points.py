"""Cloud's hourly points, without a clock: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/."""

from __future__ import annotations

from math import ceil

from asyncjira.mock.burst import instant

__all__ = ["Points"]

_POLICY = '"global-app-quota"'
_REQUEST = 1  # points for a request, and as many for each issue that it returns
_NEAR = 0.2  # of the points are left: from here on the headers warn


class Points:
    """Counts the points spent, and where there is a `quota` of them an hour, refuses what goes beyond.

    The first request begins an hour, of `hour` seconds; what is not used is lost at its end. What begins with a point
    left is served, however much it costs.
    """

    def __init__(self, quota: int | None, hour: float) -> None:
        self.spent = 0
        self._quota, self._hour = quota, hour
        self._used, self._end = 0, 0.0

    def allow(self, now: float) -> bool:
        """Say whether a request may be served at the moment `now`, in seconds since 1970."""
        if now >= self._end:
            self._used, self._end = 0, now + self._hour
        return self._quota is None or self._used < self._quota

    def spend(self, issues: int) -> None:
        """Count a request that returned so many issues."""
        self.spent += _REQUEST + issues
        self._used += _REQUEST + issues

    def headers(self, now: float) -> dict[str, str]:
        """Return what every answer says about the quota."""
        if self._quota is None:
            return {}
        left, reset = max(0, self._quota - self._used), ceil(self._end - now)
        told = {"RateLimit-Policy": f"{_POLICY};q={self._quota};w={ceil(self._hour)}"}
        if left >= self._quota * _NEAR:
            return told | {"RateLimit": f"{_POLICY};t={reset}"}
        return told | {"RateLimit": f"{_POLICY};r={left};t={reset}", "X-RateLimit-NearLimit": "true"}

    def refusal(self, now: float) -> dict[str, str]:
        """Return what a 429 says besides."""
        return {
            "Retry-After": f"{max(1, ceil(self._end - now))}",
            "RateLimit-Reason": "jira-quota-global-based",
            "X-RateLimit-Limit": f"{self._quota}",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": instant(self._end),
        }
