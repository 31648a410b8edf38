"""The mock's Cloud flavour must be honest to real clients, and strict where Jira Cloud is."""

from __future__ import annotations

import base64
import json
from itertools import count, islice

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from asyncjira.errors import ConfigError
from asyncjira.mock import MockJira
from asyncjira.mock.changes import CHANGES
from asyncjira.mock.corpus import Corpus
from asyncjira.mock.issues import LivingIssues
from asyncjira.mock.living import Living
from asyncjira.mock.query import Bounds
from asyncjira.mock.record import of_corpus, of_seconds
from asyncjira.mock.tokens import START, BadToken, PageToken, Position, decode, encode

JQL = "/rest/api/3/search/jql"
BULK = "/rest/api/3/issue/bulkfetch"
COUNT = "/rest/api/3/search/approximate-count"
LOGIN = ("me@example.com", "secret")


@pytest.fixture(scope="module")
def shared():
    """One mock for all tests that only ask."""
    with MockJira(flavor="cloud", issues=230) as mock:
        yield mock


def get(mock, path=JQL, *, base="", auth=None, **parameters):
    return requests.get((base or mock.url) + path, params={"jql": "project = OPS"} | parameters, auth=auth, timeout=5)


def post(mock, path=JQL, *, base="", auth=None, **body):
    return requests.post((base or mock.url) + path, json=body, auth=auth, timeout=5)


def ids(answer):
    return [issue["id"] for issue in answer.json()["issues"]]


def every_id(mock):
    return [json.loads(row)["id"] for row in mock.expected("x")]


def chain(mock, ask=get, **parameters):
    """Return the pages of a listing, each asked for with the token of the one before."""
    pages = [ask(mock, **parameters).json()]
    while token := pages[-1].get("nextPageToken"):
        pages.append(ask(mock, nextPageToken=token, **parameters).json())
    return pages


# The site


def test_what_clients_ask_at_the_start(shared):
    for version in ("2", "3", "latest"):
        info = get(shared, f"/rest/api/{version}/serverInfo").json()
        assert (info["baseUrl"], info["deploymentType"], info["versionNumbers"]) == (shared.url, "Cloud", [1001, 0, 0])
    assert get(shared, "/rest/api/3/field").json()[0]["id"] == "issuetype"
    assert get(shared, "/rest/api/3/myself").status_code == 401
    who = get(shared, "/rest/api/3/myself", auth=LOGIN)
    assert who.headers["X-AAccountId"] == who.json()["accountId"]
    assert who.json()["timeZone"] == "Europe/Berlin"
    assert not {"X-AUSERNAME", "Set-Cookie"} & {*who.headers}


@pytest.mark.parametrize("version", ["2", "3", "latest"])
def test_the_search_by_offset_is_gone(shared, version):
    for answer in (get(shared, f"/rest/api/{version}/search"), post(shared, f"/rest/api/{version}/search")):
        assert answer.status_code == 410
        assert "migrate to the /rest/api/3/search/jql API" in answer.json()["errorMessages"][0]


def test_other_paths_and_methods_are_refused(shared):
    assert get(shared, "/rest/api/2/searchLimits/maxResultWindow").status_code == 404
    assert get(shared, "/rest/api/3/issue/OPS-1").status_code == 404
    assert (get(shared, BULK).status_code, get(shared, BULK).headers["Allow"]) == (405, "POST")
    assert requests.put(shared.url + JQL, timeout=5).headers["Allow"] == "GET, POST"
    assert get(shared, "/_edge/tenant_info/x").status_code == 404


