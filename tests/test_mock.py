"""The mock must be honest to real clients, and break exactly as it was told to."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import groupby

import aiohttp
import orjson
import pytest
import requests

from asyncjira.errors import ConfigError
from asyncjira.mock import MockJira
from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.corpus import Corpus
from asyncjira.mock.damage import DAMAGE
from asyncjira.mock.edits import EDITS
from asyncjira.mock.faults import Fault, Faults
from asyncjira.mock.kinds import KINDS
from asyncjira.mock.limits import Bucket
from asyncjira.mock.pages import rows_within
from asyncjira.mock.query import Bounds, BrokenQuery, read
from asyncjira.mock.refusal import REFUSALS
from asyncjira.mock.selection import select

SEARCH = "/rest/api/2/search"


@pytest.fixture(scope="module")
def shared():
    """One mock for all tests that only ask."""
    with MockJira(issues=230, max_page=100) as mock:
        yield mock


@pytest.fixture(scope="module")
def faulty():
    """One mock whose faults a test replaces."""
    with MockJira(issues=30) as mock:
        yield mock


def get(mock, path=SEARCH, **parameters):
    return requests.get(mock.url + path, params=parameters, timeout=5)


def raw(mock, *headers, target=SEARCH + "?maxResults=3", pause=0.0):
    """Return what comes over a bare socket until the connection ends, and how it ends."""
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=3) as wire:
        wire.sendall("\r\n".join([f"GET {target} HTTP/1.1", "Host: mock", *headers, "", ""]).encode())
        time.sleep(pause)
        received = b""
        try:
            while piece := wire.recv(1 << 20):
                received += piece
        except ConnectionResetError:
            return received, "reset"
        return received, "closed"


async def until(happened):
    """Wait until something is so that happens on another task or thread."""
    async with asyncio.timeout(3):
        while not happened():
            await asyncio.sleep(0.001)


def parts(received):
    """Return the status, the headers in lower case and the body of a raw answer."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def whole_page(mock, count=3):
    """Return the bytes of the page that `raw` asks for, when nothing is wrong."""
    mock.faults = []
    return get(mock, maxResults=count).content


def broken(mock, fault):
    """Return what a fault makes of the next search, as `raw` does, and the whole page that was due."""
    due = whole_page(mock)
    mock.faults = [f"{fault}@1-"]
    return (*raw(mock), due)


# Issues


def test_the_same_seed_serves_the_same_bytes_in_every_process():
    code = (
        "import hashlib; from asyncjira.mock import MockJira;"
        "print(hashlib.sha256(b''.join(MockJira(issues=300, seed=7).expected('*all', ['changelog']))).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    rows = list(MockJira(issues=300, seed=7).expected())
    assert len(runs) == 1
    assert rows == list(MockJira(issues=300, seed=7).expected())
    other = MockJira(issues=300, seed=8).expected("description")
    texts = [{json.loads(row)["fields"]["description"] for row in some} for some in (rows, other)]
    assert len(texts[0] & texts[1]) < 30  # some are one short paragraph


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_issues_are_as_large_as_real_ones(seed):
    sizes = [len(row) for row in MockJira(issues=600, seed=seed).expected()]
    assert min(sizes) >= 4000
    assert max(sizes) <= 8192
    assert 5700 < statistics.mean(sizes) < 6300


def test_rows_are_in_order_of_creation_with_ties_and_unique_names():
    issues = [json.loads(row) for row in MockJira(issues=2000).expected("created,updated,project")]
    ids, keys = [int(issue["id"]) for issue in issues], [issue["key"] for issue in issues]
    created = [issue["fields"]["created"] for issue in issues]
    assert (ids[0], keys[0]) == (10000, "OPS-1")
    assert ids == sorted(set(ids))
    assert ids != list(range(ids[0], ids[0] + len(ids)))
    assert len(set(keys)) == len(keys)
    assert {key.split("-")[0] for key in keys} == {"OPS", "WEB", "PAY", "DATA", "MOBILE"}
    assert all(issue["key"].startswith(issue["fields"]["project"]["key"] + "-") for issue in issues)
    assert created == sorted(created)
    assert {len(list(group)) for _, group in groupby(created)} == {1, 2, 3, 4, 5}
    assert all(issue["fields"]["updated"] >= issue["fields"]["created"] for issue in issues)


def test_the_time_of_a_row_is_the_time_in_its_bytes():
    corpus = Corpus(5_000_000, 3)
    for number in (0, 255, 256, 4_999_999):
        text = json.loads(corpus.row(number, select(())))["fields"]["created"]
        assert text.endswith(".000+0000")
        assert datetime.fromisoformat(text).timestamp() * 1000 == corpus.created(number)


def test_issues_hold_what_breaks_readers():
    rows = list(MockJira(issues=256).expected())
    everything = b"".join(rows)
    odd = "\u2028 \\u0000 🚀 \\ud83d\\ude80 النتيجة 結果 <script> \\r\\n :1.10, :1e3, 12345678901234567890123"
    for oddity in odd.split(" "):
        assert oddity.encode() in everything, oddity
    assert b'"assignee":null' in everything
    assert all(b"\n" not in row for row in rows)
    assert all(orjson.loads(row) for row in rows)


def test_every_kind_of_field_has_a_value_somewhere():
    issues = [json.loads(row)["fields"] for row in MockJira(issues=256).expected("*all")]
    never = {name for name in CATALOGUE if all(issue[name] in (None, [], {}) for issue in issues)}
    assert never <= {"versions", "subtasks", "timeoriginalestimate", "lastViewed"}
    sprints = [issue["customfield_10015"] for issue in issues if issue["customfield_10015"]]
    assert all(text.startswith("com.atlassian.greenhopper") for sprint in sprints for text in sprint)
    nulls = [sum(issue[name] is None for name in issue if name.startswith("customfield")) for issue in issues]
    assert 40 < statistics.mean(nulls) < 58


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("summary,status", {"summary", "status"}),
        ("summary, nosuchfield", {"summary"}),
        ("*navigable,-description,-nosuchfield", {n for n, f in CATALOGUE.items() if f.navigable} - {"description"}),
        ("-description", {n for n, f in CATALOGUE.items() if f.navigable} - {"description"}),
        ("*all,-comment", set(CATALOGUE) - {"comment"}),
        ("*all", set(CATALOGUE)),
        ("", {n for n, f in CATALOGUE.items() if f.navigable}),
        ("nosuchfield", None),
    ],
)
def test_fields_are_selected_as_jira_selects_them(shared, fields, wanted):
    page = get(shared, fields=fields, maxResults=2).json()
    found = [set(issue["fields"]) if "fields" in issue else None for issue in page["issues"]]
    assert found == [wanted, wanted]


