"""Whether Jira knows who asks: what its answers tell, and the request that finds out where they do not.

Without valid credentials most searches are answered all the same, with 200 and with what an anonymous visitor may see:
https://support.atlassian.com/jira/kb/jira-cloud-jql-search-rest-api-returns-200-ok-without-api-token/
"""

from __future__ import annotations

import msgspec

from asyncjira.errors import Refused, StatusError, printable
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.refusal import lacks_scope, login_failed, wants_captcha
from asyncjira.jira.words import html_fault

__all__ = ["is_expired", "names_user", "not_accepted", "read_user", "refused_login", "user_named", "who_am_i"]

# Data Center and Server, then Cloud ("Special headers" in the introduction to its API).
_NAMES_OF_WHO_ASKS = ("X-AUSERNAME", "X-AAccountId")
_TELLS_NOTHING = frozenset({401, 403, 404, 410})  # no scope to read one's own user, not permitted, or not there


def refused_login(answer: Answer) -> Refused | None:
    """Return the error for an answer of 200 that is what an anonymous visitor may see, although somebody logged in."""
    reason = login_failed(answer)
    if not reason and "anonymous" in _who(answer):
        reason = "the credentials are not accepted, or not any more: check the token"
    return Refused(f"HTTP 200, but as to an anonymous visitor: {reason}", status=200, login=True) if reason else None


def is_expired(answer: Answer) -> bool:
    """Whether a fresh token may be accepted where the one of this answer was not."""
    is_refused = answer.status == 401 or (answer.status == 200 and refused_login(answer) is not None)
    return is_refused and not lacks_scope(answer) and not wants_captcha(answer)


def names_user(answer: Answer) -> bool:
    """Whether an answer says who asks."""
    return bool(_who(answer))


def user_named(answer: Answer) -> str | None:
    """Return as whom Jira knows the one who asks, None where it does not tell."""
    return next(iter(_who(answer)), None)


def who_am_i() -> Request[None]:
    """Build the request that only somebody who is logged in is answered. Its `read` raises Refused, too."""
    return Request("GET", "/rest/api/2/myself", _read, "login check")


class _User(msgspec.Struct):
    displayName: str = ""  # noqa: N815 - the wire's spelling
    name: str = ""
    emailAddress: str = ""  # noqa: N815 - the wire's spelling
    timeZone: str = ""  # noqa: N815 - the wire's spelling


def read_user(answer: Answer) -> str:
    """Return who somebody is by the answer to `who_am_i`, as one printable line; empty where that tells nobody.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-myself/
    """
    try:
        found = msgspec.json.decode(answer.body, type=_User)
    except (msgspec.MsgspecError, RecursionError):
        return ""
    login = found.name or found.emailAddress
    who = f"{found.displayName} ({login})" if found.displayName and login else found.displayName or login
    return printable(who + (f", time zone {found.timeZone}" if who and found.timeZone else ""))


def not_accepted(error: StatusError) -> Refused | None:
    """Return the error where the refusal of `who_am_i` shows that nobody is logged in, None where it tells nothing.

    Raises `error` where it is no answer to that question.
    """
    if error.status in _TELLS_NOTHING and not getattr(error, "login", False):
        return None
    if error.status != 401:
        raise error
    reason = "the credentials are not accepted: Jira answers as to an anonymous visitor"
    return Refused(f"HTTP 401: {reason}", status=401, login=True)


def _who(answer: Answer) -> list[str]:
    named = (answer.headers.get(name, "").strip().lower() for name in _NAMES_OF_WHO_ASKS)
    return [name for name in named if name]


def _read(answer: Answer) -> None:
    if error := refused_login(answer):
        raise error
    if answer.body.lstrip().startswith(b"<"):
        raise html_fault(answer.body)
