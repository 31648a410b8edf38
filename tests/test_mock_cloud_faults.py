"""The mock's Cloud flavour must limit as Cloud does, and go wrong exactly as it was told to."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import orjson
import pytest
import requests

from asyncjira.cli import main
from asyncjira.errors import ConfigError
from asyncjira.mock import MockJira
from asyncjira.mock.batches import BATCH_FAULTS
from asyncjira.mock.burst import Bursts, instant
from asyncjira.mock.cloud_kinds import CLOUD_KINDS
from asyncjira.mock.cloud_refusal import CLOUD_REFUSALS
from asyncjira.mock.damage import DAMAGE
from asyncjira.mock.edits import TEXT_EDITS
from asyncjira.mock.faults import Fault, Faults
from asyncjira.mock.kinds import KINDS
from asyncjira.mock.list_edits import LIST_EDITS
from asyncjira.mock.points import Points
from tests.test_mock_cloud import BULK, COUNT, JQL, chain, every_id, get, ids, post


@pytest.fixture(scope="module")
def faulty():
    """One mock whose faults a test replaces."""
    with MockJira(flavor="cloud", issues=300) as mock:
        yield mock


@pytest.fixture(scope="module")
def names(faulty):
    return every_id(faulty)


def batch(mock, names, **more):
    return post(mock, BULK, issueIdsOrKeys=names, fields=["created"], **more)


def walk(mock, pages, **parameters):
    """Return up to so many pages, whatever tokens come."""
    found, token = [], {}
    while len(found) < pages and token is not None:
        found.append(get(mock, maxResults=10, **parameters, **token).json())
        token = {"nextPageToken": found[-1]["nextPageToken"]} if "nextPageToken" in found[-1] else None
    return found


def firsts(pages):
    return [page["issues"][0]["id"] for page in pages]


# Limits


def test_each_endpoint_and_method_has_a_bucket_of_its_own():
    bursts = Bursts(2)
    jql, bulk = ("search/jql", "GET"), ("issue/bulkfetch", "POST")
    assert [bursts.take(jql, 100.0)[1] for _ in range(3)] == [True, True, False]
    assert bursts.take(bulk, 100.0) == ({"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1"}, True)
    assert bursts.take(("search/jql", "POST"), 100.0)[1]
    assert bursts.take(jql, 100.2)[0] == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "Retry-After": "1",
        "RateLimit-Reason": "jira-burst-based",
        "X-RateLimit-Reset": "1970-01-01T00:01:42Z",
    }
    assert bursts.take(jql, 100.7)[1]
    assert Bursts(None).take(jql, 0.0) == ({}, True)


def test_points_are_used_up_and_come_back():
    points = Points(100, 60.0)
    assert points.allow(1000.0)
    points.spend(49)
    assert points.headers(1000.5) == {
        "RateLimit-Policy": '"global-app-quota";q=100;w=60',
        "RateLimit": '"global-app-quota";t=60',
    }
    points.spend(40)
    assert points.headers(1010.0)["RateLimit"] == '"global-app-quota";r=9;t=50'
    assert points.headers(1010.0)["X-RateLimit-NearLimit"] == "true"
    assert points.allow(1010.0)
    points.spend(100)
    assert not points.allow(1020.0)
    assert points.refusal(1020.0) == {
        "Retry-After": "40",
        "RateLimit-Reason": "jira-quota-global-based",
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1970-01-01T00:17:40Z",
    }
    assert points.allow(1060.0)
    assert points.headers(1060.0)["RateLimit"] == '"global-app-quota";t=60'
    assert points.spent == 192


def test_the_rate_limit_refuses_with_429(mock_jira):
    mock = mock_jira(flavor="cloud", issues=3, rate_limit=3)
    answers = [get(mock, "/rest/api/2/search/jql"), *(get(mock) for _ in range(3))]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert (answers[3].headers["Retry-After"], answers[3].headers["RateLimit-Reason"]) == ("1", "jira-burst-based")
    others = [post(mock, jql="x = 1"), batch(mock, ["10000"]), post(mock, COUNT, jql="x = 1")]
    others += [get(mock, "/rest/api/3/serverInfo"), get(mock, "/_edge/tenant_info")]
    assert [answer.status_code for answer in others] == [200] * 5


def test_points_are_counted_and_may_be_limited(mock_jira):
    mock = mock_jira(flavor="cloud", issues=30, points=50)
    assert len(ids(get(mock))) == 30
    assert mock.points == 31
    assert "r=" not in get(mock, maxResults=1).headers["RateLimit"]
    assert batch(mock, ["10000", "10001", "1"]).status_code == 200
    spent = mock.points
    assert spent == 31 + 2 + 1 + len(ids(batch(mock, ["10000", "10001"])))
    assert post(mock, COUNT, jql="x = 1").status_code == 200
    assert get(mock).status_code == 200
    refused = [get(mock), batch(mock, ["10000"]), get(mock, "/rest/api/3/serverInfo")]
    assert [answer.status_code for answer in refused] == [429, 429, 429]
    assert 3590 < int(refused[0].headers["Retry-After"]) <= 3600
    assert refused[0].headers["RateLimit-Reason"] == "jira-quota-global-based"
    free = mock_jira(flavor="cloud", issues=30)
    assert (get(free).status_code, free.points) == (200, 31)
    brief = mock_jira(flavor="cloud", issues=30, points=1, hour=0.2)
    answers = [get(brief).status_code]
    while answers[-2:] != [429, 200]:
        answers.append(get(brief).status_code)


def test_a_429_may_tell_its_end_by_a_time_alone(faulty):
    faulty.faults = ["429-reset:60@1-"]
    answer = get(faulty)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, False)
    reset = datetime.fromisoformat(answer.headers["X-RateLimit-Reset"])
    assert 50 < (reset - datetime.now(UTC)).total_seconds() < 62
    assert instant(1774540800.0) == "2026-03-26T16:00Z"


# When a fault strikes


def test_a_fault_may_strike_at_one_endpoint(faulty, names):
    def struck(spec):
        faulty.faults = []
        asked = [faulty.wire[-1]["nth"] for _ in (get(faulty),)] + [0]
        batch(faulty, names[:1])
        asked[1] = faulty.wire[-1]["nth"]
        faulty.faults = [spec.format(jql=asked[0] + 2, bulk=asked[1] + 1)]
        answers = [get(faulty), batch(faulty, names[:1]), get(faulty), batch(faulty, names[:1])]
        return [answer.status_code for answer in (*answers, post(faulty, COUNT, jql="x = 1"))]

    assert struck("503@jql:{jql}") == [200, 200, 503, 200, 200]
    assert struck("503@bulkfetch:{bulk}-") == [200, 503, 200, 503, 200]
    assert struck("503@count:1-") == [200, 200, 200, 200, 503]
    assert struck("503@1-") == [503, 503, 503, 503, 200]
    assert struck("token-loop:1@1-") == [200] * 5


def test_the_first_fault_that_is_about_the_endpoint_strikes():
    faults = Faults(["omit:5@1-", "token-loop:1@1-", "429@jql:2", "500@1-"], flavor="cloud")
    assert faults.choose(1, "POST", "jql", 1).kind == "token-loop"
    assert faults.choose(1, "POST", "bulkfetch", 1).kind == "omit"
    faults = Faults(["429@jql:2", "redirect:https://a@b:1/@bulkfetch:3-5", "500@4"], flavor="cloud")
    assert faults.choose(9, "GET", "jql", 2) == Fault("429", None, 2, 2, 100.0, "jql")
    assert faults.choose(9, "POST", "bulkfetch", 5).argument == "https://a@b:1/"
    assert (faults.choose(9, "GET", "jql", 3), faults.choose(4, "GET", "jql", 3).kind) == (None, "500")
    some = Faults(["reset@bulkfetch:10%"], 1, "cloud")
    assert 60 < sum(some.choose(number, "POST", "bulkfetch", number) is not None for number in range(1, 1001)) < 140
    assert not any(some.choose(number, "GET", "jql", number) for number in range(1, 1001))


@pytest.mark.parametrize(
    ("flavor", "spec", "why"),
    [
        ("cloud", "total:7@1", "total makes sense on Data Center alone"),
        ("cloud", "max:7@1", "max makes sense on Data Center alone"),
        ("cloud", "start:7@1", "start makes sense on Data Center alone"),
        ("dc", "token-loop:2@1", "token-loop makes sense on Cloud alone"),
        ("dc", "omit:10@1", "omit makes sense on Cloud alone"),
        ("dc", "429@jql:2", "when is"),
        ("cloud", "429@nowhere:2", "the endpoints of Cloud are jql, bulkfetch, count"),
        ("cloud", "429@jql:", "when is"),
        ("cloud", "token-loop:2@bulkfetch:1", "strikes jql alone"),
        ("cloud", "omit:2@jql:1", "strikes bulkfetch alone"),
        ("cloud", "omit@1", "needs an argument"),
        ("cloud", "token-loop:0@1", "takes no such argument"),
        ("cloud", "nonsense@1", "the kinds are"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_by_name(flavor, spec, why):
    with pytest.raises(ConfigError, match=why):
        MockJira(flavor=flavor, faults=[spec])


def test_the_kinds_are_listed(capfd):
    assert main(["mock", "--flavor", "cloud", "--fault", "help"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0].partition("[")[0].partition(":")[0] for line in lines] == [*CLOUD_KINDS]
    assert all(CLOUD_KINDS[kind].meaning in line for kind, line in zip(CLOUD_KINDS, lines, strict=True))


def test_every_kind_is_carried_out():
    carried_out = {*CLOUD_REFUSALS, *DAMAGE, *TEXT_EDITS, *LIST_EDITS, *BATCH_FAULTS}
    carried_out |= {"slow", "poison", "poison-deep", "visitor", "token-expired"}
    assert carried_out == {*CLOUD_KINDS}
    assert {*KINDS} - {*CLOUD_KINDS} == {"total", "max", "start"}


# Faults of a search


@pytest.mark.parametrize("period", [1, 2, 7])
def test_tokens_may_run_in_a_loop(faulty, period):
    faulty.faults = [f"token-loop:{period}@jql:{number_of(faulty, 'jql') + 9}-"]
    pages = walk(faulty, 30)
    honest = [json.loads(row)["id"] for row in faulty.expected("x")][::10]
    assert firsts(pages)[:9] == honest[:9]
    assert firsts(pages)[9:] == (honest[9 - period : 9] * 30)[: len(pages) - 9]
    assert len(pages) == 30


def number_of(mock, endpoint):
    """Return how many requests an endpoint has had."""
    return max((entry["nth"] for entry in mock.wire if entry.get("endpoint") == endpoint), default=0)


def test_a_token_may_expire(faulty):
    faulty.faults = []
    token = get(faulty).json()["nextPageToken"]
    faulty.faults = ["token-expired@1-"]
    answer = get(faulty, nextPageToken=token)
    assert (answer.status_code, "nextPageToken" in answer.json()["errorMessages"][0]) == (400, True)
    assert (get(faulty).status_code, faulty.wire[-1]["fault"]) == (200, None)
    faulty.faults = []
    assert get(faulty, nextPageToken=token).status_code == 200


def test_pages_may_be_empty_or_short_and_lose_nothing(faulty, names):
    lengths = {"empty-token": {10, 0}, "cap:3": {10, 3}, "short": {10, 9}, "short:99": {10, 1}}
    for fault, expected in lengths.items():
        first = number_of(faulty, "jql") + 2
        faulty.faults = [f"{fault}@jql:{first}-{first + 3}"]
        pages = walk(faulty, 99)
        assert [issue["id"] for page in pages for issue in page["issues"]] == names
        assert {len(page["issues"]) for page in pages[:-1]} == expected
        tokens = [page["nextPageToken"] for page in pages[:-1]]
        assert len({*tokens}) == len(tokens)


def test_flags_may_lie(faulty):
    page = {}
    for kind in ("last-with-token", "not-last-without-token", "no-is-last", "no-issues", "repeat", "unsorted"):
        faulty.faults = []
        second = get(faulty, maxResults=10).json()["nextPageToken"]
        honest = get(faulty, maxResults=10, nextPageToken=second).json()
        faulty.faults = [f"{kind}@1-"]
        page[kind] = get(faulty, maxResults=10, nextPageToken=second).json()
        changed = {name for name in honest if page[kind].get(name) != honest[name]}
        assert changed == {
            "last-with-token": {"isLast"},
            "not-last-without-token": {"nextPageToken"},
            "no-is-last": {"isLast"},
        }.get(kind, {"issues"})
    assert (page["last-with-token"]["isLast"], page["not-last-without-token"]["isLast"]) == (True, False)
    assert page["no-issues"]["issues"] == []
    faulty.faults = ["last-with-token@1-"]
    end = get(faulty, maxResults=5000).json()
    assert (end["isLast"], bool(end["nextPageToken"])) == (True, True)


def test_an_issue_may_come_twice(faulty, names):
    faulty.faults = ["twice@1-"]
    found = [issue["id"] for page in walk(faulty, 999) for issue in page["issues"]]
    assert (len(found), {*found}) == (300 + 29, {*names})
    assert found[9] == found[10] == names[9]


def test_an_issue_may_come_twice_while_others_change(mock_jira):
    mock = mock_jira(flavor="cloud", issues=60, mutate=1, kinds=["edit"], faults=["twice@1-"])
    found = [issue["id"] for page in walk(mock, 99) for issue in page["issues"]]
    assert len(found) == 60 + 5


def test_a_warning_and_the_shape_of_old(faulty):
    faulty.faults = ["warning@1-"]
    page = get(faulty).json()
    assert page["warnings"][0]["type"] == "CLAUSE_LIMIT_EXCEEDED"
    assert (len(page["issues"]), page["isLast"]) == (50, False)
    faulty.faults = ["old-shape@1-"]
    page = get(faulty).json()
    assert {*page} == {"issues", "expand", "startAt", "maxResults", "total"}
    assert (page["startAt"], page["maxResults"], page["total"], len(page["issues"])) == (0, 50, 300, 50)


def test_a_session_may_end_in_the_middle(mock_jira, names):
    login = ("me@example.com", "secret")
    mock = mock_jira(flavor="cloud", issues=9, email=login[0], token=login[1], faults=["visitor@1-2"])
    answers = [get(mock, auth=login), batch(mock, names[:3], auth=login), get(mock, auth=login)]
    assert [len(ids(answer)) for answer in answers] == [0, 0, 9]
    assert [answer.headers.get("X-Seraph-LoginReason") for answer in answers] == ["AUTHENTICATED_FAILED"] * 2 + [None]
    assert ["X-AAccountId" in answer.headers for answer in answers] == [False, False, True]
    assert answers[0].json() == {"issues": [], "isLast": True}


# Faults of a batch


@pytest.mark.parametrize("kind", ["issue-errors", "omit"])
def test_issues_of_a_batch_may_be_missing_once_or_always(faulty, names, kind):
    faulty.faults = [f"{kind}:30@1-"]
    first, again = batch(faulty, names[:100]), batch(faulty, names[:100])
    lost = {*names[:100]} - {*ids(first)}
    assert 10 < len(lost) < 50
    assert ids(again) == names[:100]
    told = {error["id"] for error in first.json()["issueErrors"]}
    assert told == (lost if kind == "issue-errors" else set())
    assert again.json()["issueErrors"] == []
    faulty.faults = [f"{kind}:30@1-"]
    assert {*names[:100]} - {*ids(batch(faulty, names[:100]))} == lost
    faulty.faults = [f"{kind}-always:30@1-"]
    for _ in range(2):
        assert {*names[:100]} - {*ids(batch(faulty, [*names[:100], "1"]))} == lost
    faulty.faults = [f"{kind}:100@1-"]
    assert ids(batch(faulty, names[:9])) == []


def test_batches_may_be_refused(faulty, names):
    faulty.faults = ["batch-400@1-"]
    assert [batch(faulty, names[:size]).status_code for size in (100, 101)] == [200, 400]
    faulty.faults = ["forbidden-bulk@1-"]
    assert (batch(faulty, names[:1]).status_code, get(faulty).status_code) == (403, 200)


def test_a_batch_may_be_cut_empty_or_in_no_order(faulty, names):
    found = {}
    for kind in ("cap:2", "short:3", "no-issues", "unsorted"):
        faulty.faults = [f"{kind}@1-"]
        found[kind] = ids(batch(faulty, names[:9]))
    assert (found["cap:2"], found["short:3"], found["no-issues"]) == (names[:2], names[:6], [])
    assert (sorted(found["unsorted"]), found["unsorted"] == names[:9]) == (names[:9], False)


# Faults of both


def asked_of(mock, names):
    """Return how to ask for the same issues of both endpoints, at least twice as large as what stays unpacked."""
    return [lambda: get(mock, maxResults=5, fields="summary"), lambda: batch(mock, names[:5])]


@pytest.mark.parametrize("kind", ["400", "401", "403", "404", "410", "413", "414", "429", "500", "502", "503", "504"])
def test_a_status_is_that_status_on_both_endpoints(faulty, names, kind):
    faulty.faults = [f"{kind}@1-"]
    for ask in [*asked_of(faulty, names), lambda: batch(faulty, [])]:
        assert (ask().status_code, faulty.wire[-1]["fault"]) == (int(kind), kind)


def test_a_poisoned_issue_spoils_every_answer_that_holds_it(faulty, names):
    faulty.faults = [f"poison:{names[7]}@1-"]
    assert get(faulty, maxResults=8, fields="summary").status_code == 500
    assert get(faulty, maxResults=7, fields="summary").status_code == 200
    assert get(faulty, maxResults=8, fields="created,updated").status_code == 200
    assert get(faulty, maxResults=8).status_code == 200
    assert post(faulty, BULK, issueIdsOrKeys=names[6:9], fields=["summary"]).status_code == 500
    assert faulty.wire[-1]["fault"] == "poison"
    assert post(faulty, BULK, issueIdsOrKeys=names[8:9], fields=["summary"]).status_code == 200
    faulty.faults = [f"poison-deep:{names[7]}@bulkfetch:1-"]
    assert batch(faulty, names[7:8]).status_code == 500
    assert get(faulty, maxResults=8, fields="summary").status_code == 200


def test_every_kind_of_fault_strikes_on_each_endpoint_that_it_is_about(faulty, names):
    needed = {"poison": names[2], "poison-deep": names[2], "hang": "0.01", "slow": "0.01", "bomb": "1", "cap": "1"}
    needed |= {"token-loop": "1", "omit": "90", "issue-errors": "90", "omit-always": "90", "issue-errors-always": "90"}
    unharmed = {"slow", "no-date", "gzip-tail"}  # requests does not look at the tail
    faulty.faults = []
    token = get(faulty, maxResults=2, fields="summary").json()["nextPageToken"]
    ask = {
        "jql": lambda: get(faulty, maxResults=3, fields="summary", nextPageToken=token),
        "bulkfetch": lambda: post(faulty, BULK, issueIdsOrKeys=names[2:5], fields=["summary"]),
    }
    whole = {endpoint: asked().content for endpoint, asked in ask.items()}
    elsewhere = {"drip", "endless", "hang", "batch-400", "413-get", "414-get", "visitor", "token-loop"}
    for kind in {*CLOUD_KINDS} - elsewhere:
        faulty.faults = [f"{kind}{':' + needed[kind] if kind in needed else ''}@1-"]
        for endpoint in {CLOUD_KINDS[kind].endpoint or "jql", CLOUD_KINDS[kind].endpoint or "bulkfetch"}:
            content = b""
            with suppress(requests.exceptions.RequestException):
                content = ask[endpoint]().content
            assert kind in {entry["fault"] for entry in list(faulty.wire)[-2:]}  # a redirect is followed
            assert (content == whole[endpoint]) == (kind in unharmed), (kind, endpoint)


@pytest.mark.parametrize("endpoint", ["jql", "bulkfetch"])
def test_bytes_that_readers_choke_on(faulty, names, endpoint):
    ask = dict(zip(("jql", "bulkfetch"), asked_of(faulty, names), strict=True))[endpoint]
    for kind, odd in {"invalid-utf8": b"\xff", "surrogate": b"\\ud83d"}.items():
        faulty.faults = [f"{kind}@1-"]
        body = ask().content
        assert odd in body
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(body)


def test_a_count_may_fail_and_hang_alone(faulty):
    faulty.faults = ["truncate-short@count:1-"]
    assert b"}" not in post(faulty, COUNT, jql="x = 1").content
    faulty.faults = ["503@count:1-"]
    assert post(faulty, COUNT, jql="x = 1").status_code == 503
    assert get(faulty).status_code == 200


def test_pages_are_whole_again_when_faults_are_gone(faulty, names):
    faulty.faults = []
    assert [issue["id"] for page in chain(faulty, maxResults=77) for issue in page["issues"]] == names
    assert requests.get(faulty.url + JQL, timeout=5).status_code == 400