def test_expansions_stand_where_jira_puts_them(shared):
    page = get(shared, fields="summary,description,comment", expand="names,schema,renderedFields,changelog").json()
    assert page["names"] == {"summary": "Summary", "description": "Description", "comment": "Comment"}
    assert page["schema"]["summary"] == {"type": "string", "system": "summary"}
    for issue in page["issues"]:
        assert set(issue["renderedFields"]) == {"description", "comment"}
        assert issue["renderedFields"]["description"].startswith("<p>")
        assert issue["changelog"]["total"] == len(issue["changelog"]["histories"])
    assert not {"names", "schema"} & set(get(shared).json())
    assert "renderedFields" not in get(shared).json()["issues"][0]


# Pages


def test_pages_hold_the_expected_bytes_and_cover_all_issues(shared):
    pages = [get(shared, startAt=start, maxResults=100) for start in (0, 100, 200)]
    rows = list(shared.expected())
    for page, start in zip(pages, (0, 100, 200), strict=True):
        head = b'{"expand":"names,schema","startAt":%d,"maxResults":100,"total":230,"issues":[' % start
        assert page.content == head + b",".join(rows[start : start + 100]) + b"]}"
    assert shared.total == len(rows) == 230


@pytest.mark.parametrize(
    ("asked", "said", "rows"),
    [
        ({}, 50, 50),
        ({"maxResults": 1000}, 100, 100),
        ({"maxResults": 0}, 0, 0),
        ({"startAt": 225, "maxResults": 10}, 10, 5),
        ({"startAt": 230}, 50, 0),
        ({"startAt": 9999}, 50, 0),
    ],
)
def test_the_answer_says_how_many_it_really_gives(shared, asked, said, rows):
    page = get(shared, **asked).json()
    assert (page["maxResults"], len(page["issues"]), page["total"]) == (said, rows, 230)
    assert page["startAt"] == asked.get("startAt", 0)


@pytest.mark.parametrize(
    "asked", [{"startAt": -1}, {"startAt": "x"}, {"maxResults": -1}, {"maxResults": "1e2"}, {"startAt": "9" * 5000}]
)
def test_numbers_that_are_none_are_refused(shared, asked):
    answer = get(shared, **asked)
    assert answer.status_code == 400
    assert next(iter(asked)) in answer.json()["errorMessages"][0]


def test_a_search_can_be_posted(shared):
    jql = "project in (" + ",".join(map(str, range(200_000))) + ")"
    body = {"jql": jql, "startAt": 3, "maxResults": 2, "fields": ["summary"], "expand": ["names"], "validateQuery": 1}
    page = requests.post(shared.url + SEARCH, json=body, timeout=5).json()
    assert [set(issue["fields"]) for issue in page["issues"]] == [{"summary"}, {"summary"}]
    assert "names" in page
    assert page["issues"] == get(shared, startAt=3, maxResults=2, fields="summary").json()["issues"]
    assert requests.post(shared.url + SEARCH, json={"expand": "names", "maxResults": 0}, timeout=5).json()["names"]
    for bad in (b"{", b"[]", b'{"startAt":true}', b'{"jql":7}', b'{"fields":{"a":1}}', b'{"maxResults":1.5}'):
        assert requests.post(shared.url + SEARCH, data=bad, timeout=5).status_code == 400


@pytest.mark.parametrize("version", ["2", "3", "latest"])
def test_all_versions_of_the_interface_answer(shared, version):
    assert get(shared, f"/rest/api/{version}/search", maxResults=1).json()["total"] == 230


def test_the_result_window_is_a_500_and_the_total_stays_true(mock_jira):
    mock = mock_jira(issues=30, result_window=20, max_page=10)
    assert get(mock, startAt=10, maxResults=10).json()["total"] == 30
    beyond = get(mock, startAt=11, maxResults=10)
    assert beyond.status_code == 500
    assert beyond.json()["errorMessages"][0].startswith("Search limit exceeded.")
    assert "requests 21 results" in beyond.json()["errorMessages"][0]
    assert get(mock, "/rest/api/2/searchLimits/maxResultWindow").json() == 20
    assert get(mock_jira(), "/rest/api/2/searchLimits/maxResultWindow").status_code == 404
    assert get(mock, startAt=25, maxResults=0).json()["total"] == 30


def test_a_window_may_leave_rows_out_and_tell_nobody(mock_jira):
    mock = mock_jira(issues=30, result_window=20, max_page=10, window_empty=True, window_told=False)
    rows = list(mock.expected("x"))
    for start, wanted in {5: rows[5:15], 10: rows[10:20], 15: rows[15:20], 20: [], 29: []}.items():
        page = get(mock, startAt=start, maxResults=10, fields="x")
        head = b'"startAt":%d,"maxResults":10,"total":30,"issues":[' % start
        assert page.content.endswith(head + b",".join(wanted) + b"]}")
    mock.faults = ["repeat@1-"]
    assert get(mock, startAt=25, maxResults=10, fields="x").content.endswith(b"[" + b",".join(rows[:10]) + b"]}")
    assert get(mock, "/rest/api/2/searchLimits/maxResultWindow").status_code == 404


