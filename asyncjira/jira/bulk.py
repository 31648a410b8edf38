"""Issues by their ids, many at a time: Cloud's bulk fetch.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulkfetch-post
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import orjson

from asyncjira.errors import printable
from asyncjira.jira.body import Body, read_issues
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.search import Query

__all__ = ["BATCH", "Batch", "bulk_fetch", "largest_batch"]

BATCH = 100  # ids that are always allowed
# What is allowed since about September 2026 where each issue is small: the conditions of `largest_batch`.
_LARGE_BATCH, _MOST_FIELDS = 1000, 100
_MANY_VALUED = frozenset({"attachment", "comment", "worklog"})  # the vendor's examples; others are found out by a 400
_COSTLY = frozenset(
    {"changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations"}
)


class Batch(msgspec.Struct, frozen=True):
    """The issues that came of those asked for, in whatever order: their bytes, ids and dates.

    `errors` tells for each id that may be asked for again what Jira says of it. What is in neither does not exist, or
    not for this user.
    """

    issues: list[bytes]
    ids: list[str]
    dates: Dates | None = None
    errors: dict[str, str] = msgspec.field(default_factory=dict)


class _Error(msgspec.Struct):
    id: str | int
    errorMessage: str | None = None  # noqa: N815 - the wire's spelling


class _Batch(Body):
    issueErrors: list[_Error] | None = None  # noqa: N815 - the wire's spelling


def bulk_fetch(query: Query, ids: Sequence[str], *, dated: bool = False) -> Request[Batch]:
    """Build the request for the issues with these ids, with what `query` wants of each."""

    def read(answer: Answer) -> Batch:
        found, issues, got, dates = read_issues(answer.body, _Batch, dated=dated)
        return Batch(issues, got, dates, {str(e.id): printable(e.errorMessage or "") for e in found.issueErrors or ()})

    body = {"issueIdsOrKeys": list(ids), "fields": query.fields}
    if query.expand:
        body["expand"] = query.expand
    path = f"/rest/api/{query.api_version}/issue/bulkfetch"
    return Request("POST", path, read, "issues by id", body=orjson.dumps(body))


def largest_batch(query: Query) -> int:
    """Return how many issues may be asked for at a time: more where only named fields of one value each are wanted.

    Whether others count as fields of many values is not documented: such a batch may be refused all the same.
    """
    fields = set(query.fields)
    is_narrow = len(fields) <= _MOST_FIELDS and not any(name.startswith(("*", "-")) for name in fields)
    return _LARGE_BATCH if is_narrow and not fields & _MANY_VALUED and not _COSTLY & set(query.expand) else BATCH
