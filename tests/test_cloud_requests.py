"""What is sent to Cloud, to the byte, and how its answers are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asyncjira.errors import printable
from asyncjira.jira.bulk import bulk_fetch, largest_batch
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Answer, Fault, Request, Unusable
from asyncjira.jira.jql import STABLE_ORDER, Part, bounded
from asyncjira.jira.search import Query
from asyncjira.jira.token_search import approximate_count, token_search
from asyncjira.plan.tenant import Tenant

QUERY = Query("project = OPS", fields=("summary", "created"), expand=("renderedFields", "names"), api_version="3")


def sent(request: Request[Any]) -> tuple[str, str, Any]:
    assert not request.params, "what stands in the address of a POST is ignored in silence"
    assert request.as_post is None
    return request.method, request.path, json.loads(request.body or b"")


def read(request: Request[Any], body: bytes, **headers: str) -> Any:
    return request.read(Answer(200, headers, body))


def test_a_search_says_everything_in_its_body() -> None:
    assert sent(token_search(QUERY, "a = 1", "", 100)) == (
        "POST",
        "/rest/api/3/search/jql",
        {"jql": "a = 1", "maxResults": 100, "fields": ["summary", "created"], "expand": "renderedFields,names"},
    )


def test_pages_differ_by_nothing_but_their_token() -> None:
    first, second = (sent(token_search(QUERY, "a = 1", token, 7, reconciled=[1, 2]))[2] for token in ("", "x+/="))
    assert first["reconcileIssues"] == [1, 2]
    assert second == first | {"nextPageToken": "x+/="}


def test_nothing_is_named_that_is_not_wanted() -> None:
    bare = Query(fields=("id",), api_version="2")
    assert sent(token_search(bare, "a = 1", "", 5000))[1:] == (
        "/rest/api/2/search/jql",
        {"jql": "a = 1", "maxResults": 5000, "fields": ["id"]},
    )
    assert sent(bulk_fetch(bare, ["7"]))[2] == {"issueIdsOrKeys": ["7"], "fields": ["id"]}


def test_a_bulk_fetch_names_what_it_expands_in_a_list() -> None:
    assert sent(bulk_fetch(QUERY, ["7", "8"])) == (
        "POST",
        "/rest/api/3/issue/bulkfetch",
        {
            "issueIdsOrKeys": ["7", "8"],
            "fields": ["summary", "created"],
            "expand": ["renderedFields", "names"],
        },
    )


def test_a_count_is_asked_for_by_the_conditions_alone() -> None:
    assert sent(approximate_count("3", "a = 1")) == ("POST", "/rest/api/3/search/approximate-count", {"jql": "a = 1"})


@pytest.mark.parametrize(("jql", "conditions"), [
    ("", "project is not EMPTY"),
    ("ORDER BY created", "project is not EMPTY"),
    ("project = OPS ORDER BY key", "project = OPS"),
    ("summary ~ 'order by x'", "summary ~ 'order by x'"),
])  # fmt: skip
def test_a_query_for_cloud_always_has_a_condition(jql: str, conditions: str) -> None:
    assert bounded(jql) == conditions


def tenant(jql: str = "", **more: Any) -> Tenant:
    return Tenant(Query(jql, fields=("summary", "created", "updated"), api_version="3"), 100, 1000, 4, True, **more)


@pytest.mark.parametrize(("jql", "part", "asked"), [
    ("", Part(), f"(project is not EMPTY) {STABLE_ORDER}"),
    ("a = 1 OR b = 2", Part(5, 9), f"(a = 1 OR b = 2) AND created >= 5000 AND created < 9000 {STABLE_ORDER}"),
    ("a = 1 ORDER BY key", Part(updated_since_ms=7), f"(a = 1) AND updated >= 7 {STABLE_ORDER}"),
    ("a = 1 OR b = 2 ORDER BY rank, key DESC", None, "(a = 1 OR b = 2) ORDER BY rank, key DESC"),
    ("ORDER BY rank", None, "(project is not EMPTY) ORDER BY rank"),
    ("a = 1", None, f"(a = 1) {STABLE_ORDER}"),
])  # fmt: skip
def test_a_part_of_a_query_is_ordered_by_created_and_the_whole_as_it_says(
    jql: str, part: Part | None, asked: str
) -> None:
    found = tenant(jql)
    assert sent(found.issues(part, ""))[2] == {
        "jql": asked, "maxResults": 100, "fields": ["summary", "created", "updated"]
    }  # fmt: skip
    assert sent(found.ids([], part, "t"))[2] == {
        "jql": asked, "maxResults": 5000, "fields": ["id"], "nextPageToken": "t"
    }  # fmt: skip
    assert sent(found.count(part))[2] == {"jql": asked.partition(" ORDER BY ")[0]}


def test_ids_and_dates_are_asked_for_without_anything_that_is_expanded() -> None:
    found = Tenant(QUERY, 100, 1000, 4, dated=True)
    assert "expand" not in sent(found.ids([4], Part(), ""))[2]
    assert sent(found.ids([4], Part(), ""))[2]["reconcileIssues"] == [4]
    assert sent(found.dates(["7"]))[2] == {"issueIdsOrKeys": ["7"], "fields": ["created", "updated"]}
    assert sent(found.issues(Part(), ""))[2]["expand"] == "renderedFields,names"
    assert sent(found.bulk(["7"]))[2]["expand"] == ["renderedFields", "names"]


@pytest.mark.parametrize(("body", "token", "is_last"), [
    (b'{"issues":[]}', "", None),
    (b'{"issues":[],"nextPageToken":null,"isLast":true}', "", True),
    (b'{"issues":[],"nextPageToken":"","isLast":false}', "", False),
    (b'{"isLast":false,"nextPageToken":"a/b","issues":[],"other":{}}', "a/b", False),
])  # fmt: skip
def test_a_token_that_is_missing_null_or_empty_is_none(body: bytes, token: str, is_last: bool | None) -> None:
    page = read(token_search(QUERY, "a = 1", "", 7), body)
    assert (page.token, page.is_last, page.has_total, page.dates) == (token, is_last, False, None)


def test_a_page_holds_the_bytes_of_its_issues_and_what_they_tell_of_themselves() -> None:
    issues = [
        b'{ "id":"10","fields":{"created":"2021-03-04T05:06:07.000+0000","updated":"2021-03-04T05:06:08.009+0000"}}',
        b'{"fields":{"updated":"2021-03-04T06:06:08.010+0100","created":"2021-03-04T06:06:07.999+0100"},"id":11}',
    ]
    request = token_search(QUERY, "a = 1", "", 7, dated=True)
    page = read(request, b'{"issues":[%b , %b]}' % (*issues,), Date="Thu, 04 Mar 2021 05:06:09 GMT")
    assert [each.strip() for each in page.issues] == issues
    assert (page.ids, page.served_at) == (["10", "11"], 1614834369)
    assert page.dates == Dates([1614834367, 1614834367], [1614834368009, 1614834368010])


@pytest.mark.parametrize(("wire", "words"), [
    (b'[{"type":"CLAUSE_LIMIT_EXCEEDED","message":"cut"}]', ("cut",)),
    (b'[{"type":"CLAUSE_LIMIT_EXCEEDED"}, "plain", 7, {}, ""]', ("CLAUSE_LIMIT_EXCEEDED", "plain")),
    (b'"not a list"', ()),
    (b"null", ()),
    (b'["\\u001b[31mred"]', (printable("\x1b[31mred"),)),
])  # fmt: skip
def test_warnings_are_read_in_whatever_shape_and_made_printable(wire: bytes, words: tuple[str, ...]) -> None:
    page = read(token_search(QUERY, "a = 1", "", 7), b'{"issues":[],"warnings":%b}' % wire)
    assert page.warnings == words


@pytest.mark.parametrize("total", [b"0", b"7", b'"many"'])
def test_a_page_that_counts_says_so(total: bytes) -> None:
    assert read(token_search(QUERY, "a = 1", "", 7), b'{"issues":[],"total":%b}' % total).has_total


def test_a_batch_holds_issues_in_whatever_order_and_errors_by_id() -> None:
    body = b'{"issues":[{"id":"8"},{"id":7}],"issueErrors":[{"id":"9","errorMessage":"wait\\u0007"},{"id":10}]}'
    batch = read(bulk_fetch(QUERY, ["7", "8", "9", "10"]), body)
    assert batch.ids == ["8", "7"]
    assert batch.errors == {"9": printable("wait\x07"), "10": ""}
    assert read(bulk_fetch(QUERY, ["7"]), b'{"issues":[],"issueErrors":null}').errors == {}


@pytest.mark.parametrize(("body", "fault"), [
    (b"", Fault.DAMAGED), (b"{}", Fault.DAMAGED), (b'{"issues":[{"id":"7"}', Fault.DAMAGED),
    (b'{"errorMessages":["no"]}', Fault.DAMAGED), (b'{"issues":{}}', Fault.PROTOCOL),
    (b'{"issues":[{"key":"A-1"}]}', Fault.PROTOCOL), (b'{"issues":[],"nextPageToken":7}', Fault.PROTOCOL),
    (b'{"issues":[],"isLast":"yes"}', Fault.PROTOCOL), (b"[]", Fault.PROTOCOL),
    (b'{"issues":[{"id":"\\ud83d"}]}', Fault.PROTOCOL), (b'{"issues":[],"nextPageToken":"\\ud83d"}', Fault.PROTOCOL),
])  # fmt: skip
def test_an_answer_that_is_no_page_is_not_taken_for_an_empty_one(body: bytes, fault: Fault) -> None:
    with pytest.raises(Unusable) as caught:
        read(token_search(QUERY, "a = 1", "", 7), body)
    assert caught.value.fault is fault


@pytest.mark.parametrize(("body", "count"), [(b'{"count":7}', 7), (b'{"count":0}', 0), (b'{"count":-3}', 0)])
def test_a_count_is_never_below_nothing(body: bytes, count: int) -> None:
    assert read(approximate_count("3", "a = 1"), body) == count


@pytest.mark.parametrize("body", [b"", b"{}", b'{"count":null}', b'{"count":"7"}', b"<html>", b'{"count":7'])
def test_what_is_no_count_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(Unusable):
        read(approximate_count("3", "a = 1"), body)


@pytest.mark.parametrize(("fields", "expand", "most"), [
    (("summary", "created"), (), 1000),
    (("summary",), ("names", "schema"), 1000),
    (tuple(f"customfield_{number}" for number in range(100)), (), 1000),
    (tuple(f"customfield_{number}" for number in range(101)), (), 100),
    (("*all",), (), 100),
    (("summary", "*navigable"), (), 100),
    (("-comment",), (), 100),
    (("summary", "-description"), (), 100),
    (("summary", "comment"), (), 100),
    (("attachment",), (), 100),
    (("worklog", "summary"), (), 100),
    *((("summary",), (name,), 100) for name in (
        "changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations")),
])  # fmt: skip
def test_more_than_a_hundred_are_asked_for_where_each_is_small(
    fields: tuple[str, ...], expand: tuple[str, ...], most: int
) -> None:
    assert largest_batch(Query(fields=fields, expand=expand)) == most


def test_an_answer_nested_beyond_measure_is_no_count() -> None:
    with pytest.raises(Unusable):
        read(approximate_count("3", "a = 1"), b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b',"count":5}')


def test_an_error_without_words_is_an_error() -> None:
    batch = read(bulk_fetch(QUERY, ["1"]), b'{"issues":[],"issueErrors":[{"id":"1","errorMessage":null}]}')
    assert batch.errors == {"1": ""}
