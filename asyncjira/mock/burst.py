"""Cloud's burst limit: a bucket for each endpoint and method. It has no clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from asyncjira.mock.limits import Bucket

__all__ = ["Bursts", "instant"]


class Bursts:
    """A bucket of `rate` requests a second for each endpoint and method; no rate is no limit."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, asked: tuple[str, str], now: float) -> tuple[dict[str, str], bool]:
        """Take a token at `now`, in seconds since 1970; return what the answer says, and whether there was one."""
        if self._rate is None:
            return {}, True
        bucket = self._buckets.setdefault(asked, Bucket(self._rate))
        granted = bucket.take(now)
        told = {"X-RateLimit-Limit": f"{int(bucket.capacity)}", "X-RateLimit-Remaining": f"{bucket.left}"}
        return (told, True) if granted else (told | _refusal(bucket.wait, now), False)


def _refusal(wait: int, now: float) -> dict[str, str]:
    reset = {"X-RateLimit-Reset": instant(now + wait)}
    return {"Retry-After": f"{wait}", "RateLimit-Reason": "jira-burst-based"} | reset


def instant(second: float) -> str:
    """Return a time as Cloud's headers write it, `2026-03-26T16:00Z`; with seconds where there are some."""
    moment = datetime.fromtimestamp(ceil(second), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if moment.second else "%Y-%m-%dT%H:%MZ")
