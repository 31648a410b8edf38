"""Cloud's search: pages that each name the token of the next one, and a count that is an estimate.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import orjson

from asyncjira.errors import printable
from asyncjira.jira.body import Body, check_sendable, check_text, read_issues, unlike
from asyncjira.jira.dates import Dates, served_at
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.search import Query

__all__ = ["MOST_RECONCILED", "TokenPage", "approximate_count", "token_search"]

MOST_RECONCILED = 50  # ids whose latest state a search can be made to respect


class TokenPage(msgspec.Struct, frozen=True):
    """One page of a token search: the bytes of its issues, their ids, and the `token` of the next page, "" on the last.

    `is_last` is None where Jira does not say, `has_total` whether it counts its matches as only an offset search does.
    `warnings` are Jira's own words. `dates` and `served_at` as in `SearchPage`.
    """

    issues: list[bytes]
    ids: list[str]
    token: str = ""
    is_last: bool | None = None
    has_total: bool = False
    warnings: tuple[str, ...] = ()
    dates: Dates | None = None
    served_at: float | None = None


class _Page(Body):
    nextPageToken: str | None = None  # noqa: N815 - the wire's spelling
    isLast: bool | None = None  # noqa: N815 - the wire's spelling
    total: Any = None
    warnings: Any = None


class _Count(msgspec.Struct):
    count: int


def token_search(
    query: Query, jql: str, token: str, size: int, *, dated: bool = False, reconciled: Sequence[int] = ()
) -> Request[TokenPage]:
    """Build the request for the page at `token` ("" is the first) of `jql`, with what `query` wants of each issue.

    All of it goes into the body: what stands in the address of a POST is ignored in silence. Apart from the token
    nothing may differ from page to page. The latest state of the issues `reconciled` is respected.
    """

    def read(answer: Answer) -> TokenPage:
        found, issues, ids, dates = read_issues(answer.body, _Page, dated=dated)
        check_sendable([found.nextPageToken or ""])
        has_total, warnings = found.total is not None, tuple(_worded(found.warnings))
        return TokenPage(
            issues, ids, found.nextPageToken or "", found.isLast, has_total, warnings, dates, served_at(answer)
        )

    body: dict[str, Any] = {"jql": jql, "maxResults": size, "fields": query.fields}
    if query.expand:
        body["expand"] = ",".join(query.expand)
    if reconciled:
        body["reconcileIssues"] = list(reconciled)
    if token:
        body["nextPageToken"] = token
    path = f"/rest/api/{query.api_version}/search/jql"
    return Request("POST", path, read, "search", body=orjson.dumps(body))


def approximate_count(api_version: str, jql: str, *, is_dispensable: bool = False) -> Request[int]:
    """Build the request for about how many issues `jql` matches: an estimate, without the latest changes."""

    def read(answer: Answer) -> int:
        check_text(answer.body)
        try:
            return max(0, msgspec.json.decode(answer.body, type=_Count).count)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise unlike("count", str(error)) from None

    path = f"/rest/api/{api_version}/search/approximate-count"
    body = orjson.dumps({"jql": jql})
    return Request("POST", path, read, "count", body=body, is_dispensable=is_dispensable)


def _worded(warnings: Any) -> list[str]:
    listed = warnings if isinstance(warnings, list) else []
    said = [each.get("message") or each.get("type") if isinstance(each, dict) else each for each in listed]
    return [printable(words) for words in said if isinstance(words, str) and words]
