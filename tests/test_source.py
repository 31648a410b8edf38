"""How far ahead is listed and asked, and from when on changes are asked for: what bounds memory, and the margin."""

from __future__ import annotations

from typing import Any

import orjson

from asyncjira.jira.dates import Dates
from asyncjira.jira.jql import Part
from asyncjira.jira.search import Query
from asyncjira.jira.token_search import TokenPage
from asyncjira.plan.errand import Errand
from asyncjira.plan.source import ById, ByPage
from asyncjira.plan.strategy import Ask
from asyncjira.plan.tenant import Tenant

from .cloud_model import strategy


def tenant() -> Tenant:
    return Tenant(Query(api_version="3"), 100, 100, 4, dated=True)


def page(first: int, size: int, **more: Any) -> TokenPage:
    dates = Dates([*range(first, first + size)], [0] * size)
    ids = [str(number) for number in range(first, first + size)]
    return TokenPage([b"{}"] * size, ids, f"t{first}", dates=dates, **more)


def is_listing(errand: Ask) -> bool:
    return errand.request.path.endswith("/search/jql")


def test_ids_that_nobody_fetches_are_not_listed_without_end() -> None:
    source, listed = ById(tenant(), Part()), 0
    while (errand := source.next()) is not None:
        if is_listing(errand):
            errand.taken(page(listed, 5000))
            listed += 5000
    assert 10_000 <= listed <= 10_000 + 5000 + 8 * 100  # and what the batches under way have taken


def test_pages_that_nobody_takes_are_not_asked_for_without_end() -> None:
    source, asked = ByPage(tenant(), Part()), 0
    while (errand := source.next()) is not None:
        errand.taken(page(asked * 100, 100))
        asked += 1
    assert asked == 4
    assert len(source.take()) == 100
    assert source.next() is not None


def test_changes_are_asked_for_from_ten_minutes_before_the_first_answer_can_have_been_made() -> None:
    plan = strategy(slowest=30.0)
    first = plan.next()
    assert isinstance(first, Errand)
    plan.on_answer(first, TokenPage([], [], served_at=1_000_000_000.0))
    asks = [ask for ask in iter(plan.next, None) if is_listing(ask)]
    (catch_up,) = asks
    since = (1_000_000_000 - 30 - 601) // 60 * 60 * 1000
    assert f"updated >= {since}" in orjson.loads(catch_up.request.body or b"")["jql"]
