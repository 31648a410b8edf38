"""When larger pages are tried, and when they are kept to: plain values, then plans that ask a server in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from asyncjira import ConfigError, Jira, ProtocolError, ServerError
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.mock import MockJira
from asyncjira.plan.offsets import OffsetStrategy
from asyncjira.plan.sizing import Sizing, largest_useful, pays
from asyncjira.plan.strategy import Ask

from . import model
from .conftest import UNLIMITED

WINDOW = 32  # pages of 100: those of 16 requests at once


@pytest.mark.parametrize(
    ("total", "window", "rows"),
    [
        (0, 32, 100),
        (1_600, 32, 100),  # each request has one page to do already
        (10_000, 32, 625),
        (100_000, 32, 800),  # of a thousand rows the window would hold only three
        (100_000, 128, 1_000),
        (100_000, 2, 100),
    ],
)
def test_the_largest_page_keeps_all_requests_busy_and_memory_as_it_was(total: int, window: int, rows: int) -> None:
    assert largest_useful(total, usual=100, window=window) == rows


def test_larger_pages_pay_where_each_row_takes_clearly_less_time() -> None:
    assert pays(usual=0.001, large=0.0007)
    assert not pays(usual=0.001, large=0.0009)


class Server:
    """Answers one request at a time, in `seconds(rows)`, with `cap` rows at most; fails at more rows than `endures`."""

    def __init__(self, total: int, seconds: Callable[[int], float], *, cap: int = 1000, endures: int = 1000) -> None:
        self.total, self.seconds, self.cap, self.endures = total, seconds, cap, endures
        self.now, self.sizes = 0.0, list[int]()

    def answer(self, ask: Ask) -> SearchPage:
        self.sizes.append(ask.size)
        rows = range(ask.start, min(ask.start + min(ask.size, self.cap), self.total))
        self.now += self.seconds(len(rows))
        if ask.size > self.endures:
            raise ServerError("too much", status=504)
        ids = [str(row) for row in rows]
        return SearchPage(ask.start, min(ask.size, self.cap), self.total, [b"{}"] * len(ids), ids)


def pull(server: Server) -> list[int]:
    """Pull all of it, and return the distinct sizes that were asked for, in order."""
    sizing = Sizing(100, WINDOW, lambda: server.now)
    plan, issues = OffsetStrategy(Query(), page_size=100, window=WINDOW, sizing=sizing), 0
    while not plan.finished:
        if (ask := plan.next()) is not None:
            plan.on_sent(ask)
            try:
                plan.on_answer(ask, server.answer(ask))
            except ServerError as error:
                plan.on_failure(ask, error)
        while (rows := plan.take()) is not None:
            issues += len(rows.issues)
    assert (issues, plan.outcome().doubts) == (server.total, ())
    return server.sizes


def test_where_an_answer_takes_as_long_for_any_number_of_rows_larger_pages_are_kept_to() -> None:
    sizes = pull(Server(20_000, lambda rows: 0.05))
    assert (sizes[0], set(sizes[1:])) == (100, {800})


@pytest.mark.parametrize("seconds", [lambda rows: rows / 1000, lambda rows: 0.01 + rows**2 / 1e6])
def test_where_larger_pages_gain_nothing_one_is_tried(seconds: Callable[[int], float]) -> None:
    sizes = pull(Server(20_000, seconds))
    assert sizes[:2] == [100, 800]
    assert set(sizes[2:]) == {100}


@pytest.mark.parametrize(("cap", "kept"), [(50, {50}), (100, {100}), (250, {250})])
def test_the_servers_own_limit_counts(cap: int, kept: set[int]) -> None:
    sizes = pull(Server(20_000, lambda rows: 0.05, cap=cap))
    assert set(sizes[20:]) == kept  # behind what was missing from the first page that was cut


def test_a_server_that_fails_at_large_pages_is_asked_for_the_usual_ones() -> None:
    sizes = pull(Server(20_000, lambda rows: 0.05, endures=100))
    assert sizes[:2] == [100, 800]
    assert set(sizes[2:]) == {100}


def test_a_failure_that_has_nothing_to_do_with_the_size_is_raised() -> None:
    plan = OffsetStrategy(Query(), page_size=100, window=WINDOW, sizing=Sizing(100, WINDOW, lambda: 0.0))
    ask = plan.next()
    assert ask is not None
    plan.on_sent(ask)
    with pytest.raises(ProtocolError):
        plan.on_failure(ask, ProtocolError("no"))


@pytest.mark.parametrize("endures", [10, 15, 20])
@pytest.mark.parametrize("seed", range(5))
def test_a_proof_with_larger_pages_proves_as_much(endures: int, seed: int) -> None:
    jira, now = model.server(range(900), cap=endures), 0.0
    plan = model.strategy(sizing=Sizing(10, 8, lambda: now))
    pulled = model.Pulled(plan.outcome())
    for ask in model.drive(plan, pulled.take, in_flight=4, seed=seed):
        plan.on_sent(ask)
        now += 0.05
        model.answer(plan, jira, ask)
    assert plan.outcome().guarantee == "proven"
    assert set(pulled.order) == jira.model.truth().throughout
    assert max(size for _, _, size in jira.asked[20:]) == (20 if endures == 20 else max(10, endures))


@pytest.mark.parametrize("proof", ["on", "off"])
async def test_over_a_socket_larger_pages_take_fewer_requests_for_the_same_issues(proof: Any) -> None:
    # 250 ms, beside which the stalls of a busy machine are small: what is tried is decided by the clock.
    async with MockJira(issues=10_000, latency=0.25) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(fields="created,updated", page_size="auto", proof=proof) as pull:
            found = [issue async for page in pull.pages() for issue in page.issues]
        assert found == list(mock.expected("created,updated"))
    assert pull.manifest.requests < 60, "of some 105"


@pytest.mark.parametrize("size", ["none", 0, 3, 2**31])
async def test_what_is_no_page_size_is_refused(size: Any) -> None:
    async with Jira("http://127.0.0.1:1") as jira:
        with pytest.raises(ConfigError, match="page size must be auto, or between 4 and"):
            jira.pull(page_size=size)
