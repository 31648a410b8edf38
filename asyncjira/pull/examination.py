"""Looks at a Jira from the outside in, by about a dozen small requests, of which none is tried again."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import anyio
import msgspec

from asyncjira.errors import StatusError
from asyncjira.jira.dates import served_at
from asyncjira.jira.exchange import Answer, Broken, Request, Unusable
from asyncjira.jira.jql import STABLE_ORDER, Part, bounded, split_order
from asyncjira.jira.login import refused_login, who_am_i
from asyncjira.jira.search import Query, search, search_part
from asyncjira.jira.server import Info, is_cloud, projects, read_info, result_window
from asyncjira.jira.token_search import approximate_count, token_search
from asyncjira.net.client import Client
from asyncjira.plan import admission, capacity
from asyncjira.plan.admission import LoginKind
from asyncjira.plan.approach import approach, bars_strangers, is_let_through, is_other_place, other_places
from asyncjira.plan.checkup import Check, Checkup, error_of, failed, fault, ok, unasked
from asyncjira.plan.proof import WINDOW_IS_LIKELY
from asyncjira.pull.wishes import Api

__all__ = ["Examination"]

T = TypeVar("T")

_FIELDS = ("summary", "status", "created", "updated")  # enough for a page that shows how long it takes, and gzip
_ROWS = 50  # of that page on Data Center
_LARGEST = 1000  # rows to a page, the most that Data Center serves unless told otherwise
_NO_CLOUD = (
    "HTTP 404: there is no search by page token, as Cloud has it: for Data Center or Server, --api offset (or auto)"
)
_BEHIND_LOGIN = ("search", "page size", "result window", "rate limit", "latency", "gzip")


class Examination:
    """Examines the Jira at `url`, once. `kind` is how `client` logs in; `clock` is that of this machine.

    After a refused login nothing more is sent that shows it.
    """

    def __init__(
        self,
        client: Client,
        url: str,
        *,
        api: Api,
        api_version: str | None,
        kind: LoginKind,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._url, self._api, self._kind, self._clock = client, url, api, kind, clock
        self._version, self._tally = api_version, client.tally()
        self._seconds: list[float] = []

    async def of(self, jql: str) -> Checkup:
        """Return what was found. Raises ConfigError where the query cannot be sent."""
        query = Query(jql, fields=_FIELDS, api_version=self._version or "2")
        first = await self._ask(is_cloud())
        here = self._clock() - self._seconds[-1] / 2
        user = await self._log_in(first)
        found_at = await self._search_host(first)
        is_known = isinstance(user, Answer) and user.status == 200 and admission.login(user).state == "ok"
        way = approach(self._url, first, found_at=found_at, is_let_in=is_known)
        if any(check.state == "fault" for check in way):
            why = "the way to Jira is not clear"
            return self._checkup(way, [unasked(name, why) for name in ("version", "login", *_BEHIND_LOGIN, "clock")])
        info = read_info(first) if isinstance(first, Answer) and is_let_through(first) else None
        version = admission.version(info, "basic" if is_known else self._kind)
        login = self._explained(admission.login(user), user)
        if login.state == "fault":
            why = "the login was refused, and further tries may lock the account"
            rest = [unasked(name, why) for name in _BEHIND_LOGIN]
        else:
            rest = await self._issues(query, info)
        date = served_at(first) if isinstance(first, Answer) else None
        return self._checkup(way, [version, login, *rest, capacity.clock(date, info.time if info else None, here)])

    def _checkup(self, way: list[Check], rest: list[Check]) -> Checkup:
        return Checkup(self._url, (*way, *rest), self._tally.requests)

    async def _ask(self, request: Request[Any], *, elsewhere: str = "") -> Answer | Broken:
        began = anyio.current_time()
        try:
            return await self._client.once(request, self._tally, elsewhere=elsewhere)
        except Broken as broken:
            return broken
        except (StatusError, Unusable) as error:  # the way leads by a cloud id, and the site does not tell it
            return Broken(str(error), retry=False)
        finally:
            self._seconds.append(anyio.current_time() - began)

    async def _value(self, request: Request[T]) -> T | None:
        """Return what a request reads that can be done without."""
        outcome = await self._ask(request)
        try:
            return request.read(outcome) if isinstance(outcome, Answer) and outcome.status == 200 else None
        except Unusable:
            return None

    async def _log_in(self, first: Answer | Broken) -> Answer | Broken | None:
        """Ask who this is, where Jira answers, or somebody before it bars strangers."""
        if self._kind == "none" or isinstance(first, Broken):
            return None
        return await self._ask(who_am_i()) if is_let_through(first) or bars_strangers(first) else None

    async def _search_host(self, first: Answer | Broken) -> str:
        if isinstance(first, Answer) and is_other_place(first):
            for place in other_places(self._url):
                answer = await self._ask(is_cloud(), elsewhere=place)
                if isinstance(answer, Answer) and answer.status == 200 and is_let_through(answer):
                    return place
        return ""

    def _explained(self, check: Check, outcome: Answer | Broken | None) -> Check:
        """Add what the address has to do with a login that was refused."""
        error = error_of(outcome) if isinstance(outcome, Answer) and check.state == "fault" else None
        advice = self._client.advice(error) if isinstance(error, StatusError) else ""
        return msgspec.structs.replace(check, says=f"{check.says}; {advice}") if advice else check

    async def _issues(self, query: Query, info: Info | None) -> list[Check]:
        if self._api == "cloud" or (self._api == "auto" and info is not None and info.is_cloud):
            return await self._by_token(query)
        return await self._by_offset(query)

    async def _by_offset(self, query: Query) -> list[Check]:
        request = search(query, 0, _ROWS)
        sample = await self._ask(request)
        page_seconds = self._seconds[-1]
        if self._api == "auto" and isinstance(sample, Answer) and sample.status == 410:
            return await self._by_token(query)
        page = self._read("search", request, sample)
        if isinstance(page, Check):
            return _unknown_but(page)

        async def count_all() -> int | None:
            empty = await self._value(search(Query(api_version=query.api_version), 0, 0))
            return None if empty is None else empty.total

        return [
            await self._sight(page.total, query, count_all),
            await self._largest_page(query),
            await self._window(query, page.total),
            *self._pace(sample, page_seconds, len(page.issues)),
        ]

    async def _by_token(self, query: Query) -> list[Check]:
        query = replace(query, api_version=self._version or "3")
        where, order = bounded(query.jql), split_order(query.jql)[1] or STABLE_ORDER
        request = token_search(query, f"({where}) {order}", "", _LARGEST)
        sample = await self._ask(request)
        page_seconds = self._seconds[-1]
        page = self._read("search", request, sample)
        if isinstance(page, Check):
            is_none = isinstance(sample, Answer) and sample.status == 404
            return _unknown_but(fault("search", _NO_CLOUD, "usage") if is_none else page)

        async def count_all() -> int | None:
            return await self._value(approximate_count(query.api_version, bounded("")))

        count = await self._value(approximate_count(query.api_version, where)) or 0
        rows = len(page.issues)
        return [
            await self._sight(max(count, rows), query, count_all),
            capacity.page_size(rows, _LARGEST) if page.token else unasked("page size", "all issues came on one page"),
            ok("result window", "none: Cloud pages by token"),
            *self._pace(sample, page_seconds, rows),
        ]

    def _read(self, name: str, request: Request[T], outcome: Answer | Broken) -> T | Check:
        """Return what a search has found, or the fault that it has ended with."""
        if not isinstance(outcome, Answer) or outcome.status != 200:
            return admission.barred(failed(name, outcome), self._kind)
        if self._kind != "none" and (error := refused_login(outcome)):
            return fault(name, str(error), "login")
        try:
            return request.read(outcome)
        except Unusable as unusable:
            return failed(name, unusable)

    async def _sight(self, matching: int, query: Query, count_all: Callable[[], Awaitable[int | None]]) -> Check:
        everything = await count_all() if not matching and query.jql else None
        asks_projects = not matching and not everything and self._kind != "none"
        visible = await self._value(projects()) if asks_projects else None
        return admission.sight(matching, query=query.jql, everything=everything, projects=visible, kind=self._kind)

    async def _largest_page(self, query: Query) -> Check:
        """Ask for a large page of what cannot be: of before 1970. The answer names its own size all the same."""
        request = search_part(query, Part(before=1), 0, _LARGEST, dates_only=True)
        page = self._read("page size", request, await self._ask(request))
        return page if isinstance(page, Check) else capacity.page_size(page.max_results, _LARGEST)

    async def _window(self, query: Query, total: int) -> Check:
        if rows := await self._value(result_window(query.api_version)):
            return capacity.told_window(rows)
        if total <= WINDOW_IS_LIKELY:
            return unasked("result window", "this Jira does not tell it, and no row lies so far back")
        return capacity.tried_window(await self._ask(search(query, WINDOW_IS_LIKELY, 1)), WINDOW_IS_LIKELY)

    def _pace(self, sample: Answer | Broken, page_seconds: float, rows: int) -> list[Check]:
        if isinstance(sample, Broken):
            return []
        questions = self._seconds[1:]  # the first has opened the connection, too
        return [
            capacity.rate_limit(sample),
            capacity.latency(questions, page_seconds, rows),
            capacity.compression(sample),
        ]


def _unknown_but(failure: Check) -> list[Check]:
    return [failure, *(unasked(name, "the search failed") for name in _BEHIND_LOGIN[1:])]
