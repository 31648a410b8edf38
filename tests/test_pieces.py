"""A page that cannot be served whole: its dates, and its issues in halves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asyncjira.errors import ServerError
from asyncjira.jira.dates import iso
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query, search_part
from asyncjira.plan.errand import Errand
from asyncjira.plan.pieces import Pieces

from .model import pull, server

FAILED = ServerError("HTTP 500", status=500)


class Rows:
    """Rows of which some cannot be served, and a page of them that is asked for in pieces."""

    def __init__(self, start: int, size: int, sick: set[int], *, names: bool = True) -> None:
        self.asked: list[tuple[int, int, bool]] = []
        self.done: list[Pieces] = []
        queue: deque[Errand] = deque()
        Pieces(self._errand, start, size, queue.append, self.done.append)
        while queue:
            errand = queue.popleft()
            assert not self.done
            fields = errand.request.params["fields"]
            is_sick = not sick.isdisjoint(range(errand.start, errand.start + errand.size))
            if (fields == "created,updated" and names) or (fields == "*all" and not is_sick):
                ids = [str(row) for row in range(errand.start, errand.start + errand.size)]
                errand.taken(SearchPage(errand.start, errand.size, 1000, [], ids))
            else:
                errand.failed(FAILED)

    def _errand(
        self,
        start: int,
        size: int,
        taken: Callable[[Any], None],
        failed: Callable[[Any], None],
        *,
        dates_only: bool = False,
    ) -> Errand:
        self.asked.append((start, size, dates_only))
        request = search_part(Query(), Part(), start, size, dates_only=dates_only)
        return Errand(request, start, size, taken=taken, failed=failed)

    @property
    def served(self) -> list[int]:
        return sorted(int(issue_id) for page in self.done[0].pages for issue_id in page.ids)


@given(st.integers(0, 50), st.integers(1, 64), st.sets(st.integers(0, 120), max_size=5), st.booleans())
def test_every_issue_comes_but_those_that_cannot_be_served(start: int, size: int, sick: set[int], names: bool) -> None:
    rows = Rows(start, size, sick, names=names)
    assert len(rows.done) == 1
    assert rows.served == [row for row in range(start, start + size) if row not in sick]
    dates = rows.done[0].dates
    assert (dates and [int(name) for name in dates.ids]) == ([*range(start, start + size)] if names else None)
    found = len(sick & {*range(start, start + size)})
    assert len(rows.asked) <= 3 + 2 * found * size.bit_length()


def test_dates_are_asked_for_once() -> None:
    rows = Rows(0, 16, {3}, names=False)
    assert [asked for asked in rows.asked if asked[2]] == [(0, 16, True)]


def test_a_page_of_one_issue_is_asked_for_once_more() -> None:
    assert Rows(7, 1, {7}).asked == [(7, 1, True), (7, 1, False)]


def test_an_issue_that_cannot_be_served_is_named_and_all_others_come() -> None:
    jira = server(range(100), poison=frozenset({"10030"}))
    pulled = pull(jira)
    assert pulled.outcome.missing_ids == ("10030",)
    assert pulled.outcome.uncovered == ()
    assert pulled.outcome.doubts == ("Jira cannot serve the issues with these ids (1): 10030",)
    assert len(pulled.order) == 99


def test_an_issue_that_cannot_even_be_named_leaves_its_place_uncovered() -> None:
    jira = server(range(100), deep=frozenset({"10030"}))
    moment = iso(jira.model.view[30].created)
    pulled = pull(jira)
    assert pulled.outcome.missing_ids == ()
    assert any(low <= moment <= high for low, high in pulled.outcome.uncovered)
    assert len(pulled.order) == 99


def test_many_that_cannot_be_served_are_counted_and_some_of_them_named() -> None:
    sick = frozenset(str(number) for number in range(10_010, 10_090, 10))
    pulled = pull(server(range(100), poison=sick))
    assert set(pulled.outcome.missing_ids) == sick
    assert pulled.outcome.doubts[0].endswith("(8): 10010, 10020, 10030, 10040, 10050, …")


def test_a_page_that_fails_for_a_while_costs_no_proof() -> None:
    jira = server(range(100))
    jira.fails = lambda ask: 3 <= len(jira.asked) <= 5
    pulled = pull(jira)
    assert (pulled.outcome.guarantee, len(pulled.order)) == ("proven", 100)
