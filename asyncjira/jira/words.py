"""What Jira says when it refuses: its own words out of JSON, and what a page of HTML is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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


def words(body: bytes) -> str:
    """Return what Jira says in an error body, as one printable line; empty where it says nothing readable."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return printable("; ".join(_spoken(said))) if isinstance(said, dict) else ""


def _spoken(said: dict[str, Any]) -> Iterator[str]:
    """Yield the texts, wherever the versions of Jira put them; anything else there is nothing to show."""
    messages, errors = said.get("errorMessages"), said.get("errors")
    if isinstance(messages, list):
        yield from (text for text in messages if isinstance(text, str) and text)
    if isinstance(errors, dict):
        yield from (f"{name}: {text}" for name, text in errors.items() if isinstance(text, str) and text)
    yield from (text for name in ("message", "errorMessage") if isinstance(text := said.get(name), str) and text)


def html_fault(body: bytes) -> Unusable:
    """Tell a login page from any other page of HTML (a proxy's, maintenance) that stands where JSON should."""
    if _LOGIN.search(body[:_HEAD_OF_A_PAGE]):
        return Unusable("a login page came in place of issues", Fault.LOGIN)
    return Unusable("a page of HTML came in place of issues: a proxy, or maintenance", Fault.DAMAGED)