def test_a_recording_is_served_as_it_stands(mock_jira, tmp_path):
    lines = [
        b'{"id":"3","key":"A-3","fields":{"created":"2020-01-02T00:00:00.000+0000"}}',
        b'{"id": "1", "key":"A-1","fields":{"created":"2020-01-01T00:00:00.000+0000","x":1.10}}',
        b'{"id":"2","key":"A-2","fields":{"created":"2020-01-01T01:00:00+0100","updated":"2021-01-01T00Z","s":"\\ud83d"}}',
    ]
    path = tmp_path / "issues.ndjson.gz"
    path.write_bytes(gzip.compress(b"\r\n".join(lines) + b"\n\n"))
    mock = mock_jira(data=path)
    assert list(mock.expected("summary")) == [lines[1], lines[2], lines[0]]
    assert get(mock, fields="summary").content.endswith(b'"total":3,"issues":[' + b",".join(mock.expected()) + b"]}")
    assert get(mock, jql="created >= 1577836800001").json()["total"] == 1
    assert get(mock, jql="updated >= 1609459200000").json()["issues"][0]["key"] == "A-2"
    assert get(mock, jql="updated > 1609459200000").json()["total"] == 0


@pytest.mark.parametrize("line", [b"[]", b"{}", b"nonsense", b'{"id":null}', b'{"id":"1","fields":{"created":"soon"}}'])
def test_a_recording_must_hold_issues(tmp_path, line):
    (tmp_path / "x.ndjson").write_bytes(b'{"id":1}\n' + line)
    with pytest.raises(ConfigError, match=r"x\.ndjson:2"):
        MockJira(data=tmp_path / "x.ndjson")
    with pytest.raises(ConfigError, match="cannot read"):
        MockJira(data=tmp_path / "absent.ndjson")


# Queries


@pytest.mark.parametrize(
    "jql",
    [
        "project =",
        "project = AND status = Open",
        "project = OPS AND",
        "project = OPS OR ORDER BY created",
        'summary ~ "open',
        "summary ~ 'open",
        "(project = OPS",
        "project = OPS)",
        "project in ()) ORDER BY id",
        "AND project = OPS",
        "project = = OPS",
        "project ! OPS",
    ],
)
def test_broken_queries_are_refused_in_jiras_words(shared, jql):
    answer = get(shared, jql=jql)
    assert answer.status_code == 400
    assert answer.json()["errorMessages"][0].startswith("Error in the JQL Query: ")
    assert answer.json()["errorMessages"][0].endswith(")")
    assert answer.json()["errors"] == {}


def test_an_empty_operand_is_named_as_jira_names_it():
    with pytest.raises(BrokenQuery) as refused:
        read("project =")
    wanted = "Expecting either a value, list or function but got 'end of query'."
    assert str(refused.value) == f"Error in the JQL Query: {wanted} (line 1, character 10)"


@pytest.mark.parametrize(
    "jql",
    [
        "",
        "order by created",
        "project = OPS and status not in (Open, 'In Progress') ORDER BY key ASC",
        'text ~ "a \\" (quoted) AND" AND assignee is not EMPTY',
        "reporter = currentUser() AND NOT (labels = x OR cf[10003] >= 1.5)",
        "created >= -30d AND created >= '2020-01-01'",
        "project = OPS OR created < 0",
        "NOT created < 0",
        "NOT (created < 0)",
        "updated < 99999999999999 ORDER BY updated DESC",
        "NOT (updated >= 99999999999999) OR updated > 99999999999999",
    ],
)
def test_other_clauses_match_everything_in_order(jql):
    assert read(jql) == Bounds()
    assert rows_within(Corpus(77, 0), read(jql)) == range(77)


@pytest.mark.parametrize("place", [0, 1, 50, 99])
def test_bounds_on_created_choose_exactly_the_rows_within(place):
    corpus = Corpus(100, 0)
    times = [corpus.created(number) for number in range(100)]
    at = times[place]
    for jql, wanted in {
        f"created >= {at}": [t >= at for t in times],
        f"(project = X OR a = b) AND created > {at}": [t > at for t in times],
        f"((x = 1) AND created<{at}) order by id": [t < at for t in times],
        f"created >= {times[20]} and (a = b) AND (CREATED <= {at} AND c = d)": [times[20] <= t <= at for t in times],
    }.items():
        assert list(rows_within(corpus, read(jql))) == [row for row in range(100) if wanted[row]]


@pytest.mark.parametrize("place", [0, 50, 99])
def test_bounds_on_updated_choose_exactly_the_rows_within(place):
    corpus = Corpus(100, 0)
    created, updated = ([time(row) for row in range(100)] for time in (corpus.created, corpus.updated))
    at = updated[place]
    jql = f"(project = OPS OR x = y) AND created >= {created[10]} AND created < {created[90]} AND updated >= {at}"
    wanted = [row for row in range(100) if created[10] <= created[row] < created[90] and updated[row] >= at]
    assert list(rows_within(corpus, read(jql))) == wanted
    assert list(rows_within(corpus, read(f"updated >= {at} ORDER BY created DESC"))) == [
        row for row in range(99, -1, -1) if updated[row] >= at
    ]
    assert list(rows_within(corpus, read(f"updated > {at}"))) == [row for row in range(100) if updated[row] > at]


def test_a_bound_on_updated_counts_and_pages(shared):
    corpus = Corpus(230, 0)
    at = sorted(corpus.updated(row) for row in range(230))[100]
    rows = [row for number, row in enumerate(shared.expected("x")) if corpus.updated(number) >= at]
    page = get(shared, jql=f"updated >= {at}", fields="x", startAt=60, maxResults=20)
    assert page.content.endswith(b'"total":%d,"issues":[%b]}' % (len(rows), b",".join(rows[60:80])))
    recent = get(shared, jql=f"(project = OPS) AND updated >= {at} ORDER BY created ASC, key ASC", maxResults=0).json()
    assert recent["total"] == len(rows)


def test_descending_order_is_the_reverse(shared):
    ascending = [issue["id"] for issue in get(shared, fields="x", maxResults=100, startAt=130).json()["issues"]]
    for field in ("created", "id", "key"):
        first = get(shared, jql=f"project = OPS ORDER BY {field} desc, key ASC", fields="x", maxResults=100).json()
        assert [issue["id"] for issue in first["issues"]] == ascending[::-1]
    bounded = read("created > 7 ORDER BY id DESC")
    assert bounded == Bounds(created_from=8, descending=True)


# Who asks, and how


