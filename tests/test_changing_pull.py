"""Pulls of a Jira that changes while it is read, over a real socket into real files: what the README promises."""

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from asyncjira import IncompleteError, Jira
from asyncjira.mock import MockJira

from .conftest import UNLIMITED

ISSUES = 1500


def milliseconds(issue: dict[str, Any], name: str) -> int:
    return round(datetime.fromisoformat(issue["fields"][name]).timestamp() * 1000)


@pytest.mark.parametrize("settings", [{"mutate": 0.05}, {"mutate": 0.5}, {"mutate": 2}, {"mutate": 0.5, "lag": 5}])
@pytest.mark.parametrize("shuffle_ties", [False, True])
@pytest.mark.parametrize("name", ["a.ndjson", "a.json.gz"])
async def test_a_file_holds_every_issue_once_in_order_and_in_its_newest_version(
    settings: dict[str, Any], shuffle_ties: bool, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    async with MockJira(issues=ISSUES, latency=0.002, jitter=0.004, shuffle_ties=shuffle_ties, **settings) as mock:
        async with Jira(mock.url, limits=UNLIMITED) as jira:
            manifest = await jira.pull_to(path, page_size=50, fields="summary")
        truth = mock.truth()
    content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    issues = json.loads(content) if ".json" in path.suffixes else [json.loads(line) for line in content.splitlines()]
    versions = {issue["id"]: milliseconds(issue, "updated") for issue in issues}
    assert manifest.guarantee == "proven"
    assert len(versions) == len(issues) == manifest.issues
    assert truth.throughout <= set(versions) <= truth.ever
    assert truth.fresh is not None
    assert not [each for each, updated in truth.fresh.items() if versions.get(each, -1) < updated]
    created = [milliseconds(issue, "created") for issue in issues]
    assert created == sorted(created)
    assert (manifest.fresh, manifest.stale_ids, manifest.missing_ids, manifest.uncovered) == (True, (), (), ())
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.manifest.json"}


async def test_a_stream_brings_each_issue_once_and_names_what_is_newer() -> None:
    async with MockJira(issues=ISSUES, latency=0.002, mutate=2) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(page_size=50) as pull:
            issues = [issue async for issue in pull]
        truth = mock.truth()
    versions = {issue["id"]: milliseconds(issue, "updated") for issue in issues}
    assert len(versions) == len(issues) == pull.manifest.issues
    assert truth.throughout <= set(versions) <= truth.ever
    assert truth.fresh is not None
    outdated = {each for each, updated in truth.fresh.items() if versions[each] < updated}
    assert outdated
    assert outdated <= set(pull.manifest.stale_ids)
    assert (pull.manifest.guarantee, pull.manifest.fresh) == ("proven", False)


async def test_newer_versions_are_delivered_again_where_asked() -> None:
    async with MockJira(issues=ISSUES, latency=0.002, mutate=2) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(page_size=50, updates=True) as pull:
            issues = [issue async for issue in pull]
        truth = mock.truth()
    latest = {issue["id"]: milliseconds(issue, "updated") for issue in issues}
    assert len(issues) > len(latest) == pull.manifest.issues
    assert truth.fresh is not None
    assert not [each for each, updated in truth.fresh.items() if latest[each] < updated]
    assert (pull.manifest.fresh, pull.manifest.stale_ids) == (True, ())


async def test_without_the_proof_the_same_changes_lose_issues_and_the_pull_says_that_something_is_wrong() -> None:
    lost = 0
    for seed in range(5):
        found: set[str] = set()
        async with MockJira(issues=ISSUES, latency=0.002, mutate=2, seed=seed) as mock:
            async with Jira(mock.url, limits=UNLIMITED) as jira, jira.pull(page_size=50, proof="off") as pull:
                with pytest.raises(IncompleteError):
                    async for issue in pull:
                        found.add(issue["id"])
            lost += len(mock.truth().throughout - found)
    assert lost > 0
