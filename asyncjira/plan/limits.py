"""How much at once, how fast, how long, how often: the knobs that bound a client."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from asyncjira.errors import ConfigError

__all__ = ["Limits", "RetryPolicy", "Timeouts"]

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may use, over all its pulls together.

    `concurrency` requests in flight; `rate` requests a second, spaced evenly (0: no ceiling); `body` bytes of one
    inflated answer. The defaults are kind to a Jira that others use too: Atlassian's own guides speak of 5 to 10
    concurrent requests, and of 100 a second for each endpoint.
    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """

    concurrency: int = 16
    rate: float = 50.0
    body: int = 64 * _MEBIBYTE

    def __post_init__(self) -> None:
        _require(self.concurrency >= 1, "concurrency must be 1 or more")
        _require(math.isfinite(self.rate) and self.rate >= 0, "rate must be 0 (no ceiling) or more")
        _require(self.body >= 1, "the limit of a body must be 1 byte or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds until a try counts as failed: to connect, without one byte, and for the whole answer.

    Waiting for a free slot or for the limiter does not count. 15 s to connect are four tries of TCP (1 + 2 + 4 + 8 s).
    30 s without a byte leave room for slow pages: 5 s were too short for others
    (https://github.com/ParabolInc/parabol/issues/13088). 300 s are aiohttp's own limit for a whole answer.
    A body that comes at less than `speed_limit` bytes a second over `speed_time` seconds has failed too, as with the
    options of these names of curl: 100 a second are 30 kB in 300 s, less than a page, and 30 s outlast a stall of TCP.
    """

    connect: float = 15.0
    read: float = 30.0
    attempt: float = 300.0
    speed_limit: float = 100.0
    speed_time: float = 30.0

    def __post_init__(self) -> None:
        seconds = (self.connect, self.read, self.attempt, self.speed_time)
        _require(all(each > 0 for each in seconds), "timeouts must be more than 0 seconds")
        _require(self.speed_limit >= 0, "the lowest speed cannot be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When to try again: `attempts` tries of one request, waiting in between.

    Without a `Retry-After` the wait is U(0, min(`longest`, `first` * 2 ** failures)) seconds, "full jitter":
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. A `Retry-After` beyond
    `max_retry_after` seconds ends the pull. `budget` tokens bound the retries of a whole pull, as in botocore's
    standard mode: a retry takes 5, or 10 after a time-out; a success gives 1 back.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 60.0
    max_retry_after: float = 300.0
    budget: int = 500

    def __post_init__(self) -> None:
        _require(self.attempts >= 1, "attempts must be 1 or more")
        for wait in (self.first, self.longest, self.max_retry_after):
            _require(math.isfinite(wait) and wait >= 0, "waits must be 0 seconds or more, and finite")
        _require(self.budget >= 0, "the retry budget cannot be negative")

    def at_most(self, attempts: int) -> RetryPolicy:
        """Return this policy with fewer tries of one request."""
        return replace(self, attempts=min(attempts, self.attempts))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)
