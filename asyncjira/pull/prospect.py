"""Looks at the first page of a pull, and tells what all of it will take."""

from __future__ import annotations

from math import isfinite
from sys import maxsize
from typing import TypeVar

import anyio

from asyncjira.errors import NotFound, StatusError, TransportError
from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.bulk import largest_batch
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.jql import STABLE_ORDER, Part, bounded, moves, split_order
from asyncjira.jira.search import Query, search, search_part
from asyncjira.jira.server import is_cloud, result_window
from asyncjira.jira.token_search import TokenPage, approximate_count, token_search
from asyncjira.net.asking import Asking
from asyncjira.net.client import Client
from asyncjira.plan.cloud import PAGE
from asyncjira.plan.forecast import Pace, Plan, by_ids, by_offsets, by_proof, by_ranges
from asyncjira.plan.overlap import SMALLEST_PAGE, cheapest_overlap, failing
from asyncjira.plan.proof import WINDOW_IS_LIKELY
from asyncjira.pull.wishes import Wishes, is_proven

__all__ = ["Prospect"]

T = TypeVar("T")

_CATCH_UP = _COUNT = 1  # request each, in a Jira that does not change meanwhile


class Prospect:
    """Foretells one pull as `wishes` has it: `offset` and `cloud` are the query as either search is sent it.

    `page` is how many rows an offset search is asked for.
    """

    def __init__(self, client: Client, wishes: Wishes, *, offset: Query, cloud: Query, page: int) -> None:
        self._client, self._wishes, self._offset, self._cloud, self._page = client, wishes, offset, cloud, page
        self._rate = client.limiter.rate if isfinite(client.limiter.rate) else 0.0
        self._is_proven = is_proven(wishes.proof, offset.jql)
        self._has_order = bool(split_order(offset.jql)[1])
        self._tally, self._sent = client.tally(), 0

    async def plan(self) -> Plan:
        """Ask for a first page and little more. Raises what a pull raises."""
        wishes = self._wishes
        if wishes.api == "cloud" or (wishes.api == "auto" and await self._or_none(is_cloud())):
            return await self._of_cloud()
        try:
            return await self._by_offset()
        except NotFound as error:
            if wishes.api == "offset" or error.status != 410:
                raise
        return await self._of_cloud()

    async def _send(self, request: Request[T]) -> tuple[T, Answer, float]:
        """Return what a request reads, its answer, and how many seconds that took."""
        self._sent += 1
        asking = Asking(request, self._tally)
        answer = await self._client.fetch(asking)
        seconds = anyio.current_time() - asking.sent_at
        return await self._client.read(asking, answer), answer, seconds

    async def _or_none(self, request: Request[T]) -> T | None:
        try:
            return (await self._send(request))[0]
        except (StatusError, TransportError):
            return None

    @property
    def _questions(self) -> int:
        """How many requests a pull adds as well: which Jira this is; who logs in, or its cloud id, as it was here."""
        return (self._wishes.api == "auto") + self._tally.requests - self._tally.retries - self._sent

    def _pace(self, seconds: float, answer: Answer) -> Pace:
        return Pace(seconds, self._wishes.concurrency, self._rate, read_allowance(answer))

    async def _by_offset(self) -> Plan:
        query, asked = self._offset, self._page
        first = search_part(query, Part(), 0, asked) if self._is_proven else search(query, 0, asked)
        page, answer, seconds = await self._send(first)
        total, size, pace = page.total, max(1, min(asked, page.max_results)), self._pace(seconds, answer)
        window = await self._or_none(result_window(query.api_version)) if total > WINDOW_IS_LIKELY else None
        questions = self._questions
        if not self._is_proven or page.dates is None or size < SMALLEST_PAGE:
            why = self._why_unproven(size, is_dated=page.dates is not None)
            return by_offsets(total, page=size, questions=questions, pace=pace, window=window, why=why)
        questions += _CATCH_UP + (total > WINDOW_IS_LIKELY) + (page.served_at is None)
        overlap = cheapest_overlap(page.dates.created, size)
        return by_proof(
            total,
            page=size,
            overlap=overlap,
            failing=failing(page.dates.created, overlap),
            window=window,
            questions=questions,
            pace=pace,
        )

    def _why_unproven(self, size: int, *, is_dated: bool) -> str:
        if self._wishes.proof == "off":
            return "no proof is wanted"
        if not self._is_proven:
            return "its own ORDER BY is kept, so nothing is proven"
        if not is_dated:
            return "Jira does not tell when issues were created, so nothing can be proven"
        return f"pages of {size} are too small for a proof, which takes {SMALLEST_PAGE}: it needs --proof off"

    async def _of_cloud(self) -> Plan:
        query, wishes = self._cloud, self._wishes
        where, order = bounded(query.jql), split_order(query.jql)[1] or STABLE_ORDER
        size = min(wishes.page_size if isinstance(wishes.page_size, int) else PAGE, PAGE)
        page, answer, seconds = await self._send(token_search(query, f"({where}) {order}", "", size, dated=True))
        estimate = await self._or_none(approximate_count(query.api_version, where))
        total = max(len(page.issues), estimate or 0) if page.token else len(page.issues)
        in_own_order = self._has_order and not self._is_proven
        # Which Jira it is, is found out beside a first page by offset, which Cloud answers with 410.
        is_tried = wishes.api == "auto" and wishes.concurrency > 1
        questions = self._questions + _COUNT + is_tried + (_CATCH_UP if self._is_proven else 0)
        lists_again = wishes.lists_again or (in_own_order and moves(query.jql))
        pace, has_quota = self._pace(seconds, answer), wishes.has_quota
        if wishes.way == "ranges":
            why = "ranges of `created` side by side: an issue costs one point, where ids would cost two"
            return by_ranges(
                total,
                page=size,
                busy=_busy(page, total),
                in_own_order=in_own_order,
                listings=lists_again,
                questions=questions,
                pace=pace,
                has_quota=has_quota,
                why="one chain of pages: its own ORDER BY is kept" if in_own_order else why,
            )
        batch = min(largest_batch(query), wishes.page_size if isinstance(wishes.page_size, int) else maxsize)
        return by_ids(
            total,
            batch=batch,
            listings=1 + lists_again,
            questions=questions,
            pace=pace,
            has_quota=has_quota,
            why="ids are listed first, and the issues fetched by id beside it: the fastest way on Cloud",
        )


def _busy(first: TokenPage, total: int) -> float:
    """Return in which share of the time since the first issue all were created, if they came as on the first page."""
    if first.dates is None or len(first.ids) < 2 or first.served_at is None:
        return 1.0
    created = first.dates.created
    whole, seen = first.served_at - created[0], created[-1] - created[0]
    return min(1.0, max(seen, 1) / len(created) * total / max(whole, 1))
