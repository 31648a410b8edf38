"""The offset search of Data Center and Server: https://developer.atlassian.com/server/jira/platform/rest/v10003/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

import orjson

from asyncjira.errors import ConfigError
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import checked, ordered
from asyncjira.jira.page import SearchPage, read_page

__all__ = ["API_VERSIONS", "Query", "as_names", "search"]

API_VERSIONS = ("2", "3", "latest")
# Tomcat refuses request lines and headers of more than 8 KiB together (maxHttpHeaderSize); half is left to headers.
_LONGEST_QUERY_STRING = 4096


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for, and what to deliver of each issue.

    `fields` and `expand` are Jira's own names (`*all`, `*navigable`, `summary`, `-comment`; `renderedFields`, `names`).
    Raises ConfigError where Jira could not understand it.
    """

    jql: str = ""
    fields: tuple[str, ...] = ("*all",)
    expand: tuple[str, ...] = ()
    api_version: str = "2"
    sent: str = field(init=False, repr=False)  # the query with its order, as every page asks it

    def __post_init__(self) -> None:
        object.__setattr__(self, "jql", checked(self.jql))
        object.__setattr__(self, "sent", ordered(self.jql))
        object.__setattr__(self, "fields", self.fields or ("*all",))
        if not all(name.isprintable() for name in (*self.fields, *self.expand)):
            raise ConfigError("a field or an expand holds a control character")
        if self.api_version not in API_VERSIONS:
            raise ConfigError(f"the API version is one of {', '.join(API_VERSIONS)}")


def search(query: Query, start: int, size: int) -> Request[SearchPage]:
    """Build the request for `size` rows from row `start` on: GET, or POST where the URL would grow too long."""
    path = f"/rest/api/{query.api_version}/search"
    params = {
        "jql": query.sent,
        "startAt": str(start),
        "maxResults": str(size),
        "fields": ",".join(query.fields),
    }
    if query.expand:
        params["expand"] = ",".join(query.expand)
    read, label = partial(read_page, start=start), f"search from row {start}"
    if len(urlencode(params)) <= _LONGEST_QUERY_STRING:
        return Request("GET", path, read, label, params=params)
    body = {**params, "startAt": start, "maxResults": size, "fields": query.fields, "expand": query.expand}
    return Request("POST", path, read, label, body=orjson.dumps(body))


def as_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Split names that may be listed, separated by commas, or both."""
    listed = [names] if isinstance(names, str) else names
    return tuple(name.strip() for part in listed for name in part.split(",") if name.strip())
