"""Interrupted pulls of what changed, which go on from the same state, over a real socket."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from asyncjira import ConfigError, Jira, Manifest, ServerError, State
from asyncjira.mock import MockJira
from asyncjira.out import commits
from asyncjira.out.sink import Sink

from .conftest import SWIFT, UNLIMITED

FLAVORS = pytest.mark.parametrize("flavor", ["dc", "cloud"])


@pytest.fixture(autouse=True)
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1000)
    monkeypatch.setattr(commits, "_COMMIT", 1000)


async def pulled(mock: MockJira, path: Path, **options: Any) -> Manifest:
    async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        return await jira.pull_to(path, fields="summary", page_size=25, **{"state": path.parent / "state", **options})


def read(path: Path) -> dict[str, str]:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert len(lines) == len({line["id"] for line in lines}), "one came twice"
    return {line["id"]: line["fields"]["updated"] if "fields" in line else "gone" for line in lines}


def there(mock: MockJira) -> dict[str, str]:
    issues = [json.loads(issue) for issue in mock.expected("updated")]
    return {issue["id"]: issue["fields"]["updated"] for issue in issues}


async def change(mock: MockJira, searches: int) -> None:
    mock.mutate = 40
    async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        for _ in range(searches):
            async with jira.pull(proof="off", page_size=1) as pull:
                async for _ in pull:
                    break
    mock.mutate = 0


async def interrupted(mock: MockJira, path: Path, **options: Any) -> None:
    mock.faults = [f"503@{max((entry.get('n') or 0 for entry in mock.wire), default=0) + 6}-"]
    with pytest.raises(ServerError):
        await pulled(mock, path, **options)
    assert Path(f"{path}.journal").exists()
    assert path.with_name(path.name + ".part").stat().st_size > 1000
    mock.faults = []


@FLAVORS
async def test_it_goes_on_with_what_changed_and_nothing_else(flavor: str, tmp_path: Path) -> None:
    async with MockJira(issues=400, flavor=flavor, mutate=0, truth=os.devnull) as mock:
        await pulled(mock, tmp_path / "a.ndjson")
        first, before = read(tmp_path / "a.ndjson"), (tmp_path / "state").read_bytes()
        await change(mock, 6)
        changed = there(mock).items() - first.items()
        await interrupted(mock, tmp_path / "b.ndjson")
        assert (tmp_path / "state").read_bytes() == before
        manifest = await pulled(mock, tmp_path / "b.ndjson", resume=True)
        again = await pulled(mock, tmp_path / "c.ndjson")
    assert (manifest.resumed, manifest.guarantee, manifest.updated_since is not None) == (1, "proven", True)
    assert read(tmp_path / "b.ndjson").items() == changed
    assert (manifest.issues, again.issues) == (len(changed), 0)


@FLAVORS
async def test_it_goes_on_from_no_other_state(flavor: str, tmp_path: Path) -> None:
    async with MockJira(issues=400, flavor=flavor, mutate=0, truth=os.devnull) as mock:
        await pulled(mock, tmp_path / "a.ndjson")
        await change(mock, 6)
        await interrupted(mock, tmp_path / "b.ndjson")
        left = (tmp_path / "b.ndjson.part").read_bytes()
        before = State.from_json((tmp_path / "state").read_bytes()).taken_at
        with pytest.raises(ConfigError, match=r"tombstones was None and is True now"):
            await pulled(mock, tmp_path / "b.ndjson", resume=True, tombstones=True)
        await pulled(mock, tmp_path / "c.ndjson")
        with pytest.raises(ConfigError, match=rf"state was {before} and is 2"):
            await pulled(mock, tmp_path / "b.ndjson", resume=True)
        with pytest.raises(ConfigError, match=rf"state was {before} and is None now"):
            await pulled(mock, tmp_path / "b.ndjson", resume=True, state=None, proof="on")
    assert (tmp_path / "b.ndjson.part").read_bytes() == left


@FLAVORS
async def test_the_first_one_goes_on_and_leaves_a_state_with_all_ids(flavor: str, tmp_path: Path) -> None:
    async with MockJira(issues=400, flavor=flavor) as mock:
        await interrupted(mock, tmp_path / "a.ndjson", tombstones=True)
        assert not (tmp_path / "state").exists()
        manifest = await pulled(mock, tmp_path / "a.ndjson", tombstones=True, resume=True)
        second = await pulled(mock, tmp_path / "b.ndjson", tombstones=True)
    assert (manifest.resumed, manifest.issues, second.issues, second.tombstones) == (1, 400, 0, 0)
    ids = State.from_json((tmp_path / "state").read_bytes()).ids
    assert set(ids or ()) == read(tmp_path / "a.ndjson").keys()


async def test_no_archive_goes_on(tmp_path: Path) -> None:
    async with MockJira(issues=3) as mock:
        with pytest.raises(ConfigError, match="leave out --resume"):
            await pulled(mock, tmp_path / "a.ndjson", append=True, resume=True)
        assert not mock.wire
    assert not [*tmp_path.iterdir()]


async def test_where_only_the_name_was_missing_the_old_state_stays_and_a_warning_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ndjson"
    async with MockJira(issues=30) as mock:
        with monkeypatch.context() as dying:
            dying.setattr(Sink, "finish", lambda _: os.open(tmp_path / "none" / "none", os.O_RDONLY))
            with pytest.raises(FileNotFoundError):
                await pulled(mock, path)
        manifest = await pulled(mock, path, resume=True)
        assert not (tmp_path / "state").exists()
        assert (manifest.complete, len(read(path))) == (True, 30)
        assert "the next one brings the same" in manifest.warnings[-1]
        assert (await pulled(mock, path, force=True)).issues == 30
    assert (tmp_path / "state").exists()
