"""One page of an offset search: what its body says, and what of it cannot be true."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from asyncjira.jira.body import Body, read_issues
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Fault, Unusable

__all__ = ["SearchPage", "read_page"]

_MOST_ISSUES = 2**63 - 1  # a long of Java; Jira's own counts are ints


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an offset search. `issues` are the bytes that Jira sent for each, `ids` their ids, in that order.

    `max_results` is the server's own page size, which may be less than what was asked for. `dates` tells when each
    issue was created and updated, where that was asked for and Jira tells it; `served_at` is the server's clock, in
    seconds since 1970.
    """

    start_at: int
    max_results: int
    total: int
    issues: list[bytes]
    ids: list[str]
    dates: Dates | None = None
    served_at: float | None = None


class _Page(Body):
    total: int | UnsetType = UNSET
    maxResults: int | UnsetType = UNSET  # noqa: N815 - the wire's spelling
    startAt: int | UnsetType = UNSET  # noqa: N815 - the wire's spelling


def read_page(body: bytes, start: int, *, dated: bool = False) -> SearchPage:
    """Read the answer to an offset search that asked for the rows from `start` on; `dated` reads their `dates` too.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-search/
    Raises Unusable as `read_issues` does, also where the numbers cannot be true.
    """
    found, issues, ids, dates = read_issues(body, _Page, dated=dated)
    if found.total is UNSET or found.maxResults is UNSET:
        missing = "total" if found.total is UNSET else "maxResults"
        raise Unusable(f"the answer names no {missing}, which an offset search always does", Fault.PROTOCOL)
    if found.total < 0 or found.maxResults < 0:
        raise Unusable(f"total {found.total}, maxResults {found.maxResults}: neither can be negative", Fault.PROTOCOL)
    if found.total > _MOST_ISSUES:
        raise Unusable(f"a total of {found.total:.1e} issues cannot be", Fault.PROTOCOL)
    if found.startAt is not UNSET and found.startAt != start:
        raise Unusable(f"asked for the rows from {start} on, got those from {found.startAt} on", Fault.PROTOCOL)
    return SearchPage(start, found.maxResults, found.total, issues, ids, dates)
