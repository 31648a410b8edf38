"""A changing Jira and a pull of it without sockets: any number in flight, answers in any order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from msgspec import Raw

from asyncjira.errors import JiraError, ResultWindow
from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.mock import living
from asyncjira.mock.record import of_seconds
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.strategy import Ask, Outcome

SECOND = 1000
START = 1_000_000_000 * SECOND  # the server's clock when the pull begins: all issues were created before, see `server`
_BOUND = re.compile(r"(created|updated) (>=|<) (\d+)")


@dataclass
class Server:
    """Answers searches like Data Center, from a model that may change, up to a result window of `window` rows."""

    model: living.Living
    cap: int = 1000
    window: int | None = None
    empties: bool = False  # beyond the window: rows are left out in silence
    poison: frozenset[str] = frozenset()
    edit: Callable[[Ask, SearchPage], SearchPage] = lambda ask, page: page
    asked: list[tuple[str, int, int]] = field(default_factory=list)

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
        if "*all" in params["fields"] and any(record.id in self.poison for record in part.records):
            raise JiraFailed
        dates = Dates([r.created for r in part.records], [r.updated for r in part.records])
        raws = [Raw(b'{"id":"%b","updated":%d}' % (r.id.encode(), r.updated)) for r in part.records]
        served_at = part.served_at / 1000
        page = SearchPage(ask.start, most, part.total, raws, [r.id for r in part.records], dates, served_at // 1)
        return self.edit(ask, page)


class JiraFailed(Exception):
    """Stands for the ServerError that a request ends in."""


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
    versions: dict[str, int]
    order: list[str]
    replaced: list[str]


def pull(server: Server, *, page_size: int = 10, in_flight: int = 4, seed: int = 0, window: int | None = None,
         strategy: ProofStrategy | None = None) -> Pulled:  # fmt: skip
    """Run a strategy to its end: up to `in_flight` asks open, answered in any order."""
    strategy = strategy or ProofStrategy(Query(), page_size=page_size, window=window or 2 * in_flight, updates=True)
    dice, asks = Random(seed), list[Ask]()
    versions: dict[str, int] = {}
    order, replaced = list[str](), list[str]()
    for _ in range(3_000):
        while (rows := strategy.take()) is not None:
            for raw in rows.issues:
                _, issue_id, _, updated = re.split(rb'[:,"}]+', bytes(raw))[1:5]
                name = issue_id.decode()
                assert (name in versions) == (rows.place == "replace"), "twice, or replaced what never came"
                (replaced if name in versions else order).append(name)
                versions[name] = int(updated)
        if strategy.finished:
            return Pulled(strategy.outcome(), versions, order, replaced)
        while len(asks) < in_flight and (ask := strategy.next()) is not None:
            asks.append(ask)
        assert asks, "stalled"
        _answer(strategy, server, asks.pop(dice.randrange(len(asks))))
    raise AssertionError("it does not end")


def _answer(strategy: ProofStrategy, server: Server, ask: Ask) -> None:
    from asyncjira.errors import NotFound, ServerError

    if "searchLimits" in ask.request.path:
        strategy.on_failure(ask, NotFound("no such limit is told", status=404))
        return
    try:
        page = server.answer(ask)
    except JiraFailed:
        strategy.on_failure(ask, ServerError("HTTP 500", status=500))
    except JiraError as error:
        strategy.on_failure(ask, error)
    else:
        strategy.on_answer(ask, page)
