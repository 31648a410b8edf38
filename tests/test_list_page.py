"""How one page of any list is read, and which addresses may be asked for one."""

import pytest

from asyncjira import ConfigError
from asyncjira.jira.exchange import Fault, Unusable
from asyncjira.jira.list_page import PAGINGS, read_list
from asyncjira.jira.resource import Resource

USUAL = b'{"self":"x","maxResults":2,"startAt":0,"total":7,"isLast":false,"values":[ {"id": "1"} ,{"id":2}]}'


def test_the_bytes_of_items_stay_as_they_are() -> None:
    page = read_list(USUAL, "auto")
    assert (page.issues, page.ids, page.key) == ([b'{"id": "1"}', b'{"id":2}'], ["1", "2"], "values")
    assert (page.start_at, page.max_results, page.total, page.is_last) == (0, 2, 7, False)
    assert page.paging == PAGINGS[0]


@pytest.mark.parametrize(
    ("body", "key", "rows", "last"),
    [
        (b'{"comments":[{"id":"1"}],"startAt":0,"maxResults":1,"total":1}', "comments", 1, None),
        (b'{"_expands":[],"size":1,"start":1,"limit":1,"isLastPage":false,"values":[{}]}', "values", 1, False),
        (b'{"offset":0,"limit":1000,"total":1,"records":[{"id":1}]}', "records", 1, None),
        (b'{"startAt":0,"maxResults":50,"total":1,"schemes":[{"id":1}]}', "schemes", 1, None),
        (b'{"lastPage":true,"values":["a","b"]}', "values", 2, True),
        (b'{"total":null,"values":[]}', "values", 0, None),
        (b" [1,[2],{}]\n", "auto", 3, None),
        (b"[]", "auto", 0, None),
    ],
)
def test_the_array_is_found(body: bytes, key: str, rows: int, last: bool | None) -> None:
    page = read_list(body, "auto")
    assert (page.key, len(page.issues), page.is_last) == (key, rows, last)


@pytest.mark.parametrize(
    ("item", "known_by"),
    [
        (b'{"id":10}', "10"),
        (b'{"key":"","accountId":"712020:a"}', "712020:a"),
        (b'{"key":"OPS","id":null}', "OPS"),
        (b'{"id":{"name":"w","entityId":"e"}}', '{"name":"w","entityId":"e"}'),
        (b'{"groupId":"g","name":"n"}', "g"),
        (b'{"name":"n"}', None),
        (b'"label"', None),
        (rb'{"id":"1","text":"\ud83d"}', "1"),
    ],
)
def test_an_item_is_known_by_what_its_kind_is_known_by(item: bytes, known_by: str | None) -> None:
    page = read_list(b"[" + item + b"]", "auto")
    assert (page.issues, page.ids) == ([item], [known_by])


@pytest.mark.parametrize(
    ("body", "key", "words"),
    [
        (USUAL, "items", "has no array 'items', but values"),
        (USUAL, "total", "has no array 'total', but values"),
        (b"[1]", "values", "bare list.*leave --key out"),
        (b'{"id":1,"name":"x"}', "auto", "no array, only id, name"),
        (b'{"values":[],"issues":[]}', "auto", r"several arrays \(values, issues\)"),
        (b'{"versionNumbers":[1]}', "auto", "does not look like a page"),
        (b'{"issues":[],"nextPageToken":"x"}', "auto", r"paged by token \(nextPageToken\)"),
        (b'{"values":[],"cursor":""}', "auto", "paged by token"),
        (b'{"values":[],"since":1,"until":2}', "auto", "paged by time"),
        (b'{"a\\u0007":[],"total":1,"b":[]}', "auto", r"a\\x07"),
    ],
)
def test_what_is_no_list_or_another_one_is_said(body: bytes, key: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_list(body, key)


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        (b"", Fault.DAMAGED, "empty"),
        (b'{"values":[{"id":1},', Fault.DAMAGED, "cut short"),
        (b'{"values":[{"id":}]}', Fault.DAMAGED, "damaged"),
        (b'{"values":[\xff]}', Fault.DAMAGED, "UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, Fault.DAMAGED, "damaged"),
        (b'{"errorMessages":["no"],"errors":{}}', Fault.DAMAGED, "error in place of a list: no"),
        (b"<html><title>Log in</title>", Fault.LOGIN, "login page"),
        (b"7", Fault.PROTOCOL, "neither an array"),
        (b'{"values":[],"total":"7"}', Fault.PROTOCOL, "Expected `int"),
        (b'{"values":[],"total":-1}', Fault.PROTOCOL, "cannot be"),
        (b'{"values":[],"isLast":1}', Fault.PROTOCOL, "Expected `bool"),
    ],
)
def test_an_answer_that_is_of_no_use_is_none(body: bytes, fault: Fault, words: str) -> None:
    with pytest.raises(Unusable, match=words) as caught:
        read_list(body, "auto")
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("https://other.example/rest/api/2/x", "names a host"),
        ("//other.example/rest/api/2/x", "names a host"),
        ("/rest/https://other.example", "names a host"),
        ("rest/api/2/x", "begins with /rest/"),
        ("/jira/rest/api/2/x", "a context path belongs to --url"),
        ("/secure/x", "begins with /rest/"),
        ("", "begins with /rest/"),
        ("/rest/../secure", "leads out"),
        ("/rest/api/%2e%2E/x", "leads out"),
        ("/rest/api/..%2fx", "leads out"),
        ("/rest/api/%252e%252e/x", "leads out"),
        ("/rest/api/./x", "leads out"),
        ("/rest/api/..;/x", "holds a sign"),
        ("/rest/api\\..\\x", "holds a sign"),
        ("/rest/api/x#y", "holds a sign"),
        ("/rest/api/x%3fy", "holds a sign"),
        ("/rest/api/x\x07", "holds a sign"),
        ("/rest/api/x?startAt=5", "startAt is set anew"),
        ("/rest/api/x?limit=5", "limit is set anew"),
        ("/rest/api/x?a=%0a", "control character"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Resource(path)


def test_parameters_may_stand_in_the_path_and_come_several_times() -> None:
    resource = Resource("/rest/api/3/user/bulk?accountId=a&accountId=b&x=", {"accountId": "c", "n": 7, "all": True})  # type: ignore[dict-item]
    assert resource.params == {"accountId": ["a", "b", "c"], "x": [""], "n": ["7"], "all": ["true"]}
    assert resource.address == "/rest/api/3/user/bulk?accountId=a&accountId=b&accountId=c&x=&n=7&all=true"
    request = resource.page(20, 10, paging=PAGINGS[1], key="auto")
    assert (request.method, request.path) == ("GET", "/rest/api/3/user/bulk")
    assert request.params == {**resource.params, "start": ["20"], "limit": ["10"]}


@pytest.mark.parametrize("path", ["/rest/api/2/a%20b/%C3%A9%25", "/rest/api/2/a b/é%25"])
def test_a_path_may_be_encoded_or_not(path: str) -> None:
    resource = Resource(path)
    assert resource.page(0, 1, paging=PAGINGS[0], key="auto").path == "/rest/api/2/a b/é%"
    assert resource.address == "/rest/api/2/a%20b/%C3%A9%25"