def test_what_clients_ask_at_the_start(shared):
    info = get(shared, "/rest/api/2/serverInfo", doHealthCheck=False).json()
    assert (info["baseUrl"], info["deploymentType"], info["versionNumbers"]) == (shared.url, "Server", [10, 3, 2])
    fields = get(shared, "/rest/api/2/field").json()
    assert [field["id"] for field in fields] == list(CATALOGUE)
    assert set(fields[0]) >= {"id", "name", "custom", "navigable", "orderable", "searchable", "clauseNames", "schema"}
    assert get(shared, "/rest/api/2/myself").status_code == 401
    who = requests.get(shared.url + "/rest/api/2/myself", auth=("ada@example.com", "x"), timeout=5)
    assert who.json()["emailAddress"] == who.headers["X-AUSERNAME"] == "ada@example.com"


@pytest.mark.parametrize(
    "path", ["/", "/rest/api/2/nothing", "/rest/api/4/search", "/jira/rest/api/2/search", "/browse/A-1"]
)
def test_other_paths_are_404_in_json(shared, path):
    answer = get(shared, path)
    assert answer.status_code == 404
    assert answer.json()["errorMessages"]


def test_a_context_path_stands_before_everything(mock_jira):
    mock = mock_jira(context="/jira", issues=3)
    assert mock.url.endswith("/jira")
    assert get(mock).json()["total"] == 3
    assert requests.get(mock.url.removesuffix("/jira") + SEARCH, timeout=5).status_code == 404


def test_a_wrong_method_is_405(shared):
    assert requests.post(shared.url + "/rest/api/2/serverInfo", timeout=5).status_code == 405
    assert requests.put(shared.url + SEARCH, timeout=5).headers["Allow"] == "GET, POST"
    assert shared.wire[-1]["n"] is None


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ({"auth": ("me@example.com", "secret")}, 200),
        ({"headers": {"Authorization": "Bearer secret"}}, 200),
        ({"auth": ("me@example.com", "wrong")}, 401),
        ({"auth": ("you@example.com", "secret")}, 401),
        ({"headers": {"Authorization": "Bearer wrong"}}, 401),
        ({"headers": {"Authorization": "Basic %%%"}}, 401),
        ({"headers": {"Authorization": "secret"}}, 401),
        ({}, 401),
    ],
)
def test_a_login_is_checked(mock_jira, login, status):
    mock = mock_jira(email="me@example.com", token="secret", issues=1)
    for path in (SEARCH, "/rest/api/2/myself"):
        answer = requests.get(mock.url + path, timeout=5, **login)
        assert answer.status_code == status
        if status == 401:
            assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
            assert answer.headers["Content-Type"].startswith("text/html")
        else:
            assert answer.headers["X-AUSERNAME"] == "me@example.com"
    assert "secret" not in repr(mock) + repr(list(mock.wire))


@pytest.mark.parametrize("wrong", ["anonymous", "silent"])
def test_a_wrong_login_may_be_answered_as_a_visitors(mock_jira, wrong):
    mock = mock_jira(email="me@example.com", token="secret", issues=7, wrong_login=wrong)
    named = {"anonymous": "anonymous", "silent": None}[wrong]
    for auth in (("me@example.com", "wrong"), ("you@example.com", "secret"), None):
        page = requests.get(mock.url + SEARCH, params={"jql": "created >= 5"}, auth=auth, timeout=5)
        assert page.content == b'{"expand":"names,schema","startAt":0,"maxResults":50,"total":0,"issues":[]}'
        assert page.headers.get("X-AUSERNAME") == named
        who = requests.get(mock.url + "/rest/api/2/myself", auth=auth, timeout=5)
        assert (who.status_code, who.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
        assert requests.get(mock.url + "/rest/api/2/serverInfo", auth=auth, timeout=5).status_code == 200
    right = ("me@example.com", "secret")
    page = requests.get(mock.url + SEARCH, auth=right, timeout=5)
    assert (page.json()["total"], page.headers.get("X-AUSERNAME")) == (7, named and "me@example.com")
    who = requests.get(mock.url + "/rest/api/2/myself", auth=right, timeout=5)
    assert (who.status_code, who.json()["name"]) == (200, "me@example.com")


def test_a_session_may_end_in_the_middle(mock_jira):
    mock = mock_jira(email="me@example.com", token="secret", issues=7, faults=["visitor@2"])
    pages = [requests.get(mock.url + SEARCH, auth=("me@example.com", "secret"), timeout=5) for _ in range(3)]
    assert [page.json()["total"] for page in pages] == [7, 0, 7]
    assert [page.headers["X-AUSERNAME"] for page in pages] == ["me@example.com", "anonymous", "me@example.com"]
    assert pages[1].json()["issues"] == []


def test_a_client_may_wait_before_its_body_and_may_ask_as_of_a_proxy(shared):
    lines = ["Expect: 100-continue", "Content-Length: 0", "Connection: close"]
    received, _ = raw(shared, *lines, target="/rest/api/2/field")
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert parts(raw(shared, "Connection: close", target=f"{shared.url}{SEARCH}?maxResults=0")[0])[0] == 200
    assert (shared.wire[-1]["path"], shared.wire[-1]["maxResults"]) == (SEARCH, 0)


def test_a_session_cookie_is_set_once(shared):
    with requests.Session() as session:
        assert "JSESSIONID" in session.get(shared.url + SEARCH).headers["Set-Cookie"]
        assert "Set-Cookie" not in session.get(shared.url + SEARCH).headers


def test_gzip_only_when_asked(shared, mock_jira):
    for accepted in ([], ["Accept-Encoding: br, identity"], ["Accept-Encoding: gzip;q=0"]):
        status, headers, body = parts(raw(shared, "Connection: close", *accepted)[0])
        assert (status, headers["content-type"]) == (200, "application/json;charset=UTF-8")
        assert "content-encoding" not in headers
        assert int(headers["content-length"]) == len(body)
    for path in (SEARCH, "/rest/api/2/field"):
        status, headers, packed = parts(raw(shared, "Connection: close", "Accept-Encoding: br, GZip", target=path)[0])
        assert headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed) == get(shared, path).content
    plain = mock_jira(gzip=False, issues=5)
    assert "content-encoding" not in parts(raw(plain, "Connection: close", "Accept-Encoding: gzip")[0])[1]


