"""Cutting at the seams against reading as a whole: whatever a body holds, both must tell the same of it."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asyncjira.jira import body as reading
from asyncjira.jira.body import Body
from asyncjira.jira.exchange import Unusable
from asyncjira.jira.page import read_page
from asyncjira.jira.seams import INSTEAD, cut

DATES = b'"fields":{"created":"2021-03-04T05:06:07.000+0000","updated":"2022-03-04T05:06:07.000+0000"}'
NO_TEXT = b'{"expand":"a","id":"16","s":"\xff"}'
ISSUES = [
    b'{"id":"1"}',
    b'{"expand":"a","id":"2",%s}' % DATES,
    b'{"expand":"a","id":"3","self":"http:",%s}' % DATES,
    b'{"expand":"a","id":4}',
    b'{"expand":"a","id":"5","sub":{"expand":"a","id":"6"},"list":[{"id":"1"},{"expand":"a","id":"7"}]}',
    rb'{"expand":"a","id":"8","s":"},{\"expand\":\"a\",\"id\":\"9\"}]"}',
    rb'{"expand":"a","\u0069d":"10"}',
    b'{"expand":"a","id":"11","id":"12"}',
    b'{"expand":"a","s":"id"}',
    b'{"expand":"a","id":{"id":"13"}}',
    b'{ "expand":"a","id":"14" }',
    rb'{"expand":"a","id":"15","s":"\ud83d"}',
    rb'{"expand":"a","id":"\ud83d"}',
    b'{"expand":"a","id":"17","s":"\xc3\xa9","issues":[{"id":"18"}]}',
    b'{"expand":"a","id":"19","fields":null,"n":1e400}',
    b'{"expand":"a","id":%s}' % (b"1" * 5000),
    b"0",
    b"[]",
    INSTEAD,
    NO_TEXT,
]
ALIKE = [ISSUES[1], ISSUES[2], ISSUES[5]]
NAMES = [
    b'"issues":',
    b'"issues":',
    b'"issues" :',
    b'"issues": ',
    rb'"issue\u0073":',
    b'"nested":{"issues":',
    b'"more":',
]
OTHERS = [
    b'"total":3,"maxResults":3,"startAt":0',
    b'"names":{"a":[{"id":"1"}]}',
    rb'"s":"}]"',
    rb'"s":"\"issues\":[{\"id\":\"1\"}]"',
    rb'"s":"\"issues":[{"id":"1"}]',
    b'"s":%s' % INSTEAD,
    b'"s":"\xff"',
    b'"x":{"issues":[%s]}' % INSTEAD,
    b'"issues":null',
]


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    name, issues = draw(st.sampled_from(NAMES)), draw(st.lists(st.sampled_from(ALIKE), max_size=3))
    issues[1:1] = draw(st.lists(st.sampled_from(ISSUES), max_size=1))
    between = draw(st.sampled_from([b",", b",", b", "]))
    end = draw(st.sampled_from([b"]", b"]", b" ]", b"]]"])) + (b"}" if b"{" in name else b"")
    return name + b"[" + between.join(issues) + end


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    members = draw(st.lists(st.one_of(lists(), st.sampled_from(OTHERS)), min_size=1, max_size=4))
    ends = draw(st.sampled_from([(b"{", b"}"), (b"{", b"}"), (b"\xef\xbb\xbf{", b"}"), (b" {", b"}\n"), (b"{", b"}x")]))
    body = ends[0] + b",".join([OTHERS[0], *members]) + ends[1]
    if draw(st.booleans()):
        return body
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.sampled_from([b"", b"}", b"]", b'"', b","])) + body[start + draw(st.integers(0, 3)) :]


def told(read: Any, body: bytes, *, dated: bool) -> Any:
    """Return what a way of reading tells of a body: None where it does not read it."""
    try:
        found = read(body, Body, dated)
    except Unusable:
        return None
    return found and (found[1], [str(head.id) for head in found[2]], dates(found[2]))


def dates(heads: Any) -> Any:
    try:
        return reading._dates(heads)
    except Unusable:
        return "no date"


@given(bodies(), st.booleans())
@example(b'{"issues":[%s,%s]}' % (ALIKE[0], NO_TEXT), True)
@settings(max_examples=500)
def test_what_is_read_at_the_seams_is_what_is_read_as_a_whole(body: bytes, dated: bool) -> None:
    found = told(reading._read_at_seams, body, dated=dated)
    assert found in (None, told(reading._read_whole, body, dated=dated))


@given(st.lists(st.sampled_from(ALIKE), min_size=1, max_size=5), st.booleans())
def test_issues_that_begin_alike_are_read_at_the_seams(issues: list[bytes], dated: bool) -> None:
    body = b'{"startAt":0,"maxResults":9,"total":9,"issues":[%s]}' % b",".join(issues)
    found = told(reading._read_at_seams, body, dated=dated)
    assert found is not None
    assert found[0] == issues


@pytest.mark.parametrize(
    "members",
    [
        b'"x":{"issues":[{"id":"1"}]},"issues" :[%s]' % INSTEAD,
        b'"issues":[{"id":"1"}],"issues":[%s]' % INSTEAD,
        b'"issues" :[%s],"x":{"issues":[{"id":"1"}]}' % INSTEAD,
    ],
)
def test_a_body_that_holds_what_stands_for_issues_is_not_taken_for_one_with_these(members: bytes) -> None:
    body = b'{"startAt":0,"maxResults":9,"total":9,%s}' % members
    assert cut(body) is None
    with pytest.raises(Unusable):
        read_page(body, 0)
