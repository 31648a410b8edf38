"""What each HTTP status of Jira means: whose fault, and what to do next."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from asyncjira.errors import BadQuery, NotFound, Refused, ResultWindow, ServerError, StatusError, printable
from asyncjira.jira.exchange import Answer
from asyncjira.jira.words import words

__all__ = ["is_final", "is_login_path", "lacks_scope", "login_failed", "refusal", "sent_on_to", "wants_captcha"]


def login_failed(answer: Answer) -> str:
    """Return why Jira did not accept the login, from the headers of an answer of any status; empty where it did."""
    if wants_captcha(answer):
        return "Jira wants a CAPTCHA solved: log in by browser once, check the token, then try again"
    if "AUTHENTICATED_FAILED" in answer.headers.get("X-Seraph-LoginReason", "").upper():
        return "Jira did not accept the login: check the user name and the token"
    return ""


def wants_captcha(answer: Answer) -> bool:
    """Whether Jira lets nobody in by this account before a human has solved a CAPTCHA, whatever the token."""
    denied = "AUTHENTICATION_DENIED" in answer.headers.get("X-Seraph-LoginReason", "").upper()
    return denied or bool(answer.headers.get("X-Authentication-Denied-Reason"))


def lacks_scope(answer: Answer) -> bool:
    """Whether a 401 of Cloud is about one address only: it accepts the token, which has no scope for what was asked."""
    return answer.status == 401 and b"scope does not match" in answer.body.lower()


def is_final(answer: Answer) -> bool:
    """Whether a failure of the server comes back however often it is asked: rows beyond its result window.

    https://support.atlassian.com/jira/kb/handling-jql-rest-api-searching-exceeding-max_result_window-in-jira/
    """
    return answer.status == 500 and b"Search limit exceeded" in answer.body


def sent_on_to(answer: Answer) -> SplitResult:
    """Return where a redirect leads: without a host where that stays the same, empty where it cannot be read."""
    try:
        return urlsplit(answer.headers.get("Location", ""))
    except ValueError:
        return urlsplit("")


def is_login_path(path: str) -> bool:
    """Whether an address looks like that of a login page or of a single sign-on."""
    return _LOGIN_PATH.search(path) is not None


def refusal(answer: Answer) -> StatusError:
    """Turn an answer that is neither 200 nor worth another try into the error that a caller sees."""
    said = words(answer.body)
    error = _refusal(answer, said)
    error.said = said
    return error


def _refusal(answer: Answer, said: str) -> StatusError:
    status = answer.status
    if status == 400:
        return _rejection(answer, said)
    if is_final(answer):
        return ResultWindow(f"HTTP 500: {said}: {_IN_PARTS}", status=status, limit=_limit(said))
    if status in (401, 403):
        reason, is_partial = login_failed(answer), lacks_scope(answer)
        advice = reason or (_SCOPE if is_partial else _ADVICE[status])
        message = f"HTTP {status}: {advice}" + (f" (Jira says: {said})" if said else "")
        return Refused(message, status=status, login=bool(reason) or (status == 401 and not is_partial))
    if 300 <= status < 400:
        return _redirection(answer)
    kind = NotFound if status in (404, 410) else ServerError
    advice = _ADVICE.get(status, "Jira, or a proxy before it, failed")
    return kind(f"HTTP {status}: {advice}" + (f" (it says: {said})" if said else ""), status=status)


_IN_PARTS = "--proof on pulls it in parts, ordered by created"
_LIMIT = re.compile(r"limit of ([\d,.\u00a0\u202f ]*\d)")


def _limit(said: str) -> int | None:
    """Return the number of rows in "... which exceeded the search platform limit of 10,000"."""
    found = _LIMIT.search(said)
    return int(re.sub(r"\D", "", found[1])) if found else None


_LOGIN_PATH = re.compile(r"(?:^|[/._-])(?:log-?in|sso|saml2?|oauth2?|auth|signin)(?:[/._-]|$)", re.IGNORECASE)
# https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/
_SCOPE = "the token has no scope for this: give it the scope read:jira-work, or the granular ones of what is read here"
_ADVICE = {
    401: "Jira did not accept the login: check the user name and the token",
    403: "this login may not do that: check its permissions; on a Data Center also whether Basic auth is off",
    404: "there is no Jira API at this address: check --url and its context path (https://host/jira)",
    410: "this address was removed: this is Jira Cloud, which has no offset search: use --api cloud (or auto)",
    413: "the request is too large for the server: shorten the query",
    414: "the address is too long for the server: shorten the query",
    431: "the headers are too large for the server: shorten the token or the query",
}


def _rejection(answer: Answer, said: str) -> StatusError:
    if answer.body.lstrip().startswith(b"<"):
        return ServerError("HTTP 400 with a page of HTML: a proxy refused the request, not Jira", status=400)
    return BadQuery(f"Jira rejected the query: {said or 'without a reason'}", status=400)


def _redirection(answer: Answer) -> StatusError:
    """Redirects are not followed: they would carry the credentials elsewhere. The query of the target is not shown."""
    target = sent_on_to(answer)
    shown = printable(f"{target.scheme}://{target.hostname or ''}{target.path}" if target.scheme else target.path)
    if not shown:
        return NotFound(f"HTTP {answer.status}: the address moved, and nothing says where to", status=answer.status)
    if is_login_path(target.path):
        return Refused(
            f"HTTP {answer.status}: sent on to a login page ({shown}): check the token", status=answer.status
        )
    return NotFound(
        f"HTTP {answer.status}: the address moved to {shown}: put the final address into --url", status=answer.status
    )
