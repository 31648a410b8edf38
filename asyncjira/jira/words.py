"""What Jira says when it refuses: its own words out of JSON, and what a page of HTML is."""

from __future__ import annotations

import re

import msgspec

from asyncjira.errors import printable
from asyncjira.jira.exchange import Fault, Unusable

__all__ = ["html_fault", "words"]

_LOGIN = re.compile(
    rb""" type\s*=\s*["']?password | login[-_]?form | os_username | SAML(?:Request|Response) | /login(?:\.jsp|\?)
    | <title>[^<]*(?:log\s*[io]n|sign\s*[io]n|single\s+sign) """,
    re.IGNORECASE | re.VERBOSE,
)
_HEAD_OF_A_PAGE = 65536  # bytes of HTML looked at: a login form stands in the first screen


class _Refusal(msgspec.Struct):
    errorMessages: list[str] = []  # noqa: N815 - the wire's spelling; msgspec copies the default
    errors: dict[str, str] = {}
    message: str = ""
    errorMessage: str = ""  # noqa: N815 - the wire's spelling


_REFUSAL = msgspec.json.Decoder(_Refusal)


def words(body: bytes) -> str:
    """Return what Jira says in an error body, as one printable line; empty where it says nothing readable."""
    try:
        said = _REFUSAL.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    parts = [*said.errorMessages, *(f"{name}: {text}" for name, text in said.errors.items())]
    return printable("; ".join([*parts, said.message, said.errorMessage]).strip("; "))


def html_fault(body: bytes) -> Unusable:
    """Tell a login page from any other page of HTML (a proxy's, maintenance) that stands where JSON should."""
    if _LOGIN.search(body[:_HEAD_OF_A_PAGE]):
        return Unusable("a login page came in place of issues", Fault.LOGIN)
    return Unusable("a page of HTML came in place of issues: a proxy, or maintenance", Fault.DAMAGED)
