"""What answers tell about rate limits: what is left of Data Center's, how far one of Cloud reaches, and how long."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

import msgspec

from asyncjira.errors import printable
from asyncjira.jira.dates import iso, milliseconds, served_at
from asyncjira.jira.exchange import Answer

__all__ = ["Allowance", "is_burst", "named_wait", "read_allowance", "retry_after", "spent_quota"]


class Allowance(msgspec.Struct, frozen=True):
    """A bucket of tokens, one a request: `fill` of them come back each second, `remaining` are left."""

    fill: float
    remaining: float


def read_allowance(answer: Answer) -> Allowance | None:
    """Return what Data Center tells on every answer while rate limiting is on, or None where any of it is odd.

    Cloud has headers of the same names about its own limits, but tells no `X-RateLimit-FillRate`.
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
    return "burst" in _reason(answer)


def named_wait(answer: Answer) -> float | None:
    """Return the seconds that Jira itself asks to wait, or None where it names no time.

    `Retry-After` counts, and `X-RateLimit-Reset` on a 429 without one. Of a quota, the later of the two does: nothing
    is given before its reset, and who asks earlier waits longer (https://jira.atlassian.com/browse/JRACLOUD-69262). A
    bucket of bursts fills within seconds, and resets have been seen rounded to minutes.
    """
    after, reset = retry_after(answer), _until_reset(answer) if answer.status == 429 else None
    if after is None or reset is None:
        return reset if after is None else after
    return max(after, reset) if "quota" in _reason(answer) else after


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that `Retry-After` asks for, or None where it is missing or cannot be read.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 10 else math.inf
    try:
        wait = (parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["Date"])).total_seconds()
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return max(0.0, wait)


def spent_quota(answer: Answer, wait: float) -> str:
    """Return which of Cloud's quotas is used up and until when, if a `wait` of seconds is about one; else nothing."""
    if "quota" not in (reason := _reason(answer)):
        return ""
    reset, now = _reset_at(answer), served_at(answer)
    if reset is None and now is not None and math.isfinite(wait):
        reset = now + wait
    return f"the quota {printable(reason, 60)} is used up" + (f" until {iso(reset)}" if reset is not None else "")


def _until_reset(answer: Answer) -> float | None:
    """Return the seconds until Cloud's limit resets, by the answer's own Date: the clock here may be wrong."""
    reset, now = _reset_at(answer), served_at(answer)
    return None if reset is None or now is None else max(0.0, reset - now)


def _reset_at(answer: Answer) -> float | None:
    """Return `X-RateLimit-Reset` in seconds since 1970. Cloud writes ISO 8601, also without seconds."""
    try:
        return milliseconds(answer.headers.get("X-RateLimit-Reset", "").strip()) / 1000
    except ValueError:
        return None


def _reason(answer: Answer) -> str:
    return answer.headers.get("RateLimit-Reason", "").lower()


def _number(answer: Answer, name: str) -> float | None:
    text = answer.headers.get(name, "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
