"""Any list that is paged by offset, against servers that are plain lists: any shape, any cap, any order of arrival."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira import NotFound, ProtocolError
from asyncjira.jira.list_page import PAGINGS, ListPage
from asyncjira.jira.resource import Resource
from asyncjira.plan.listing import ListStrategy
from asyncjira.plan.strategy import Ask, Outcome

COUNTS, FLAG, BOTH, BARE = "counts", "flag", "both", "bare"
SHAPES = st.sampled_from([COUNTS, FLAG, BOTH, BARE])


@dataclass
class Server:
    """Answers as Jira answers for a list, in one of its shapes. Every knob may be changed between two answers.

    What is `hidden` is left out after a page was cut; `nameless` items have no id.
    """

    items: list[int]
    shape: str = COUNTS
    cap: int = 1000
    hidden: Callable[[int], bool] = lambda item: False
    nameless: bool = False
    is_paged: bool = True
    before_answer: Callable[["Server", Ask], None] = lambda server, ask: None
    asked: list[tuple[int, int]] = field(default_factory=list)

    def answer(self, ask: Ask) -> ListPage:
        self.before_answer(self, ask)
        self.asked.append((ask.start, ask.size))
        most = min(ask.size, self.cap)
        start, end = (ask.start, ask.start + most) if self.is_paged else (0, len(self.items))
        shown = [item for item in self.items[start:end] if not self.hidden(item)]
        names = [None if self.nameless else str(item) for item in shown]
        found = [b'{"n":%d}' % item for item in shown]
        if self.shape == BARE:
            return ListPage(found, names)
        return ListPage(
            found,
            names,
            "values",
            start_at=start,
            max_results=most if self.is_paged else len(found),
            total=None if self.shape == FLAG else len(self.items),
            is_last=end >= len(self.items) if self.shape in (FLAG, BOTH) else None,
            paging=PAGINGS[0],
        )


def new(page_size: int = 10, window: int = 8) -> ListStrategy:
    return ListStrategy(Resource("/rest/api/2/things"), page_size=page_size, window=window)


def pull(strategy: ListStrategy, server: Server, concurrency: int = 4, seed: int = 0) -> tuple[list[bytes], Outcome]:
    """Run a strategy without an event loop: up to `concurrency` asks open, answered in any order."""
    dice, open_asks, delivered, begin = random.Random(seed), list[Ask](), list[bytes](), strategy.outcome().issues
    while True:
        while rows := strategy.take():
            assert rows.start_at == begin + len(delivered)
            delivered += rows.issues
        if strategy.finished:
            return delivered, strategy.outcome()
        while len(open_asks) < concurrency and (ask := strategy.next()):
            assert ask.size > 0
            strategy.on_sent(ask)
            open_asks.append(ask)
        assert open_asks, "stalled"
        ask = open_asks.pop(dice.randrange(len(open_asks)))
        strategy.on_answer(ask, server.answer(ask))
        assert len(server.asked) < 20 * (len(server.items) + 10), "it does not end"


def rows(items: list[int]) -> list[bytes]:
    return [b'{"n":%d}' % item for item in items]


@settings(max_examples=500)
@given(st.data())
def test_every_item_comes_once_in_order_whatever_the_shape_the_caps_and_the_order_of_arrival(
    data: st.DataObject,
) -> None:
    caps = data.draw(st.lists(st.integers(1, 15), min_size=1, max_size=30))

    def next_cap(server: Server, ask: Ask) -> None:
        server.cap = caps[len(server.asked) % len(caps)]

    items = list(range(data.draw(st.integers(0, 120))))
    shape, nameless = data.draw(SHAPES), data.draw(st.booleans())
    server = Server(items, shape, nameless=nameless, before_answer=next_cap)
    strategy = new(data.draw(st.integers(1, 20)), data.draw(st.integers(1, 10)))
    came, outcome = pull(strategy, server, data.draw(st.integers(1, 8)), data.draw(st.integers(0, 2**16)))
    assert came == rows(items)
    assert (outcome.doubts, outcome.issues, outcome.duplicates_dropped) == ((), len(items), 0)
    is_counted = shape in (COUNTS, BOTH)
    assert (outcome.guarantee, outcome.total_last) == (("reconciled", len(items)) if is_counted else ("none", None))
    assert bool(outcome.condition) is not is_counted


@settings(max_examples=300)
@given(st.data())
def test_what_is_hidden_from_this_user_ends_no_list_and_tears_no_hole(data: st.DataObject) -> None:
    """As the user searches of Cloud: pages are cut first, and then who may not be seen is left out of them."""
    hidden = data.draw(st.sets(st.integers(0, 79), max_size=60))
    size = data.draw(st.integers(1, 12))
    server = Server(list(range(80)), data.draw(SHAPES), hidden=hidden.__contains__, nameless=data.draw(st.booleans()))
    visible = [item for item in range(80) if item not in hidden]
    came, outcome = pull(new(size), server, data.draw(st.integers(1, 6)), data.draw(st.integers(0, 2**16)))
    if server.shape in (COUNTS, BOTH) and hidden:
        assert outcome.guarantee == "none"
        assert any("Jira counts 80 items" in doubt for doubt in outcome.doubts)
    if server.shape == FLAG:
        assert came == rows(visible)
    if server.shape == BARE:  # nothing but a page that is empty as a whole can end it
        assert came == rows(visible)[: len(came)]
        missed = visible[len(came) :]
        assert not missed or any(
            all(item in hidden for item in range(start, start + size)) for start in range(0, missed[0], 1)
        )


@settings(max_examples=500)
@given(st.data())
def test_an_item_that_slips_between_pages_is_never_called_reconciled(data: st.DataObject) -> None:
    enters, shape = data.draw(st.booleans()), data.draw(SHAPES)
    changes = data.draw(st.dictionaries(st.integers(1, 15), st.integers(0, 99), min_size=1, max_size=5))

    def change(server: Server, ask: Ask) -> None:
        place = changes.get(len(server.asked))
        if place is not None and enters:
            server.items.insert(place, 1000 + len(server.asked))
        elif place is not None:
            del server.items[min(place, len(server.items) - 1)]

    server = Server(list(range(100)), shape, before_answer=change, nameless=data.draw(st.booleans()))
    came, outcome = pull(new(), server, data.draw(st.integers(1, 6)), data.draw(st.integers(0, 2**16)))
    lost = set(rows([item for item in server.items if item < 1000])) - set(came)
    assert not lost or outcome.guarantee == "none"
    assert outcome.guarantee == "none" or len(set(came)) == len(came)


@pytest.mark.parametrize("shape", [COUNTS, BARE])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 9, 10, 11, 35])
@pytest.mark.parametrize("nameless", [True, False])
def test_a_list_that_is_not_paged_comes_once(shape: str, count: int, nameless: bool) -> None:
    server = Server(list(range(count)), shape, is_paged=False, nameless=nameless)
    came, outcome = pull(new(), server)
    assert (came, outcome.doubts) == (rows(server.items), ())
    assert outcome.condition == (None if shape == COUNTS else "Jira does not page this list: it came in one answer")
    assert len(server.asked) <= 5


def test_pages_are_asked_on_suspicion_no_more_than_were_full() -> None:
    server = Server(list(range(1000)), BARE)
    strategy = new()
    waves = []
    while not strategy.finished:
        while strategy.take():
            pass
        wave = list(iter(strategy.next, None))
        waves.append(len(wave))
        for ask in wave:
            strategy.on_answer(ask, server.answer(ask))
    assert waves[:5] == [1, 1, 2, 4, 8]
    assert max(waves) <= 8
    assert len(server.asked) <= 2 * 100


@pytest.mark.parametrize("nameless", [True, False])
def test_an_answer_of_none_but_the_same_items_ends_in_an_error(nameless: bool) -> None:
    def ignore(server: Server, ask: Ask) -> None:
        random.shuffle(server.items)

    server = Server(list(range(10)), BARE, is_paged=False, before_answer=ignore, nameless=nameless)
    with pytest.raises(ProtocolError, match="ignores the offset"):
        pull(new(), server)


def test_a_server_that_ignores_the_offset_of_a_list_that_it_counts_is_found_out() -> None:
    server = Server(list(range(10)), COUNTS, is_paged=False)

    def answer(ask: Ask) -> ListPage:
        page = Server.answer(server, ask)
        return ListPage(page.issues, page.ids, "values", start_at=0, max_results=10, total=500)

    server.answer = answer  # type: ignore[method-assign]
    with pytest.raises(ProtocolError, match=r"got those from 0 on.*ignores the offset"):
        pull(new(), server)


@pytest.mark.parametrize("start", [0, None])
def test_a_first_page_that_comes_again_and_speaks_of_pages_is_not_taken_for_all(start: int | None) -> None:
    server = Server(list(range(10)), COUNTS, is_paged=False)

    def answer(ask: Ask) -> ListPage:
        begin = ask.start if start is None else start
        return replace(Server.answer(server, ask), total=None, start_at=begin, max_results=10)

    server.answer = answer  # type: ignore[method-assign]
    with pytest.raises(ProtocolError, match="ignores the offset"):
        pull(new(), server)


def test_a_list_of_which_more_is_said_to_follow_for_ever_ends_in_an_error() -> None:
    server = Server([], FLAG)
    server.answer = lambda ask: ListPage([], [], "values", is_last=False)  # type: ignore[method-assign]
    with pytest.raises(ProtocolError, match="has no end"):
        pull(new(), server)


def test_other_words_for_the_offset_are_learned_from_the_first_answer() -> None:
    server, asks = Server(list(range(120)), FLAG, cap=50), []

    def answer(ask: Ask) -> ListPage:
        asks.append(dict(ask.request.params))
        heeded = "limit" in ask.request.params
        page = Server.answer(server, ask if heeded else Ask(ask.request, 0, 7))
        return replace(page, paging=PAGINGS[1])

    server.answer = answer  # type: ignore[method-assign]
    came, _ = pull(new(50), server)
    assert came == rows(server.items)
    assert asks[:2] == [{"startAt": ["0"], "maxResults": ["50"]}, {"start": ["0"], "limit": ["50"]}]


def test_items_without_ids_that_are_alike_are_delivered_and_told() -> None:
    server = Server([1, 2, 2, 3], COUNTS, nameless=True)
    came, outcome = pull(new(), server)
    assert (came, outcome.guarantee) == (rows([1, 2, 2, 3]), "none")
    assert "nobody can tell" in (outcome.condition or "")


def test_a_path_that_is_not_there_is_told_as_such() -> None:
    with pytest.raises(NotFound, match=r"HTTP 404: no such list: check PATH.*says: gone"):
        error = NotFound("HTTP 404: there is no Jira API", status=404)
        error.said = "gone"
        new().on_failure(Ask(Resource("/rest/x").page(0, 1, paging=PAGINGS[0], key="auto"), 0, 1), error)


@settings(max_examples=200)
@given(st.data())
def test_a_page_that_is_empty_by_mischance_ends_nothing_where_others_behind_it_are_not(data: st.DataObject) -> None:
    server, shape = Server(list(range(95)), data.draw(SHAPES)), data.draw(st.sampled_from([COUNTS, BARE]))
    server.shape, struck = shape, data.draw(st.integers(2, 8))
    original = server.answer

    def answer(ask: Ask) -> ListPage:
        page = original(ask)
        return replace(page, issues=[], ids=[]) if len(server.asked) == struck else page

    server.answer = answer  # type: ignore[method-assign]
    came, outcome = pull(new(), server, data.draw(st.integers(1, 6)), data.draw(st.integers(0, 2**16)))
    assert came == rows(list(range(95))) or (shape == BARE and came == rows(list(range(len(came)))))
    if shape == COUNTS:
        assert outcome.guarantee == "reconciled"


def answered(strategy: ListStrategy, server: Server) -> list[Ask]:
    """Let the first page come, and return what is asked next."""
    first = strategy.next()
    assert first is not None
    strategy.on_answer(first, server.answer(first))
    while strategy.take():
        pass
    return list(iter(strategy.next, None))


def finish(strategy: ListStrategy, server: Server) -> Outcome:
    return pull(strategy, server)[1]


@pytest.mark.parametrize("comes_first", [True, False])
def test_rows_behind_an_empty_page_show_that_it_was_not_the_end(comes_first: bool) -> None:
    server, strategy = Server(list(range(45)), BARE), new()
    (second,) = answered(strategy, server)
    strategy.on_answer(second, server.answer(second))
    assert strategy.take()
    third, fourth = iter(strategy.next, None)
    empty = (third, ListPage([], []))
    full = (fourth, server.answer(fourth))
    for ask, page in (empty, full) if comes_first else (full, empty):
        strategy.on_answer(ask, page)
    came, outcome = pull(strategy, server)
    assert came == rows(list(range(20, 45)))
    assert outcome.notes == ()


def test_a_cap_that_is_not_told_is_learned() -> None:
    server = Server(list(range(200)), BARE, cap=5)
    assert finish(new(20), server).issues == 200
    assert len(server.asked) < 60
    assert {size for _, size in server.asked[8:]} == {5}


def test_a_list_that_grows_behind_a_full_last_page_is_followed() -> None:
    server, strategy = Server(list(range(30)), FLAG), new()
    (second,) = answered(strategy, server)
    strategy.on_answer(second, server.answer(second))
    assert strategy.take()
    third, fourth = iter(strategy.next, None)
    strategy.on_answer(third, server.answer(third))
    server.items.extend(range(30, 45))
    strategy.on_answer(fourth, server.answer(fourth))
    came, _ = pull(strategy, server)
    assert came == rows(list(range(20, 45)))


def test_a_removal_that_a_later_insertion_makes_up_for_is_noticed() -> None:
    server, strategy = Server(list(range(40))), new()
    second, *others = answered(strategy, server)
    strategy.on_sent(second)
    del server.items[0]
    strategy.on_answer(second, server.answer(second))
    server.items.append(1000)
    for ask in others:
        strategy.on_sent(ask)
        strategy.on_answer(ask, server.answer(ask))
    outcome = finish(strategy, server)
    assert "items left the list" in "; ".join(outcome.doubts)


def test_a_page_that_calls_itself_the_last_is_not_where_others_have_come_from_behind_it() -> None:
    server, strategy = Server(list(range(45)), FLAG), new()
    (second,) = answered(strategy, server)
    strategy.on_answer(second, server.answer(second))
    assert strategy.take()
    third, fourth = iter(strategy.next, None)
    strategy.on_answer(fourth, server.answer(fourth))
    strategy.on_answer(third, replace(server.answer(third), is_last=True))
    came, outcome = pull(strategy, server)
    assert (came, outcome.doubts) == (rows(list(range(20, 45))), ())
