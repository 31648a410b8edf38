"""The offset search of Data Center and Server: https://developer.atlassian.com/server/jira/platform/rest/v10003/."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import orjson

from asyncjira.errors import ConfigError
from asyncjira.jira.dates import served_at
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.jql import Part, checked, ordered
from asyncjira.jira.page import SearchPage, read_page

__all__ = ["API_VERSIONS", "Query", "as_names", "search", "search_part", "with_dates"]

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


def with_dates(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return `fields` so that `created` and `updated` are among what is delivered."""
    dates = ("created", "updated")
    wanted = [name for name in fields if name not in {f"-{date}" for date in dates}]
    if not wanted or all(name.startswith("-") for name in wanted):
        return ("*navigable", *wanted)  # what Jira takes for granted where fields are only excluded
    if {"*all", "*navigable"}.isdisjoint(wanted):
        wanted += [date for date in dates if date not in wanted]
    return tuple(wanted)


def search(query: Query, start: int, size: int) -> Request[SearchPage]:
    """Build the request for `size` rows from row `start` on, in the query's own order."""
    return _request(query, query.sent, start, size, lambda answer: read_page(answer.body, start))


def search_part(query: Query, part: Part, start: int, size: int, *, dates_only: bool = False) -> Request[SearchPage]:
    """Build the request for `size` rows of a part of the query from row `start` on, ordered by `created`, with dates.

    `dates_only` asks for nothing else of each issue.
    """

    def read(answer: Answer) -> SearchPage:
        return replace(read_page(answer.body, start, dated=True), served_at=served_at(answer))

    asked = replace(query, fields=("created", "updated"), expand=()) if dates_only else query
    return _request(asked, part.of(query.jql), start, size, read)


def _request(
    query: Query, jql: str, start: int, size: int, read: Callable[[Answer], SearchPage]
) -> Request[SearchPage]:
    """Build a GET that can also be sent as a POST, or only the POST where the URL would grow too long."""
    path, label = f"/rest/api/{query.api_version}/search", f"search from row {start}"
    params = {"jql": jql, "startAt": str(start), "maxResults": str(size), "fields": ",".join(query.fields)}
    if query.expand:
        params["expand"] = ",".join(query.expand)
    body = {**params, "startAt": start, "maxResults": size, "fields": query.fields, "expand": query.expand}
    post = Request("POST", path, read, label, body=orjson.dumps(body))
    if len(urlencode(params)) > _LONGEST_QUERY_STRING:
        return post
    return Request("GET", path, read, label, params=params, as_post=post)


def as_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Split names that may be listed, separated by commas, or both."""
    listed = [names] if isinstance(names, str) else names
    return tuple(name.strip() for part in listed for name in part.split(",") if name.strip())