@pytest.mark.parametrize("wrong", ["401", "anonymous", "silent"])
def test_a_wrong_login_is_answered_as_ordered(mock_jira, wrong):
    mock = mock_jira(flavor="cloud", issues=7, email=LOGIN[0], token=LOGIN[1], wrong_login=wrong)
    right = get(mock, auth=LOGIN)
    assert (len(ids(right)), "X-AAccountId" in right.headers) == (7, wrong != "silent")
    for auth in ((LOGIN[0], "wrong"), None):
        answers = [get(mock, auth=auth), post(mock, BULK, auth=auth, issueIdsOrKeys=["OPS-1"])]
        for answer in answers:
            assert "X-AAccountId" not in answer.headers
            assert answer.json().get("issues") == (None if wrong == "401" else [])
        assert answers[0].status_code == (401 if wrong == "401" else 200)
        estimate = post(mock, COUNT, auth=auth, jql="project = OPS")
        assert estimate.status_code == 401 if wrong == "401" else estimate.json() == {"count": 0}
        assert get(mock, "/rest/api/3/myself", auth=auth).status_code == 401
    told = get(mock, auth=(LOGIN[0], "wrong")).headers.get("X-Seraph-LoginReason")
    assert told == (None if wrong == "silent" else "AUTHENTICATED_FAILED")


def test_the_gateway_serves_the_same_to_who_has_logged_in(mock_jira):
    mock = mock_jira(flavor="cloud", issues=7, email=LOGIN[0], token=LOGIN[1])
    told = get(mock, "/_edge/tenant_info")
    assert mock.gateway == f"{mock.url}/ex/jira/{told.json()['cloudId']}"
    assert get(mock, base=mock.gateway, auth=LOGIN).content == get(mock, auth=LOGIN).content
    stranger = get(mock, base=mock.gateway, auth=(LOGIN[0], "wrong"))
    assert (stranger.status_code, stranger.json()["message"]) == (401, "Unauthorized")
    assert get(mock, base=mock.url + "/ex/jira/another", auth=LOGIN).status_code == 404
    free = mock_jira(flavor="cloud", issues=7)
    assert [get(free, base=base).status_code for base in (free.url, free.gateway)] == [200, 401]


def test_a_scoped_token_is_good_for_the_gateway_alone(mock_jira):
    mock = mock_jira(flavor="cloud", issues=7, email=LOGIN[0], token=LOGIN[1], scoped=True, context="/x")
    assert get(mock, "/_edge/tenant_info", auth=LOGIN).status_code == 200
    for path in (JQL, "/rest/api/3/myself", "/rest/api/3/serverInfo"):
        assert get(mock, path, auth=LOGIN).status_code == 401
        assert get(mock, path, base=mock.gateway, auth=LOGIN).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"flavor": "server"},
        {"flavor": "cloud", "result_window": 100},
        {"flavor": "cloud", "tokens": "random"},
        {"flavor": "cloud", "scoped": True},
        {"flavor": "cloud", "estimate": -1},
        {"flavor": "cloud", "points": 0},
        {"flavor": "cloud", "hour": 0},
        {"flavor": "cloud", "max_ids": 5001},
        {"scoped": True, "token": "secret"},
        {"points": 100},
    ],
)
def test_nonsense_is_refused(settings):
    with pytest.raises(ConfigError):
        MockJira(**settings)


def test_data_center_has_neither_gateway_nor_points():
    for ask in (lambda mock: mock.gateway, lambda mock: mock.points):
        with pytest.raises(ConfigError, match="Cloud's"):
            ask(MockJira())


# The search


def test_a_chain_of_pages_holds_every_issue_once_and_in_order(shared):
    for ask, size in ((get, 1), (get, 60), (post, 60)):
        pages = chain(
            shared, ask, jql="project = OPS", maxResults=size, fields="created" if ask is get else ["created"]
        )
        assert [issue["id"] for page in pages for issue in page["issues"]] == every_id(shared)
        assert [page["isLast"] for page in pages] == [False] * (len(pages) - 1) + [True]
        assert {*pages[-1]} == {"issues", "isLast"}
        tokens = [page["nextPageToken"] for page in pages[:-1]]
        assert len({*tokens}) == len(tokens)


