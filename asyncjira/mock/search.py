"""What a search request asks for, read as Jira reads it: from a query string, or from a body of JSON."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from asyncjira.mock.selection import Selection, select

__all__ = ["BadRequest", "Search", "from_body", "from_query"]

_DEFAULT_SIZE = 50  # https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-search/
_CANNOT_READ = "The request body cannot be read, expecting"
_LARGEST = 2**31 - 1  # Java's int
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class BadRequest(Exception):
    """The request cannot be read; the message is what Jira would say."""


class Search(NamedTuple):
    """A search as asked for: before the page cap, and with the query unread."""

    jql: str
    start: int
    size: int
    selection: Selection


@lru_cache(4096)
def from_query(query: str) -> Search:
    """Read the query string of a GET. Raises BadRequest."""
    pairs = parse_qsl(query, keep_blank_values=True)
    last = dict(pairs)
    fields = tuple(value for name, value in pairs if name == "fields")
    expand = tuple(value for name, value in pairs if name == "expand")
    start = _number(last.get("startAt") or None, "startAt", 0)
    size = _number(last.get("maxResults") or None, "maxResults", _DEFAULT_SIZE)
    return Search(last.get("jql", ""), start, size, select(fields, expand))


def from_body(body: bytes) -> Search:
    """Read the body of a POST. Raises BadRequest."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"Unexpected character: {error}") from None
    if not isinstance(asked, dict):
        raise BadRequest(f"{_CANNOT_READ} an object")
    jql = asked.get("jql") or ""
    if not isinstance(jql, str):
        raise BadRequest(f"{_CANNOT_READ} a string: jql")
    fields, expand = _strings(asked.get("fields"), "fields"), _strings(asked.get("expand"), "expand")
    start = _number(asked.get("startAt"), "startAt", 0)
    size = _number(asked.get("maxResults"), "maxResults", _DEFAULT_SIZE)
    return Search(jql, start, size, select(fields, expand))


def _number(value: Any, name: str, default: int) -> int:
    if value is None:
        return default
    text = str(value)
    if not _WHOLE.fullmatch(text):
        raise BadRequest(f"The value '{text[:60]}' of '{name}' is not a whole number.")
    if not 0 <= int(text) <= _LARGEST:
        raise BadRequest(f"The value '{text[:60]}' of '{name}' must be between 0 and {_LARGEST}.")
    return int(text)


def _strings(value: Any, name: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value or []
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadRequest(f"{_CANNOT_READ} a list of strings: {name}")
    return tuple(items)
