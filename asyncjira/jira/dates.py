"""When issues were created and updated, as numbers that can be compared: Jira writes them in the site's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from asyncjira.jira.exchange import Answer

__all__ = ["Dates", "iso", "milliseconds", "served_at"]

_EPOCH, _MILLISECOND = datetime.fromtimestamp(0, UTC), timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Dates:
    """For each issue of a page: `created` in whole seconds since 1970, `updated` in milliseconds.

    Whole seconds, because that is how finely Data Center's index sorts.
    """

    created: Sequence[int]
    updated: Sequence[int]

    @classmethod
    def read(cls, created: Sequence[str], updated: Sequence[str]) -> Dates:
        """Read them as Jira writes them, `2021-03-04T05:06:07.000+0000`. Raises ValueError."""
        return cls([moment // 1000 for moment in map(milliseconds, created)], list(map(milliseconds, updated)))


def milliseconds(text: str) -> int:
    """Read a time as Jira writes it, as milliseconds since 1970. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return (moment - _EPOCH) // _MILLISECOND


def iso(second: float) -> str:
    """Return a time as text, in UTC: `2021-03-04T05:06:07Z`; the seconds since 1970 where no calendar reaches it."""
    try:
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return f"{second:.0f}"


def served_at(answer: Answer) -> float | None:
    """Return the server's clock when it answered, in seconds since 1970: its Date header.

    It is in UTC whatever it says: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
    """
    try:
        moment = parsedate_to_datetime(answer.headers["Date"])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
