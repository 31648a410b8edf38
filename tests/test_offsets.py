"""The offset strategy against a server that is a plain list: any caps, any order of arrival, any lie."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira import ProtocolError
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.plan.offsets import OffsetStrategy
from asyncjira.plan.strategy import Ask


@dataclass
class Server:
    """Answers like an offset search. Every knob may be changed between two answers."""

    ids: list[int]
    cap: int = 1000
    total: Callable[[int], int] = lambda true: true
    before_answer: Callable[["Server", Ask], None] = lambda server, ask: None
    asked: list[tuple[int, int]] = field(default_factory=list)

    def answer(self, ask: Ask) -> SearchPage:
        self.before_answer(self, ask)
        self.asked.append((ask.start, ask.size))
        most = min(ask.size, self.cap)
        ids = [str(number) for number in self.ids[ask.start : ask.start + most]]
        return SearchPage(ask.start, most, self.total(len(self.ids)), [b"{}" for _ in ids], ids)


def pull(strategy: OffsetStrategy, server: Server, concurrency: int = 4, seed: int = 0) -> list[int]:
    """Run a strategy without an event loop: up to `concurrency` asks open, answered in any order."""
    dice, open_asks, starts, delivered = random.Random(seed), [], [], strategy.outcome().issues
    while not strategy.finished:
        while len(open_asks) < concurrency and (ask := strategy.next()):
            open_asks.append(ask)
        while rows := strategy.take():
            starts.append(rows.start_at)
            delivered += len(rows.issues)
        if strategy.finished:
            break
        if not open_asks and not (ask := strategy.next()):
            raise AssertionError("stalled")
        if not open_asks:
            open_asks.append(ask)
        ask = open_asks.pop(dice.randrange(len(open_asks)))
        strategy.on_sent(ask)
        strategy.on_answer(ask, server.answer(ask))
        assert len(server.asked) < 20 * (len(server.ids) + 10), "it does not end"
    assert starts == sorted(starts)
    assert delivered == strategy.outcome().issues
    return starts


def begin(strategy: OffsetStrategy, server: Server) -> None:
    first = strategy.next()
    assert first is not None
    strategy.on_answer(first, server.answer(first))


def new(page_size: int = 10, window: int = 8) -> OffsetStrategy:
    return OffsetStrategy(Query(), page_size=page_size, window=window)


@settings(max_examples=500)
@given(st.data())
def test_every_issue_comes_once_in_order_whatever_the_caps_and_the_order_of_arrival(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 120))
    caps = data.draw(st.lists(st.integers(1, 15), min_size=1, max_size=30))
    server = Server(list(range(count)))

    def next_cap(server: Server, ask: Ask) -> None:
        server.cap = caps[len(server.asked) % len(caps)]

    server.before_answer = next_cap
    strategy = new(data.draw(st.integers(1, 20)), data.draw(st.integers(1, 10)))
    pull(strategy, server, data.draw(st.integers(1, 8)), data.draw(st.integers(0, 2**16)))
    outcome = strategy.outcome()
    assert (outcome.guarantee, outcome.doubts, outcome.issues) == ("reconciled", (), count)
    assert (outcome.total_first, outcome.total_last, outcome.duplicates_dropped) == (count, count, 0)


def test_a_plain_pull_asks_each_page_once_and_looks_past_a_full_last_page() -> None:
    server = Server(list(range(100)))
    pull(new(), server)
    assert sorted(server.asked) == [(start, 10) for start in range(0, 101, 10)]


def test_a_last_page_that_is_short_needs_no_further_look() -> None:
    server = Server(list(range(95)))
    strategy = new()
    pull(strategy, server)
    assert sorted(server.asked) == [(start, 10) for start in range(0, 91, 10)]
    assert strategy.outcome().refetched_pages == 0


def test_the_stride_is_the_servers_own_page_size() -> None:
    server = Server(list(range(1000)), cap=50)
    pull(new(page_size=100), server)
    assert sorted(server.asked) == [(0, 100), *((start, 50) for start in range(50, 1001, 50))]


def test_a_cap_lowered_in_the_middle_leaves_no_hole() -> None:
    def halve(server: Server, ask: Ask) -> None:
        server.cap = 50 if len(server.asked) < 10 else 25

    server = Server(list(range(1000)), before_answer=halve)
    strategy = new(page_size=100)
    pull(strategy, server)
    assert strategy.outcome().guarantee == "reconciled"
    assert strategy.outcome().issues == 1000
    assert strategy.outcome().refetched_pages <= 5


def test_a_cap_far_below_the_page_leads_to_no_requests_beyond_the_end() -> None:
    server = Server(list(range(50)))
    server.cap = 10
    strategy = new(page_size=500)
    pull(strategy, server)
    assert (strategy.outcome().issues, strategy.outcome().guarantee) == (50, "reconciled")
    assert len(server.asked) <= 6  # five pages, and one that finds the end


@given(st.integers(0, 2**16), st.integers(1, 40))
def test_a_set_that_grows_at_its_end_is_followed(seed: int, more: int) -> None:
    def grow(server: Server, ask: Ask) -> None:
        if len(server.asked) == 3:
            server.ids.extend(range(1000, 1000 + more))

    server = Server(list(range(60)), before_answer=grow)
    strategy = new()
    pull(strategy, server, seed=seed)
    assert strategy.outcome().issues == 60 + more
    assert strategy.outcome().guarantee == "reconciled"


@settings(max_examples=1000)
@given(st.data())
def test_an_issue_that_slips_between_pages_is_never_called_reconciled(data: st.DataObject) -> None:
    """Rows that leave shift others to the left, rows that enter shift them to the right: past a page still to come."""
    enters = data.draw(st.booleans())
    changes = data.draw(st.dictionaries(st.integers(1, 15), st.integers(0, 99), min_size=1, max_size=5))

    def change(server: Server, ask: Ask) -> None:
        place = changes.get(len(server.asked))
        if place is not None and enters:
            server.ids.insert(place, 1000 + len(server.asked))
        elif place is not None:
            del server.ids[min(place, len(server.ids) - 1)]

    server, strategy = Server(list(range(100)), before_answer=change), new()
    seen: set[str] = set()
    original = server.answer

    def remember(ask: Ask) -> SearchPage:
        page = original(ask)
        seen.update(page.ids)
        return page

    server.answer = remember  # type: ignore[method-assign]
    pull(strategy, server, data.draw(st.integers(1, 6)), data.draw(st.integers(0, 2**16)))
    lost = {str(number) for number in server.ids if number < 1000} - seen
    assert not lost or strategy.outcome().guarantee == "none"


def test_an_insertion_that_only_a_late_page_has_seen_is_noticed() -> None:
    server, strategy = Server(list(range(100))), new()
    begin(strategy, server)
    late, *others = iter(strategy.next, None)
    for ask in others:
        strategy.on_answer(ask, server.answer(ask))
    while strategy.take():
        pass
    for ask in iter(strategy.next, None):
        strategy.on_answer(ask, server.answer(ask))
    server.ids.insert(15, 1000)
    strategy.on_answer(late, server.answer(late))
    pull(strategy, server)
    assert strategy.outcome().guarantee == "none"


def test_rows_that_are_added_after_the_end_was_seen_are_fetched_when_a_late_page_counts_them() -> None:
    server, strategy = Server(list(range(95))), new(window=20)
    begin(strategy, server)
    late, *others = iter(strategy.next, None)
    for ask in others:
        strategy.on_answer(ask, server.answer(ask))
    server.ids.append(1000)
    strategy.on_answer(late, server.answer(late))
    pull(strategy, server)
    assert (strategy.outcome().guarantee, strategy.outcome().issues) == ("reconciled", 96)


def test_a_page_that_counts_more_than_the_last_one_is_a_doubt() -> None:
    server, strategy = Server(list(range(95))), new()
    server.total = lambda true: true + 5 * (server.asked[-1:] == [(20, 10)])
    pull(strategy, server)
    assert strategy.outcome().doubts[0] == "a page counted 100 issues, the last one 95"


def test_a_total_that_falls_and_rises_again_is_a_doubt() -> None:
    server, strategy = Server(list(range(100))), new(window=20)
    begin(strategy, server)
    for number, ask in enumerate(iter(strategy.next, None)):
        strategy.on_sent(ask)
        if number == 3:
            del server.ids[0]
        if number == 4:
            server.ids.append(1000)
        strategy.on_answer(ask, server.answer(ask))
    pull(strategy, server)
    assert strategy.outcome().guarantee == "none"
    assert any("issues left the result" in doubt for doubt in strategy.outcome().doubts)


def test_a_set_that_shrank_between_two_tries_of_a_page_is_noticed() -> None:
    server, strategy = Server(list(range(100))), new()
    begin(strategy, server)
    retried, other, *rest = iter(strategy.next, None)
    strategy.on_sent(retried)
    server.ids.append(1000)
    strategy.on_answer(other, server.answer(other))
    strategy.on_sent(retried)
    del server.ids[-1]
    for ask in (retried, *rest):
        strategy.on_answer(ask, server.answer(ask))
    pull(strategy, server)
    assert strategy.outcome().guarantee == "none"


def test_a_cap_far_below_what_was_asked_does_not_break_the_window() -> None:
    server, strategy = Server(list(range(10_000)), cap=10), new(page_size=5000, window=8)
    begin(strategy, server)
    assert len(list(iter(strategy.next, None))) == 7


@pytest.mark.parametrize(
    ("lie", "doubt"),
    [
        pytest.param(lambda true: true + 5, "105 issues, 100 different", id="a little too big"),
        pytest.param(lambda true: 10**15, "1000000000000000 issues", id="absurdly big"),
        pytest.param(lambda true: 30, "Jira counts 30 issues, 100 different", id="too small"),
        pytest.param(lambda true: 0, "Jira counts 0 issues, 100 different", id="nothing"),
    ],
)
def test_a_lying_total_costs_no_issue_and_is_told(lie: Callable[[int], int], doubt: str) -> None:
    server, strategy = Server(list(range(100)), total=lie), new()
    pull(strategy, server)
    outcome = strategy.outcome()
    assert outcome.issues == 100
    assert outcome.guarantee == "none"
    assert doubt in outcome.doubts[0]
    assert len(server.asked) < 60


def test_a_server_that_repeats_its_first_page_is_refused() -> None:
    server = Server(list(range(100)))
    server.answer = lambda ask: SearchPage(ask.start, 10, 100, [b"{}"] * 10, [str(n) for n in range(10)])  # type: ignore[method-assign]
    strategy = new()
    with pytest.raises(ProtocolError, match="ignores startAt"):
        pull(strategy, server)
    assert strategy.outcome().guarantee == "none"


def test_a_page_that_is_empty_by_mischance_is_asked_again() -> None:
    strategy, server = new(), Server(list(range(100)))
    emptied: list[int] = []

    def answer(ask: Ask) -> SearchPage:
        if ask.start == 50 and not emptied:
            emptied.append(50)
            return SearchPage(50, 10, 100, [], [])
        return Server.answer(server, ask)

    server.answer = answer  # type: ignore[method-assign]
    pull(strategy, server)
    assert strategy.outcome().guarantee == "reconciled"
    assert strategy.outcome().refetched_pages == 1


def test_rows_that_the_server_empties_past_a_window_are_missed_aloud() -> None:
    server = Server(list(range(100)))
    server.answer = lambda ask: Server.answer(server, ask) if ask.start < 50 else SearchPage(ask.start, 10, 100, [], [])  # type: ignore[method-assign]
    strategy = new()
    pull(strategy, server)
    assert strategy.outcome().doubts[0] == "Jira counts 100 issues, 50 different ones came"


@pytest.mark.parametrize(("most", "rows"), [(0, 0), (-1, 0), (5, 6)])
def test_a_page_of_an_impossible_size_is_refused(most: int, rows: int) -> None:
    strategy = new()
    ask = strategy.next()
    assert ask is not None
    with pytest.raises(ProtocolError):
        strategy.on_answer(ask, SearchPage(0, most, 10, [b"{}"] * rows, [str(n) for n in range(rows)]))


def test_no_more_than_the_window_is_asked_or_waiting() -> None:
    server, strategy = Server(list(range(10_000))), new(window=8)
    first = strategy.next()
    assert first is not None
    assert strategy.next() is None, "the first page tells the stride"
    strategy.on_answer(first, server.answer(first))
    asks = []
    while ask := strategy.next():
        asks.append(ask)
    assert len(asks) == 7, "the first page still waits to be taken"
    for ask in reversed(asks):
        strategy.on_answer(ask, server.answer(ask))
        assert strategy.next() is None
    assert [rows.start_at for rows in iter(strategy.take, None)] == list(range(0, 80, 10))
    assert strategy.next() is not None


def test_an_unfinished_pull_says_so() -> None:
    assert new().outcome().doubts == ("it was stopped before its end",)
