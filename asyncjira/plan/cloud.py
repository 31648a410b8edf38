"""The pull of a Jira Cloud: what is listed, what changed meanwhile, and where that is wanted, the list once more.

The guarantee, and what it assumes of the server, stands in the README.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import replace
from math import inf
from typing import Any, Literal

from msgspec import structs

from asyncjira.errors import BadQuery, JiraError, NotFound, Refused, ServerError, TransportError
from asyncjira.jira.bulk import largest_batch
from asyncjira.jira.jql import Part
from asyncjira.jira.search import Query, with_dates
from asyncjira.jira.server import server_time
from asyncjira.jira.token_search import MOST_RECONCILED, TokenPage
from asyncjira.plan.batches import NoBulk
from asyncjira.plan.census import Census
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.errand import Errand
from asyncjira.plan.findings import Findings
from asyncjira.plan.idset import IdSet
from asyncjira.plan.ranges import Ranges
from asyncjira.plan.recheck import CREATED, Recheck, numbers
from asyncjira.plan.shelf import Row
from asyncjira.plan.source import ById, ByPage, Source
from asyncjira.plan.start import Start
from asyncjira.plan.strategy import Ask, Outcome, Rows
from asyncjira.plan.tenant import Tenant

__all__ = ["PAGE", "CloudStrategy", "Way"]

Way = Literal["ids", "ranges"]

# Seconds before the first answer's Date from which on changes are asked for. The index lags "a few seconds to minutes"
# behind (https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/): ten minutes, and the second that
# the Date is cut to.
_MARGIN = 600 + 1
_MINUTE = 60  # seconds, down to which the bound is rounded: the grain of dates in JQL
PAGE = 100  # issues of a page with fields, as Cloud serves them whatever is asked
# Requests in a row without an answer, and one more for each that may be in flight: more than it takes to find an issue
# among 100 by halving, in batches side by side.
_FAILURES = 8


class CloudStrategy:
    """Pulls `query` from a Jira Cloud: by ids that are listed first, or in ranges of `created`.

    `is_proven`: by `created`, and caught up with what changed meanwhile; `must_prove`: or not at all. `in_own_order`
    delivers in the order that the query names. `lists_again` compares with a second listing at the end. `is_visitor`:
    nobody is logged in. `slowest` and `delivery` as for `ProofStrategy`.
    """

    foresees = False  # where one page ends, the next one begins

    def __init__(
        self,
        query: Query,
        *,
        way: Way,
        page_size: int | None,
        concurrency: int,
        is_proven: bool,
        must_prove: bool = False,
        in_own_order: bool = False,
        updates: bool = False,
        lists_again: bool = False,
        is_visitor: bool = False,
        slowest: float = 30.0,
        start: Start | None = None,
    ) -> None:
        self.query = query
        batch = min(largest_batch(query), page_size or sys.maxsize)
        is_dated = is_proven or (way == "ranges" and not in_own_order)
        self._tenant = Tenant(query, min(page_size or PAGE, PAGE), batch, concurrency, dated=is_dated)
        start = start or Start()
        self._before, self._came = start.before, start.rows
        self._part = None if in_own_order else start.part
        self._tenant.silences.extend(start.silences)
        self._found = Findings(is_proven, must_prove)
        self._is_visitor, self._slowest = is_visitor, slowest
        self.delivery = Delivery(updates=updates, start=start)
        self._recheck = Recheck(self._tenant, self._part, self.delivery, self._found, lists_again=lists_again)
        self._way = way
        self._main = self._source()
        self._late: ById | ByPage | None = None
        self._questions = deque([Errand(self._tenant.count(self._part), 0, 0, taken=self._estimated, failed=_ignore)])
        self._open: dict[Ask, Source | None] = {}
        self._failures = 0
        self._began_at: float | None = None
        self._has_begun = self._has_caught_up = False

    def _source(self) -> Source:
        if self._way == "ids":
            return ById(self._tenant, self._part)
        return Ranges(self._tenant, self._part) if self._part is not None else ByPage(self._tenant, None)

    @property
    def total(self) -> int:
        """How many issues there are: those listed, or about as many as Jira estimates while that is more."""
        listed = self._before + self._main.listed
        return listed if self._main.is_listed else max(listed, self._found.estimate or 0)

    @property
    def is_estimate(self) -> bool:
        """Whether more may be listed."""
        return not self._main.is_listed

    @property
    def finished(self) -> bool:
        """Whether every row was taken, or it was found that it cannot be whole."""
        if self._found.stopped:
            return True
        is_owed = (self._late is None and self._catches_up) or self._recheck.is_owed(self._main, self._before)
        return not is_owed and not self.delivery and all(source.finished for source in self._sources)

    @property
    def _sources(self) -> list[Source]:
        late = [] if self._late is None else [self._late]
        return [self._main, *late, *self._recheck.sources]

    @property
    def _catches_up(self) -> bool:
        return self._found.is_proven and not self._found.obstacle and not self._tenant.is_undated

    def next(self) -> Ask | None:
        """Return what to ask now. The catch-up begins beside the last batches: it is as fresh as its first answer."""
        if self._found.stopped:
            return None
        if self._questions and self._has_begun:  # a wrong login is shown once, by the first page alone
            return self._opened(self._questions.popleft(), None)
        if self._late is None and self._main.is_asked and self._catches_up and self.delivery.since_ms < inf:
            self._late = self._catch_up()
        if self._recheck.is_owed(self._main, self._before) and all(source.finished for source in self._sources):
            self._recheck.begin(self._main, self._before)
        for source in self._sources:
            if (errand := source.next()) is not None:
                late = errand if source is self._main else structs.replace(errand, purpose="catch-up")
                return self._opened(late, source)
        return None

    def _opened(self, errand: Errand, source: Source | None) -> Errand:
        self._open[errand] = source
        return errand

    def _catch_up(self) -> ById | ByPage:
        part = Part(updated_since_ms=int(self.delivery.since_ms))
        if self._way == "ranges":
            return ByPage(self._tenant, part)
        return ById(self._tenant, part, reconciled=numbers(self.delivery.newest(MOST_RECONCILED)))

    def on_sent(self, ask: Ask) -> None:
        """Nothing: an answer means the same whenever it was asked for."""

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Learn from an answer. Raises ProtocolError where it cannot be true, Refused where it shows a mere visitor."""
        self._failures = 0
        source = self._open.pop(ask)
        if source is not None and source not in self._sources:
            return
        if isinstance(answer, TokenPage):
            self._learn(source, answer)
        _errand(ask).taken(answer)

    def _learn(self, source: Source | None, page: TokenPage) -> None:
        if source is self._main and not self._has_begun:
            self._has_begun = True
            is_all = self._part is None or self._part.updated_since_ms is None
            if self._is_visitor and is_all and not page.ids and not page.token:
                raise Refused("HTTP 200, but no issue: Jira shows nothing to an anonymous visitor", status=200)
            self._begin(page.served_at)
        if source is self._late and not self._has_caught_up:
            self._has_caught_up = True
            self._found.caught_up_at = page.served_at and page.served_at - self._slowest

    def _begin(self, served_at: float | None) -> None:
        if served_at is not None:
            self._told_time(served_at)
        elif self._found.is_proven or self._way == "ranges":
            request = server_time(self._tenant.query.api_version)
            self._questions.append(Errand(request, 0, 0, taken=self._told_time, failed=lambda _: self._told_time(None)))

    def _told_time(self, now: float | None) -> None:
        if now is None:
            self._found.obstacle = "the server does not tell its time, so what changed meanwhile cannot be asked for"
            return
        self._began_at = now
        since_ms = (now - self._slowest - _MARGIN) // _MINUTE * _MINUTE * 1000
        self.delivery.since_ms = min(self.delivery.since_ms, since_ms)  # that of an interrupted pull stays
        self._cut()

    def _estimated(self, issues: int) -> None:
        self._found.estimate = issues
        self._cut()

    def _cut(self) -> None:
        if isinstance(self._main, Ranges) and self._found.estimate is not None and self._began_at is not None:
            self._main.tell(self._found.estimate, int(self._began_at))

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Ask for it in another way: in smaller batches, by id, in ranges. Raises `error` where there is none."""
        source = self._open.pop(ask)
        if source is not None and source not in self._sources:
            return
        if source is not None:
            self._count_failure(error)
        if isinstance(error, NotFound) and error.status == 404 and source is self._main and not self._has_begun:
            error.args = (f"{error}; if it is a Data Center or Server: --api offset",)
        try:
            _errand(ask).failed(error)
        except NoBulk as no:
            self._take_detour(no, source)
        except BadQuery:
            if source is self._main or source is None:
                raise
            what = "what changed meanwhile" if source is self._late else "whether what was left out is still there"
            self._found.stopped = f"{what} cannot be asked for: {error}"

    def _count_failure(self, error: JiraError) -> None:
        is_too_large = isinstance(error, TransportError) and error.too_large
        nobody_there = not self._has_begun and isinstance(error, TransportError) and not is_too_large
        self._failures += isinstance(error, ServerError | TransportError)
        if nobody_there or self._failures > _FAILURES + self._tenant.concurrency:
            raise error

    def _take_detour(self, no: NoBulk, source: Source | None) -> None:
        """Pull in ranges where issues may not be fetched by id, as long as nothing was delivered."""
        if self._way == "ranges" or self.delivery.rows or source is not self._main:
            raise no.error
        self._way, self._found.detour = "ranges", f"pulled page by page: {no}"
        if self._part is not None:
            self.query = self._tenant.query = replace(self.query, fields=with_dates(self.query.fields))
            self._tenant.dated = True
        self._main = self._source()
        self._cut()

    def take(self) -> Rows | None:
        """Return the next rows in order, each issue once; after them what the catch-up and the check have found."""
        while not self.delivery and (rows := self._main.take()):
            rows = self._in_order(rows)
            if self._tenant.failed or self._found.obstacle or self._tenant.is_undated:
                self.delivery.hold()
            self.delivery.proceed(rows, self._tenant.silences)
        if self._late is not None and self._main.finished:
            while not self.delivery and (rows := self._late.take()):
                self.delivery.catch_up(sorted(rows, key=CREATED))
        while not self.delivery and (rows := self._recheck.take()):
            self.delivery.add(rows)
        return self.delivery.take()

    def _in_order(self, rows: list[Row]) -> list[Row]:
        """Return the rows as they are while they are sorted; from the first that is not on, as if created at last."""
        created = [self._found.last_created, *(row[0] for row in rows)]
        if not self._found.obstacle and created != sorted(created):
            self._found.obstacle = "Jira does not list by `created` as it was asked to"
            self._tenant.is_unsorted |= self._part is not None
        self._found.last_created = created[-1]
        if not self._found.obstacle and not self._tenant.is_undated:
            return rows
        return [(sys.maxsize, *row[1:]) for row in rows]

    def outcome(self) -> Outcome:
        """Say what is proven, and what is not."""
        waiting = sum(source.waiting for source in self._sources)
        late = self._late.given_up if self._late is not None else set[str]()
        return self._found.outcome(
            self._tenant,
            self.delivery,
            self._main,
            late,
            before=self._before,
            came=self._came,
            finished=self.finished,
            waiting=waiting,
        )

    def census(self, known: IdSet | None) -> Census:
        """Return what follows a pull whose outcome is proven: a look at who is gone of `known`, and of what came."""
        tenant = Tenant(self.query, self._tenant.page, self._tenant.batch, self._tenant.concurrency, dated=True)
        return Census.by_id(tenant, self.delivery, known)


def _errand(ask: Ask) -> Errand:
    if not isinstance(ask, Errand):
        raise TypeError("an ask of another strategy")
    return ask


def _ignore(_: JiraError) -> None:
    """Do without the estimate."""
