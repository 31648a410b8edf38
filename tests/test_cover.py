"""A whole query: cut where a search looks no further, proven where a second fits a page, named where it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from asyncjira.errors import BadQuery, ProtocolError, ResultWindow, ServerError
from asyncjira.jira.dates import iso
from asyncjira.jira.jql import Part
from asyncjira.jira.search import Query
from asyncjira.plan.cover import Cover
from asyncjira.plan.errand import Budget, Server, Unprovable

from . import model
from .model import START, Pulled, pull, server


def moment(second: int) -> str:
    """A second of `server`, as the manifest names it."""
    return iso(START // 1000 - 10_000_000 + second)


def proven(jira: model.Server, **options: Any) -> Pulled:
    pulled = pull(jira, **options)
    assert pulled.outcome.guarantee == "proven", pulled.outcome
    assert set(pulled.order) == jira.model.truth().throughout
    return pulled


def parts(jira: model.Server) -> Counter[str]:
    """How often each condition was asked."""
    return Counter(jql.partition(" ORDER BY")[0] for jql, _, _ in jira.asked)


def test_a_second_that_a_larger_page_holds_is_proven() -> None:
    jira = server([*range(40), *[40] * 25, *range(41, 80)])
    assert proven(jira).outcome.refetched_pages > 0
    assert max(size for _, _, size in jira.asked) == 40


def test_a_second_that_no_page_holds_is_named() -> None:
    pulled = pull(server([*range(40), *[40] * 25, *range(41, 80)], cap=20))
    assert pulled.outcome.uncovered == ((moment(40), moment(40)),)
    assert pulled.outcome.doubts[0].startswith(f"whether issues are missing that were created from {moment(40)}")
    assert len(pulled.order) == 104


@pytest.mark.parametrize("second", [0, 79])
def test_a_large_second_at_an_end_of_the_line_is_proven_all_the_same(second: int) -> None:
    assert len(proven(server(sorted([*range(80), *[second] * 5]))).order) == 85


def test_an_empty_result_takes_two_requests() -> None:
    jira = server([])
    proven(jira)
    assert len(jira.asked) == 2


@pytest.mark.parametrize("count", [1, 3, 9, 10, 11])
def test_few_issues_are_proven(count: int) -> None:
    assert len(proven(server(range(count))).order) == count


@pytest.mark.parametrize(("empties", "tells"), [(False, False), (False, True), (True, False)])
def test_what_lies_beyond_the_result_window_is_asked_for_in_parts(empties: bool, tells: bool) -> None:
    jira = server(range(3000), window=1200, empties=empties, tells=tells)
    assert len(proven(jira, page_size=200).order) == 3000
    assert sum("created >=" in part for part in parts(jira)) >= 2


def test_a_window_that_is_told_is_never_asked_beyond() -> None:
    jira = server(range(10_500), window=4000, tells=True)
    refused = []
    jira.fails = lambda ask: refused.append(ask) or False if ask.start + ask.size > 4000 else False  # type: ignore[func-returns-value]
    assert len(proven(jira, page_size=1000, in_flight=1).order) == 10_500
    assert refused == []


def test_one_second_that_is_longer_than_the_window_is_named() -> None:
    pulled = pull(server([*range(30), *[30] * 60, *range(31, 60)], window=40))
    assert pulled.outcome.uncovered
    low, high = pulled.outcome.uncovered[0]
    assert low <= moment(30) <= high
    assert pulled.outcome.guarantee == "none"


def test_pages_that_are_suddenly_much_smaller_do_not_use_up_the_requests() -> None:
    jira = server(range(2000))
    jira.edit = lambda _, page: page if page.start_at == 0 else model_capped(page)

    def model_capped(page: Any) -> Any:
        jira.cap = 8
        return page

    proven(jira, page_size=100)


def test_a_window_of_nothing_ends_in_words() -> None:
    pulled = pull(server(range(50), window=0))
    assert pulled.outcome.doubts[0].startswith("Jira's pages can hold no more than 1 issues, and a proof takes 4")


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_pages_of_too_few_issues_end_in_words(cap: int) -> None:
    pulled = pull(server(range(50), cap=cap))
    assert pulled.outcome.doubts[0].startswith(f"Jira's pages can hold no more than {cap} issues")
    assert pulled.outcome.uncovered[-1][1] == "∞"


def test_one_page_of_too_few_issues_is_lived_with() -> None:
    numbers = iter(range(99))
    jira = server(range(50))
    jira.edit = lambda _, page: page if next(numbers) != 3 else replace(
        page, max_results=1, issues=page.issues[:1], ids=page.ids[:1], dates=replace(
            page.dates, created=page.dates.created[:1], updated=page.dates.updated[:1]))  # type: ignore[union-attr]  # fmt: skip
    proven(jira)


def test_a_server_that_ignores_where_to_begin_is_found_out() -> None:
    jira = server(range(200))
    first = jira.model.search(size=10)
    jira.edit = lambda _, page: replace(page, ids=[record.id for record in first.records])
    with pytest.raises(ProtocolError, match="ignores startAt"):
        pull(jira)


def test_a_server_that_counts_too_many_is_believed_where_its_last_rows_were_seen_twice() -> None:
    jira = server(range(95))
    jira.edit = lambda _, page: replace(page, total=97)
    (note,) = proven(jira).outcome.notes
    assert note == "Jira's counts do not fit its pages: 97 at first, and 95 came"


def test_a_server_that_cuts_its_pages_is_not_believed_to_count_too_many() -> None:
    """Each page lacks its last rows, also the last one."""
    jira = server(range(95))
    jira.edit = lambda _, page: replace(
        page, issues=page.issues[:-2], ids=page.ids[:-2], dates=replace(
            page.dates, created=page.dates.created[:-2], updated=page.dates.updated[:-2]))  # type: ignore[union-attr]  # fmt: skip
    pulled = pull(jira)
    assert pulled.outcome.guarantee == "none"
    assert pulled.outcome.uncovered == ((moment(92), "∞"),)


def test_short_pages_with_a_count_that_is_too_small_are_no_end() -> None:
    """The count of another node, say, and issues so large that a page holds seven in place of ten."""
    jira = server(range(95))
    jira.edit = lambda _, page: replace(
        page, total=5, issues=page.issues[:7], ids=page.ids[:7], dates=replace(
            page.dates, created=page.dates.created[:7], updated=page.dates.updated[:7]))  # type: ignore[union-attr]  # fmt: skip
    assert len(pull(jira).order) == 95


def test_where_no_page_is_sorted_nothing_is_proven() -> None:
    jira = server(range(95))
    jira.edit = lambda _, page: replace(page, dates=replace(page.dates, created=[*reversed(page.dates.created)]))  # type: ignore[union-attr, type-var]  # fmt: skip
    pulled = pull(jira)
    (doubt,) = pulled.outcome.doubts
    assert doubt.startswith("Jira does not sort by `created` as it was asked to")
    assert pulled.outcome.uncovered == (("-∞", "∞"),)


@pytest.mark.parametrize("lacks", [{"dates": None}, {"served_at": None}])
def test_a_server_that_tells_no_times_is_an_obstacle(lacks: dict[str, None]) -> None:
    jira, plan = server(range(95)), model.strategy()
    jira.edit = lambda _, page: replace(page, **lacks)  # type: ignore[arg-type]
    while not plan.finished:
        ask = plan.next()
        assert ask is not None
        model.answer(plan, jira, ask)
    assert (plan.finished, plan.next(), plan.take()) == (True, None, None)
    assert plan.obstacle


def test_times_that_are_missing_only_later_are_no_obstacle_but_a_doubt() -> None:
    """What was delivered cannot be taken back."""
    jira, plan = server(range(95)), model.strategy()
    for lacks in ({}, {"dates": None}):
        jira.edit = lambda _, page, lacks=lacks: replace(page, **lacks)  # type: ignore[misc]
        ask = plan.next()
        assert ask is not None
        model.answer(plan, jira, ask)
        plan.take()
    assert (plan.finished, plan.obstacle) == (True, "")
    assert plan.outcome().uncovered == ((moment(9), "∞"),)


def test_a_catch_up_that_is_refused_proves_nothing() -> None:
    jira, plan = server(range(5)), model.strategy()
    first = plan.next()
    assert first is not None
    model.answer(plan, jira, first)
    late = plan.next()
    assert late is not None
    plan.on_failure(late, BadQuery("HTTP 400: no such field", status=400))
    plan.take()
    assert (plan.finished, plan.outcome().guarantee) == (True, "none")
    assert plan.outcome().doubts[0].startswith("what changed meanwhile cannot be asked for: HTTP 400")


def test_a_first_query_that_is_refused_is_an_error() -> None:
    plan = model.strategy()
    first = plan.next()
    assert first is not None
    with pytest.raises(BadQuery):
        plan.on_failure(first, BadQuery("HTTP 400", status=400))


def test_a_server_that_answers_nothing_is_left_after_some_requests() -> None:
    jira = server(range(200))
    jira.fails = lambda _: len(jira.asked) > 5
    with pytest.raises(ServerError):
        pull(jira)
    assert len(jira.asked) < 20


def test_without_room_only_the_page_that_is_missing_is_asked_for() -> None:
    cover = Cover(Query(), Part(), Server(10), window=1)
    first = cover.next()
    assert first is not None
    assert (first.start, cover.next(), cover.load) == (0, None, 1)
    first.taken(server(range(100)).answer(first))
    assert [row[2] for row in cover.take()] == [str(10_000 + number) for number in range(9)]
    further = cover.next()
    assert further is not None
    assert (further.start, cover.next()) == (7, None)


def test_what_remains_of_the_line_is_told_at_any_time() -> None:
    cover = Cover(Query(), Part(), Server(10), window=4)
    assert cover.rest == [(-inf, inf)]
    first = cover.next()
    assert first is not None
    first.taken(server(range(3)).answer(first))
    while cover.take():
        pass
    assert (cover.finished, cover.rest, cover.total) == (True, [], 3)


def test_a_budget_is_spent_when_three_times_the_pages_were_asked_for() -> None:
    jira = Server(10, overlap=2)
    budget = Budget(jira)
    budget.spent = 10**6
    assert not budget.is_spent, "nobody knows yet how many there are"
    budget.expected, budget.spent = 80, 3 * 11 + 50
    assert budget.is_spent
    jira.shrink(6)
    assert not budget.is_spent, "smaller pages are more of them"


@pytest.mark.parametrize(
    ("limit", "asked", "window"), [(100, 120, 100), (None, 120, 119), (500, 120, 119), (0, 120, 119)]
)
def test_a_refusal_tells_how_far_a_search_looks(limit: int | None, asked: int, window: int) -> None:
    jira = Server(20)
    jira.learn_window(limit, asked=asked)
    assert (jira.window, jira.room_behind(90), jira.page) == (window, window - 90, 20)
    jira.learn_window(30, asked=asked)
    assert (jira.window, jira.page) == (30, 15)


def test_a_set_that_grows_faster_than_it_is_read_is_given_up() -> None:
    jira = server(range(60), rate=30, kinds=["create"])
    most = 3 * (60 // (10 - 5) + 1) + 50  # three times the pages that the first one lets expect, and 50

    def fails(_: object) -> bool:
        assert sum("updated" not in jql for jql, _, _ in jira.asked) <= most, "it does not end"
        return False

    jira.fails = fails
    pulled = pull(jira)
    assert pulled.outcome.guarantee == "none"
    assert pulled.outcome.uncovered[-1][1] == "∞"


def test_a_result_window_that_refuses_everything_raises_when_it_is_too_often() -> None:
    jira = Server(100)
    with pytest.raises(Unprovable, match="no more than"):
        for _ in range(9):
            jira.learn_window(None, asked=min(jira.page, jira.window or jira.page))
    assert ResultWindow("x", status=500).limit is None
