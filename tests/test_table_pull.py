"""Pulls whose output is a table: lines until they are whole, then the table, under the same name."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from asyncjira import ConfigError, Jira, Manifest, OutputError, ServerError
from asyncjira.convert.table import Table
from asyncjira.convert.target import TableTarget
from asyncjira.mock import MockJira
from asyncjira.out import commits
from asyncjira.out.disk import DISK, Disk
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.plan.start import Mark

from .conftest import SWIFT, UNLIMITED
from .disks import failing

ISSUE = '{"id":"%d","fields":{"created":"2023-11-14T22:13:20.000+0000"}}'
FACTS: dict[str, Any] = {
    **dict.fromkeys(("version", "url", "jql", "api", "started_at", "finished_at"), ""),
    **dict.fromkeys(("duplicates_dropped", "refetched_pages", "requests", "retries", "throttled_seconds"), 0),
    **dict.fromkeys(("total_first", "total_last")),
    "fields": (),
    "expand": (),
    "complete": True,
    "guarantee": "proven",
    "issues": 0,
}


def client(mock: MockJira) -> Jira:
    return Jira(mock.url, limits=UNLIMITED, retry=SWIFT)


def ids(path: Path) -> list[str]:
    with duckdb.connect() as base:
        return [row[0] for row in base.execute(f"SELECT id FROM read_parquet('{path}')").fetchall()]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_a_pull_ends_in_the_table_that_its_name_says(tmp_path: Path) -> None:
    async with MockJira(issues=130) as mock, client(mock) as jira:
        for name in ("a.parquet", "a.csv", "a.csv.gz", "a.duckdb", "a.sqlite"):
            manifest = await jira.pull_to(tmp_path / name, fields="summary,status")
            assert (manifest.issues, manifest.complete) == (130, True)
            assert (manifest.bytes, manifest.sha256) == ((tmp_path / name).stat().st_size, digest(tmp_path / name))
            assert json.loads((tmp_path / f"{name}.manifest.json").read_bytes())["sha256"] == manifest.sha256
            assert sorted(each.name for each in tmp_path.iterdir()) == [name, f"{name}.manifest.json"]
            if name == "a.parquet":
                assert ids(tmp_path / name) == [json.loads(each)["id"] for each in mock.expected("id")]
            for each in tmp_path.iterdir():
                each.unlink()


async def test_a_wide_table_and_lines_under_the_name_of_a_table(tmp_path: Path) -> None:
    async with MockJira(issues=20) as mock, client(mock) as jira:
        await jira.pull_to(tmp_path / "a.csv", fields="summary", wide=True)
        await jira.pull_to(tmp_path / "b.csv", fields="summary", form="ndjson")
    names = (tmp_path / "a.csv").read_text().splitlines()[0].split(",")
    assert names[-2:] == ["labels", "summary"]
    assert [json.loads(line)["id"] for line in (tmp_path / "b.csv").read_text().splitlines()][:1] != []


@pytest.mark.parametrize(
    ("path", "options", "why"),
    [
        ("a.csv", {"append": True, "state": "state"}, "cannot grow"),
        ("a.csv", {"tombstones": True}, "tombstones have no row"),
        ("a.csv", {"indent": True}, "--indent"),
        ("a.parquet.gz", {}, "only CSV"),
        ("a.ndjson", {"wide": True}, "--wide is for tables"),
        ("a.csv", {"wide": True, "form": "json"}, "--wide is for tables"),
        ("there.parquet", {}, "exists"),
    ],
)
async def test_what_no_table_can_be_is_refused_before_the_first_request(
    path: str, options: dict[str, Any], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.parquet").write_text("kept")
    async with MockJira(issues=5) as mock, client(mock) as jira:
        with pytest.raises(ConfigError, match=why):
            await jira.pull_to(path, **options)
        assert not mock.wire
    assert [each.name for each in tmp_path.iterdir() if each.name != "state.lock"] == ["there.parquet"]


async def test_without_duckdb_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with MockJira(issues=5) as mock, client(mock) as jira:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        with pytest.raises(ConfigError, match=r"pip install 'asyncjira\[parquet\]'"):
            await jira.pull_to(tmp_path / "a.parquet")
        assert not mock.wire


async def test_what_is_interrupted_is_lines_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1000)
    monkeypatch.setattr(commits, "_COMMIT", 1000)
    path = tmp_path / "a.parquet"
    async with MockJira(issues=400, faults=["503@6-"]) as mock, client(mock) as jira:
        with pytest.raises(ServerError):
            await jira.pull_to(path, page_size=50, fields="summary")
    lines = (tmp_path / "a.parquet.part").read_bytes().splitlines()
    said = json.loads((tmp_path / "a.parquet.manifest.json").read_bytes())
    assert (said["complete"], said["issues"]) == (False, len(lines))
    assert sorted(os.listdir(tmp_path)) == ["a.parquet.journal", "a.parquet.manifest.json", "a.parquet.part"]
    async with MockJira(issues=400, port=int(mock.url.rsplit(":")[-1])) as mock, client(mock) as jira:
        manifest = await jira.pull_to(path, page_size=50, fields="summary", resume=True)
        expected = [json.loads(each)["id"] for each in mock.expected("id")]
    assert (manifest.resumed, manifest.sha256) == (1, digest(path))
    assert ids(path) == expected
    assert sorted(os.listdir(tmp_path)) == ["a.parquet", "a.parquet.manifest.json"]


def opened(path: Path, disk: Disk = DISK, *, resumes: bool = False) -> Sink:
    kind = partial(TableTarget, table=Table("csv"))
    sink, beside = open_file(path, Shape(), force=False, manifest=None, resumes=resumes, kind=kind, disk=disk)
    beside.abandon()
    return sink


def written(path: Path) -> Manifest:
    """Write three issues as far as their end; return their manifest. Nothing is proven yet."""
    sink = opened(path)
    sink.write([(ISSUE % number).encode() for number in range(3)], "next", Mark(0, 0))
    sink.close()
    sink.abandon()
    return sink.describe(Manifest(**FACTS))


def finished(path: Path, disk: Disk, manifest: Manifest) -> Manifest:
    """Go on behind what was written, up to the name of the table; return its manifest."""
    sink = opened(path, disk, resumes=True)
    try:
        found = sink.recover()
        assert found is not None
        told = sink.prove(found if isinstance(found, Manifest) else manifest)
        sink.finish()
        sink.forget()
    finally:
        sink.abandon()
    return told


@pytest.mark.parametrize("at", range(1, 36))
def test_wherever_the_disk_fails_the_lines_become_the_table_later_without_jira(at: int, tmp_path: Path) -> None:
    path, disk = tmp_path / "a.csv", failing(at)
    manifest = written(path)
    try:
        told = finished(path, disk, manifest)
    except OutputError:
        assert disk.refused
        assert (path.exists(), (tmp_path / "a.csv.journal").exists()) in ((False, True), (True, True))
        told = finished(path, DISK, manifest)
    assert (told.sha256, told.bytes) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert [line.split(",")[0] for line in path.read_text().splitlines()] == ["id", "0", "1", "2"]
    assert set(os.listdir(tmp_path)) - {"a.csv.manifest.json.part"} == {
        "a.csv"
    }  # where that was what could not be removed


def test_what_lacks_only_the_table_or_its_name_needs_no_jira(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    manifest = written(path)
    for disk in (failing(1, only="open_locked"), failing(4, only="open_locked"), failing(1, only="rename")):
        with pytest.raises(OutputError):
            finished(path, disk, manifest)
        assert not path.exists()
    sink = opened(path, resumes=True)
    found = sink.recover()
    sink.abandon()
    assert isinstance(found, Manifest)
    assert finished(path, DISK, found).issues == 3


def test_a_pull_that_is_in_a_hurry_makes_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    manifest = written(path)
    sink = opened(path, resumes=True)
    sink.recover()
    sink.leave_late()
    with pytest.raises(OutputError, match="interrupted"):
        sink.prove(manifest)
    sink.abandon()
    assert sorted(os.listdir(tmp_path)) == ["a.csv.journal", "a.csv.part"]
    assert finished(path, DISK, manifest).issues == 3


def test_a_table_that_lacks_an_issue_does_not_appear(tmp_path: Path) -> None:
    manifest = written(tmp_path / "a.csv")
    with pytest.raises(OutputError, match="3 of 4 issues"):
        finished(tmp_path / "a.csv", DISK, replace(manifest, issues=4))
    assert sorted(os.listdir(tmp_path)) == ["a.csv.journal", "a.csv.part"]
