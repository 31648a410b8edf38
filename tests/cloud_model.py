"""A changing Jira Cloud and a pull of it without sockets: any number in flight, answers in any order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from itertools import count
from random import Random
from typing import Any

import orjson

from asyncjira.errors import BadQuery, JiraError, ServerError
from asyncjira.jira.dates import milliseconds
from asyncjira.jira.exchange import Answer
from asyncjira.jira.search import Query, with_dates
from asyncjira.mock.issues import LivingIssues
from asyncjira.mock.living import Living
from asyncjira.mock.query import Bounds
from asyncjira.mock.record import Record, of_seconds
from asyncjira.mock.tokens import START as FIRST
from asyncjira.mock.tokens import Position
from asyncjira.plan.cloud import CloudStrategy
from asyncjira.plan.strategy import Ask, Outcome, Rows

from .model import _BOUND, START, drive

_EMPTIES = 3  # pages in a row that a pull puts up with


@dataclass(kw_only=True)
class Faults:
    """What goes wrong: shares of what is asked for, drawn anew each time, and ids with which it always does."""

    seed: int = 0
    expired: float = 0  # of requests with a token: it is refused
    empty: float = 0  # of pages: another token of the same place in place of issues, not too often in a row
    twice: float = 0  # of pages: the last issue of the page before stands there again
    short: float = 0  # of pages: about half as long as they might be
    unsorted: float = 0  # of pages: their issues in no order
    omitted: float = 0  # of the issues of a batch: left out without a word
    erring: float = 0  # of the issues of a batch: an error in place of each
    failing: float = 0  # of batches, and of pages with more than ids
    miscounting: float = 0  # of counts: they fail
    looping: int = 0  # the token of so many pages ago comes again
    hidden: frozenset[str] = frozenset()  # never in a batch
    broken: frozenset[str] = frozenset()  # an error in their place in every batch
    poison: frozenset[str] = frozenset()  # whatever holds more than their ids and dates fails


@dataclass
class Cloud:
    """Answers what a Cloud strategy asks, from a model that may change. Its tokens are a correct cursor.

    Pages of ids hold `ids` of them, others `cap` issues, batches `most` at most. `estimate` times the true number is
    what it counts. Queries that hold what is `forbidden` are refused. `tells_dates`: of issues, as asked; `tells_time`:
    its clock, with each answer; `knows_time`: where it is asked for it. `asked` are the paths and bodies; `struck`
    counts what went wrong; `listed` are ids in order, and `stayed` those that have matched ever since.
    """

    model: Living
    ids: int = 30
    cap: int = 7
    most: int = 100
    estimate: float = 1.0
    faults: Faults = field(default_factory=Faults)
    forbidden: str = "\0"
    tells_dates: bool = True
    tells_time: bool = True
    knows_time: bool = True
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    struck: int = 0
    stayed: set[str] = field(default_factory=set)
    listed: list[str] = field(default_factory=list)
    lag: int = 0

    def __post_init__(self) -> None:
        self._issues = LivingIssues(self.model, None, positional=False)  # type: ignore[arg-type]  # shows none
        self._dice = Random(self.faults.seed)
        self._tokens: dict[str, tuple[dict[str, Any], Position, list[Record]]] = {}
        self._given: dict[str, list[str]] = {}
        self._empties = Counter[str]()  # in a row, by query

    def answer(self, ask: Ask) -> Any:
        """Answer a request, and read the answer. Raises what a client would raise after its retries."""
        body = orjson.loads(ask.request.body or b"{}")
        kind = ask.request.path.rpartition("/")[2]
        self.asked.append((kind, body))
        answers = {
            "jql": self._page,
            "bulkfetch": self._batch,
            "approximate-count": self._count,
            "serverInfo": self._info,
        }
        found = orjson.dumps(answers[kind](body))
        return ask.request.read(Answer(200, {"Date": date(self._now)} if self.tells_time else {}, found))

    def _info(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverTime": moment(START)} if self.knows_time else {}

    def _count(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._strikes(self.faults.miscounting):
            raise ServerError("HTTP 500", status=500)
        return {"count": round(self.model.count(bounds(body["jql"])) * self.estimate)}

    @property
    def _now(self) -> int:
        return self.model.read(Bounds(), 0, 0).served_at

    def _strikes(self, share: float) -> bool:
        strikes = bool(share) and self._dice.random() < share
        self.struck += strikes
        return strikes

    def _turn(self, *options: Any) -> None:
        self.model.turn(*options)
        if self.stayed:
            self.stayed.intersection_update(record.id for record in self.model.view)

    def _page(self, body: dict[str, Any]) -> dict[str, Any]:
        rest = dict(body)
        if self.forbidden in body["jql"]:
            raise BadQuery("Jira rejected the query: no such field", status=400)
        token, within = rest.pop("nextPageToken", ""), bounds(body["jql"])
        asked, position, before = self._tokens[token] if token else (rest, FIRST, [])
        assert asked == rest, "the token of another search"
        if token and self._strikes(self.faults.expired):
            raise BadQuery("the token has expired", status=400)
        self._turn(within, frozenset(map(str, body.get("reconcileIssues", ()))))
        is_light = body["fields"] == ["id"]
        size = min(body["maxResults"], self.ids if is_light else self.cap)
        size = (size + 1) // 2 if self._strikes(self.faults.short) else size
        records, end = self._issues.portion(within, position, size)
        if self._empties[body["jql"]] < _EMPTIES and self._strikes(self.faults.empty):
            self._empties[body["jql"]] += 1
            records, end = [], position
        else:
            self._empties[body["jql"]] = 0
            records = before[-1:] * self._strikes(self.faults.twice) + records
        if not is_light:
            self._fail(records)
        if self._strikes(self.faults.unsorted):
            self._dice.shuffle(records)
        self._list(records, body)
        token = self._token(rest, end, records or before)
        page = {"issues": [{"id": record.id} if is_light else self._shown(record) for record in records]}
        page |= {"isLast": not token} if self._dice.random() < 0.5 else {}
        return page | {"nextPageToken": token} if token else page

    def _list(self, records: list[Record], body: dict[str, Any]) -> None:
        """Remember what is listed, and whether it stays; but for what is new while others are looked for."""
        self.listed += [record.id for record in records if record.id not in self.listed]
        if "reconcileIssues" not in body or "updated >=" in body["jql"]:
            self.stayed |= {record.id for record in records} & {record.id for record in self.model.view}

    def _token(self, rest: dict[str, Any], end: Position | None, records: list[Record]) -> str:
        if end is None:
            return ""
        given = self._given.setdefault(rest["jql"], [])
        if self.faults.looping and len(given) >= self.faults.looping:
            return given[-self.faults.looping]
        given.append(f"{len(self._tokens)}!")
        self._tokens[given[-1]] = rest, end, records
        return given[-1]

    def _shown(self, record: Record) -> dict[str, Any]:
        dates = {"created": moment(record.created * 1000), "updated": moment(record.updated)}
        return {"id": record.id, "fields": dates if self.tells_dates else {}}

    def _batch(self, body: dict[str, Any]) -> dict[str, Any]:
        ids = body["issueIdsOrKeys"]
        assert ids
        assert len(ids) == len(set(ids))
        if len(ids) > self.most:
            raise BadQuery(f"at most {self.most}", status=400)
        self._turn()
        found = sorted(filter(None, map(self.model.find, ids)), key=lambda record: int(record.id))
        if body["fields"] != ["created", "updated"]:
            self._fail(found)
        errors, issues = list[dict[str, str]](), list[dict[str, Any]]()
        for record in found:
            if record.id in self.faults.hidden or self._strikes(self.faults.omitted):
                self.struck += record.id in self.faults.hidden
            elif record.id in self.faults.broken or self._strikes(self.faults.erring):
                self.struck += record.id in self.faults.broken
                errors.append({"id": record.id, "errorMessage": "try again"})
            else:
                issues.append(self._shown(record))
        return {"issues": issues, "issueErrors": errors}

    def _fail(self, records: Iterable[Record]) -> None:
        is_poisoned = not self.faults.poison.isdisjoint(record.id for record in records)
        self.struck += is_poisoned
        if is_poisoned or self._strikes(self.faults.failing):
            raise ServerError("HTTP 500", status=500)


def bounds(jql: str) -> Bounds:
    """Return which issues a query of ours matches, and whether it begins with the latest."""
    where, _, order = jql.partition(" ORDER BY ")
    assert re.match(r"\(\w", where), "Cloud takes no query without a condition"
    found = {(name, sign): int(value) for name, sign, value in _BOUND.findall(where)}
    return Bounds(
        found.get(("created", ">=")), found.get(("created", "<")), found.get(("updated", ">=")), "DESC" in order
    )


@lru_cache(10_000)
def moment(time: int) -> str:
    """Return milliseconds since 1970 as Jira writes a time."""
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


@lru_cache(10_000)
def date(time: int) -> str:
    """Return milliseconds since 1970 as HTTP writes a time."""
    return formatdate(time // 1000, usegmt=True)


def cloud(seconds: Iterable[int], *, rate: float = 0.0, seed: int = 0, **more: Any) -> Cloud:
    """Return a Cloud whose issues were created at these seconds; see `model.server`."""
    times = [START // 1000 - 10_000_000 + second for second in seconds]
    options = {name: more.pop(name) for name in ("kinds", "shuffle_ties", "lag") if name in more}
    clock = more.pop("clock", None) or count(START, 7).__next__  # 7 ms a request
    model = Living(of_seconds(times, seed), clock=clock, rate=rate, seed=seed, **options)
    return Cloud(model, lag=options.get("lag", 0), **more)


@dataclass
class Pulled:
    """What a pull delivered: the latest version of each id, by `updated`, and the order of first delivery."""

    outcome: Outcome
    versions: dict[str, int] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    between: list[str] = field(default_factory=list)
    is_sorted: bool = True
    last_created: str = ""

    def take(self, rows: Rows) -> None:
        """Take what a strategy delivers, and check that it comes once."""
        assert rows.issues
        for raw in rows.issues:
            issue = orjson.loads(bytes(raw))
            issue_id, fields = issue["id"], issue["fields"]
            assert (issue_id in self.versions) == (rows.place == "replace"), "twice, or replaced what never came"
            self.versions[issue_id] = milliseconds(fields["updated"]) if fields else 0
            if rows.place != "replace":
                self.order.append(issue_id)
            if rows.place == "between":
                self.between.append(issue_id)
            if rows.place == "next" and fields:
                self.is_sorted &= fields["created"] >= self.last_created
                self.last_created = fields["created"]


def strategy(jql: str = "", *, way: str = "ids", proven: bool = True, **options: Any) -> CloudStrategy:
    """Return one with pages and batches of 10 issues, 4 at a time, and updates; in the order of `jql` if it has one."""
    query = Query(jql, fields=with_dates(("*all",)), api_version="3")
    usual = {"page_size": 10, "concurrency": 4, "updates": True, "in_own_order": "ORDER BY" in jql}
    return CloudStrategy(query, way=way, is_proven=proven, **{**usual, **options})  # type: ignore[arg-type]


def pull(jira: Cloud, *, in_flight: int = 4, seed: int = 0, **options: Any) -> Pulled:
    """Run a strategy to its end: up to `in_flight` asks open, answered in any order."""
    plan = strategy(concurrency=in_flight, **options)
    pulled = Pulled(plan.outcome())
    for ask in drive(plan, pulled.take, in_flight=in_flight, seed=seed):
        assert len(jira.asked) <= bound(jira, options.get("page_size", 10)), "it does not end"
        answer(plan, jira, ask)
    pulled.outcome = plan.outcome()
    return pulled


def bound(jira: Cloud, page_size: int) -> int:
    """Return how many requests a pull may take at most: it lists up to four times, and fetches everything twice.

    In ranges, more for what is counted, by the number that Jira tells. What goes wrong costs what it takes to find
    one issue by halving, or to list once more.
    """
    issues = len(jira.model.truth().ever)
    smallest = min(page_size, jira.cap)
    listings, rows = issues // jira.ids + 1, issues // smallest + 1
    counts = 4 * round(issues * max(1.0, jira.estimate)) // page_size
    return 4 * listings + 4 * rows + counts + jira.struck * (12 + listings + rows) + 30


def answer(plan: CloudStrategy, jira: Cloud, ask: Ask) -> None:
    """Let `jira` answer what `plan` asks."""
    try:
        found = jira.answer(ask)
    except JiraError as error:
        plan.on_failure(ask, error)
    else:
        plan.on_answer(ask, found)