def test_a_listing_shows_ids_alone_and_a_page_has_what_stands_in_a_batch(shared):
    assert get(shared, maxResults=1).json()["issues"] == post(shared, jql="x = 1", maxResults=1).json()["issues"]
    assert get(shared, maxResults=1).json()["issues"] == [{"id": "10000"}]
    assert get(shared, fields="id,key", maxResults=1).json()["issues"][0]["key"] == "OPS-1"
    page = get(shared, fields="*all", maxResults=3)
    batch = post(shared, BULK, issueIdsOrKeys=ids(page), fields=["*all"])
    rows = b",".join(islice(shared.expected("*all"), 3))
    assert rows in page.content
    assert rows in batch.content


def test_people_are_accounts(shared):
    row = next(shared.expected("*all", ["changelog", "renderedFields"]))
    people = [json.loads(row)["fields"][name] for name in ("creator", "reporter")]
    assert all("accountId" in person and not {"name", "key"} & {*person} for person in people)
    rows = [json.loads(row) for row in shared.expected("*all", ["changelog"])]
    histories = [history for row in rows for history in row["changelog"]["histories"]]
    assert histories
    assert all({*history} == {"id", "author", "created", "items"} for history in histories)


def test_how_many_rows_a_page_has(mock_jira):
    mock = mock_jira(flavor="cloud", issues=6000)
    for fields, size, rows in (("", 5000, 5000), ("id,key", 5000, 5000), ("created", 5000, 100), ("*all", 7, 7)):
        assert len(ids(get(mock, maxResults=size, fields=fields))) == rows
    assert len(ids(get(mock))) == 50
    assert len(ids(get(mock, maxResults=5000, expand="changelog"))) == 100
    small = mock_jira(flavor="cloud", issues=60, max_page=10, max_ids=20)
    assert [len(ids(get(small, maxResults=5000, fields=fields))) for fields in ("id", "created")] == [20, 10]


@pytest.mark.parametrize("size", [0, -1, 5001])
def test_a_page_size_out_of_range_is_refused(shared, size):
    for answer in (get(shared, maxResults=size), post(shared, jql="x = 1", maxResults=size)):
        assert answer.status_code == 400
        assert answer.json()["errorMessages"] == ["The max results parameter has to be between 1 and 5,000."]


@pytest.mark.parametrize("jql", ["", "ORDER BY created", "order by key DESC"])
def test_an_unbounded_query_is_refused(shared, jql):
    for answer in (get(shared, jql=jql), post(shared, jql=jql), post(shared), post(shared, COUNT, jql=jql)):
        assert answer.status_code == 400
        assert answer.json()["errorMessages"][0].startswith("Unbounded JQL queries are not allowed here.")


def test_a_query_is_ordered_by_seven_fields_at_most(shared):
    order = "project = OPS ORDER BY " + ", ".join(["created", "key DESC", "a", "b", "c", "d", "e"])
    assert get(shared, jql=order).status_code == 200
    refused = get(shared, jql=order + ", f")
    assert refused.json()["errorMessages"] == ["JQL can be ordered by at most 7 fields."]
    assert "Error in the JQL Query" in get(shared, jql="project = (").json()["errorMessages"][0]


def test_what_is_wrong_is_told_in_jiras_order(shared):
    def told(**asked):
        return get(shared, **asked).json()["errorMessages"][0]

    assert "nextPageToken" in told(nextPageToken="x", maxResults=0, jql="")
    assert "max results" in told(maxResults=0, jql="")
    assert "Unbounded" in told(jql="")


def test_descending_order_is_the_reverse(shared):
    for field in ("created", "id", "key"):
        pages = chain(shared, jql=f"project = OPS ORDER BY {field} DESC, key DESC", maxResults=70, fields="created")
        assert [issue["id"] for page in pages for issue in page["issues"]] == every_id(shared)[::-1]


def test_bounds_are_honoured_and_counted(shared):
    jql = "created >= 1451895000000 AND created < 1451900000000"
    found = get(shared, jql=jql, maxResults=5000)
    assert 0 < len(ids(found)) < 230
    assert post(shared, COUNT, jql=jql).json() == {"count": len(ids(found))}


