"""What `asyncjira plan` foretells, held against what pulls take."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import BasicAuth, BearerAuth, ConfigError, Jira, Limits, Plan, Refused
from asyncjira.cli import main
from asyncjira.jira.allowance import Allowance
from asyncjira.mock import MockJira
from asyncjira.plan.forecast import Pace, by_ids, by_offsets, by_proof, by_ranges
from asyncjira.plan.overlap import cheapest_overlap, failing

from .conftest import UNLIMITED

Capture = Any
TOKEN, OAUTH = BasicAuth("ann@example.com", "token"), BearerAuth("token")
CLOUD = {"flavor": "cloud"}
PACE = Pace(0.1, 16, 50.0)


async def held_against_reality(
    serve: dict[str, Any], auth: Any, jql: str, wishes: dict[str, Any]
) -> tuple[Plan, int, int | None]:
    """Return the plan, and what the same pull takes: requests, and on Cloud points."""
    async with MockJira(**serve) as mock, Jira(mock.url, auth=auth, limits=UNLIMITED) as jira:
        plan = await jira.plan(jql, **wishes)
        pages = [entry for entry in mock.wire if entry["n"] is not None and entry.get("maxResults") != 0]
        assert len(pages) == 1, "no page of issues beyond the first"
        assert len(mock.wire) <= 4
        spent = mock.points if "flavor" in serve else 0
        async with jira.pull(jql, **wishes) as pull:
            async for _ in pull.pages():
                pass
        assert plan.issues == pull.manifest.issues
        return plan, pull.manifest.requests, mock.points - spent if "flavor" in serve else None


@pytest.mark.parametrize(
    ("serve", "wishes", "strategy"),
    [
        ({"issues": 0}, {}, "proof"),
        ({"issues": 100}, {}, "proof"),
        ({"issues": 997}, {"fields": "id"}, "proof"),
        ({"issues": 1000}, {"proof": "off", "fields": "id"}, "offsets"),
        ({"issues": 999, "max_page": 90}, {"proof": "off", "fields": "id"}, "offsets"),
        ({"issues": 10_400, "result_window": 10_000}, {"page_size": 200, "fields": "id"}, "proof"),
        (CLOUD | {"issues": 0}, {}, "ids"),
        (CLOUD | {"issues": 100}, {}, "ids"),
        (CLOUD | {"issues": 5001}, {"fields": "id,comment"}, "ids"),
        (CLOUD | {"issues": 1200}, {"proof": "off", "verify": "ids"}, "ids"),
    ],
)
async def test_a_forecast_is_exact_where_nothing_changes(
    serve: dict[str, Any], wishes: dict[str, Any], strategy: str
) -> None:
    plan, requests, _ = await held_against_reality(serve, TOKEN, "", wishes)
    assert (plan.strategy, plan.requests) == (strategy, requests)


@pytest.mark.parametrize(
    ("serve", "auth", "jql", "wishes", "strategy", "percent"),
    [
        ({"issues": 900, "max_page": 30}, None, "", {"fields": "id"}, "proof", 5),
        ({"issues": 2500, "result_window": 2000}, None, "", {"fields": "id", "page_size": 50}, "proof", 25),
        (CLOUD | {"issues": 6000}, TOKEN, "", {"fields": "summary"}, "ids", 5),
        (CLOUD | {"issues": 600}, OAUTH, "", {"fields": "id"}, "ranges", 0),
        (CLOUD | {"issues": 6000}, OAUTH, "", {"fields": "id"}, "ranges", 5),
        (CLOUD | {"issues": 600}, OAUTH, "a = 1 ORDER BY key", {"fields": "id"}, "ranges", 0),
    ],
)
async def test_a_forecast_is_near_where_it_depends_on_when_issues_were_created(
    serve: dict[str, Any], auth: Any, jql: str, wishes: dict[str, Any], strategy: str, percent: float
) -> None:
    plan, requests, points = await held_against_reality(serve, auth, jql, wishes)
    assert plan.strategy == strategy
    assert plan.requests == pytest.approx(requests, rel=percent / 100)
    if plan.points is not None:
        assert plan.points == pytest.approx(points, rel=0.01)


@pytest.mark.parametrize(
    ("pages", "requests", "pace", "seconds", "reason"),
    [
        (1, 1, Pace(0.1, 16, 0), 0.1, "latency"),
        (17, 17, Pace(0.1, 16, 0), 0.2, "latency"),
        (18, 18, Pace(0.1, 16, 0), 0.3, "latency"),
        (100, 100, Pace(0.1, 16, 50), 2.0, "--rate 50"),
        (100, 100, Pace(0.1, 16, 50, Allowance(5, 40)), 12.0, "Jira's own limit of 5"),
        (100, 100, Pace(0.1, 16, 50, Allowance(5, 400)), 2.0, "--rate 50"),
    ],
)
def test_the_time_is_bounded_by_latency_or_by_a_rate(
    pages: int, requests: int, pace: Pace, seconds: float, reason: str
) -> None:
    found, why = pace.least(pages, requests)
    assert (round(found, 6), reason in why) == (seconds, True)


@given(
    total=st.integers(0, 300_000),
    page=st.integers(4, 1000),
    concurrency=st.integers(1, 64),
    busy=st.floats(0.001, 1),
    window=st.none() | st.integers(2000, 10_000),
)
def test_every_way_asks_for_all_issues_and_no_way_for_fewer_than_it_takes(
    total: int, page: int, concurrency: int, busy: float, window: int | None
) -> None:
    pace = Pace(0.1, concurrency, 0)
    cloud: dict[str, Any] = {"questions": 2, "pace": pace, "has_quota": True, "why": ""}
    plans = [
        by_offsets(total, page=page, questions=1, pace=pace, window=window, why=""),
        by_proof(total, page=page, overlap=min(3, page // 2), failing=0, window=window, questions=1, pace=pace),
        by_ids(total, batch=page, listings=1, **cloud),
        by_ranges(total, page=max(50, page), busy=busy, in_own_order=False, listings=0, **cloud),
    ]
    for plan in plans:
        assert plan.requests > plan.pages
        assert plan.pages * plan.page_size >= total * 0.99
        assert plan.seconds > 0
    assert plans[2].points == plans[2].requests + 2 * total


def test_a_pull_that_will_fail_is_said_to() -> None:
    plan = by_offsets(20_000, page=100, questions=1, pace=PACE, window=10_000, why="")
    assert "it will fail beyond row 10,000" in " ".join(plan.why)
    quota = by_ids(100_000, batch=100, listings=1, questions=2, pace=PACE, has_quota=True, why="")
    assert "which is 65,000 an hour in tier 1: 4 hours of it" in " ".join(quota.why)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60).map(sorted), st.integers(4, 100))
def test_pages_that_share_enough_rows_always_meet(created: list[int], size: int) -> None:
    overlap = cheapest_overlap(created, size)
    assert 0 <= failing(created, overlap) <= 1
    assert failing(created, max(map(created.count, created)) + 1) == 0


async def test_what_cannot_be_proven_is_foretold_as_counted() -> None:
    async with MockJira(issues=300) as mock, Jira(mock.url, limits=Limits(rate=0)) as jira:
        plan = await jira.plan("project = OPS ORDER BY key")
        assert (plan.strategy, plan.requests) == ("offsets", 5)
        assert "nothing is proven" in plan.why[0]
        with pytest.raises(ConfigError, match="page size"):
            await jira.plan(page_size=1)


async def test_pages_too_small_for_a_proof_are_foretold(mock_jira: Any) -> None:
    async with Jira(mock_jira(issues=9, max_page=1).url) as jira:
        plan = await jira.plan()
    assert "pages of 1 are too small for a proof" in plan.why[0]


async def test_a_plan_ends_as_a_pull_does_where_the_login_is_refused() -> None:
    async with MockJira(issues=300, token="other") as mock, Jira(mock.url, auth=TOKEN) as jira:
        with pytest.raises(Refused, match="HTTP 401"):
            await jira.plan()


def test_the_command_prints_the_plan(capfd: Capture, mock_jira: Any) -> None:
    mock = mock_jira(issues=1000)
    assert main(["plan", "--url", mock.url, "--page-size", "250"]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[:4] == ["issues    1,000", "strategy  proof", "pages     5, of up to 250 issues", "requests  7"]
    assert lines[4].endswith("s or more")
    assert "no credentials" in err
    assert main(["plan", "a = 1", "--url", mock.url, "--json", "--proof", "off"]) == 0
    out, _ = capfd.readouterr()
    assert json.loads(out).items() >= {"strategy": "offsets", "pages": 11, "requests": 12, "points": None}.items()
