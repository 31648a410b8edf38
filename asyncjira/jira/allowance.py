"""What answers tell about rate limits: how much is left of Data Center's, and how far one of Cloud reaches."""

from __future__ import annotations

from dataclasses import dataclass

from asyncjira.jira.exchange import Answer

__all__ = ["Allowance", "is_burst", "read_allowance"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A bucket of tokens, one a request: `fill` of them come back each second, `remaining` are left."""

    fill: float
    remaining: float


def read_allowance(answer: Answer) -> Allowance | None:
    """Return what Data Center tells on every answer while rate limiting is on, or None where any of it is odd.

    https://confluence.atlassian.com/adminjiraserver/adjusting-your-code-for-rate-limiting-987143384.html
    """
    fill = _number(answer, "X-RateLimit-FillRate")
    interval = _number(answer, "X-RateLimit-Interval-Seconds")
    remaining = _number(answer, "X-RateLimit-Remaining")
    if not fill or not interval or remaining is None:
        return None
    return Allowance(fill / interval, remaining)


def is_burst(answer: Answer) -> bool:
    """Whether a 429 of Cloud is about one endpoint and method only, and not about a quota for all of them.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """
    return "burst" in answer.headers.get("RateLimit-Reason", "").lower()


def _number(answer: Answer, name: str) -> float | None:
    text = answer.headers.get(name, "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
