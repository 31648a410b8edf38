"""Ids, limits, events, manifests: the small values that everything else is made of."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import ConfigError, Limits, ProtocolError, RetryPolicy, Timeouts
from asyncjira.errors import printable
from asyncjira.jira.dates import Dates, iso, milliseconds, served_at
from asyncjira.jira.exchange import Answer
from asyncjira.jira.issue import to_object
from asyncjira.jira.jql import Part
from asyncjira.jira.search import Query, search_part, with_dates
from asyncjira.jira.server import result_window
from asyncjira.plan.idset import IdSet

IDS = st.one_of(st.integers(0, 9000).map(str), st.integers(0, 10**25).map(str), st.text(max_size=3))


@given(st.lists(IDS))
def test_an_idset_is_a_set(ids: list[str]) -> None:
    found, expected = IdSet(), set()
    for issue_id in ids:
        assert found.add(issue_id) == (issue_id not in expected)
        expected.add(issue_id)
        assert len(found) == len(expected)


def test_ids_that_only_look_alike_are_different() -> None:
    found = IdSet()
    assert all(found.add(issue_id) for issue_id in ("7", "07", "007", "٧", "", "0", "00"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Limits(concurrency=0),
        lambda: Limits(rate=-1),
        lambda: Limits(rate=math.nan),
        lambda: Limits(rate=math.inf),
        lambda: Limits(body=0),
        lambda: Timeouts(read=0),
        lambda: RetryPolicy(attempts=0),
        lambda: RetryPolicy(first=-1),
        lambda: RetryPolicy(max_retry_after=-1),
        lambda: RetryPolicy(budget=-1),
        lambda: RetryPolicy(longest=math.nan),
    ],
)
def test_impossible_limits_are_refused(make: object) -> None:
    with pytest.raises(ConfigError):
        make()  # type: ignore[operator]


@given(st.text())
def test_printable_text_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202e\u2066\u2028\ufeff" for char in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (rb'{"a":"\ud83d"}', {"a": "\ud83d"}),
        (rb'{"a":1e400}', {"a": math.inf}),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_an_issue_becomes_an_object_with_exact_integers(raw: bytes, value: object) -> None:
    assert to_object(raw) == value


def test_an_issue_that_no_parser_takes_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"pages\(\)"):
        to_object(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_json_stays_json() -> None:
    assert json.loads(json.dumps(to_object(b'{"id":"1","fields":{"x":null}}'))) == {
        "id": "1",
        "fields": {"x": None},
    }


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ("*all", "*all"),
        ("*navigable,-comment", "*navigable,-comment"),
        ("*all,-created,-updated", "*all"),
        ("summary", "summary,created,updated"),
        ("summary,updated", "summary,updated,created"),
        ("summary,-comment,-updated", "summary,-comment,created,updated"),
        ("-comment", "*navigable,-comment"),
        ("-created", "*navigable"),
    ],
)
def test_a_proof_asks_for_both_dates_beside_what_is_wanted(fields: str, asked: str) -> None:
    assert with_dates(tuple(fields.split(","))) == tuple(asked.split(","))


def test_a_part_of_a_search_can_be_asked_for_its_dates_alone() -> None:
    query = Query("a = 1", fields=("summary",), expand=("changelog",), api_version="latest")
    whole, light = (search_part(query, Part(first=1), 5, 10, dates_only=only).params for only in (False, True))
    assert (whole["fields"], whole["expand"]) == ("summary", "changelog")
    assert light["fields"] == "created,updated"
    assert "expand" not in light
    assert {whole["jql"], light["jql"]} == {"(a = 1) AND created >= 1000 ORDER BY created ASC, key ASC"}


@pytest.mark.parametrize(("body", "rows"), [(b"10000", 10_000), (b"{}", None), (b"", None), (b"1.5", None)])
def test_a_result_window_is_a_number_or_not_told(body: bytes, rows: int | None) -> None:
    assert result_window("2").read(Answer(200, {}, body)) == rows


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:00.000+0000", 0),
        ("2021-03-04T05:06:07.008+0000", 1_614_834_367_008),
        ("2021-03-04T05:06:07.008+0530", 1_614_814_567_008),
        ("2021-03-04T05:06:07Z", 1_614_834_367_000),
        ("1969-12-31T23:59:59.999+0000", -1),
    ],
)
def test_times_of_any_zone_become_milliseconds(text: str, moment: int) -> None:
    assert milliseconds(text) == moment
    assert Dates.read([text], [text]) == Dates([moment // 1000], [moment])


@pytest.mark.parametrize("text", ["", "2021-03-04T05:06:07", "yesterday", "2021-13-01T00:00:00Z"])
def test_a_time_without_a_zone_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|isoformat|month"):
        milliseconds(text)


@given(st.integers(-(10**9), 10**10))
def test_a_second_is_shown_as_it_is_read(second: int) -> None:
    assert milliseconds(iso(second)) == second * 1000


@pytest.mark.parametrize(
    "date", ["Thu, 04 Mar 2021 05:06:07 GMT", "Thu, 04 Mar 2021 05:06:07 -0000", "Thu, 04 Mar 2021 05:06:07"]
)
def test_the_date_of_an_answer_is_in_utc_wherever_this_runs(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert served_at(Answer(200, {"Date": date}, b"")) == 1_614_834_367
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "soon"}, {"Date": "Thu, 99 Mar 2021 05:06:07 GMT"}])
def test_an_answer_without_a_date_tells_no_time(headers: dict[str, str]) -> None:
    assert served_at(Answer(200, headers, b"")) is None
