"""The kinds of faults of a mock of Cloud: those of Data Center that make sense there, and its own."""

from __future__ import annotations

from asyncjira.mock.kinds import KINDS, Kind

__all__ = ["CLOUD_KINDS", "ENDPOINTS"]

ENDPOINTS = ("jql", "bulkfetch", "count")
_NUMBERS = {"total", "max", "start"}  # a page of Cloud has none of them

# kind, argument, the endpoint it is about (- is any), what it does
_TABLE = """
429-reset               [SECONDS]  -          429 without Retry-After: X-RateLimit-Reset tells a time SECONDS (2) ahead
repeat                  -          jql        the first page's issues, whatever was asked; the token is the right one
short                   [COUNT]    -          COUNT issues (1) fewer, which come on the next page; in a batch, omitted
cap                     COUNT      -          COUNT issues at most: others come on the next page; in a batch, omitted
no-issues               -          -          no issue; the token is the right one, so those of a page are lost
token-loop              COUNT      jql        the token of COUNT pages ago comes again
token-expired           -          jql        400 that names the token, if there is one
empty-token             -          jql        an empty page with another token; its issues come on the next page
last-with-token         -          jql        isLast is true, and there is a token
not-last-without-token  -          jql        isLast is false, and there is no token
no-is-last              -          jql        isLast is left out
twice                   -          jql        the last issue of the page before stands on this page, too
warning                 -          jql        a warning that a clause was cut at its limit
old-shape               -          jql        a page of the search by offset: startAt, maxResults, total, no token
issue-errors            PERCENT    bulkfetch  an error that may pass in place of PERCENT of the issues, once for each
issue-errors-always     PERCENT    bulkfetch  the same each time
omit                    PERCENT    bulkfetch  PERCENT of the issues are left out without a word, once each
omit-always             PERCENT    bulkfetch  the same each time
batch-400               -          bulkfetch  400 for more than 100 issues, even where they are allowed
forbidden-bulk          -          bulkfetch  403: no permission for bulk operations
"""


def _kinds() -> dict[str, Kind]:
    found = {kind: about for kind, about in KINDS.items() if kind not in _NUMBERS}
    for line in _TABLE.strip().splitlines():
        kind, argument, endpoint, meaning = line.split(maxsplit=3)
        found[kind] = Kind(argument.strip("-"), meaning, endpoint.strip("-"))
    return found


CLOUD_KINDS: dict[str, Kind] = _kinds()
