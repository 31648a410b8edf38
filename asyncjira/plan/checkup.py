"""What a look at a Jira has shown: a check for each question, whose fault it is, and what to do next."""

from __future__ import annotations

from typing import Literal

import msgspec

from asyncjira.errors import BadQuery, JiraError, NotFound, RateLimited, Refused, TransportError
from asyncjira.jira.allowance import named_wait
from asyncjira.jira.exchange import Answer, Broken, Unusable
from asyncjira.plan.limits import RetryPolicy
from asyncjira.plan.retry import Try, decide

__all__ = ["Blame", "Check", "Checkup", "blame", "error_of", "failed", "fault", "look", "ok", "unasked"]

Blame = Literal["usage", "server", "login", "query", "proof", "later"]

_FIRST_TRY = Try(failures=0, throttles=0, reached=True, dice=0.0)
_NO_OTHER = RetryPolicy(attempts=1)
_BLAMED: tuple[tuple[type[JiraError], Blame], ...] = (
    (Refused, "login"),
    (BadQuery, "query"),
    (RateLimited, "later"),
    (NotFound, "usage"),
)


class Check(msgspec.Struct, frozen=True):
    """What was found out about one thing: `name` is which, `says` is a line of text without control characters.

    `state` is "ok"; "look": pulls work, and what it says should be known; "fault": they do not work, or not as they
    should; "unasked": not known, since something else failed. `blame` tells for a fault where it lies: in what was
    asked for ("usage"), at the server or on the way to it, in the login, in the query, in what a proof needs, or
    nowhere: ask again "later". Empty for all others.
    """

    name: str
    state: Literal["ok", "look", "fault", "unasked"]
    says: str
    blame: Blame | Literal[""] = ""


class Checkup(msgspec.Struct, frozen=True):
    """All checks of one Jira, in the order in which one depends on another, and how many `requests` they took."""

    url: str
    checks: tuple[Check, ...]
    requests: int

    @property
    def fault(self) -> Check | None:
        """The first fault: what others may follow from. None where there is none."""
        return next((check for check in self.checks if check.state == "fault"), None)


def ok(name: str, says: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, "ok", says)


def look(name: str, says: str) -> Check:
    """Return a check that found what should be known."""
    return Check(name, "look", says)


def fault(name: str, says: str, blame: Blame) -> Check:
    """Return a check that found a fault."""
    return Check(name, "fault", says, blame)


def unasked(name: str, why: str) -> Check:
    """Return the check of what could not be asked, and why."""
    return Check(name, "unasked", f"not asked: {why}")


def failed(name: str, outcome: Answer | Broken | Unusable) -> Check:
    """Return the check of what was asked, and got an answer of no use, in the words that a pull ends with."""
    error = error_of(outcome)
    return fault(name, str(error), blame(error))


def error_of(outcome: Answer | Broken | Unusable) -> JiraError:
    """Return the error that a pull would end with if it tried once."""
    if isinstance(outcome, Answer) and (after := named_wait(outcome)) is not None and outcome.status in (429, 503):
        message = f"HTTP {outcome.status}: Jira asks to wait {after:.0f} s: ask again then, or lower --rate"
        return RateLimited(message, status=outcome.status, retry_after=after)
    if isinstance(outcome, Broken):
        return TransportError(str(outcome))
    verdict = decide(outcome, _FIRST_TRY, _NO_OTHER)
    return verdict if isinstance(verdict, JiraError) else TransportError(verdict.reason)  # which one try never is


def blame(error: JiraError) -> Blame:
    """Return where the fault lies that an error tells of."""
    return next((where for kind, where in _BLAMED if isinstance(error, kind)), "server")
