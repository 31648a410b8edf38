"""Ids in, issues out: how many at a time, what is asked for again, and what is given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import pytest

from asyncjira.errors import BadQuery, JiraError, NotFound, ProtocolError, Refused, ServerError, TransportError
from asyncjira.jira.bulk import Batch
from asyncjira.jira.dates import Dates
from asyncjira.jira.search import Query
from asyncjira.plan.batches import Batches, NoBulk
from asyncjira.plan.errand import Errand
from asyncjira.plan.tenant import Tenant

TOO_MANY = BadQuery("at most 100", status=400)
BROKEN = ServerError("HTTP 500", status=500)


class Fetch:
    """Batches of up to `batch` ids for `concurrency` requests, to which ids `0`, `1`, ... are added; all of them.

    Issue n was created in second n, if that is asked for.
    """

    def __init__(self, ids: int = 0, *, batch: int = 2, concurrency: int = 4, dated: bool = True, last: bool = True):
        self.tenant = Tenant(Query(api_version="3"), 100, batch, concurrency, dated=dated)
        self.batches = Batches(self.tenant)
        self.batches.add(map(str, range(ids)))
        self.batches.is_last = last

    def next(self) -> Errand:
        errand = self.batches.next()
        assert errand is not None
        return errand

    def every(self) -> list[Errand]:
        return list(iter(self.batches.next, None))

    def come(self, errand: Errand, ids: Iterable[str] | None = None, errors: Iterable[str] = ()) -> None:
        """Answer with these issues, all that were asked for unless told, in the order of their ids."""
        found = sorted(asked(errand) if ids is None else ids, key=int)
        dates = Dates([*map(int, found)], [0] * len(found)) if self.tenant.dated else None
        errand.taken(Batch([each.encode() for each in found], found, dates, dict.fromkeys(errors, "try again")))

    @property
    def taken(self) -> list[str]:
        return [row[2] for rows in iter(self.batches.take, []) for row in rows]

    @property
    def silent(self) -> set[str]:
        return self.tenant.silent


def asked(errand: Errand) -> list[str]:
    return list(orjson.loads(errand.request.body or b"")["issueIdsOrKeys"])


def sizes(errands: Iterable[Errand]) -> list[int]:
    return [len(asked(each)) for each in errands]


def test_issues_leave_in_the_order_of_the_ids_whatever_comes_first() -> None:
    fetch = Fetch(batch=2)
    fetch.batches.add(["5", "3", "9", "1", "7"])
    first, second, third = fetch.every()
    assert [asked(each) for each in (first, second, third)] == [["5", "3"], ["9", "1"], ["7"]]
    fetch.come(third)
    fetch.come(second)
    assert (fetch.taken, fetch.batches.waiting) == ([], 3)
    fetch.come(first)
    assert (fetch.taken, fetch.batches.waiting) == (["5", "3", "9", "1", "7"], 0)
    assert fetch.batches.finished


def test_no_ids_are_finished_at_once() -> None:
    assert Fetch().batches.finished
    assert not Fetch(last=False).batches.finished


def test_a_batch_waits_for_more_ids_until_there_are_no_more() -> None:
    fetch = Fetch(3, batch=2, last=False)
    assert sizes(fetch.every()) == [2]
    assert not fetch.batches.is_asked
    fetch.batches.is_last = True
    assert sizes(fetch.every()) == [1]
    assert fetch.batches.is_asked


@pytest.mark.parametrize(("ids", "concurrency", "size"), [
    (5000, 16, 313), (5000, 4, 1000), (5000, 100, 100), (900, 16, 100), (50, 1, 50), (1000, 1, 1000), (1001, 1, 1000),
])  # fmt: skip
def test_a_batch_is_as_large_as_keeps_every_request_busy(ids: int, concurrency: int, size: int) -> None:
    assert sizes([Fetch(ids, batch=1000, concurrency=concurrency).next()]) == [size]


def test_twice_as_many_batches_as_requests_are_asked_for_ahead() -> None:
    fetch = Fetch(20, batch=1, concurrency=3)
    first, *others = fetch.every()
    assert len(others) == 5
    for each in others:
        fetch.come(each)
    assert fetch.batches.next() is None
    fetch.come(first)
    assert len(fetch.taken) == 6
    assert len(fetch.every()) == 6


def test_a_large_batch_that_is_refused_comes_in_hundreds_and_so_does_all_that_follows() -> None:
    fetch = Fetch(2250, batch=1000, concurrency=1)
    large = fetch.next()
    large.failed(TOO_MANY)
    pieces = [fetch.next() for _ in range(10)]
    assert sizes(pieces) == [100] * 10
    assert [name for each in pieces for name in asked(each)] == asked(large)
    rest = fetch.next()
    assert sizes([rest]) == [100]
    for each in (rest, *pieces):
        fetch.come(each)
    while (errand := fetch.batches.next()) is not None:
        assert len(asked(errand)) <= 100
        fetch.come(errand)
        fetch.batches.take()
    assert fetch.tenant.refetched == 0


def test_a_large_batch_that_was_sent_before_the_first_was_refused_is_cut_too() -> None:
    fetch = Fetch(500, batch=250, concurrency=1)
    first, second = fetch.next(), fetch.next()
    first.failed(TOO_MANY)
    second.failed(TOO_MANY)
    pieces = fetch.every()
    assert sizes(pieces) == [100, 100, 50, 100, 100, 50]
    for each in pieces:
        fetch.come(each)
    assert fetch.taken == [str(each) for each in range(500)]


@pytest.mark.parametrize("ids", [1, 100])
def test_a_batch_of_a_hundred_that_is_refused_is_an_error(ids: int) -> None:
    fetch = Fetch(ids, batch=1000)
    with pytest.raises(BadQuery):
        fetch.next().failed(TOO_MANY)


def test_what_does_not_come_is_asked_for_once_more_at_the_end() -> None:
    fetch = Fetch(4, batch=4)
    fetch.come(fetch.next(), ["0", "3"])
    assert (fetch.taken, fetch.batches.is_asked) == ([], False)
    again = fetch.next()
    assert asked(again) == ["1", "2"]
    fetch.come(again)
    assert (fetch.taken, fetch.silent, fetch.tenant.refetched) == (["0", "1", "2", "3"], set(), 1)


def test_what_is_left_out_twice_is_given_up_and_noted_in_silence() -> None:
    fetch = Fetch(3, batch=3)
    fetch.come(fetch.next(), ["0", "2"])
    fetch.come(fetch.next(), [])
    assert (fetch.batches.next(), fetch.taken, fetch.batches.finished) == (None, ["0", "2"], True)
    assert (fetch.silent, fetch.tenant.failed, fetch.batches.given_up) == ({"1"}, {}, {"1"})


def test_an_error_that_may_pass_is_waited_for_longer_and_then_named() -> None:
    fetch = Fetch(2, batch=2)
    for _ in range(3):
        fetch.come(fetch.next(), ["0"] if fetch.tenant.refetched == 0 else [], errors=["1"])
    fetch.come(fetch.next(), [], errors=["1"])
    assert (fetch.batches.next(), fetch.taken) == (None, ["0"])
    assert (fetch.silent, list(fetch.tenant.failed)) == (set(), ["1"])


def test_an_error_that_passes_costs_nothing_but_requests() -> None:
    fetch = Fetch(2, batch=2)
    fetch.come(fetch.next(), ["0"], errors=["1"])
    fetch.come(fetch.next(), [], errors=["1"])
    fetch.come(fetch.next())
    assert (fetch.taken, fetch.tenant.failed, fetch.tenant.refetched) == (["0", "1"], {}, 2)


def test_an_error_for_an_issue_that_came_is_none() -> None:
    fetch = Fetch(2, batch=2)
    fetch.come(fetch.next(), errors=["1"])
    assert (fetch.taken, fetch.batches.finished) == (["0", "1"], True)


def test_what_several_batches_left_out_is_asked_for_together() -> None:
    fetch = Fetch(8, batch=4)
    first, second = fetch.every()
    fetch.come(first, ["0", "1", "2"])
    fetch.come(second, ["4", "5", "6"])
    assert [asked(each) for each in fetch.every()] == [["3", "7"]]


def test_what_the_next_batch_in_order_waits_for_is_asked_for_at_once_and_one_such_request_at_a_time() -> None:
    fetch = Fetch(12, batch=4, last=False)
    first, second, third = fetch.every()
    fetch.come(second, ["4", "5", "6"])
    assert fetch.batches.next() is None, "there will be more to ask for with it"
    fetch.come(first, ["0", "1", "2"])
    again = fetch.next()
    assert asked(again) == ["7", "3"]
    fetch.come(third, ["8", "9", "10"])
    assert fetch.batches.next() is None, "the next one gathers while this is under way"
    fetch.come(again)
    assert fetch.taken == [str(each) for each in range(8)]
    assert asked(fetch.next()) == ["11"]


def test_a_whole_batch_to_ask_for_again_waits_for_nothing() -> None:
    fetch = Fetch(8, batch=2, last=False)
    first, second, third, _ = fetch.every()
    fetch.come(second, [])
    assert asked(fetch.next()) == ["2", "3"]
    fetch.come(third, [])
    assert asked(fetch.next()) == ["4", "5"]
    fetch.come(first)
    assert fetch.taken == ["0", "1"]


def test_an_issue_that_comes_twice_is_taken_once() -> None:
    fetch = Fetch(2, batch=2)
    errand = fetch.next()
    errand.taken(Batch([b"a", b"b", b"c"], ["0", "1", "1"], Dates([0, 1, 1], [0, 0, 0])))
    assert fetch.taken == ["0", "1"]
    assert fetch.tenant.fetched == 3


def test_an_issue_that_was_not_asked_for_is_refused() -> None:
    fetch = Fetch(2, batch=2)
    with pytest.raises(ProtocolError, match="id 7, which was not asked for"):
        fetch.come(fetch.next(), ["0", "7"])


def test_a_batch_at_which_jira_fails_is_halved_down_to_the_issue_that_is_named() -> None:
    fetch, failed = Fetch(100, batch=100), 0
    while (errand := fetch.batches.next()) is not None:
        assert errand.suspect == (failed > 0)
        if "37" in asked(errand):
            failed += 1
            errand.failed(BROKEN)
        else:
            fetch.come(errand)
    assert failed == 7
    assert fetch.taken == [str(each) for each in range(100) if each != 37]
    assert (list(fetch.tenant.failed), fetch.silent, fetch.batches.finished) == (["37"], set(), True)


@pytest.mark.parametrize("error", [BROKEN, TransportError("too large", too_large=True)])
def test_a_single_issue_at_which_jira_fails_is_named(error: JiraError) -> None:
    fetch = Fetch(1)
    fetch.next().failed(error)
    assert (fetch.taken, fetch.batches.finished, list(fetch.tenant.failed)) == ([], True, ["0"])


@pytest.mark.parametrize("error", [
    Refused("HTTP 403", status=403), Refused("no scope", status=401), NotFound("HTTP 404", status=404),
    ServerError("HTTP 405", status=405),
])  # fmt: skip
def test_who_may_not_fetch_by_id_learns_it_at_the_first_batch_and_later_it_is_an_error(error: JiraError) -> None:
    fetch = Fetch(4, batch=2)
    with pytest.raises(NoBulk) as no:
        fetch.next().failed(error)
    assert no.value.error is error
    fetch.come(fetch.next())
    fetch.batches.add(["4", "5"])
    if isinstance(error, ServerError):
        fetch.next().failed(error)  # like any failure of a server: in halves
        assert sizes(fetch.every()) == [1, 1]
    else:
        with pytest.raises(type(error)):
            fetch.next().failed(error)


def test_a_login_that_is_refused_is_no_reason_to_pull_in_another_way() -> None:
    with pytest.raises(Refused):
        Fetch(2).next().failed(Refused("HTTP 401", status=401, login=True))


def silence(fetch: Fetch, left_out: Sequence[str]) -> list[Any]:
    """Let Jira never send some issues, and return what is known of the silences: ids, row, seconds around them."""
    while not fetch.batches.finished:
        for errand in fetch.every():
            fetch.come(errand, [each for each in asked(errand) if each not in left_out])
        fetch.batches.take()
    return [(each.ids, each.row, each.low, each.high) for each in fetch.tenant.silences]


@pytest.mark.parametrize(("left_out", "silences"), [
    (["0"], [(["0"], 0, None, 2)]),
    (["3"], [(["3"], 2, 1, 4)]),
    (["9"], [(["9"], 8, 7, None)]),
    (["4", "5"], [(["4", "5"], 4, 3, 6)]),
    (["3", "4", "5", "6"], [(["3", "4", "5"], 2, 1, 7), (["6"], 6, 2, 8)]),
    (["2", "8"], [(["2"], 2, 1, 4), (["8"], 8, 7, None)]),
])  # fmt: skip
def test_a_silence_knows_when_the_issues_around_it_were_created(left_out: list[str], silences: list[Any]) -> None:
    assert silence(Fetch(10, batch=2), left_out) == silences


def test_a_silence_of_undated_issues_lies_anywhere() -> None:
    assert silence(Fetch(6, batch=2, dated=False), ["3"]) == [(["3"], 2, None, None)]


def test_a_piece_that_can_still_be_cut_is_tried_once() -> None:
    fetch = Fetch(4, batch=4)
    whole = fetch.next()
    whole.failed(BROKEN)
    half = fetch.next()
    half.failed(BROKEN)
    fetch.next()
    single = fetch.next()
    assert [(len(asked(each)), each.patience, each.suspect) for each in (whole, half, single)] == [
        (4, 3, False),
        (2, 1, True),
        (1, 3, True),
    ]
