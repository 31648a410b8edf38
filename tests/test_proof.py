"""The proof, against a model that changes while it is read: never wrong while it claims success."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from math import ceil
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncjira.errors import JiraError, ProtocolError
from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.mock.changes import CHANGES
from asyncjira.plan.strategy import Ask

from .model import START, Pulled, Server, pull, server

Edit = Callable[[SearchPage], SearchPage]


def assert_true(pulled: Pulled, server: Server) -> None:
    """What claims to be proven holds what matched throughout, each once, no phantom, and nothing stale but by name."""
    truth, outcome = server.model.truth(), pulled.outcome
    assert len(pulled.order) == len(set(pulled.order)) == outcome.issues
    assert set(pulled.versions) <= truth.ever
    assert len(outcome.stale_ids) == len(set(outcome.stale_ids))
    assert (outcome.guarantee == "proven") == (not outcome.doubts)
    if outcome.guarantee == "proven":
        assert truth.throughout <= set(pulled.versions)
        assert truth.fresh is not None
        stale = {name for name, updated in truth.fresh.items() if pulled.versions.get(name, -1) < updated}
        assert stale <= set(outcome.stale_ids) <= set(pulled.versions)
        assert outcome.fresh == (not outcome.stale_ids)
        assert not outcome.uncovered
        assert not outcome.missing_ids


changing = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0, 0.05, 0.1, 0.5, 1, 2]),
        "kinds": st.sets(st.sampled_from(sorted(CHANGES)), min_size=1).map(sorted),
        "shuffle_ties": st.booleans(),
        "lag": st.sampled_from([0, 0, 1, 5]),
        "seed": st.integers(0, 2**16),
    }
)

pulling = st.fixed_dictionaries(
    {
        "page_size": st.integers(4, 25),
        "in_flight": st.integers(1, 9),
        "window": st.sampled_from([None, None, 1, 2, 5]),
        "updates": st.booleans(),
        "seed": st.integers(0, 2**16),
    }
)


def seconds(draw: Any) -> list[int]:
    """Seconds of creation, in groups that share one: of up to so many issues."""
    most = draw(st.sampled_from([1, 1, 3, 6, 12]))
    groups = draw(st.lists(st.integers(1, most), max_size=150 // most))
    return [second for second, size in enumerate(groups) for _ in range(size)]


def clock_of(draw: Any) -> Any:
    """A server's clock: milliseconds, or so slow that minutes pass between requests."""
    return count(START, draw(st.sampled_from([0, 7, 1000, 90_000]))).__next__


def living(draw: Any, **more: Any) -> Server:
    """A server whose issues may change."""
    changes = draw(changing)
    if changes["rate"]:
        changes["clock"] = clock_of(draw)
    return server(seconds(draw), **changes, **more)