def test_an_estimate_may_be_wrong(mock_jira):
    assert post(mock_jira(flavor="cloud", issues=100, estimate=0.5), COUNT, jql="x = 1").json() == {"count": 50}


def test_a_token_is_refused_where_it_does_not_belong(shared):
    token = get(shared, maxResults=10).json()["nextPageToken"]
    assert get(shared, maxResults=10, nextPageToken="").json() == get(shared, maxResults=10).json()
    assert get(shared, maxResults=70, nextPageToken=token).status_code == 200
    others = [{"jql": "x = 1"}, {"fields": "created"}, {"expand": "names"}, {"reconcileIssues": 10000}]
    changed = [{"nextPageToken": token[:-4] + "AAAA"}, {"nextPageToken": [token, token]}, {"nextPageToken": "7"}]
    for other in [*others, *changed]:
        answer = get(shared, **{"maxResults": 10, "nextPageToken": token} | other)
        assert answer.status_code == 400
        assert "nextPageToken" in answer.json()["errorMessages"][0]
    assert post(shared, jql="project = OPS", nextPageToken=7).status_code == 400
    assert ids(post(shared, jql="project = OPS", nextPageToken=None)) == ids(get(shared))


def test_a_post_ignores_its_query_string(shared):
    token = get(shared, maxResults=10).json()["nextPageToken"]
    answer = requests.post(
        shared.url + JQL,
        params={"nextPageToken": token, "fields": "created", "maxResults": 1},
        json={"jql": "project = OPS", "maxResults": 10},
        timeout=5,
    )
    assert answer.json()["issues"] == get(shared, maxResults=10).json()["issues"]


@pytest.mark.parametrize(
    "body",
    [
        {"startAt": 0},
        {"validateQuery": True},
        {"failFast": True},
        {"expand": ["names"]},
        {"fields": "created"},
        {"maxResults": "7"},
        {"maxResults": True},
        {"reconcileIssues": ["10000"]},
        {"reconcileIssues": list(range(51))},
        {"properties": list("abcdef")},
    ],
)
def test_a_body_that_jira_cannot_read_is_refused(shared, body):
    assert post(shared, jql="project = OPS", **body).status_code == 400


def test_requests_without_or_with_the_wrong_body(shared):
    for sent in ({}, {"data": "{}"}, {"data": "jql=x", "headers": {"Content-Type": "text/plain"}}):
        answer = requests.post(shared.url + JQL, timeout=5, **sent)
        assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")
    edge = requests.get(shared.url + JQL, params={"jql": "x = 1"}, json={}, timeout=5)
    assert (edge.status_code, "cloudfront" in edge.text) == (400, True)
    kind = {"Content-Type": "application/json; charset=utf-8"}
    for data in ("[]", "{", "7"):
        assert requests.post(shared.url + JQL, data=data, headers=kind, timeout=5).status_code == 400


def test_unknown_parameters_of_a_get_are_ignored(shared):
    assert get(shared, startAt=50, validateQuery="strict", failFast="true").json() == get(shared).json()
    assert get(shared, reconcileIssues=",".join(map(str, range(51)))).status_code == 400
    assert get(shared, reconcileIssues="OPS-1").status_code == 400


def test_names_and_schema_stand_beside_the_issues_of_a_page(shared):
    page = get(shared, expand="names,schema", fields="created").json()
    assert page["names"] == {"created": "Created"}
    assert page["schema"]["created"]["type"] == "datetime"
    issue = post(shared, BULK, issueIdsOrKeys=["OPS-1"], fields=["created"], expand=["names"]).json()["issues"][0]
    assert issue["names"] == {"created": "Created"}


# Issues by id and key


