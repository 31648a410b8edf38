"""A changing Jira and a pull of it without sockets: any number in flight, answers in any order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from asyncjira.errors import JiraError, NotFound, ResultWindow, ServerError
from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.mock import living
from asyncjira.mock.record import Record, of_seconds
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.strategy import Ask, Outcome, Rows, Strategy

SECOND = 1000
START = 1_000_000_000 * SECOND  # the server's clock when the pull begins: all issues were created before, see `server`
_ISSUE = re.compile(r"\d+")
_BOUND = re.compile(r"(created|updated) (>=|<) (\d+)")


@dataclass
class Server:
    """Answers searches like Data Center, from a model that may change, up to a result window of `window` rows.

    Pages that hold an issue of `poison` fail, unless only dates are asked for; those of `deep` fail always, and so does
    what `fails` names. `edit` makes of a page what it likes. `asked` holds queries, first rows and rows asked for.
    """

    model: living.Living
    cap: int = 1000
    window: int | None = None
    empties: bool = False  # beyond the window: rows are left out in silence
    tells: bool = False  # the window, when it is asked for it
    poison: frozenset[str] = frozenset()
    deep: frozenset[str] = frozenset()
    fails: Callable[[Ask], bool] = lambda ask: False
    time: float | None = None  # what it tells where its answers have no date, in seconds
    edit: Callable[[Ask, SearchPage], SearchPage] = lambda ask, page: page
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    failed: int = 0
    most: int = 0  # issues, as the pages counted them

    def answer(self, ask: Ask) -> SearchPage:
        params = ask.request.params
        self.asked.append((params["jql"], ask.start, ask.size))
        found = {(name, sign): int(value) for name, sign, value in _BOUND.findall(params["jql"])}
        bounds = living.Bounds(
            created_from=found.get(("created", ">=")),
            created_before=found.get(("created", "<")),
            updated_since=found.get(("updated", ">=")),
        )
        size = most = min(ask.size, self.cap)
        if self.window is not None and ask.start + size > self.window:
            if not self.empties:
                raise ResultWindow("Search limit exceeded", status=500, limit=None)
            size = max(0, self.window - ask.start)
        part = self.model.search(bounds, ask.start, size)
        self.most = max(self.most, part.total)
        sick = self.deep if params["fields"] == "created,updated" else self.deep | self.poison
        if self.fails(ask) or not sick.isdisjoint(record.id for record in part.records):
            self.failed += 1
            raise ServerError("HTTP 500", status=500)
        dates = Dates([r.created for r in part.records], [r.updated for r in part.records])
        raws = [_issue(record) for record in part.records]
        page = SearchPage(
            ask.start, most, part.total, raws, [r.id for r in part.records], dates, part.served_at // SECOND
        )
        page = self.edit(ask, page)
        self.most = max(self.most, min(page.total, 10_000))  # what it says is what the pull goes by, within reason
        return page


def _issue(record: Record) -> bytes:
    return b'{"id":"%b","created":%d,"updated":%d}' % (record.id.encode(), record.created, record.updated)


def server(
    seconds: Iterable[int], *, clock: Callable[[], int] | None = None, rate: float = 0.0, seed: int = 0, **more: object
) -> Server:
    """Return a server whose issues were created at these seconds before START."""
    times = [START // SECOND - 10_000_000 + second for second in seconds]
    options = {name: more.pop(name) for name in ("kinds", "shuffle_ties", "lag") if name in more}
    ticks = clock or count(START, 7).__next__  # 7 ms a request
    return Server(living.Living(of_seconds(times, seed), clock=ticks, rate=rate, seed=seed, **options), **more)  # type: ignore[arg-type]


@dataclass
class Pulled:
    """What a pull delivered: the latest version of each id, by `updated`, and the order of first delivery."""

    outcome: Outcome
    versions: dict[str, int] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    last_created: int = 0

    def take(self, rows: Rows) -> None:
        """Take what a strategy delivers, and check that it comes once and in its place."""
        for raw in rows.issues:
            issue_id, created, updated = _ISSUE.findall(bytes(raw).decode())
            assert (issue_id in self.versions) == (rows.place == "replace"), "twice, or replaced what never came"
            (self.replaced if rows.place == "replace" else self.order).append(issue_id)
            self.versions[issue_id] = int(updated)
            if rows.place == "next":
                assert int(created) >= self.last_created, "out of order"
                self.last_created = int(created)


def strategy(**options: Any) -> ProofStrategy:
    """Return one for every issue, with pages of 10 issues, 8 asked or waiting, and updates."""
    return ProofStrategy(Query(), **{"page_size": 10, "window": 8, "updates": True, **options})


def pull(server: Server, *, page_size: int = 10, in_flight: int = 4, seed: int = 0, window: int | None = None,
         updates: bool = True) -> Pulled:  # fmt: skip
    """Run a strategy to its end: up to `in_flight` asks open, answered in any order."""
    plan = strategy(page_size=page_size, window=window or 2 * in_flight, updates=updates)
    pulled = Pulled(plan.outcome())
    for ask in drive(plan, pulled.take, in_flight=in_flight, seed=seed):
        assert len(server.asked) <= bound(server, page_size), "it does not end"
        answer(plan, server, ask)
    pulled.outcome = plan.outcome()
    return pulled


def drive(plan: Strategy, take: Callable[[Rows], None], *, in_flight: int, seed: int) -> Iterator[Ask]:
    """Yield what is to be answered next, of up to `in_flight` open asks in any order, until the plan is finished."""
    dice, asks = Random(seed), list[Ask]()
    while True:
        while (rows := plan.take()) is not None:
            take(rows)
        if plan.finished:
            return
        while len(asks) < in_flight and (ask := plan.next()) is not None:
            asks.append(ask)
        assert asks, "stalled"
        yield asks.pop(dice.randrange(len(asks)))


def bound(server: Server, page_size: int) -> int:
    """Return how many requests a pull may take at most, and its catch-up as many again.

    Three times the pages that the first page lets expect, which share half of their rows at most, and 50 more; three
    for each that fails, which comes in halves with its dates; and what it takes to find a result window by halving.
    """
    page = min(page_size, server.cap, server.window or page_size)
    return 2 * (3 * (server.most // max(1, page // 4) + 1) + 50) + 3 * server.failed + 64


def answer(plan: ProofStrategy, server: Server, ask: Ask) -> None:
    """Let `server` answer what `plan` asks."""
    try:
        path = ask.request.path
        found = _window(server) if "searchLimits" in path else server.time if "Info" in path else server.answer(ask)
    except JiraError as error:
        plan.on_failure(ask, error)
    else:
        plan.on_answer(ask, found)


def _window(server: Server) -> int | None:
    if not server.tells:
        raise NotFound("no such limit is told", status=404)
    return server.window
