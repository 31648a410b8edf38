"""What one pull wants of a Jira Cloud, what it may have under way there, and what it has learnt about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from asyncjira.jira.bulk import Batch, bulk_fetch
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import STABLE_ORDER, Part, bounded, split_order
from asyncjira.jira.search import Query
from asyncjira.jira.token_search import TokenPage, approximate_count, token_search
from asyncjira.plan.shelf import Row
from asyncjira.plan.silence import Silence

__all__ = ["LISTED", "Tenant"]

LISTED = 5000  # ids to a page, the most that Cloud allows: https://developer.atlassian.com/cloud/jira/platform/rest/v3/


class Tenant(msgspec.Struct):
    """The state that all parts of a pull share. `batch` ids may be fetched at a time, `page` issues searched for.

    `dated`: `created` and `updated` are among the fields. `fetched` counts issues that came, `size` their bytes,
    `duplicates` rows that came again, `refetched` requests made once more. `bulk_works` once a batch has come. `failed`
    tells why ids were not served: Jira's words, or its failure. `warnings` are Jira's own. `is_undated`: it told no
    times, although asked; `is_unsorted`: it did not list by them; `is_cut`: it was asked in ranges of `created`.
    """

    query: Query
    page: int
    batch: int
    concurrency: int
    dated: bool
    fetched: int = 0
    size: int = 0
    is_cut: bool = False
    duplicates: int = 0
    refetched: int = 0
    bulk_works: bool = False
    is_undated: bool = False
    is_unsorted: bool = False
    silences: list[Silence] = msgspec.field(default_factory=list)
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    warnings: dict[str, None] = msgspec.field(default_factory=dict)

    @property
    def silent(self) -> set[str]:
        """The ids of all silences."""
        return {issue_id for silence in self.silences for issue_id in silence.ids}

    def ids(self, reconciled: Sequence[int], part: Part | None, token: str) -> Request[TokenPage]:
        """Build the request for a page of ids."""
        query = replace(self.query, fields=("id",), expand=())
        return token_search(query, self._jql(part), token, LISTED, reconciled=reconciled)

    def issues(self, part: Part | None, token: str) -> Request[TokenPage]:
        """Build the request for a page of issues."""
        return token_search(self.query, self._jql(part), token, self.page, dated=self.dated)

    def dates(self, ids: Sequence[str]) -> Request[Batch]:
        """Build the request for nothing but dates."""
        return bulk_fetch(replace(self.query, fields=("created", "updated"), expand=()), ids, dated=True)

    def bulk(self, ids: Sequence[str]) -> Request[Batch]:
        """Build the request for issues by their ids."""
        return bulk_fetch(self.query, ids, dated=self.dated)

    def rows(self, issues: Sequence[bytes], ids: Sequence[str], dates: Dates | None) -> list[Row]:
        """Return issues as rows; with times of 0 where none are told."""
        self.fetched += len(ids)
        self.size += sum(map(len, issues))
        self.is_undated |= self.dated and dates is None and bool(ids)
        created, updated = (dates.created, dates.updated) if dates is not None else ([0] * len(ids),) * 2
        return list(zip(created, updated, ids, issues, strict=True))

    def count(self, part: Part | None) -> Request[int]:
        """Build the request for an estimate of how many issues there are."""
        return approximate_count(self.query.api_version, split_order(self._jql(part))[0], is_dispensable=True)

    def _jql(self, part: Part | None) -> str:
        where = bounded(self.query.jql)
        if part is not None:
            return part.of(where)
        return f"({where}) {split_order(self.query.jql)[1] or STABLE_ORDER}"
