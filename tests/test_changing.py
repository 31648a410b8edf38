"""A mock whose issues change while they are read, over a real socket."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from asyncjira.errors import ConfigError
from asyncjira.mock import MockJira

SEARCH = "/rest/api/2/search"


def get(mock, **parameters):
    return requests.get(mock.url + SEARCH, params=parameters, timeout=5)


def names(page):
    return [issue["id"] for issue in page["issues"]]


def milliseconds(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_the_seed_decides_what_changes(mock_jira):
    first, second, other = (mock_jira(issues=40, mutate=2, seed=seed) for seed in (1, 1, 2))
    pages = [
        [names(get(mock, startAt=start, maxResults=10, fields="x").json()) for start in range(0, 40, 10)]
        for mock in (first, second, other)
    ]
    assert pages[0] == pages[1] != pages[2]
    assert first.truth().throughout == second.truth().throughout


def test_pages_show_what_changed(mock_jira):
    begun = time.time_ns() // 1_000_000
    mock = mock_jira(issues=60, mutate=3)
    before = {issue["id"]: issue for issue in map(json.loads, mock.expected())}
    for _ in range(20):
        page = get(mock, maxResults=100).json()
    assert page["total"] == len(page["issues"]) == mock.total
    assert page["issues"] == [json.loads(row) for row in mock.expected()]
    created = [issue["fields"]["created"] for issue in page["issues"]]
    assert created == sorted(created)
    assert {issue["id"] for issue in page["issues"]} <= mock.truth().ever
    assert mock.truth().throughout <= {*names(page)}
    assert mock.truth().changes > 50
    for issue in page["issues"]:
        updated = milliseconds(issue["fields"]["updated"])
        assert begun <= updated <= time.time_ns() // 1_000_000 + 100 or issue == before[issue["id"]]
        assert issue["key"].startswith(issue["fields"]["project"]["key"] + "-")


def test_what_is_not_answered_changes_nothing(mock_jira):
    mock = mock_jira(issues=20, mutate=1, result_window=50, faults=["503@1-3"])
    for _ in range(3):
        assert get(mock).status_code == 503
    assert get(mock, jql="project =").status_code == 400
    assert get(mock, startAt=50).status_code == 500
    assert requests.get(mock.url + "/rest/api/2/field", timeout=5).status_code == 200
    assert (mock.truth().changes, mock.truth().ever) == (0, frozenset())
    assert get(mock).status_code == 200
    assert mock.truth().changes == 1


@pytest.mark.parametrize("fault", ["truncate", "cap:3", "repeat", "newline", "total:7"])
def test_a_damaged_page_is_one_search(mock_jira, fault):
    mock = mock_jira(issues=20, mutate=1, kinds=["create"], faults=[f"{fault}@1"])
    try:
        get(mock, startAt=5)
    except requests.exceptions.RequestException:
        assert fault == "truncate"
    assert mock.truth().changes == 1
    assert mock.total == 21


def test_a_poisoned_issue_is_poisoned_wherever_it_moves(mock_jira):
    mock = mock_jira(issues=20, mutate=1, kinds=["backdate"])
    poisoned = json.loads(list(mock.expected("x"))[10])["id"]
    mock.faults = [f"poison:{poisoned}@1-"]
    for _ in range(10):
        answer = get(mock, maxResults=11)
        held = poisoned in names({"issues": [json.loads(row) for row in mock.expected("x")][:11]})
        assert answer.status_code == (500 if held else 200)
    assert (mock.truth().changes, answer.status_code) == (10, 200)


def test_the_catch_up_finds_what_changed(mock_jira):
    mock = mock_jira(issues=50, mutate=1, kinds=["edit", "create", "enter"])
    first = get(mock, fields="x")
    since = round(parsedate_to_datetime(first.headers["Date"]).timestamp() * 1000) - 1000
    for _ in range(10):
        get(mock, fields="x")
    caught = get(mock, jql=f"(project = OPS) AND updated >= {since} ORDER BY created ASC", fields="updated").json()
    truth = mock.truth()
    assert {issue["id"]: milliseconds(issue["fields"]["updated"]) for issue in caught["issues"]} == {
        issue_id: updated for issue_id, updated in truth.fresh.items() if updated >= since
    }
    assert caught["total"] == len(caught["issues"]) > 5
    assert len(truth.fresh) == mock.total


def test_gzip_serves_the_same(mock_jira):
    mock = mock_jira(issues=30, shuffle_ties=False, lag=1)
    plain = requests.get(mock.url + SEARCH, headers={"Accept-Encoding": "identity"}, timeout=5)
    packed = get(mock)
    assert (plain.content, packed.headers["Content-Encoding"]) == (packed.content, "gzip")


def test_ties_alone_may_be_shuffled(mock_jira):
    mock = mock_jira(issues=200, shuffle_ties=True)
    steady = [json.loads(row) for row in MockJira(issues=200).expected("created")]
    pages = [get(mock, fields="created", maxResults=200).json() for _ in range(5)]
    assert len({tuple(names(page)) for page in pages}) == 5
    for page in pages:
        assert [issue["fields"]["created"] for issue in page["issues"]] == [i["fields"]["created"] for i in steady]
        assert sorted(page["issues"], key=lambda issue: int(issue["id"])) == steady
    assert mock.truth().throughout == {issue["id"] for issue in steady}
    assert mock.truth().changes == 0


def test_a_mock_that_stays_knows_no_truth(mock_jira):
    with pytest.raises(ConfigError, match="nothing changes"):
        mock_jira(issues=1).truth()


def test_the_truth_is_written_when_the_command_ends(tmp_path):
    path = tmp_path / "truth.json"
    command = [sys.executable, "-m", "asyncjira", "mock", "--issues", "30", "--latency", "0", "--truth", str(path)]
    command += ["--mutate", "1", "--shuffle-ties", "--lag", "2", "--kinds", "edit,create", "--result-window", "25"]
    command += ["--window-empty", "--window-silent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mock:
        try:
            url = mock.stdout.readline().removeprefix("listening on ").strip()
            pages = [requests.get(url + SEARCH, params={"startAt": start}, timeout=5).json() for start in (0, 20, 40)]
            window = requests.get(url + "/rest/api/2/searchLimits/maxResultWindow", timeout=5)
        finally:
            mock.send_signal(signal.SIGTERM)
    assert mock.returncode == 0
    told = json.loads(path.read_text())
    assert ([len(page["issues"]) for page in pages], window.status_code) == ([25, 5, 0], 404)
    assert (told["changes"], told["fresh"], len(told["throughout"])) == (3, None, 30)
    assert {*names(pages[0])} <= {*told["ever"]}
