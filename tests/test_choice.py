"""Which search a Jira has: what tells it first decides, and what was decided stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import (
    JiraError,
    NotFound,
    ProtocolError,
    Refused,
    ServerError,
    TransportError,
)
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.search import Query
from asyncjira.jira.server import is_cloud
from asyncjira.plan.chain import NoTokens
from asyncjira.plan.choice import Choice
from asyncjira.plan.strategy import Ask, Outcome, Rows

GONE, ABSENT, HUNG = NotFound("gone", status=410), NotFound("absent", status=404), TransportError("hung")
REFUSED, BROKEN = Refused("refused", status=401), ServerError("broken", status=500)
OLD = NoTokens("counted, and without a token")


class Fake:
    """Asks for pages, and remembers what it hears of them. `refuses` is what the next answer shows it."""

    def __init__(self, kind: str) -> None:
        self.kind, self.query, self.total, self.finished = kind, Query(), 7, False
        self.refuses: JiraError | None = None
        self.asked: list[Ask] = []
        self.sent: list[Ask] = []
        self.heard: list[Any] = []

    def next(self) -> Ask:
        self.asked.append(Ask(Request("GET", f"/rest/{self.kind}", lambda _: None, self.kind), 0, 100))
        return self.asked[-1]

    def on_sent(self, ask: Ask) -> None:
        self.sent.append(ask)

    def on_answer(self, ask: Ask, answer: Any) -> None:
        assert ask in self.asked
        refuses, self.refuses = self.refuses, None
        if refuses is not None:
            raise refuses
        self.heard.append(answer)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        assert ask in self.asked
        self.heard.append(error)
        raise error

    def take(self) -> Rows | None:
        return Rows(0, [])

    def outcome(self) -> Outcome:
        raise NotImplementedError


class Began:
    """A choice whose question and first page are under way. `made` are the strategies that it has followed."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.choice = Choice(lambda: self._make("offset"), lambda: self._make("cloud"))
        question = self.choice.next()
        assert question is not None
        self.question, self.page = question, self.ask()

    def _make(self, kind: str) -> Fake:
        self.made.append(Fake(kind))
        return self.made[-1]

    def ask(self) -> Ask:
        ask = self.choice.next()
        assert ask is not None
        return ask

    def hear(self, of: Ask, said: Any) -> None:
        """Let an answer, or an error, come."""
        if isinstance(said, JiraError):
            self.choice.on_failure(of, said)
        else:
            self.choice.on_answer(of, said)

    def hear_old_shape(self) -> None:
        """Let the next page of Cloud's search be one of an offset search."""
        ask = self.ask()
        self.made[-1].refuses = OLD
        self.choice.on_answer(ask, "page")

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.made]


def test_the_server_info_is_asked_for_beside_the_first_page_and_once() -> None:
    began = Began()
    assert (began.question.request.path, began.question.request.is_public) == ("/rest/api/2/serverInfo", True)
    assert began.question.size == 0, "no page: nobody is told of one"
    assert [began.page, began.ask(), began.ask()] == began.made[0].asked


@pytest.mark.parametrize(
    ("info", "page", "kinds"),
    [
        (False, "page", ["offset"]),
        (True, "page", ["offset", "cloud"]),
        (False, GONE, ["offset", "cloud"]),
        (True, GONE, ["offset", "cloud"]),
        (True, ABSENT, ["offset", "cloud"]),
        (True, REFUSED, ["offset", "cloud"]),
        *[(error, "page", ["offset"]) for error in (REFUSED, ABSENT, GONE, BROKEN, HUNG)],
        *[(error, GONE, ["offset", "cloud"]) for error in (REFUSED, ABSENT, GONE, BROKEN, HUNG)],
    ],
)
def test_where_the_server_info_comes_first(info: Any, page: Any, kinds: list[str]) -> None:
    began = Began()
    began.hear(began.question, info)
    assert began.choice.is_cloud == (info is True)
    began.hear(began.page, page)
    assert (began.kinds, began.choice.is_cloud) == (kinds, kinds[-1] == "cloud")
    assert began.choice.chosen is began.made[-1]
    assert began.made[0].heard == ([page] if kinds == ["offset"] else []), "none of what it was left for"


@pytest.mark.parametrize("info", [False, True, REFUSED, ABSENT, GONE, BROKEN, HUNG])
@pytest.mark.parametrize(("page", "kinds"), [("page", ["offset"]), (GONE, ["offset", "cloud"])])
def test_where_the_first_page_comes_first_the_server_info_changes_nothing(
    page: Any, kinds: list[str], info: Any
) -> None:
    began = Began()
    began.hear(began.page, page)
    assert began.kinds == kinds
    began.hear(began.question, info)
    assert (began.kinds, began.choice.is_cloud) == (kinds, kinds[-1] == "cloud")


@pytest.mark.parametrize("info", [None, False, REFUSED])
@pytest.mark.parametrize("error", [ABSENT, REFUSED, BROKEN, HUNG, ServerError("late", status=410)])
def test_any_failure_but_a_410_is_the_offset_searchs_own(error: JiraError, info: Any) -> None:
    began = Began()
    if info is not None:
        began.hear(began.question, info)
    with pytest.raises(type(error)) as caught:
        began.hear(began.page, error)
    assert caught.value is error
    assert (began.kinds, began.made[0].heard) == (["offset"], [error])


def test_the_server_info_alone_settles_nothing() -> None:
    began = Began()
    began.hear(began.question, False)
    began.hear(began.page, GONE)
    assert began.choice.is_cloud


def test_after_a_page_nothing_is_changed_any_more() -> None:
    began = Began()
    further = began.ask()
    began.hear(began.page, "page")
    with pytest.raises(NotFound):
        began.hear(further, GONE)
    began.hear(began.question, True)
    assert began.kinds == ["offset"]


