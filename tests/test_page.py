import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.jira.exchange import Fault, Unusable
from asyncjira.jira.page import read_page
from asyncjira.jira.slices import slices

AWKWARD = [
    rb'{"id":"1","n":1.10,"e":1E5,"z":-0,"big":123456789012345678901234567890,"huge":1e400,"tiny":1e-400}',
    rb'{"id":"2","s":"\u00e9\/\"","a":1,"a":2}',
    '{"id":"3","s":"é你🚀\u2028"}'.encode(),
    rb'{ "id" : "4", "issues": [{"id":"x"}], "total": "no" }',
    b'{"fields":{"id":"inner"},"id":"5"}',
]


def page(issues: list[bytes], total: object = 9, most: object = 100, start: object = 0) -> bytes:
    members = b",".join(issues)
    return b'{"expand":"names","startAt":%s,"maxResults":%s,"total":%s,"issues":[%s]}' % (
        *(json.dumps(value).encode() for value in (start, most, total)),
        members,
    )


def fault_of(body: bytes, start: int = 0) -> tuple[Fault, str]:
    with pytest.raises(Unusable) as caught:
        read_page(body, start)
    return caught.value.fault, str(caught.value)


def test_the_bytes_of_an_issue_are_those_that_were_sent() -> None:
    found = read_page(page(AWKWARD), 0)
    assert found.issues == AWKWARD
    assert found.ids == ["1", "2", "3", "4", "5"]
    assert (found.total, found.max_results, found.start_at) == (9, 100, 0)


def test_an_unpaired_surrogate_does_not_cost_the_page_its_bytes() -> None:
    issues = [*AWKWARD, rb'{"id":"6","s":"cut \ud83d"}']
    found = read_page(page(issues), 0)
    assert found.issues == issues
    assert found.ids[-1] == "6"


def test_an_empty_page_is_a_page() -> None:
    assert read_page(page([], total=0), 0).issues == []


def test_start_at_may_be_missing() -> None:
    assert read_page(b'{"maxResults":5,"total":0,"issues":[]}', 7).start_at == 7


@given(st.data())
def test_every_cut_of_a_body_is_noticed(data: st.DataObject) -> None:
    body = page([*AWKWARD, rb'{"id":"6","s":"\ud83d"}'] if data.draw(st.booleans()) else AWKWARD)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Unusable):
        read_page(body[:cut], 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"{}",
        b" {} ",
        b'{"total":1,"maxResults":1}',
        b'{"issues":[{"id":"1"},',
        b'{"issues":[NaN]}',
        b'{"errorMessages":["The index is being rebuilt"],"errors":{}}',
        b"<html><title>502 Bad Gateway</title></html>",
        page([b'{"id":"1","s":"\xff"}']),
        page([b'{"id":"1","s":"\xe4\xbd"}']),
        page([]) + b"x",
        b"\xef\xbb\xbf" + page([]),
        page([b'{"id":"1","s":' + b"[" * 200_000 + b"]" * 200_000 + b"}"]),
    ],
    ids=lambda body: repr(body)[:60],
)
def test_what_may_be_whole_the_next_time_is_damaged(body: bytes) -> None:
    assert fault_of(body)[0] is Fault.DAMAGED


@pytest.mark.parametrize(
    "body",
    [
        page([], total="7"),
        page([], total=None),
        page([], total=True),
        page([], total=1.0),
        page([], total=-1),
        page([], total=2**64),
        page([], most=-1),
        page([], most="50"),
        page([], start=50),
        b'{"issues":[],"maxResults":1}',
        b'{"issues":[],"total":1}',
        b"[]",
        b'"x"',
        b"null",
        page([b"1"]),
        page([b'{"key":"A-1"}']),
        page([b'{"id":null}']),
        b'{"issues":{},"total":1,"maxResults":1}',
        page([b'{"id":"1","s":"\\ud83d"}'], total="7"),
        page([b'{"id":[],"s":"\\ud83d"}']),
    ],
    ids=lambda body: repr(body)[:60],
)
def test_what_jira_does_not_document_is_a_protocol_fault(body: bytes) -> None:
    assert fault_of(body)[0] is Fault.PROTOCOL


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><form action='/login.jsp'><input type=\"password\" name='os_password'></form>",
        b"<html><title>Log in - Jira</title></html>",
        b'\n<html><input type="hidden" name="SAMLRequest"></html>',
    ],
)
def test_a_login_page_is_told_from_other_html(body: bytes) -> None:
    assert fault_of(body)[0] is Fault.LOGIN


def test_an_error_with_status_200_is_told_in_jiras_words_without_control_characters() -> None:
    _, reason = fault_of(b'{"errorMessages":["no \\u001b[31mred\\u202e"],"errors":{"jql":"bad"}}')
    assert "no \\x1b[31mred\\u202e; jql: bad" in reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=4), st.sampled_from([None, 1, 2]))
def test_the_slow_way_cuts_where_the_issues_begin_and_end(issues: list[object], indent: int | None) -> None:
    members, cut = slices(json.dumps({"total": 3, "issues": issues, "names": {}}, indent=indent))
    assert members["total"] == 3
    assert [json.loads(issue) for issue in cut] == issues


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"', '{"a":1,}', '{"issues":[1,]}', '{"issues":[1 2]}', "{} x", "{1:2}"]
)
def test_the_slow_way_refuses_what_is_no_object(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of the scanner's own
        slices(text)