def test_the_python_jira_client_pulls_every_issue(shared):
    jira = pytest.importorskip("jira")
    client = jira.JIRA(server=shared.url, basic_auth=("me", "x"), max_retries=0)
    found = client.search_issues("", maxResults=False)
    assert [issue.key for issue in found] == [json.loads(row)["key"] for row in shared.expected()]
    client.close()


def test_the_atlassian_client_pulls_every_issue(shared):
    atlassian = pytest.importorskip("atlassian")
    client = atlassian.Jira(url=shared.url, username="me", password="x", cloud=False)
    found = client.jql_get_list_of_tickets("project = OPS")
    assert [issue["key"] for issue in found] == [json.loads(row)["key"] for row in shared.expected()]
    client.close()


# Limits


def test_a_bucket_refills_evenly_and_never_overflows():
    bucket = Bucket(2)
    assert [bucket.take(100.0) for _ in range(3)] == [True, True, False]
    assert bucket.wait == 1
    assert bucket.headers(granted=False) == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-FillRate": "2",
        "X-RateLimit-Interval-Seconds": "1",
        "retry-after": "1",
    }
    assert [bucket.take(100.5) for _ in range(2)] == [True, False]
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]
    slow = Bucket(0.1)
    assert [slow.take(5.0), slow.take(14.9), slow.take(15.0)] == [True, False, True]
    assert (slow.wait, slow.headers(granted=True)["X-RateLimit-Interval-Seconds"]) == (10, "10")


def test_the_rate_limit_refuses_with_429(mock_jira):
    mock = mock_jira(issues=3, rate_limit=3)
    answers = [get(mock, maxResults=1) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["retry-after"] == "0"
    assert answers[3].headers["Retry-After"] == "1"
    assert answers[3].headers["Content-Type"].startswith("text/html")
    assert get(mock, "/rest/api/2/serverInfo").status_code == 200


# Faults


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "429",
        "429@",
        "429@0",
        "429@3-2",
        "429@0%",
        "429@101%",
        "429@x",
        "429:soon@1",
        "429:@1",
        "nonsense@1",
        "reset:1@1",
        "total@1",
        "cap@1",
        "cap:0@1",
        "poison@1-",
        "poison:OPS-1@1-",
        "414-get:1@1-",
        "hang:-1@1",
        "redirect:a\r\nb@1",
        "@1",
    ],
)
def test_a_bad_fault_is_refused_and_the_kinds_are_listed(spec):
    with pytest.raises(ConfigError) as refused:
        MockJira(faults=[spec])
    assert "KIND[:ARGUMENT]@WHEN" in str(refused.value)
    if "kinds are" in str(refused.value):
        assert all(kind in str(refused.value) for kind in KINDS)


def test_every_kind_is_carried_out_once():
    carried_out = [*REFUSALS, *DAMAGE, *EDITS, "slow", "poison", "poison-deep", "visitor"]
    assert sorted(carried_out) == sorted(KINDS)
    assert all(kind.meaning for kind in KINDS.values())


def test_a_string_of_faults_is_refused():
    with pytest.raises(ConfigError, match="list"):
        MockJira(faults="429@1")


@pytest.mark.parametrize(
    ("when", "struck"), [("3", {3}), ("2-4", {2, 3, 4}), ("8-", {8, 9, 10}), ("100%", set(range(1, 11)))]
)
def test_when_a_fault_strikes(when, struck):
    faults = Faults([f"500@{when}"])
    assert {number for number in range(1, 11) if faults.choose(number)} == struck


def test_the_first_fault_that_fits_strikes():
    faults = Faults(["redirect:https://sso.example.com/a@b:1@2", "reset@1-"])
    assert faults.choose(1) == Fault("reset")
    assert faults.choose(2) == Fault("redirect", "https://sso.example.com/a@b:1", 2, 2)


def test_percentages_are_seeded_and_about_right():
    first, second = Faults(["reset@10%"], 1), Faults(["reset@10%"], 2)
    struck = [[number for number in range(1, 2001) if faults.choose(number)] for faults in (first, second)]
    assert all(140 < len(numbers) < 260 for numbers in struck)
    assert struck[0] != struck[1]
    assert struck[0] == [number for number in range(1, 2001) if Faults(["reset@10%"], 1).choose(number)]


@pytest.mark.parametrize("kind", ["400", "401", "403", "404", "410", "413", "414", "500", "502", "503", "504"])
def test_a_status_is_that_status(faulty, kind):
    faulty.faults = [f"{kind}@1-"]
    answer = get(faulty)
    assert answer.status_code == int(kind)
    if kind in {"400", "403", "404", "410", "500"}:
        assert answer.json()["errorMessages"]
    else:
        assert answer.text.startswith("<!doctype html>")


def test_retry_after_in_all_its_shapes(faulty):
    waits = {}
    for kind in ("429", "429:7", "429:none", "503", "503:4"):
        faulty.faults = [f"{kind}@1-"]
        waits[kind] = get(faulty).headers.get("Retry-After")
    assert waits == {"429": "1", "429:7": "7", "429:none": None, "503": None, "503:4": "4"}
    faulty.faults = ["429:date@1-"]
    headers = get(faulty).headers
    pause = parsedate_to_datetime(headers["Retry-After"]) - parsedate_to_datetime(headers["Date"])
    assert pause.total_seconds() == 2


def test_a_captcha_is_a_403_with_its_headers(faulty):
    faulty.faults = ["captcha@1-"]
    answer = get(faulty)
    assert (answer.status_code, answer.headers["X-Seraph-LoginReason"]) == (403, "AUTHENTICATION_DENIED")
    assert answer.headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE; login-url=")


def test_answers_that_lie_with_a_200(faulty):
    found = {}
    for kind in ("empty", "object", "errors", "html", "maintenance"):
        faulty.faults = [f"{kind}@1-"]
        answer = get(faulty)
        assert answer.status_code == 200
        found[kind] = answer.text
    assert found["empty"] == ""
    assert found["object"] == "{}"
    assert json.loads(found["errors"])["errorMessages"]
    assert 'type="password"' in found["html"]
    assert "maintenance" in found["maintenance"]
    assert "password" not in found["maintenance"]