def test_what_is_no_page_settles_nothing() -> None:
    began = Began()
    time = Ask(began.page.request, 0, 0)
    began.made[0].next = lambda: began.made[0].asked.append(time) or time  # type: ignore[func-returns-value, method-assign]
    began.hear(began.ask(), "it is noon")
    began.hear(began.question, True)
    assert (began.made[0].heard, began.kinds) == (["it is noon"], ["offset", "cloud"])


@pytest.mark.parametrize("late", ["page", GONE, ABSENT, REFUSED, BROKEN, HUNG])
def test_whoever_was_left_hears_nothing_of_it_and_breaks_nothing(late: Any) -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear(began.ask(), "listed")
    began.hear(began.page, late)
    assert [each.heard for each in began.made] == [[], ["listed"]]
    assert began.kinds == ["offset", "cloud"]


def test_each_hears_of_its_own_requests_going_out_and_nobody_of_the_question() -> None:
    began = Began()
    began.choice.on_sent(began.question)
    began.choice.on_sent(began.page)
    began.hear(began.question, True)
    listing = began.ask()
    for ask in (listing, listing):
        began.choice.on_sent(ask)
    began.choice.on_sent(began.page)
    assert [each.sent for each in began.made] == [[began.page, began.page], [listing, listing]]


def test_what_is_told_of_the_pull_is_told_by_who_is_followed() -> None:
    began = Began()
    began.hear(began.question, True)
    offset, cloud = began.made
    cloud.query, cloud.total, cloud.finished = Query("project = OPS"), 9, True
    choice = began.choice
    assert (choice.query, choice.total, choice.finished) == (cloud.query, 9, True)
    cloud.take = lambda: None  # type: ignore[method-assign]
    assert choice.take() is None
    with pytest.raises(NotImplementedError):
        choice.outcome()
    assert offset.asked == [began.page], "and asked no more"


@pytest.mark.parametrize("decided", ["by the server info", "by a 410"])
def test_an_old_answer_of_clouds_search_leads_back_to_a_new_offset_search(decided: str) -> None:
    began = Began()
    if decided == "by a 410":
        began.hear(began.page, GONE)
    else:
        began.hear(began.question, True)
    began.hear_old_shape()
    assert (began.kinds, began.choice.is_cloud) == (["offset", "cloud", "offset"], False)
    again = began.ask()
    assert again in began.made[2].asked
    began.hear(again, "page")
    assert began.made[2].heard == ["page"]


def test_where_both_searches_fail_that_is_what_is_said() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear_old_shape()
    with pytest.raises(ProtocolError, match="neither as Cloud nor as Data Center: check --url"):
        began.hear(began.ask(), GONE)


def test_a_server_info_that_contradicts_both_searches_is_no_reason_to_go_round_in_circles() -> None:
    began = Began()
    began.hear(began.page, GONE)
    began.hear_old_shape()
    with pytest.raises(ProtocolError, match="neither"):
        began.hear(began.question, True)


def test_the_second_offset_search_may_fail_in_its_own_ways() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear_old_shape()
    with pytest.raises(NotFound) as caught:
        began.hear(began.ask(), ABSENT)
    assert caught.value is ABSENT


def test_cloud_that_has_delivered_is_not_left_for_an_answer_of_the_old_shape() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear(began.ask(), "page")
    with pytest.raises(ProtocolError):
        began.hear_old_shape()
    assert began.kinds == ["offset", "cloud"]


def test_a_410_in_cloud_is_clouds_own() -> None:
    began = Began()
    began.hear(began.question, True)
    with pytest.raises(NotFound):
        began.hear(began.ask(), GONE)
    assert (began.kinds, began.made[1].heard) == (["offset", "cloud"], [GONE])


@given(st.lists(st.tuples(st.sampled_from(["ask", "page", "old", GONE, ABSENT, HUNG, True, False]), st.integers(0, 9))))
def test_whatever_comes_in_whatever_order_no_page_is_ever_followed_by_a_change(steps: list[tuple[Any, int]]) -> None:
    began = Began()
    under_way, is_settled = [began.question, began.page], False
    for said, at in steps:
        if said == "ask":
            under_way.append(began.ask())
        elif under_way:
            ask = under_way.pop(at % len(under_way))
            is_question = ask is began.question
            if is_question != isinstance(said, bool) and not isinstance(said, JiraError):
                said = False if is_question else "page"
            followed, heard = began.made[-1], [list(each.heard) for each in began.made]
            is_own = ask in followed.asked
            if said == "old" and is_own and followed.kind == "cloud":
                followed.refuses = OLD
            try:
                began.hear(ask, said)
            except JiraError:
                assert is_own or (said is True and len(began.made) == 3)
                return
            assert not is_settled or began.made[-1] is followed
            assert [each.heard for each in began.made[: len(heard)] if each is not followed] == heard[:-1]
            is_settled = is_settled or (is_own and began.made[-1] is followed)
        assert began.choice.chosen is began.made[-1]
        assert began.kinds in (["offset"], ["offset", "cloud"], ["offset", "cloud", "offset"])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"deploymentType":"Cloud"}', True),
        (b'{"deploymentType":"Server"}', False),
        (b'{"deploymentType":"cloud"}', False),
        (b'{"deploymentType":7}', False),
        (b'{"version":"6.3.1"}', False),
        (b'["Cloud"]', False),
        (b"<html>Cloud</html>", False),
        (b"\xff", False),
        (b"", False),
    ],
)
def test_only_clouds_own_word_makes_a_cloud(body: bytes, found: bool) -> None:
    assert is_cloud().read(Answer(200, {}, body)) is found