def test_a_batch_is_sorted_and_holds_each_issue_once(shared):
    rows = [json.loads(row) for row in shared.expected("x")]
    wanted = [rows[9]["key"], rows[120]["id"], rows[4]["key"].lower(), rows[9]["id"], rows[120]["id"]]
    answer = post(shared, BULK, issueIdsOrKeys=[*wanted, "OPS-999999", "1", "NO-1", "x", "9" * 30, "-1", ""])
    assert answer.json()["issueErrors"] == []
    assert ids(answer) == [rows[4]["id"], rows[9]["id"], rows[120]["id"]]
    assert "comment" not in answer.json()["issues"][0]["fields"]
    assert "summary" in answer.json()["issues"][0]["fields"]


@pytest.mark.parametrize("seed", range(4))
def test_every_issue_is_found_by_its_id_and_its_key(seed):
    corpus = Corpus(700, seed)
    for row in range(700):
        assert corpus.find(corpus.record(row).id) == corpus.find(corpus.record(row).key) == row
    found = [corpus.find(str(number)) for number in range(9000, int(corpus.issue_id(699)) + 3000)]
    assert [row for row in found if row is not None] == list(range(700))
    assert corpus.find(corpus.record(700).id) is None
    assert corpus.find(corpus.record(701).key) is None


@pytest.mark.parametrize(
    ("count", "body", "status"),
    [
        (100, {}, 200),
        (101, {}, 400),
        (1000, {"fields": ["summary", "status"]}, 200),
        (1001, {"fields": ["summary"]}, 400),
        (101, {"fields": ["*all"]}, 400),
        (101, {"fields": ["summary", "*navigable"]}, 400),
        (101, {"fields": ["-summary"]}, 400),
        (101, {"fields": ["summary", "-status"]}, 200),
        (101, {"fields": ["summary,comment"]}, 400),
        (101, {"fields": ["worklog"]}, 400),
        (101, {"fields": ["attachment"]}, 400),
        (101, {"fields": [f"customfield_{number}" for number in range(100)]}, 200),
        (101, {"fields": [f"customfield_{number}" for number in range(101)]}, 400),
        (101, {"fields": ["summary"], "expand": ["names", "schema"]}, 200),
        (101, {"fields": ["summary"], "expand": ["changelog"]}, 400),
        (1, {"expand": "names"}, 400),
        (1, {"fields": "summary"}, 400),
        (1, {"jql": "project = OPS"}, 400),
        (1, {"properties": list("abcdef")}, 400),
        (0, {}, 400),
    ],
)
def test_what_a_batch_may_be(shared, count, body, status):
    names = [str(10000 + number) for number in range(count)]
    answer = post(shared, BULK, issueIdsOrKeys=names, **body)
    assert answer.status_code == status
    assert (status == 200) == ("issues" in answer.json())


def test_a_batch_needs_its_ids_as_text(shared):
    for body in ({}, {"issueIdsOrKeys": None}, {"issueIdsOrKeys": [10000]}, {"issueIdsOrKeys": "10000"}):
        assert post(shared, BULK, **body).status_code == 400


def test_a_recording_is_served_as_it_stands(mock_jira, tmp_path):
    with MockJira(issues=30) as source:
        rows = list(source.expected())
    (tmp_path / "issues.ndjson").write_bytes(b"\n".join(rows))
    mock = mock_jira(flavor="cloud", data=tmp_path / "issues.ndjson")
    keys = [json.loads(row)["key"] for row in rows]
    assert b",".join(rows) in post(mock, BULK, issueIdsOrKeys=keys, fields=["summary"]).content
    assert ids(get(mock)) == [json.loads(row)["id"] for row in rows]
    assert post(mock, BULK, issueIdsOrKeys=["10001"]).json()["issues"] == [json.loads(rows[1])]


# Issues that change


def drained(issues, bounds, size):
    """Return the ids of a whole chain of portions, a turn before each."""
    found, position = [], START
    while position is not None:
        issues.turn(bounds)
        records, position = issues.portion(bounds, position, size)
        found += [record.id for record in records]
    return found