def test_redirects(faulty):
    for kind, target in {"redirect": "/login.jsp", "redirect:http://127.0.0.1:1/x@y": "http://127.0.0.1:1/x@y"}.items():
        faulty.faults = [f"{kind}@1-"]
        answer = requests.get(faulty.url + SEARCH, allow_redirects=False, timeout=5)
        assert (answer.status_code, answer.headers["Location"]) == (302, target)


def test_control_characters_reach_the_reader(faulty):
    faulty.faults = ["control@1-"]
    answer = get(faulty)
    assert answer.status_code == 400
    assert {"\x1b", "\x07", "\u202e"} <= set(answer.json()["errorMessages"][0])


def test_reset_before_any_answer(faulty):
    received, end, _ = broken(faulty, "reset")
    assert (received, end) == (b"", "reset")


def test_reset_in_the_body(faulty):
    received, end, due = broken(faulty, "reset-body")
    status, headers, body = parts(received)
    assert (status, int(headers["content-length"]), end) == (200, len(due), "reset")
    assert body == due[: len(due) // 2]


@pytest.mark.parametrize(
    ("kind", "promised", "sent"),
    [
        ("truncate", lambda due: len(due), lambda due: len(due) // 2),
        ("truncate-short", lambda due: len(due) // 2, lambda due: len(due) // 2),
        ("truncate-long", lambda due: len(due) + 1000, lambda due: len(due)),
        ("truncate-none", lambda due: None, lambda due: len(due) // 2),
    ],
)
def test_truncated_bodies(faulty, kind, promised, sent):
    received, end, due = broken(faulty, kind)
    status, headers, body = parts(received)
    assert (status, end, headers["content-type"]) == (200, "closed", "application/json;charset=UTF-8")
    assert headers.get("content-length") == (None if promised(due) is None else str(promised(due)))
    assert body == due[: sent(due)]
    assert ("connection" in headers) == (kind in {"truncate-short", "truncate-none"})


@pytest.mark.parametrize(("kind", "end"), [("chunked-early", b"\r\n0\r\n\r\n"), ("chunked-cut", b"\r\n")])
def test_chunked_bodies(faulty, kind, end):
    received, _, due = broken(faulty, kind)
    _, headers, body = parts(received)
    half = due[: len(due) // 2]
    assert headers["transfer-encoding"] == "chunked"
    assert body == b"%x\r\n" % len(half) + half + end


@pytest.mark.parametrize("kind", ["gzip-cut", "gzip-tail"])
def test_gzip_bodies(faulty, kind):
    received, _, due = broken(faulty, kind)
    _, headers, body = parts(received)
    assert (headers["content-encoding"], int(headers["content-length"])) == ("gzip", len(body))
    reader = zlib.decompressobj(wbits=31)
    found = reader.decompress(body)
    assert not reader.eof
    assert found == due if kind == "gzip-tail" else 0 < len(found) < len(due)
    assert len(body) == {"gzip-cut": len(gzip.compress(due)) // 2, "gzip-tail": len(gzip.compress(due)) - 8}[kind]
    assert due.startswith(found)


def test_a_bomb_inflates_to_what_was_ordered(faulty):
    due = whole_page(faulty, 50)
    faulty.faults = ["bomb:3@1-"]
    answer = get(faulty)
    assert answer.content == b" " * (3 << 20) + due
    assert int(answer.headers["Content-Length"]) < len(due)


def test_hang_and_slow(faulty):
    faulty.faults = ["hang:0.1@1-"]
    begun = time.monotonic()
    assert raw(faulty) == (b"", "closed")
    faulty.faults = ["slow:0.1@1-"]
    assert len(get(faulty).json()["issues"]) == 30
    assert time.monotonic() - begun >= 0.2
    faulty.faults = ["hang@1-"]
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(faulty.url + SEARCH, timeout=0.1)


def test_drip_sends_a_byte_at_a_time(faulty):
    faulty.faults = ["drip@1-"]
    with requests.get(faulty.url + SEARCH, stream=True, timeout=1) as answer:
        pieces = answer.iter_content(1)
        begun = time.monotonic()
        assert next(pieces) + next(pieces) == b'{"'
        assert 0.1 < time.monotonic() - begun < 0.4
        assert int(answer.headers["Content-Length"]) > 1000


def test_drip_at_a_chosen_speed(faulty):
    due = whole_page(faulty, 1)
    faulty.faults = [f"drip:{len(due) // 2 + 1}@1-"]
    received, end = raw(faulty, target=SEARCH + "?maxResults=1")
    assert (parts(received)[2], end) == (due, "closed")


def test_an_endless_body_goes_on_and_lets_others_through(faulty):
    faulty.faults = ["endless@1-"]
    with requests.get(faulty.url + SEARCH, stream=True, timeout=2) as answer:
        assert "Content-Length" not in answer.headers
        assert len(answer.raw.read(5 << 20)) == 5 << 20
        assert get(faulty, "/rest/api/2/serverInfo").status_code == 200


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("total:-1", '"total":-1,'),
        ('total:"7"', '"total":"7",'),
        ("total:null", '"total":null,'),
        ("total:1e3", '"total":1e3,'),
        ("total:absent", '"maxResults":3,"issues"'),
        ("max:0", '"maxResults":0,'),
        ("max:true", '"maxResults":true,'),
        ("start:12", '"startAt":12,'),
    ],
)
def test_false_numbers(faulty, fault, text):
    due = whole_page(faulty)
    faulty.faults = [f"{fault}@1-"]
    body = get(faulty, maxResults=3).text
    assert text in body.split('"issues"')[0] + '"issues"'
    assert body.split('"issues":')[1].encode() == due.split(b'"issues":')[1]


def test_false_rows(faulty):
    rows = list(faulty.expected())
    faulty.faults = ["cap:2@1-"]
    page = get(faulty, startAt=5, maxResults=10)
    assert page.content.endswith(b'"maxResults":2,"total":30,"issues":[' + b",".join(rows[5:7]) + b"]}")
    faulty.faults = ["repeat@1-"]
    page = get(faulty, startAt=5, maxResults=2)
    assert page.content.endswith(b'"startAt":5,"maxResults":2,"total":30,"issues":[' + b",".join(rows[:2]) + b"]}")
    faulty.faults = ["no-issues@1-"]
    page = get(faulty, startAt=5, maxResults=2)
    assert page.content.endswith(b'"startAt":5,"maxResults":2,"total":30,"issues":[]}')


def test_a_short_page_and_one_in_no_order(faulty):
    rows = list(faulty.expected())
    head = b'"startAt":5,"maxResults":10,"total":30,"issues":['
    for fault, count in {"short": 9, "short:4": 6, "short:999": 0}.items():
        faulty.faults = [f"{fault}@1-"]
        assert get(faulty, startAt=5, maxResults=10).content.endswith(head + b",".join(rows[5 : 5 + count]) + b"]}")
    faulty.faults = ["short:3@1-"]
    assert len(get(faulty, startAt=25, maxResults=10).json()["issues"]) == 5
    faulty.faults = ["unsorted@1-"]
    for size in (1, 2, 3, 10):
        issues = get(faulty, startAt=5, maxResults=size).json()["issues"]
        due = [json.loads(row) for row in rows[5 : 5 + size]]
        assert (issues == due) == (size == 1)
        assert sorted(issues, key=lambda issue: int(issue["id"])) == due


def test_an_answer_tells_the_time_unless_it_must_not(faulty):
    faulty.faults = []
    assert abs(parsedate_to_datetime(get(faulty).headers["Date"]).timestamp() - time.time()) < 60
    received, end, due = broken(faulty, "no-date")
    status, headers, body = parts(received)
    assert (status, body, end) == (200, due, "closed")
    assert "date" not in headers


@pytest.mark.parametrize("status", [413, 414])
def test_a_get_alone_may_be_too_large(faulty, status):
    faulty.faults = [f"{status}-get@1-", "cap:2@1-"]
    assert get(faulty).status_code == status
    page = requests.post(faulty.url + SEARCH, json={"maxResults": 3}, timeout=5)
    assert (page.status_code, len(page.json()["issues"])) == (200, 2)


def test_a_poisoned_issue_spoils_every_page_that_holds_it(faulty):
    rows = [json.loads(row)["id"] for row in faulty.expected("x")]
    answers = {}
    for kind in ("poison", "poison-deep"):
        faulty.faults = [f"{kind}:{rows[7]}@1-", "503@100000-"]
        asked = [{"fields": "created,updated"}, {"fields": "nothing"}, {"fields": "created,status"}, {}]
        asked += [{"fields": "created", "expand": "changelog"}]
        answers[kind] = [get(faulty, startAt=5, maxResults=5, **more).status_code for more in asked]
        assert faulty.wire[-1]["fault"] == kind
        for start, size in ((0, 7), (8, 50), (7, 0)):
            assert get(faulty, startAt=start, maxResults=size).status_code == 200
            assert faulty.wire[-1]["fault"] is None
        assert get(faulty, startAt=7, maxResults=1).json()["errorMessages"] == ["Internal server error"]
    assert answers == {"poison": [200, 200, 500, 500, 500], "poison-deep": [500] * 5}
    faulty.faults = [f"poison:{rows[7]}@1-", f"poison-deep:{rows[9]}@1-", "404@1-"]
    assert get(faulty).status_code == 404
    faulty.faults = [f"poison:{rows[7]}@1-", f"poison-deep:{rows[9]}@1-"]
    assert get(faulty, fields="created", maxResults=9).status_code == 200
    assert get(faulty, fields="created", maxResults=10).status_code == 500


@pytest.mark.parametrize("fields", ["*navigable", "status", "x"])
def test_bytes_that_readers_choke_on(faulty, fields):
    faulty.faults = []
    due = get(faulty, fields=fields).content
    for kind, odd in {"invalid-utf8": b"\xff", "surrogate": b"\\ud83d"}.items():
        faulty.faults = [f"{kind}@1-"]
        body = get(faulty, fields=fields).content
        assert body.count(odd) == due.count(odd) + 1
        assert body.replace(b'"' + odd, b'"', 1) == due
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(body)


def test_a_page_with_line_breaks_holds_the_same_tokens(faulty):
    due = whole_page(faulty, 50)
    faulty.faults = ["newline@1-"]
    body = get(faulty).content
    assert body.count(b"\r\n") > 1000
    assert body.replace(b"\r\n", b"").count(b"\n") > 1000
    assert json.loads(body, parse_float=str, parse_int=str) == json.loads(due, parse_float=str, parse_int=str)


def test_every_kind_of_fault_strikes(faulty):
    third = json.loads(list(faulty.expected("x"))[2])["id"]
    needed = {
        "poison": f":{third}",
        "poison-deep": f":{third}",
        "total": ":1",
        "max": ":1",
        "start": ":1",
        "cap": ":1",
        "hang": ":0.01",
        "slow": ":0.01",
        "bomb": ":1",
    }
    faulty.faults = []
    whole = get(faulty, startAt=2, maxResults=3).content
    for kind in set(KINDS) - {"drip", "endless"}:
        faulty.faults = [f"{kind}{needed.get(kind, '')}@1-"]
        received, _ = raw(faulty, "Connection: close", target=SEARCH + "?startAt=2&maxResults=3")
        assert (whole in received) == (kind in {"slow", "truncate-long", "no-date"}), kind
        assert faulty.wire[-1]["fault"] == kind


# The wire log, and the life of a mock


def test_the_wire_log_tells_every_request(mock_jira, tmp_path):
    log = tmp_path / "wire.ndjson"
    mock = mock_jira(issues=5, log=log, faults=["reset@2", "hang@3", "503@4"], token="secret")
    headers = {"Authorization": "Bearer secret"}
    with requests.Session() as session:
        session.headers.update(headers)
        session.get(mock.url + "/rest/api/2/serverInfo", timeout=5)
        session.get(mock.url + SEARCH, params={"jql": "project = OPS", "startAt": 2, "maxResults": 9}, timeout=5)
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(mock.url + SEARCH, timeout=5)
        with pytest.raises(requests.exceptions.ReadTimeout):
            session.get(mock.url + SEARCH, timeout=0.1)
        length = len(session.post(mock.url + "/rest/api/3/search", json={}, timeout=5).content)
    info, first, reset, hung, refused = mock.wire
    assert (info["n"], info["method"], info["path"], info["status"]) == (None, "GET", "/rest/api/2/serverInfo", 200)
    assert "startAt" not in info
    assert (first["n"], first["startAt"], first["maxResults"], first["jql_length"]) == (1, 2, 9, 13)
    assert (first["status"], first["fault"], first["in_flight"]) == (200, None, 1)
    assert first["bytes"] > 1000
    assert (reset["status"], reset["fault"], reset["bytes"]) == (None, "reset", 0)
    assert (hung["n"], hung["status"], hung["fault"]) == (3, None, "hang")
    assert (refused["method"], refused["status"], refused["fault"], refused["bytes"]) == ("POST", 503, "503", length)
    assert all(abs(entry["t"] - time.time()) < 60 for entry in mock.wire)
    asyncio.run(until(lambda: log.read_bytes().count(b"\n") == 5))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sorted(lines, key=lambda line: line["t"]) == list(mock.wire)
    assert all(line["seconds"] >= 0 for line in lines)
    assert hung["seconds"] >= 0.05
    assert "secret" not in log.read_text()


async def test_requests_in_flight_are_counted():
    async with MockJira(issues=3, latency=0.1) as mock, aiohttp.ClientSession() as session:

        async def ask():
            async with session.get(mock.url + SEARCH) as answer:
                return await answer.read()

        begun = time.monotonic()
        await asyncio.gather(*(ask() for _ in range(5)))
        assert 0.1 <= time.monotonic() - begun < 0.4
    assert sorted(entry["in_flight"] for entry in mock.wire) == [1, 2, 3, 4, 5]
    assert all(entry["seconds"] >= 0.1 for entry in mock.wire)


async def test_jitter_is_seeded_and_added_to_the_latency(monkeypatch):
    pause, waits = asyncio.sleep, []

    async def note(seconds):
        waits.append(seconds)
        await pause(0)

    for seed in (1, 1, 2):
        async with MockJira(issues=1, latency=2, jitter=1, seed=seed) as mock, aiohttp.ClientSession() as session:
            with monkeypatch.context() as patched:
                patched.setattr("asyncjira.mock.door.asyncio.sleep", note)
                for path in (SEARCH, "/rest/api/2/field", "/nowhere"):
                    async with session.get(mock.url + path) as answer:
                        await answer.read()
    assert len(waits) == 9
    assert all(2 <= wait <= 3 for wait in waits)
    assert waits[:3] == waits[3:6] != waits[6:]
    assert len(set(waits)) == 6


async def test_leaving_cuts_hung_connections_and_leaves_no_task():
    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with MockJira(issues=3, faults=["hang@1", "drip@2", "endless@3", "slow:60@4"]) as mock:
            asked = []
            for number in range(1, 6):
                asked.append(asyncio.create_task(session.get(mock.url + SEARCH)))
                await until(lambda number=number: len(mock.wire) == number)
            await asked[4]
            begun = time.monotonic()
        assert time.monotonic() - begun < 0.2
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(outcomes[0], aiohttp.ClientError)
        assert isinstance(outcomes[3], aiohttp.ClientError)
        for answer in outcomes:
            if isinstance(answer, aiohttp.ClientResponse):
                answer.close()
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == before
    assert all(entry["seconds"] is not None for entry in mock.wire)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(mock.url.rsplit(":", 1)[1])))


def test_a_client_that_leaves_ends_its_hang(faulty):
    faulty.faults = ["hang@1-"]
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(faulty.url + SEARCH, timeout=0.05)
    asyncio.run(until(lambda: faulty.wire[-1]["seconds"] is not None))
    assert faulty.wire[-1]["seconds"] < 2
    faulty.faults = []
    assert get(faulty).status_code == 200
    assert faulty.wire[-1]["in_flight"] == 1


def test_threads_end_with_their_mock():
    before = set(threading.enumerate())
    with MockJira(issues=1, faults=["hang@1"]) as mock:
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(mock.url + SEARCH, timeout=0.05)
        assert "MockJira" in {thread.name for thread in set(threading.enumerate()) - before}
    assert set(threading.enumerate()) == before


def test_nothing_is_printed_for_damage_and_nonsense(capfd, caplog):
    kinds = [kind for kind in KINDS if KINDS[kind].argument[:1] in {"", "["}]
    with MockJira(issues=30) as mock:
        for kind in kinds:
            mock.faults = [f"{kind}@1-"]
            with suppress(requests.exceptions.RequestException):
                requests.get(mock.url + SEARCH, timeout=0.05, stream=True, allow_redirects=False).close()
        for nonsense in (b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", int(mock.url.rsplit(":", 1)[1])), timeout=3) as wire:
                wire.sendall(nonsense)
                if len(nonsense) > 5:
                    assert b" 400 " in wire.recv(4096)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
    assert caplog.text == ""


@pytest.mark.parametrize(
    "settings",
    [
        {"issues": -1},
        {"latency": -0.1},
        {"jitter": float("nan")},
        {"rate_limit": 0},
        {"rate_limit": float("inf")},
        {"max_page": 0},
        {"result_window": 0},
        {"mutate": -1},
        {"mutate": float("nan")},
        {"lag": -1},
        {"kinds": ["nonsense"]},
        {"kinds": []},
        {"mutate": 1, "data": "issues.ndjson"},
        {"truth": "/no/such/truth", "data": "issues.ndjson"},
        {"port": 70000},
        {"context": "jira"},
        {"context": "/jira/"},
        {"email": "me@example.com"},
        {"wrong_login": "maybe"},
    ],
)
def test_nonsense_is_refused(settings):
    with pytest.raises(ConfigError):
        MockJira(**settings)


def test_an_address_that_is_taken_is_refused(mock_jira, tmp_path):
    port = int(mock_jira(issues=1).url.rsplit(":", 1)[1])
    with (
        pytest.raises(ConfigError, match=r"cannot listen on 127\.0\.0\.1:\d+: the port is taken: name another, or 0"),
        MockJira(port=port),
    ):
        pass
    for written in ({"log": tmp_path / "no" / "such"}, {"truth": tmp_path / "no" / "such"}):
        with pytest.raises(ConfigError, match="cannot write"), MockJira(**written):
            pass


def test_the_plugin_imports_nothing_heavy():
    code = "import sys, asyncjira.mock.fixture; assert not {'aiohttp', 'msgspec', 'orjson'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
