"""How pulls go, as far as it is known, and in words: plain values, and a clock by hand."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from asyncjira import (
    Answered,
    Delivered,
    Jira,
    Limits,
    Manifest,
    PageFetched,
    PullFinished,
    Resumed,
    Retried,
    Throttled,
)
from asyncjira.cli.figures import Figures, count, details, state, together
from asyncjira.cli.screen import Frame
from asyncjira.cli.standing import Standing
from asyncjira.cli.talk import Talk
from asyncjira.events import Purpose

MANIFEST = Manifest(
    version="", url="", jql="", api="offset", fields=(), expand=(), started_at="", finished_at="", complete=True,
    guarantee="proven", issues=1000, duplicates_dropped=0, refetched_pages=0, requests=0, retries=0,
    throttled_seconds=0.0, total_first=1000, total_last=1000,
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def answered(purpose: Purpose = "page", *, in_flight: int = 4) -> Answered:
    return Answered("search", purpose, 200, 1_000_000, 0.0, 0.1, in_flight)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def standing(clock: Clock) -> Standing:
    return Standing(clock=clock)


def test_before_the_first_page_nothing_is_claimed(standing: Standing) -> None:
    standing.hear(answered("question"))
    found = standing.figures()
    assert (found.phase, found.issues, found.total, found.rate, found.eta_seconds) == ("begins", 0, None, None, None)
    assert state(found) == "waiting for the first page"


def test_a_page_that_waits_for_others_is_not_delivered(standing: Standing) -> None:
    standing.hear(answered())
    standing.hear(PageFetched(100, 100, 1000))
    assert standing.figures().issues == 0
    standing.hear(Delivered(97))  # rows that pages share are counted once
    assert count(standing.figures()) == "   97 of 1,000"


def test_the_rate_is_that_of_the_last_seconds_and_the_rest_takes_its_time(standing: Standing, clock: Clock) -> None:
    standing.hear(answered())
    standing.hear(PageFetched(0, 100, 10_000))
    standing.hear(Delivered(100))
    assert standing.figures().eta_seconds is None  # a single page is nothing to tell from
    for second in range(1, 21):
        clock.now += 1
        standing.hear(Delivered(300 * second if second < 10 else 3000 + 100 * (second - 10)))
    found = standing.figures()
    assert (found.rate, found.eta_seconds) == (100, (10_000 - 4000) / 100)
    assert state(found) == "100/s, 1 min 00 s left"


def test_without_deliveries_the_rate_falls_to_nothing_and_no_time_is_named(standing: Standing, clock: Clock) -> None:
    standing.hear(answered())
    standing.hear(PageFetched(0, 100, 1000))
    standing.hear(Delivered(100))
    clock.now += 1
    standing.hear(Delivered(200))
    rates = []
    for _ in range(12):
        clock.now += 1
        rates.append(standing.figures().rate or 0)
    assert rates == sorted(rates, reverse=True)
    assert (rates[-1], standing.figures().eta_seconds) == (0, None)


def test_notes_of_deliveries_do_not_grow_with_the_pull(standing: Standing, clock: Clock) -> None:
    for issues in range(100_000):
        clock.now += 0.001
        standing.hear(Delivered(issues))
    assert len(standing._noted) < 200
    assert standing.figures().rate == pytest.approx(1000, rel=0.02)


def test_a_pause_is_counted_down_with_its_reason_and_the_longest_counts(standing: Standing, clock: Clock) -> None:
    standing.hear(answered(in_flight=3))
    standing.hear(Throttled("search", "HTTP 429, Retry-After 30 s", 30.0))
    standing.hear(Throttled("search", "HTTP 429, Retry-After 5 s", 5.0))
    clock.now += 18
    found = standing.figures()
    assert state(found) == "paused 12 s: HTTP 429, Retry-After 30 s"
    assert (found.in_flight, found.retries, found.eta_seconds) == (2, 2, None)
    clock.now += 12.1
    assert "paused" not in state(standing.figures())


def test_a_retry_is_told_with_its_reason_and_no_pause(standing: Standing) -> None:
    standing.hear(answered(in_flight=3))
    standing.hear(Retried("search", "HTTP 503", 2.0))
    assert details(standing.figures()) == "1.0 MB of JSON, 2 in flight, 1 retry (last: HTTP 503)"
    assert "paused" not in state(standing.figures())


def test_the_catch_up_and_the_last_checks_are_called_so(standing: Standing) -> None:
    standing.hear(answered())
    standing.hear(PageFetched(0, 100, 1000))
    standing.hear(Delivered(1000))
    assert state(standing.figures()) == "last checks"
    standing.hear(answered("catch-up"))
    assert state(standing.figures()) == "catching up with what changed"
    standing.hear(PullFinished(MANIFEST))
    assert (state(standing.figures()), standing.figures().in_flight) == ("complete", 0)


def test_what_is_not_whole_ends_as_incomplete(standing: Standing) -> None:
    standing.hear(PullFinished(replace(MANIFEST, complete=False)))
    assert state(standing.figures()) == "incomplete"


def test_an_estimate_is_marked_and_gives_way_to_what_came(standing: Standing) -> None:
    standing.hear(answered())
    standing.hear(PageFetched(0, 100, 900, is_estimate=True))
    standing.hear(Delivered(100))
    assert count(standing.figures()) == " 100 of ~900"
    standing.hear(Delivered(1000))
    assert count(standing.figures()) == " 1,000 of ~1,000"
    assert state(standing.figures()) != "last checks"  # more may be listed


def test_a_resumed_pull_begins_behind_what_is_there_and_is_not_faster_for_it(standing: Standing, clock: Clock) -> None:
    standing.hear(Resumed("a.part", 5000))
    standing.hear(PageFetched(0, 100, 6000))
    standing.hear(Delivered(5100))
    clock.now += 1
    standing.hear(Delivered(5200))
    found = standing.figures()
    assert (found.issues, found.rate, found.share) == (5200, 100, 5200 / 6000)


EVENTS = st.one_of(
    st.builds(Delivered, st.integers(0, 10**6)),
    st.builds(PageFetched, st.integers(0, 10**6), st.integers(0, 5000), st.integers(0, 10**6), st.booleans()),
    st.builds(answered, st.sampled_from(["page", "gap", "catch-up", "question"]), in_flight=st.integers(1, 64)),
    st.builds(Retried, st.text(), st.text(), st.floats(0, 300)),
    st.builds(Throttled, st.text(), st.text(), st.floats(0, 300)),
    st.builds(Resumed, st.text(), st.integers(0, 10**6)),
    st.just(PullFinished(MANIFEST)),
)
HEARD = st.lists(st.tuples(st.floats(0, 20), EVENTS), max_size=30)


def drawn(pulls: list[tuple[str, Figures]], width: int, height: int = 24, **settings: Any) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, height=height, color_system=None, _environ={}, **settings)
    console.print(Frame(pulls), end="")
    return file.getvalue().splitlines()


@given(HEARD)
def test_no_share_is_above_all_and_no_time_comes_from_nothing(heard: list[tuple[float, Any]]) -> None:
    clock = Clock()
    standing = Standing(clock=clock)
    for seconds, event in heard:
        clock.now += seconds
        standing.hear(event)
        found = standing.figures()
        assert found.share is None or 0 <= found.share <= 1
        assert found.in_flight >= 0
        if found.eta_seconds is not None:
            assert found.rate
            assert found.eta_seconds >= 0
            assert found.total is not None


@given(st.lists(HEARD, min_size=1, max_size=4), st.integers(20, 200), st.integers(1, 30))
def test_whatever_is_heard_fits_on_any_terminal(pulls: list[Any], width: int, height: int) -> None:
    clock, shown = Clock(), []
    for number, heard in enumerate(pulls):
        standing = Standing(clock=clock)
        for _, event in heard:
            standing.hear(event)
        shown.append((f"site {number}", standing.figures()))
    for picture in (drawn(shown, width, height), drawn([("", shown[0][1])], width, height)):
        assert all(cell_len(line) <= width - 2 for line in picture)
    assert len(drawn(shown, width, height)) <= max(3, height - 1)


def test_words_of_a_server_are_shown_as_they_are(standing: Standing) -> None:
    standing.hear(answered())
    standing.hear(Retried("search", "[bold]x[/] \x1b[31m:smile:", 1.0))
    assert "(last: [bold]x[/] \\x1b[31m:smile:)" in drawn([("", standing.figures())], 120)[1]


def running(issues: int, total: int, **more: Any) -> Figures:
    return Figures(phase="pulls", issues=issues, total=total, rate=100.0, eta_seconds=(total - issues) / 100, **more)


def test_several_pulls_have_a_row_each_and_one_summary() -> None:
    pulls = [
        ("ops", running(3200, 10_000, bytes=10**7, in_flight=9)),
        ("sales", Figures(phase="complete", issues=5000, total=5000, bytes=10**7)),
        (
            "hr",
            running(400, 1234, is_estimate=True, paused_seconds=12.0, pause="HTTP 429, Retry-After 30 s", retries=1),
        ),
    ]
    ops, sales, hr, summary = drawn(pulls, 110)
    assert ops.startswith("ops    ━")
    assert ops.endswith("3,200 of 10,000  100/s, 1 min 08 s left")
    assert sales.endswith("5,000 of 5,000  complete")
    assert hr.endswith("400 of ~1,234  paused 12 s: HTTP 429, Retry-After 30 s")
    assert summary == (
        "3 pulls: 8,600 of ~16,234 issues, 200/s, 1 min 08 s left, 20.0 MB of JSON, 9 in flight, 1 retry"
    )


def test_of_pulls_together_nothing_is_known_that_one_does_not_know() -> None:
    found = together([running(1, 100), Figures()])
    assert (found.total, found.eta_seconds, found.rate, found.phase) == (None, None, 100.0, "pulls")
    done = Figures(phase="complete", issues=7)
    assert (together([done, done]).phase, together([done, done]).total) == ("complete", 14)
    assert together([done, replace(done, phase="incomplete")]).phase == "incomplete"
    assert together([]) == Figures(total=0)


def test_a_short_terminal_keeps_the_pulls_that_go_on_and_the_summary() -> None:
    pulls = [(f"s{number}", Figures(phase="complete", issues=1, total=1)) for number in range(9)]
    *rows, more, summary = drawn([*pulls, ("last", running(1, 2))], 80, 6)
    assert rows[0].startswith("last")
    assert (len(rows), more, summary.startswith("10 pulls:")) == (3, "and 7 more", True)


def test_a_narrow_terminal_does_without_the_bar() -> None:
    wide, narrow = (drawn([("", running(3200, 10_000))], width)[0] for width in (80, 40))
    assert "━" in wide
    assert narrow == " 3,200 of 10,000 issues  100/s, 1 mi…"


def test_a_machine_hears_every_event_with_how_the_pull_stands(clock: Clock, capsys: Any) -> None:
    talk = Talk("json", -1, clock=clock)
    ops = talk.row("ops")
    for event in (answered(in_flight=2), PageFetched(0, 100, 1000), Delivered(97)):
        ops(event)
    clock.now += 1
    ops(Delivered(197))
    ops(Throttled("search", "HTTP 429\udce4", 30.0))
    page, throttled = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert page == {
        "event": "PageFetched", "pull": "ops", "issues_so_far": 0, "start_at": 0, "issues": 100, "total": 1000,
        "is_estimate": False, "rate": None, "eta_seconds": None, "bytes": 1_000_000, "in_flight": 2, "retries": 0,
        "paused_seconds": 0.0,
    }  # fmt: skip
    assert throttled == {
        "event": "Throttled", "pull": "ops", "issues_so_far": 197, "label": "search", "reason": "HTTP 429\\udce4",
        "seconds": 30.0, "total": 1000, "is_estimate": False, "rate": 100.0, "eta_seconds": None, "bytes": 1_000_000,
        "in_flight": 1, "retries": 1, "paused_seconds": 30.0,
    }  # fmt: skip


def test_the_only_pull_has_no_name(capsys: Any) -> None:
    talk = Talk("json", 0)
    talk.hear(Resumed(b"\xff.part".decode(errors="surrogateescape"), 3))
    talk.warn("not among the JSON")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["issues_so_far"] == 3
    assert "pull" not in json.loads(line)


async def test_requests_that_wait_for_their_turn_are_not_in_flight(mock_jira: Any) -> None:
    heard: list[Any] = []
    limits = Limits(concurrency=16, rate=40)
    async with Jira(mock_jira(issues=900, latency=0).url, api="offset", limits=limits, on_event=heard.append) as jira:
        async with jira.pull(page_size=100) as pull:
            async for _ in pull.pages():
                pass
    times = [
        (each.sent_at, each.sent_at + each.seconds, each.in_flight) for each in heard if isinstance(each, Answered)
    ]
    assert len(times) > 9
    for _, end, in_flight in times:
        assert in_flight == sum(sent <= end <= ended for sent, ended, _ in times)


@pytest.mark.parametrize("flavor", ["dc", "cloud"])
async def test_listeners_hear_what_was_delivered_and_when_it_catches_up(
    mock_jira: Any, tmp_path: Path, flavor: str
) -> None:
    heard: list[Any] = []
    mock = mock_jira(issues=500, latency=0, flavor=flavor)
    async with Jira(mock.url, limits=Limits(rate=0), on_event=heard.append) as jira:
        await jira.pull_to(tmp_path / "a")
    delivered = [event.issues for event in heard if isinstance(event, Delivered)]
    assert delivered == sorted(delivered)
    assert delivered[-1] == 500
    assert {event.purpose for event in heard if isinstance(event, Answered)} == {"page", "catch-up", "question"}
    estimates = [event.is_estimate for event in heard if isinstance(event, PageFetched)]
    assert estimates[-1] is False
