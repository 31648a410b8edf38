"""A token chain: where it ends, what it does not believe, and how it goes on after a refused token."""

from __future__ import annotations

from typing import Any

import pytest

from asyncjira.errors import BadQuery, JiraError, ProtocolError, Refused, ServerError
from asyncjira.jira.bulk import Batch
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import Part
from asyncjira.jira.token_search import TokenPage
from asyncjira.plan.chain import Chain, NoTokens

REFUSED = BadQuery("the token has expired", status=400)


def page(ids: str = "", token: str = "", *, created: int | None = None, **more: Any) -> TokenPage:
    """A page of these ids, a letter each; all of one second if that is told."""
    dates = None if created is None else Dates([created] * len(ids), [0] * len(ids))
    return TokenPage([b"{}"] * len(ids), [*ids], token, dates=dates, **more)


class Walk:
    """A chain whose requests are named by what they ask: the first second and the token, or ids whose dates it wants.

    `fresh` are the new ids of each page.
    """

    def __init__(self, part: Part | None = Part(), *, dates: bool = True) -> None:  # noqa: B008 - it never changes
        self.fresh: list[str] = []
        self.chain = Chain(part, self._search, self._took, dates=self._dates if dates else None)

    def _search(self, part: Part | None, token: str) -> Request[TokenPage]:
        return Request("POST", f"/rest/{part and part.first}/{token}", lambda _: page(), "search")

    def _dates(self, ids: list[str]) -> Request[Batch]:
        return Request("POST", f"/rest/{''.join(ids)}", lambda _: Batch([], []), "dates")

    def _took(self, page: TokenPage, fresh: list[int]) -> None:
        self.fresh.append("".join(page.ids[at] for at in fresh))

    def asks(self, answer: TokenPage | Batch | JiraError) -> str:
        """Let it ask, answer, and return what it asked."""
        errand = self.chain.next()
        assert errand is not None
        assert self.chain.next() is None, "one after another"
        if isinstance(answer, JiraError):
            errand.failed(answer)
        else:
            errand.taken(answer)
        return errand.request.path.removeprefix("/rest/")


@pytest.mark.parametrize("is_last", [True, None])
def test_a_page_without_a_token_is_the_last(is_last: bool | None) -> None:
    walk = Walk()
    assert [walk.asks(page("ab", "1")), walk.asks(page("c", "2")), walk.asks(page("d", is_last=is_last))] == [
        "None/", "None/1", "None/2"
    ]  # fmt: skip
    assert (walk.chain.finished, walk.chain.listed, walk.chain.next()) == (True, 4, None)
    assert walk.fresh == ["ab", "c", "d"]


def test_a_short_page_with_a_token_is_not_the_last() -> None:
    walk = Walk()
    for answer in (page("abcdefgh", "1"), page("i", "2"), page("", "3"), page("jk")):
        assert not walk.chain.finished
        walk.asks(answer)
    assert (walk.chain.finished, walk.chain.listed) == (True, 11)


@pytest.mark.parametrize("distance", [1, 2, 7])
def test_a_token_that_came_before_is_refused_at_any_distance(distance: int) -> None:
    walk = Walk()
    for number in range(20):
        walk.asks(page(chr(97 + number), f"t{number}"))
    with pytest.raises(ProtocolError, match="circle"):
        walk.asks(page("A", f"t{20 - distance}"))


@pytest.mark.parametrize(("answer", "match"), [
    (page("a", "1", is_last=True), "the last page names the token of another"),
    (page("a", is_last=False), "a page in the middle has no token"),
])  # fmt: skip
def test_a_page_that_contradicts_itself_is_refused(answer: TokenPage, match: str) -> None:
    with pytest.raises(ProtocolError, match=match):
        Walk().asks(answer)


@pytest.mark.parametrize("again", ["", "a"])
def test_three_pages_without_a_new_issue_are_put_up_with_and_not_a_fourth(again: str) -> None:
    walk = Walk()
    walk.asks(page("ab", "0"))
    for number in (1, 2, 3):
        walk.asks(page(again, f"{number}"))
    walk.asks(page("c", "4"))
    for number in (5, 6, 7):
        walk.asks(page(again, f"{number}"))
    with pytest.raises(ProtocolError, match="4 pages in a row bring no new issue"):
        walk.asks(page(again, "8"))


def test_a_fourth_page_without_a_new_issue_may_be_the_last() -> None:
    walk = Walk()
    for number in (1, 2, 3):
        walk.asks(page("", f"{number}"))
    walk.asks(page())
    assert (walk.chain.finished, walk.chain.listed) == (True, 0)


def test_an_id_that_comes_twice_is_new_once() -> None:
    walk = Walk()
    walk.asks(page("aab", "1"))
    walk.asks(page("bc"))
    assert (walk.fresh, walk.chain.listed) == (["ab", "c"], 3)


def test_after_a_refused_token_it_goes_on_from_the_second_of_the_last_issue() -> None:
    walk = Walk()
    assert walk.asks(page("ab", "1", created=70)) == "None/"
    assert walk.asks(REFUSED) == "None/1"
    assert walk.asks(page("bc", "1", created=71)) == "70/"  # a new chain may name the same token
    assert walk.asks(page("d", created=72)) == "70/1"
    assert (walk.fresh, walk.chain.finished) == (["ab", "c", "d"], True)


def test_it_never_goes_back_before_its_own_part() -> None:
    walk = Walk(Part(80, 90))
    walk.asks(page("a", "1", created=70))  # no Jira should
    walk.asks(REFUSED)
    assert walk.asks(page("b")) == "80/"