def thorough(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@thorough(2000)
@given(st.data())
def test_a_pull_that_claims_to_be_proven_is(data: st.DataObject) -> None:
    jira = living(
        data.draw,
        cap=data.draw(st.sampled_from([1000, 1000, 7])),
        window=data.draw(st.sampled_from([None, None, 20, 50])),
        tells=data.draw(st.booleans()),
    )
    assert_true(pull(jira, **data.draw(pulling)), jira)


def rows(page: SearchPage, places: list[int]) -> SearchPage:
    """Return the page with only these of its rows, in this order."""
    dates = page.dates and Dates(
        *([each[place] for place in places] for each in (page.dates.created, page.dates.updated))
    )
    issues, ids = [page.issues[place] for place in places], [page.ids[place] for place in places]
    return replace(page, issues=issues, ids=ids, dates=dates)


def shortened(by: int) -> Edit:
    """Leave out rows at the end, as where issues are large; one always stays."""
    return lambda page: rows(page, [*range(min(len(page.issues), max(1, len(page.issues) - by)))])


def shuffled(seed: int) -> Edit:
    return lambda page: rows(page, Random(seed).sample(range(len(page.issues)), len(page.issues)))


def capped(most: int) -> Edit:
    return lambda page: replace(rows(page, [*range(min(most, len(page.issues)))]), max_results=most)


once = st.one_of(
    st.integers(0, 200).map(lambda total: lambda page: replace(page, total=total)),
    st.just(lambda page: rows(page, [])),
    st.integers(1, 25).map(shortened),
    st.integers(0, 99).map(shuffled),
    st.integers(1, 7).map(capped),
    st.just(lambda page: replace(page, dates=None)),
    st.just(lambda page: replace(page, served_at=None)),
)
always = st.one_of(
    st.integers(0, 200).map(lambda total: lambda page: replace(page, total=total)),
    st.integers(-5, 5).map(lambda by: lambda page: replace(page, total=max(0, page.total + by))),
    st.integers(1, 25).map(shortened),
    st.integers(0, 99).map(shuffled),
    st.integers(1, 7).map(capped),
    st.just(lambda page: replace(page, dates=None)),
)


def from_the_nth(edit: Edit, nth: int, *, stays: bool) -> Callable[[Ask, SearchPage], SearchPage]:
    numbers = count(1)

    def at(_: Ask, page: SearchPage) -> SearchPage:
        number = next(numbers)
        return edit(page) if number == nth or (stays and number > nth) else page

    return at


@thorough(1500)
@given(st.data())
def test_pages_that_lie_are_not_believed(data: st.DataObject) -> None:
    """Of any number that is false, of rows that are missing or out of order: one page, or all from some page on."""
    stays = data.draw(st.booleans())
    edit = from_the_nth(data.draw(always if stays else once), data.draw(st.integers(1, 12)), stays=stays)
    jira = living(data.draw, edit=edit)
    with suppress(ProtocolError):  # rows that move may look like a server that ignores where to begin
        assert_true(pull(jira, **data.draw(pulling)), jira)


@thorough(1000)
@given(st.data())
def test_pages_that_fail_are_named_where_nothing_else_brings_their_issues(data: st.DataObject) -> None:
    jira, dice = living(data.draw, cap=data.draw(st.sampled_from([1000, 7]))), Random(data.draw(st.integers(0, 99)))
    ids = [record.id for record in jira.model.view]
    sick = frozenset(data.draw(st.lists(st.sampled_from(ids), max_size=4))) if ids else frozenset()
    share = data.draw(st.sampled_from([0, 0.02, 0.1, 0.3]))
    jira.fails = lambda _: dice.random() < share
    jira.poison, jira.deep = data.draw(st.sampled_from([(sick, frozenset()), (frozenset(), sick)]))
    with suppress(JiraError):  # where page after page fails, the pull does
        pulled = pull(jira, **data.draw(pulling))
        assert_true(pulled, jira)
        assert sick.isdisjoint(pulled.versions)
        for name in sick & jira.model.truth().throughout:
            assert name in pulled.outcome.missing_ids or pulled.outcome.uncovered


@thorough(100)
@given(st.data())
def test_a_result_window_that_leaves_rows_out_in_silence_is_found(data: st.DataObject) -> None:
    jira = server(
        range(data.draw(st.integers(990, 1600))),
        empties=True,
        window=1000,
        **data.draw(changing.filter(lambda changes: changes["rate"] <= 0.5)),
    )
    options = data.draw(pulling) | {"page_size": data.draw(st.integers(100, 450))}
    assert_true(pull(jira, **options), jira)


@thorough(300)
@given(st.data())
def test_a_window_or_a_page_of_almost_no_rows_ends(data: st.DataObject) -> None:
    window, cap = data.draw(
        st.sampled_from([(window, 1000) for window in range(16)] + [(None, cap) for cap in range(1, 6)])
    )
    jira = living(data.draw, window=window, cap=cap, tells=data.draw(st.booleans()))
    with suppress(JiraError):
        assert_true(pull(jira, **data.draw(pulling)), jira)


def claims(seeds: int, **options: Any) -> tuple[int, list[int]]:
    """Return how many pulls of 1,600 issues were proven, and the requests of each."""
    proven, requests = 0, []
    for seed in range(seeds):
        jira = server(range(1600), seed=seed, **options)
        pulled = pull(jira, page_size=50, in_flight=8, seed=seed)
        assert_true(pulled, jira)
        proven += pulled.outcome.guarantee == "proven"
        requests.append(len(jira.asked))
    return proven, requests


def test_nearly_all_pulls_are_proven_while_half_a_change_happens_at_each_request() -> None:
    proven, _ = claims(40, rate=0.5, shuffle_ties=True)
    assert proven >= 38


@pytest.mark.parametrize("total", [0, 1, 49, 50, 97, 1600, 5000])
def test_a_pull_of_what_stays_as_it_is_costs_few_requests_more(total: int) -> None:
    jira = server(range(total))
    pulled = pull(jira, page_size=100, in_flight=8)
    assert_true(pulled, jira)
    assert (pulled.outcome.guarantee, pulled.outcome.refetched_pages) == ("proven", 0)
    assert len(jira.asked) <= 1.05 * ceil(total / 100) + 3