chains = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0, 0.3, 1, 2.5]),
        "seed": st.integers(0, 1000),
        "kinds": st.sets(st.sampled_from(sorted(CHANGES)), min_size=1).map(sorted),
        "shuffle_ties": st.booleans(),
        "lag": st.sampled_from([0, 1, 4]),
    }
)


@given(st.lists(st.integers(0, 9) | st.just(5), max_size=40), chains, st.integers(4, 9), st.booleans())
@example([5] * 40, {"rate": 0.3, "seed": 1, "shuffle_ties": True}, 4, False)
def test_a_cursor_loses_nothing_and_repeats_nothing_whatever_changes(seconds, settings, size, descending):
    living = Living(of_seconds(seconds), clock=count(1_000_000).__next__, **settings)
    found = drained(LivingIssues(living, Corpus(1, 0), positional=False), Bounds(descending=descending), size)
    assert len(found) == len({*found})
    assert living.truth().throughout <= {*found} <= living.truth().ever


def test_positions_that_count_rows_lose_issues():
    lost = 0
    for seed in range(20):
        living = Living(of_seconds(range(100)), clock=count(1_000_000).__next__, rate=1, seed=seed, kinds=["delete"])
        found = drained(LivingIssues(living, Corpus(1, 0), positional=True), Bounds(), 10)
        lost += len(living.truth().throughout - {*found})
    assert lost > 20


def test_a_batch_shows_what_is_so_now_and_every_request_changes_something(mock_jira):
    mock = mock_jira(flavor="cloud", issues=300, mutate=2, lag=5, kinds=["edit", "delete", "leave", "move"])
    listed = get(mock, maxResults=5000, fields="key").json()["issues"]
    for _ in range(20):
        answer = post(mock, BULK, issueIdsOrKeys=[issue["key"] for issue in listed], fields=["updated"])
    truth = mock.truth()
    assert truth.changes >= 41
    assert truth.throughout < {*ids(answer)} < {issue["id"] for issue in listed}
    now = {json.loads(row)["id"]: row for row in mock.expected("updated")}
    assert all(row in answer.content for row in now.values())


def test_reconciled_issues_are_found_as_they_are_now():
    living = Living(of_corpus(Corpus(200, 0)), clock=count(2_000_000_000_000).__next__, rate=1, lag=50, kinds=["edit"])
    for number in range(60):
        living.turn()
        edited = {record.id for record in living.view if record.updated > 1_900_000_000_000}
        living.turn(reconciled=edited)
        records = living.read(Bounds(), 0, 500).records
        seen = {record.id: record for record in records}
        assert (len(records), records) == (200, sorted(records))
        assert all(seen[record.id] == record for record in living.view if record.id in edited), number


def test_a_reconciled_issue_that_left_is_not_found(mock_jira):
    mock = mock_jira(flavor="cloud", issues=40, mutate=1, lag=200, kinds=["leave"])
    before = every_id(mock)
    asked = [ids(get(mock, reconcileIssues=before)) for _ in range(20)]
    lagging = [ids(get(mock)) for _ in range(9)]
    assert [40 - len(found) for found in asked] == list(range(1, 21))
    assert mock.total == 40 - 29
    assert max(map(len, lagging)) == 40


def test_the_catch_up_is_noticed(mock_jira):
    mock = mock_jira(flavor="cloud", issues=40, mutate=1, kinds=["edit"])
    get(mock)
    assert mock.truth().fresh is None
    get(mock, jql="updated >= 1451894400000")
    assert len(mock.truth().fresh) == 40


def test_a_moved_issue_answers_to_its_old_key():
    corpus = Corpus(20, 0)
    living = Living(of_corpus(corpus), clock=count(1_000_000).__next__, rate=1, kinds=["move"])
    keys = {record.key: record.id for record in living.view}
    for _ in range(40):
        living.turn()
    for key, issue_id in keys.items():
        assert living.find(key) == living.find(issue_id)
        assert living.find(living.find(key).key).id == issue_id
    assert living.find("OPS-99999") is living.find("") is living.find("x") is None


