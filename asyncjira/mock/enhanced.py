"""What Cloud's search asks for, read as Jira reads it: https://developer.atlassian.com/cloud/jira/platform/rest/v3/."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from asyncjira.mock.search import BadRequest
from asyncjira.mock.selection import Selection, select

__all__ = [
    "MOST_ROWS",
    "Enhanced",
    "check_properties",
    "counted_query",
    "from_body",
    "from_query",
    "object_of",
    "strings",
]

MOST_ROWS = 5000
_DEFAULT_SIZE = 50
_MOST_RECONCILED = 50
_MOST_PROPERTIES = 5
_FIELDS = {
    *("expand", "fields", "fieldsByKeys", "jql", "maxResults", "nextPageToken", "properties", "reconcileIssues"),
}
_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_LIGHT = {"id", "key"}


class Enhanced(NamedTuple):
    """A search as asked for: before the page cap, query and token unread. `is_light`: only id and key wanted."""

    jql: str
    token: str
    size: int
    selection: Selection
    is_light: bool
    reconciled: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What stays the same on all pages of a listing: all but the token and the size."""
        asked = repr((self.jql, self.selection, self.is_light, self.reconciled))
        return hashlib.sha256(asked.encode(errors="surrogatepass")).hexdigest()[:16]


@lru_cache(4096)
def from_query(query: str) -> Enhanced:
    """Read the query string of a GET; an unknown parameter is ignored. Raises BadRequest."""
    pairs = parse_qsl(query, keep_blank_values=True)
    last = dict(pairs)
    if sum(name == "nextPageToken" for name, _ in pairs) > 1:
        raise BadRequest("The parameter nextPageToken must not be repeated.")
    listed: dict[str, list[str]] = {"fields": [], "properties": [], "reconcileIssues": []}
    for name, value in pairs:
        if name in listed:
            listed[name] += [item.strip() for item in value.split(",") if item.strip()]
    size = last.get("maxResults") or str(_DEFAULT_SIZE)
    if not _WHOLE.fullmatch(size):
        raise BadRequest(f"The value '{size[:60]}' of 'maxResults' is not a whole number.")
    check_properties(listed["properties"])
    return _enhanced(last.get("jql", ""), last.get("nextPageToken", ""), int(size), listed["fields"],
                     last.get("expand", ""), listed["reconcileIssues"])  # fmt: skip


@lru_cache(256)
def from_body(body: bytes) -> Enhanced:
    """Read the body of a POST, and nothing but it. Raises BadRequest."""
    asked = object_of(body, _FIELDS)
    size = _DEFAULT_SIZE if asked.get("maxResults") is None else asked["maxResults"]
    token, jql, expand = (_text(asked, name) for name in ("nextPageToken", "jql", "expand"))
    reconciled = asked.get("reconcileIssues") or []
    if isinstance(size, bool) or not isinstance(size, int) or not isinstance(reconciled, list):
        raise BadRequest(f"{_PAYLOAD} (maxResults, reconcileIssues)")
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in reconciled):
        raise BadRequest(f"{_PAYLOAD} (reconcileIssues)")
    check_properties(strings(asked, "properties"))
    return _enhanced(jql, token, size, strings(asked, "fields"), expand, [str(number) for number in reconciled])


def counted_query(body: bytes) -> str:
    """Read the query of a request for the approximate count. Raises BadRequest."""
    return _text(object_of(body, {"jql"}), "jql")


def object_of(body: bytes, allowed: set[str]) -> dict[str, Any]:
    """Read an object of JSON that has no other keys than those. Raises BadRequest."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest(_PAYLOAD) from None
    if not isinstance(asked, dict):
        raise BadRequest(_PAYLOAD)
    if unknown := sorted(asked.keys() - allowed):
        raise BadRequest(f'{_PAYLOAD} (Unrecognized field "{unknown[0][:60]}")')
    return asked


def strings(asked: dict[str, Any], name: str) -> list[str]:
    """Return a list of strings, empty if it is not there. Raises BadRequest."""
    value = asked.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{_PAYLOAD} ({name})")
    return value


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str | None):
        raise BadRequest(f"{_PAYLOAD} ({name})")
    return value or ""


def check_properties(properties: list[str]) -> None:
    """Raise BadRequest for more properties of issues than Jira gives at once."""
    if len(properties) > _MOST_PROPERTIES:
        raise BadRequest(f"At most {_MOST_PROPERTIES} properties can be asked for.")


def _enhanced(jql: str, token: str, size: int, fields: list[str], expand: str, reconciled: list[str]) -> Enhanced:
    if len(reconciled) > _MOST_RECONCILED or not all(_WHOLE.fullmatch(number) for number in reconciled):
        raise BadRequest(f"reconcileIssues takes at most {_MOST_RECONCILED} ids, each a whole number.")
    names = {name.strip() for item in fields for name in item.split(",") if name.strip()} or {"id"}
    selection = select(tuple(sorted(names)), (expand,))
    is_light = names <= _LIGHT and not {"renderedFields", "changelog"} & {*selection.expand}
    if is_light and names == {"id"}:
        selection = Selection((), selection.expand, only_id=True)
    return Enhanced(jql, token, size, selection, is_light, tuple(reconciled))