def test_pages_of_ids_ask_when_the_latest_issues_were_created() -> None:
    walk = Walk()
    walk.asks(page("ab", "1"))
    walk.asks(page("cd", "2"))
    walk.asks(REFUSED)
    found = Batch([b"{}"] * 3, ["c", "a", "b"], Dates([75, 60, 70], [0, 0, 0]))
    assert walk.asks(found) == "abcd"
    assert walk.asks(page("de")) == "75/"
    assert walk.fresh == ["ab", "cd", "e"]


def test_where_they_are_not_listed_by_that_it_begins_again() -> None:
    walk = Walk()
    walk.asks(page("ab", "1"))
    walk.asks(REFUSED)
    walk.asks(Batch([b"{}"] * 2, ["a", "b"], Dates([75, 60], [0, 0])))
    assert walk.asks(page("abc")) == "None/"


def test_dates_of_issues_that_were_not_asked_about_end_it() -> None:
    walk = Walk()
    walk.asks(page("ab", "1"))
    walk.asks(REFUSED)
    with pytest.raises(ProtocolError, match="not asked about"):
        walk.asks(Batch([b"{}"] * 2, ["b", "z"], Dates([60, 990], [0, 0])))


def test_where_nothing_tells_when_they_were_created_it_begins_again() -> None:
    walk = Walk()
    walk.asks(page("ab", "1"))
    walk.asks(REFUSED)
    assert walk.asks(Batch([], [], Dates([], []))) == "ab"
    assert walk.asks(page("abc")) == "None/"
    assert walk.fresh == ["ab", "c"]


def test_in_an_order_of_its_own_it_begins_again_and_passes_by_what_came_before() -> None:
    walk = Walk(None)
    for number in range(8):
        walk.asks(page(chr(97 + number), f"{number}"))
    walk.asks(REFUSED)
    for number in range(8):  # more pages without a new issue than are put up with elsewhere
        walk.asks(page(chr(97 + number), f"{number}"))
    walk.asks(page("i"))
    assert (walk.chain.listed, walk.chain.finished) == (9, True)


def test_after_a_restart_empty_pages_are_counted_anew() -> None:
    walk = Walk()
    for answer in (page("a", "1", created=7), page("", "2"), page("", "3"), page("", "4"), REFUSED):
        walk.asks(answer)
    walk.asks(page("a", "0", created=7))
    for number in (1, 2, 3):
        walk.asks(page("", f"{number}"))
    walk.asks(page("ab", created=7))
    assert (walk.chain.listed, walk.chain.finished) == (2, True)


def test_what_came_before_may_come_once_after_each_restart() -> None:
    walk = Walk(None)
    walk.asks(page("ab", "1"))
    walk.asks(REFUSED)
    with pytest.raises(ProtocolError, match="bring no new issue"):
        for number in range(6):
            walk.asks(page("ab", f"{number}"))


def test_a_page_that_comes_again_shows_that_its_token_is_no_cursor() -> None:
    walk = Walk()
    walk.asks(page("abcdefghij", "1"))
    with pytest.raises(ProtocolError, match="nothing but what came before"):
        walk.asks(page("jihgfedcba", "2"))


@pytest.mark.parametrize("part", [None, Part(), Part(5)])
def test_a_first_page_that_is_refused_is_the_querys_fault(part: Part | None) -> None:
    with pytest.raises(BadQuery):
        Walk(part).asks(REFUSED)


def test_it_does_not_begin_again_without_having_come_further() -> None:
    walk = Walk()
    walk.asks(page("a", "1", created=7))
    walk.asks(REFUSED)
    walk.asks(page("a", "2", created=7))
    with pytest.raises(BadQuery):
        walk.asks(REFUSED)


@pytest.mark.parametrize("error", [ServerError("HTTP 500", status=500), Refused("HTTP 403", status=403)])
def test_any_other_refusal_is_passed_on(error: JiraError) -> None:
    walk = Walk()
    walk.asks(page("a", "1", created=7))
    with pytest.raises(type(error)):
        walk.asks(error)


def test_where_the_dates_cannot_be_had_the_error_is_passed_on() -> None:
    walk = Walk()
    walk.asks(page("a", "1"))
    walk.asks(REFUSED)
    with pytest.raises(ServerError):
        walk.asks(ServerError("HTTP 500", status=500))


def test_a_page_that_counts_and_has_no_token_is_an_offset_search() -> None:
    with pytest.raises(NoTokens, match="--api offset"):
        Walk().asks(page("ab", has_total=True))


@pytest.mark.parametrize("more", [{"token": "1"}, {"is_last": True}])
def test_a_count_beside_a_token_or_a_last_page_is_ignored(more: dict[str, Any]) -> None:
    walk = Walk()
    walk.asks(page("ab", has_total=True, **more))
    assert walk.chain.listed == 2


def test_it_ends_early_where_others_can_go_on() -> None:
    walk = Walk()
    assert walk.chain.leave() is None  # nothing has come
    errand = walk.chain.next()
    assert errand is not None
    assert walk.chain.leave() is None  # a page is under way
    errand.taken(page("ab", "1", created=70))
    assert (walk.chain.leave(), walk.chain.finished, walk.chain.next()) == (70, True, None)
    assert walk.chain.leave() is None


def test_it_goes_on_itself_where_nobody_knows_from_where() -> None:
    walk = Walk()
    walk.asks(page("ab", "1"))
    assert (walk.chain.leave(), walk.chain.finished) == (None, False)
