"""Ids, limits, events, manifests: the small values that everything else is made of."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from asyncjira import ConfigError, Limits, ProtocolError, RetryPolicy, Timeouts
from asyncjira.errors import printable
from asyncjira.jira.issue import to_object
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
    assert to_object(Raw(raw)) == value


def test_an_issue_that_no_parser_takes_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"pages\(\)"):
        to_object(Raw(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))


def test_json_stays_json() -> None:
    assert json.loads(json.dumps(to_object(Raw(b'{"id":"1","fields":{"x":null}}')))) == {
        "id": "1",
        "fields": {"x": None},
    }
