"""Disjoint ranges of `created`, cut by what Jira estimates, and each pulled by a chain of its own."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from asyncjira.errors import ProtocolError
from asyncjira.plan.strategy import Ask

from .cloud_model import START, Cloud, Faults, Pulled, answer, bounds, cloud, pull, strategy

BEGIN = START // 1000 - 10_000_000  # the second that the model counts from
Range = tuple[int | None, int | None]


def pull_ranges(jira: Cloud, *, page_size: int = 10, **options: Any) -> Pulled:
    return pull(jira, way="ranges", page_size=page_size, **options)


def asked(jira: Cloud, kind: str) -> list[Range]:
    """Return between which seconds was searched or counted, in the order of the seconds; each once."""
    found = {
        (within.created_from, within.created_before)
        for name, body in jira.asked
        if name == kind and (within := bounds(body["jql"])).updated_since is None
    }
    return sorted((_second(low), _second(high)) for low, high in found)


def _second(moment: int | None) -> int:
    return -1 if moment is None else moment // 1000 - BEGIN


def requests(jira: Cloud, kind: str) -> int:
    return sum(name == kind for name, _ in jira.asked)


def assert_whole(pulled: Pulled, issues: int) -> None:
    assert len(pulled.order) == issues
    assert (pulled.outcome.guarantee, pulled.outcome.doubts, pulled.outcome.total_last) == ("proven", (), issues)
    assert pulled.order == sorted(pulled.order)
    assert not pulled.between


@pytest.mark.parametrize("issues", [0, 1, 4])
def test_an_estimate_that_is_far_too_high_cuts_nothing_where_the_first_page_is_the_last(issues: int) -> None:
    jira = cloud(range(issues), estimate=100, cap=4)
    pulled = pull_ranges(jira, page_size=4, in_flight=2)
    assert len(pulled.order) == issues
    assert requests(jira, "jql") == 2  # the page, and what changed meanwhile


def test_the_ranges_touch_and_begin_where_a_first_page_ends() -> None:
    jira = cloud(range(0, 3_000_000, 10_000), cap=10)
    assert_whole(pull_ranges(jira), 300)
    (_, whole), *ranges = asked(jira, "jql")
    assert whole == -1
    assert ranges[0][0] % 100_000 == 90_000  # the last of ten: the first chain goes on until the count has come
    assert all(high == low for (_, high), (low, _) in pairwise(ranges))
    assert ranges[-1][1] == -1, "the last one is open: issues are created meanwhile"
    assert len(ranges) > 5


def test_they_cost_few_requests_more_than_their_pages() -> None:
    jira = cloud(range(0, 9_000_000, 9_000), cap=10)
    assert_whole(pull_ranges(jira), 1000)
    assert requests(jira, "jql") <= 1.4 * 100
    assert requests(jira, "approximate-count") <= 40


@pytest.mark.parametrize("issues", [7, 60])
def test_few_issues_are_one_chain(issues: int) -> None:
    jira = cloud(range(issues), cap=10)
    assert_whole(pull_ranges(jira), issues)
    assert asked(jira, "jql") == [(-1, -1)]
    assert requests(jira, "approximate-count") <= 1


def test_some_more_are_cut_into_equal_times_without_another_count() -> None:
    jira = cloud(range(0, 9_000_000, 90_000), cap=10)
    assert_whole(pull_ranges(jira), 100)
    assert requests(jira, "approximate-count") == 1
    assert len(asked(jira, "jql")) == 5


def clustered() -> list[int]:
    """Issues most of which were created in one hour of four months."""
    return [*range(0, 200_000, 20_000), *range(5_000_000, 5_003_600, 12), *range(9_000_000, 9_900_000, 90_000)]


def test_a_range_that_holds_too_many_is_cut_again_and_small_ones_are_joined() -> None:
    jira = cloud(clustered(), cap=10)
    assert_whole(pull_ranges(jira), 320)
    ranges = asked(jira, "jql")[1:]
    inside = [low for low, _ in ranges if 5_000_000 <= low < 5_003_600]
    assert len(inside) > 5
    assert len(ranges) < len(asked(jira, "approximate-count")), "empty ones cost no chain"


@pytest.mark.parametrize("second", [0, 5_000_000])
def test_one_second_that_holds_everything_is_one_chain(second: int) -> None:
    jira = cloud([second] * 300, cap=10)
    assert_whole(pull_ranges(jira), 300)
    assert len(jira.asked) <= 30 + 2 * 16 * 6, "sixteen at a time, six times: that is how a second is found"


@pytest.mark.parametrize("estimate", [0, 0.1, 0.5, 1.9])
def test_an_estimate_that_is_wrong_costs_requests_and_no_issue(estimate: float) -> None:
    jira = cloud(clustered(), cap=10, estimate=estimate)
    assert_whole(pull_ranges(jira), 320)
    assert len(jira.asked) <= 4 * 32 + 50


def test_an_estimate_of_far_too_many_ends_and_is_wondered_at() -> None:
    jira = cloud(clustered(), cap=10, estimate=50)
    pulled = pull_ranges(jira)
    assert (len(pulled.order), pulled.outcome.guarantee) == (320, "none")
    assert "320 of about 16000 issues came" in pulled.outcome.doubts[0]
    assert len(jira.asked) <= 3 * 16000 / 30


@pytest.mark.parametrize("share", [0.3, 1])
def test_counts_that_fail_cost_no_issue(share: float) -> None:
    jira = cloud(clustered(), cap=10, faults=Faults(miscounting=share, seed=3))
    assert len(pull_ranges(jira).order) == 320


@pytest.mark.parametrize("tells_time", [True, False])
def test_where_answers_have_no_date_the_server_is_asked_for_its_time(tells_time: bool) -> None:
    jira = cloud(range(0, 9_000_000, 90_000), cap=10, tells_time=tells_time)
    assert_whole(pull_ranges(jira), 100)
    assert requests(jira, "serverInfo") == (not tells_time)
    assert len(asked(jira, "jql")) == 5


def test_a_server_that_does_not_tell_its_time_is_pulled_in_one_chain() -> None:
    jira = cloud(range(0, 9_000_000, 90_000), cap=10, tells_time=False, knows_time=False)
    pulled = pull_ranges(jira)
    assert (len(pulled.order), pulled.outcome.guarantee) == (100, "reconciled")
    assert "does not tell its time" in pulled.outcome.notes[0]
    assert asked(jira, "jql") == [(-1, -1)]


def test_issues_without_dates_are_pulled_in_one_chain_and_proven_by_nothing() -> None:
    jira = cloud(range(0, 9_000_000, 90_000), cap=10, tells_dates=False)
    pulled = pull_ranges(jira)
    assert (len(pulled.order), pulled.outcome.guarantee) == (100, "reconciled")
    assert pulled.outcome.notes == ("no proof was possible: Jira does not tell when each issue was created",)
    assert asked(jira, "jql") == [(-1, -1)]


def held_at_most(jira: Cloud, *, concurrency: int) -> int:
    """Answer everything but the first page behind the cut, and return how many issues come and wait for it."""
    plan, stuck, asks = strategy(way="ranges", concurrency=concurrency), None, list[Ask]()
    while True:
        while plan.take() is not None:
            pass
        while len(asks) < concurrency and (ask := plan.next()) is not None:
            asks.append(ask)
        ready = [ask for ask in asks if ask is not stuck]
        if not ready:
            return sum(source.waiting for source in plan._sources)
        ask, body = ready[0], ready[0].request.body or b""
        if stuck is None and "search/jql" in ask.request.path and b"created >=" in body:
            stuck = ask
        else:
            asks.remove(ask)
            answer(plan, jira, ask)


@pytest.mark.parametrize("concurrency", [2, 4, 8])
def test_what_waits_behind_a_slow_range_is_bounded_by_the_requests_in_flight(concurrency: int) -> None:
    jira = cloud(range(0, 9_000_000, 3_000), cap=10)
    assert 0 < held_at_most(jira, concurrency=concurrency) <= (3 * concurrency + 4) * 10


@pytest.mark.parametrize("seed", range(20))
def test_both_ways_deliver_the_same_where_nothing_changes(seed: int) -> None:
    dice = Random(seed)
    seconds = [dice.randrange(9_000_000) for _ in range(dice.randrange(400))]
    seconds += [dice.choice(seconds) for _ in range(dice.randrange(100))] if seconds else []
    pulls = [pull(cloud(seconds, cap=dice.randrange(4, 20)), way=way, seed=seed) for way in ("ids", "ranges")]
    assert pulls[0].order == pulls[1].order
    for pulled in pulls:
        assert_whole(pulled, len(seconds))


class Stubborn(Cloud):
    def _count(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"count": 5_000}


def test_counts_that_stay_the_same_for_every_part_are_not_asked_for_without_end() -> None:
    jira = cloud([number * 1000 for number in range(300)])
    stubborn = Stubborn(**{name: getattr(jira, name) for name in jira.__dataclass_fields__})
    pulled = pull_ranges(stubborn)
    assert len(pulled.order) == 300
    assert requests(stubborn, "count") <= 100 + 2 * 30 + 2
    assert len(stubborn.asked) < 500


def test_a_jira_that_ignores_bounds_is_refused_at_the_first_page_beyond_them() -> None:
    jira = cloud([number * 1000 for number in range(300)])
    honest = jira.answer

    def ignorant(ask: Ask) -> Any:
        body = re.sub(rb" AND created [<>]=? [0-9]+", b"", ask.request.body or b"")
        return honest(replace(ask, request=replace(ask.request, body=body)))

    jira.answer = ignorant  # type: ignore[method-assign]
    with pytest.raises(ProtocolError, match="ignores the bounds"):
        pull_ranges(jira)
    assert len(jira.asked) < 100