@given(st.text(max_size=3), st.integers(0, 1 << 40), st.none() | st.integers(-9, 9), st.lists(st.text(max_size=3)))
def test_a_token_is_read_as_it_was_written(digest, offset, second, names):
    token = PageToken(digest, Position(offset, second, tuple(names)), 3)
    assert decode(encode(token)) == token


def test_a_token_that_was_changed_is_none():
    packed = base64.b64decode(encode(PageToken("x", Position(10))))
    with pytest.raises(BadToken):
        decode(base64.b64encode(packed.replace(b"10", b"20")).decode())


@given(st.text() | st.binary().map(lambda packed: packed.hex()))
def test_other_text_is_no_token(text):
    with pytest.raises(BadToken):
        decode(text)


# Real clients


def test_the_python_jira_client_pulls_every_issue(shared):
    jira = pytest.importorskip("jira")
    for version in ("2", "3"):
        options = {"rest_api_version": version}
        client = jira.JIRA(server=shared.url, basic_auth=LOGIN, max_retries=0, options=options)
        keys = [json.loads(row)["key"] for row in shared.expected()]
        assert [issue.key for issue in client.search_issues("project = OPS", maxResults=False)] == keys
        for use_post in (False, True):
            found = client.enhanced_search_issues("project = OPS", maxResults=False, use_post=use_post)
            assert [issue.key for issue in found] == keys
        assert client.approximate_issue_count("project = OPS") == 230
        client.close()


def test_the_atlassian_clients_pull_every_issue(shared):
    atlassian = pytest.importorskip("atlassian")
    keys = [json.loads(row)["key"] for row in shared.expected()]
    old = atlassian.Jira(url=shared.url, username="me", password="x", cloud=True)
    assert [issue["key"] for issue in old.enhanced_jql_get_list_of_tickets("project = OPS")] == keys
    token, found = None, []
    while token or not found:
        page = old.enhanced_jql("project = OPS", nextPageToken=token, limit=100)
        found += [issue["key"] for issue in page["issues"]]
        token = page.get("nextPageToken")
    assert found == keys
    assert old.approximate_issue_count("project = OPS")["count"] == 230
    old.close()


def test_the_newest_atlassian_client_fetches_in_bulk(shared):
    atlassian = pytest.importorskip("atlassian")
    if not hasattr(atlassian, "JiraCloud"):
        pytest.skip("before version 5")
    client = atlassian.JiraCloud(shared.url, username="me", password="x")
    keys = [json.loads(row)["key"] for row in shared.expected()]
    assert [issue["key"] for issue in client.enhanced_jql_get_list_of_tickets("project = OPS")] == keys
    batch = client.bulk_fetch_issues(data={"issueIdsOrKeys": keys[:100], "fields": ["summary"]})
    assert [issue["key"] for issue in batch["issues"]] == keys[:100]
    client.close()


# The wire log


def test_the_wire_log_tells_both_endpoints(mock_jira):
    mock = mock_jira(flavor="cloud", issues=9)
    get(mock, "/rest/api/3/serverInfo")
    get(mock, maxResults=4)
    post(mock, BULK, issueIdsOrKeys=["10000", "10001", "1"])
    post(mock, COUNT, jql="x = 1")
    post(mock, base=mock.gateway, auth=LOGIN, jql="x = 1")
    told = [
        [entry.get(name) for name in ("n", "endpoint", "nth", "maxResults", "issues", "status")] for entry in mock.wire
    ]
    assert told == [
        [None, None, None, None, None, 200],
        [1, "jql", 1, 4, 4, 200],
        [2, "bulkfetch", 1, 3, len(ids(post(mock, BULK, issueIdsOrKeys=["10000", "10001"]))), 200],
        [None, "count", 1, None, 0, 200],
        [3, "jql", 2, 50, 9, 200],
    ]
