"""Interrupted pulls that go on, over a real socket: from Python and from the command line."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asyncjira import (
    BearerAuth,
    ConfigError,
    IncompleteError,
    Jira,
    Manifest,
    PageFetched,
    Refused,
    Resumed,
    ServerError,
)
from asyncjira.cli import main
from asyncjira.mock import MockJira
from asyncjira.out import commits
from asyncjira.out.shape import Shape

from .conftest import SWIFT, UNLIMITED
from .kills import killed_until_done
from .resumed import UNPACK

FAULT = "503@9-"


@pytest.fixture(autouse=True)
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1000)
    monkeypatch.setattr(commits, "_COMMIT", 1000)


def client(mock: MockJira, **options: Any) -> Jira:
    return Jira(mock.url, limits=UNLIMITED, retry=SWIFT, **options)


async def interrupted(path: Path, mock: MockJira, **options: Any) -> int:
    """Pull until Jira fails, and return how many issues were left in the `.part`."""
    async with client(mock) as jira:
        with pytest.raises(ServerError):
            await jira.pull_to(path, page_size=50, **options)
    return int(json.loads(Path(f"{path}.manifest.json").read_bytes())["issues"])


@pytest.mark.parametrize("flavor", ["dc", "cloud"])
@pytest.mark.parametrize("name", ["a.ndjson", "a.json.gz", "a.zst"])
async def test_an_interrupted_pull_goes_on_and_asks_for_nothing_twice(tmp_path: Path, flavor: str, name: str) -> None:
    path, heard = tmp_path / name, list[Any]()
    async with MockJira(issues=900, flavor=flavor, faults=[FAULT if flavor == "dc" else "503@6-"]) as mock:
        came = await interrupted(path, mock, fields="summary")
        assert came >= 100
        assert sorted(os.listdir(tmp_path)) == [f"{name}.journal", f"{name}.manifest.json", f"{name}.part"]
    async with MockJira(issues=900, flavor=flavor, port=int(mock.url.rsplit(":")[-1])) as mock:
        async with client(mock, on_event=heard.append) as jira:
            manifest = await jira.pull_to(path, page_size=50, fields="summary", resume=True)
        expected = list(mock.expected("summary,created,updated"))
    assert sorted(os.listdir(tmp_path)) == [name, f"{name}.manifest.json"]
    assert (manifest.issues, manifest.resumed, manifest.guarantee) == (900, 1, "proven")
    assert [event for event in heard if isinstance(event, Resumed)] == [Resumed(f"{path}.part", came)]
    fetched = sum(event.issues for event in heard if isinstance(event, PageFetched))
    if flavor == "dc":
        assert fetched < 900 - came + 300  # what two pages share, and what is in flight
    assert issues(path) == [json.loads(issue) for issue in expected]


def issues(path: Path) -> list[Any]:
    shape = Shape.of(path.name)
    text = UNPACK[shape.compression](path.read_bytes())
    return list(json.loads(text)) if shape.form == "json" else [json.loads(each) for each in text.splitlines()]


async def test_an_incomplete_pull_goes_on_where_it_had_begun_to_be_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    async with MockJira(issues=600, faults=["poison:10300@1-"]) as mock:
        async with client(mock) as jira:
            with pytest.raises(IncompleteError):
                await jira.pull_to(path, page_size=50)
    async with MockJira(issues=600, port=int(mock.url.rsplit(":")[-1])) as mock, client(mock) as jira:
        manifest = await jira.pull_to(path, page_size=50, resume=True)
        assert sorted(path.read_bytes().splitlines()) == sorted(mock.expected("*all"))
    assert (manifest.issues, manifest.resumed, manifest.missing_ids) == (600, 1, ())
    assert (manifest.total_first, manifest.total_last) == (600, 600)


@pytest.mark.parametrize("asked", [{"proof": "off"}, {"jql": "ORDER BY key"}])
async def test_a_pull_by_offsets_begins_afresh(tmp_path: Path, asked: dict[str, Any]) -> None:
    path, heard = tmp_path / "a.ndjson", list[Any]()
    async with MockJira(issues=900, faults=[FAULT]) as mock:
        assert await interrupted(path, mock, **asked) > 0
    async with MockJira(issues=900, port=int(mock.url.rsplit(":")[-1])) as mock:
        async with client(mock, on_event=heard.append) as jira:
            manifest = await jira.pull_to(path, page_size=50, resume=True, **asked)
    assert (manifest.issues, manifest.resumed, manifest.guarantee) == (900, 0, "reconciled")
    assert [event for event in heard if isinstance(event, Resumed)] == [Resumed(f"{path}.part", 0)]


async def test_without_resume_it_begins_afresh(tmp_path: Path) -> None:
    async with MockJira(issues=900, faults=[FAULT]) as mock:
        await interrupted(tmp_path / "a", mock)
    async with MockJira(issues=900, port=int(mock.url.rsplit(":")[-1])) as mock, client(mock) as jira:
        assert (await jira.pull_to(tmp_path / "a")).resumed == 0
    assert sorted(os.listdir(tmp_path)) == ["a", "a.manifest.json"]


async def test_another_query_and_another_user_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    async with MockJira(issues=900, faults=[FAULT]) as mock:
        came = await interrupted(path, mock)
        left = path.with_name("a.part").read_bytes()
        asked = len(mock.wire)
        async with client(mock) as jira:
            with pytest.raises(ConfigError, match="jql was  and is key = X now"):
                await jira.pull_to(path, "key = X", resume=True)
        assert len(mock.wire) == asked
    assert path.with_name("a.part").read_bytes() == left
    port = int(mock.url.rsplit(":")[-1])
    async with MockJira(issues=900, port=port, token="t") as mock, client(mock, auth=BearerAuth("t")) as jira:
        with pytest.raises(ConfigError, match="was pulled as anonymous, and this is"):
            await jira.pull_to(path, resume=True)
    assert path.with_name("a.part").read_bytes().splitlines() == left.splitlines()
    assert len(left.splitlines()) == came


def run(capfd: Any, *arguments: object) -> tuple[int, str]:
    code = main([str(argument) for argument in arguments])
    return code, capfd.readouterr().err


def test_the_command_line_says_how_to_go_on_and_does(capfd: Any, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=900, faults=["429:1000@9-20"])
    pull = ["pull", "-o", tmp_path / "a.json", "--url", mock.url, "--rate", 0, "--page-size", 50, "--concurrency", 1]
    code, err = run(capfd, *pull)
    assert code == 75
    assert err.endswith("a.json.part; the same command with --resume goes on from there\n")
    json.loads((tmp_path / "a.json.part").read_bytes())
    runs = 1
    while code == 75:
        runs += 1
        code, err = run(capfd, *pull, "--resume")
        assert "a.json.part goes on behind " in err
    assert code == 0
    assert json.loads((tmp_path / "a.json").read_bytes()) == [json.loads(issue) for issue in mock.expected("*all")]
    assert f"(run {runs}, " in err
    assert run(capfd, *pull, "--resume")[0] == 2


def test_stdout_cannot_be_resumed(capfd: Any) -> None:
    code, err = run(capfd, "pull", "--url", "https://x.example", "--resume")
    assert (code, "needs -o PATH" in err) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_can_be_gone_on_from(mock_jira: Any, tmp_path: Path, number: int) -> None:
    mock = mock_jira(issues=3000, latency=0.02)
    pull = [sys.executable, "-m", "asyncjira", "pull", "-o", str(tmp_path / "a.gz"), "--url", mock.url, "--rate", "0"]
    with subprocess.Popen([*pull, "--concurrency", "2"], stderr=subprocess.PIPE, text=True) as process:
        while len(mock.wire) < 15:
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=5)
    assert process.returncode == 128 + number
    assert err.endswith("; the same command with --resume goes on from there\n")
    assert gzip.decompress((tmp_path / "a.gz.part").read_bytes()).endswith(b"}\n")
    subprocess.run([*pull, "--resume", "-q"], check=True)
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()).splitlines() == list(mock.expected("*all"))


def test_two_processes_do_not_write_one_output(capfd: Any, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=3000, latency=0.05)
    pull = ["pull", "-o", str(tmp_path / "a"), "--url", mock.url, "--concurrency", "1"]
    with subprocess.Popen([sys.executable, "-m", "asyncjira", *pull], stderr=subprocess.DEVNULL) as first:
        while not mock.wire:
            time.sleep(0.01)
        for more in ([], ["--resume"], ["--force"]):
            code, err = run(capfd, *pull, *more)
            assert (code, f"(pid {first.pid}, since " in err) == (6, True)
        first.kill()


@pytest.mark.parametrize(
    ("flavor", "name"), [("dc", "a.ndjson"), ("cloud", "a.json.gz"), ("dc", "a.json.zst"), ("cloud", "a.ndjson")]
)
def test_a_pull_that_is_killed_again_and_again_is_exact_in_the_end(tmp_path: Path, flavor: str, name: str) -> None:
    found = killed_until_done(tmp_path, flavor, name, Random(name), issues=400)
    assert found.wrong == []
    assert found.kills > 0


async def test_a_cancelled_pull_goes_on(tmp_path: Path) -> None:
    async with MockJira(issues=2000, latency=0.01) as mock, client(mock) as jira:
        task = asyncio.create_task(jira.pull_to(tmp_path / "a", page_size=50))
        while len(mock.wire) < 25:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        manifest: Manifest = await jira.pull_to(tmp_path / "a", page_size=50, resume=True)
        assert (tmp_path / "a").read_bytes().splitlines() == list(mock.expected("*all"))
    assert (manifest.resumed, manifest.issues) == (1, 2000)


async def test_an_interrupted_pull_leaves_what_is_said_of_the_output_that_it_was_to_replace(tmp_path: Path) -> None:
    path, beside = tmp_path / "out.ndjson", tmp_path / "out.ndjson.manifest.json"
    with MockJira(issues=200) as mock:
        async with client(mock) as jira:
            await jira.pull_to(path)
        before = path.read_bytes(), beside.read_bytes()
        mock.faults = [f"403@{max(entry['n'] or 0 for entry in mock.wire) + 4}-"]
        async with client(mock) as jira:
            with pytest.raises(Refused):
                await jira.pull_to(path, page_size=20, force=True)
    assert (path.read_bytes(), beside.read_bytes()) == before
    assert json.loads((tmp_path / "out.ndjson.manifest.json.part").read_bytes())["complete"] is False


def test_nobody_is_told_to_go_on_from_another_pull(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "out.ndjson"
    with MockJira(issues=300, faults=["403@3-"]) as mock:
        for query, can_go_on in (("a = 1", True), ("b = 2", False)):
            if not can_go_on:
                mock.faults = ["403@1-"]
            code, said = run(capfd, "pull", query, "--url", mock.url, "-o", path, "--page-size", 20)
            assert (code, "--resume goes on" in said) == (4, can_go_on)
