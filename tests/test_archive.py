"""Pulls chained by a state file, into single files and into an archive, of a mock that changes all the time."""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asyncjira import BadQuery, ConfigError, Jira, Manifest, OutputError, State
from asyncjira.cli import main
from asyncjira.jira.tombstone import tombstone
from asyncjira.mock import MockJira
from asyncjira.out.compact import compact, compact_kept
from asyncjira.out.compression import unpacked
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape
from asyncjira.out.state_file import StateFile

from .conftest import SWIFT, UNLIMITED

FLAVORS = pytest.mark.parametrize("flavor", ["dc", "cloud"])


def mocked(flavor: str, **settings: Any) -> MockJira:
    return MockJira(flavor=flavor, **{"issues": 60, "mutate": 0.5, "shuffle_ties": True, **settings})


async def pulled(mock: MockJira, path: Path, **options: Any) -> Manifest:
    async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        return await jira.pull_to(path, fields="summary", page_size=25, **options)


def read(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file, unpacked(path.suffix.removeprefix(".").replace("ndjson", ""), file) as plain:
        return [json.loads(line) for line in plain.read().splitlines()]


def there(mock: MockJira) -> list[dict[str, Any]]:
    return [json.loads(issue) for issue in mock.expected("summary,created,updated")]


def by_id(issues: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {issue["id"]: issue for issue in issues}


def kept(path: Path) -> State:
    return State.from_json(path.read_bytes())


def as_if_minutes_had_passed(path: Path) -> None:
    """Let the state forget what changed so lately that an index might not show it yet."""
    path.write_bytes(replace(kept(path), versions={}).to_json())


@FLAVORS
async def test_thirty_pulls_together_are_what_is_there(flavor: str, tmp_path: Path) -> None:
    state, lines = tmp_path / "state", list[dict[str, Any]]()
    async with mocked(flavor) as mock:
        for number in range(32):
            if number == 30:
                mock.mutate = 0
            if number == 31:
                as_if_minutes_had_passed(state)
            manifest = await pulled(mock, tmp_path / f"{number}.ndjson", state=state, tombstones=True)
            assert (manifest.guarantee, manifest.complete) == ("proven", True)
            came = read(tmp_path / f"{number}.ndjson")
            assert (manifest.issues, manifest.tombstones) == (
                sum("deleted" not in line for line in came),
                sum("deleted" in line for line in came),
            )
            lines += came
        expected = there(mock)
    whole = tmp_path / "all.ndjson"
    whole.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    compact(whole, tmp_path / "compact.ndjson.gz")
    assert by_id(read(tmp_path / "compact.ndjson.gz")) == by_id(expected)
    assert {True, False} == {line["deleted"] for line in lines if "deleted" in line}
    assert set(kept(state).ids or ()) == {issue["id"] for issue in expected}
    versions = [json.dumps(line) for line in lines[: -len(came)] if "deleted" not in line]
    assert len(versions) == len(set(versions)), "a version was delivered twice"


@FLAVORS
async def test_a_second_pull_brings_nothing_where_nothing_changed(flavor: str, tmp_path: Path) -> None:
    async with mocked(flavor, mutate=0) as mock:
        await pulled(mock, tmp_path / "a.ndjson", state=tmp_path / "state")
        second = await pulled(mock, tmp_path / "b.ndjson", state=tmp_path / "state")
    assert (second.issues, second.guarantee, (tmp_path / "b.ndjson").read_bytes()) == (0, "proven", b"")
    assert second.updated_since is not None
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.ndjson", "a.ndjson.manifest.json", "b.ndjson", "b.ndjson.manifest.json", "state",
    ]  # fmt: skip


@FLAVORS
async def test_what_came_to_match_without_a_change_is_found_by_its_id(flavor: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with mocked(flavor, mutate=0) as mock:
        await pulled(mock, tmp_path / "a.ndjson", state=state, tombstones=True)
        expected = there(mock)
        hidden = [issue["id"] for issue in expected[3:50:9]]
        known, ids = kept(state), kept(state).ids
        assert ids is not None
        fewer = type(ids)()
        fewer.update(each for each in ids if each not in hidden)
        versions = {name: each for name, each in known.versions.items() if name not in hidden}
        state.write_bytes(replace(known, ids=fewer, versions=versions).to_json())
        manifest = await pulled(mock, tmp_path / "b.ndjson", state=state, tombstones=True)
    assert [issue for issue in expected if issue["id"] in hidden] == read(tmp_path / "b.ndjson")
    assert (manifest.issues, manifest.tombstones) == (len(hidden), 0)
    assert set(kept(state).ids or ()) == {issue["id"] for issue in expected}


@FLAVORS
async def test_more_than_half_gone_is_not_believed(flavor: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with mocked(flavor, mutate=0) as mock:
        await pulled(mock, tmp_path / "a.ndjson", state=state, tombstones=True)
        known, ids = kept(state), kept(state).ids
        assert ids is not None
        ids.update(str(number) for number in range(900_000, 900_200))
        state.write_bytes(replace(known, ids=ids).to_json())
        before = state.read_bytes()
        with pytest.raises(Exception, match="begin anew without the state"):
            await pulled(mock, tmp_path / "b.ndjson", state=state, tombstones=True)
        assert not [entry for entry in mock.wire if "/issue/9" in entry["path"]]
    assert state.read_bytes() == before
    assert not (tmp_path / "b.ndjson").exists()


@FLAVORS
@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"])
async def test_an_archive_grows_pull_by_pull(flavor: str, name: str, tmp_path: Path) -> None:
    state, archive, sizes = tmp_path / "state", tmp_path / name, [0]
    async with mocked(flavor) as mock:
        for number in range(8):
            if number == 6:
                mock.mutate = 0
            if number == 7:
                as_if_minutes_had_passed(state)
            await pulled(mock, archive, state=state, tombstones=True, append=True)
            sizes.append(archive.stat().st_size)
            assert (sizes[-1] > sizes[-2]) or not name.endswith(("gz", "zst"))
            mark = kept(state).archive
            assert mark is not None
            assert mark.size == sizes[-1]
        expected = there(mock)
    told = compact_kept(archive, archive, state, force=True)
    assert told.issues == len(expected)
    assert by_id(read(archive)) == by_id(expected)
    created = [issue["fields"]["created"] for issue in read(archive)]
    assert created == sorted(created)
    async with mocked(flavor, mutate=0) as mock:  # the state goes on with what it was compacted to
        state.write_bytes(replace(kept(state), url=mock.url).to_json())
        await pulled(mock, archive, state=state, append=True)


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"])
async def test_what_a_crash_left_of_an_addition_is_cut_off_by_the_next_pull(name: str, tmp_path: Path) -> None:
    state, archive = tmp_path / "state", tmp_path / name
    async with mocked("dc", issues=30) as mock:
        await pulled(mock, archive, state=state, append=True)
        whole, known = archive.read_bytes(), state.read_bytes()
        await pulled(mock, archive, state=state, append=True)
        mock.mutate = 0
        added = archive.read_bytes()[len(whole) :]
        for length in {0, 1, len(added) // 2, len(added) - 1, len(added)}:  # killed while it was added, or just behind
            archive.write_bytes(whole + added[:length] + bytes(length % 3))
            state.write_bytes(known)
            (tmp_path / f"{name}.part").write_bytes(added)
            await pulled(mock, archive, state=state, append=True)
            assert archive.read_bytes().startswith(whole)
            compact(archive, tmp_path / "compact.ndjson", force=True)
            newest = by_id(read(tmp_path / "compact.ndjson"))
            assert {issue["id"]: newest[issue["id"]] for issue in there(mock)} == by_id(there(mock))
    assert not (tmp_path / f"{name}.part").exists()


@pytest.mark.parametrize("operation", ["fsync", "write", "ftruncate", "replace", "fchmod"])
@pytest.mark.parametrize("first", [True, False])
async def test_an_archive_outlives_any_operation_that_fails(
    operation: str, first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th write, sync and so on of a pull fails, for each n; after it another pull makes everything good."""
    async with mocked("dc", issues=30, mutate=0.2) as mock:
        for number in range(12):
            folder = tmp_path / str(number)
            folder.mkdir()
            state, archive = folder / "state", folder / "a.ndjson.gz"
            if not first:
                await pulled(mock, archive, state=state, tombstones=True, append=True)
            before = archive.read_bytes() if archive.exists() else b""
            real, calls = getattr(os, operation), iter(range(100))

            def failing(*given: Any, real: Any = real, calls: Any = calls, number: int = number) -> Any:
                if next(calls) == number:
                    raise OSError(28, "No space left on device")
                return real(*given)

            with monkeypatch.context() as patch:
                patch.setattr(os, operation, failing)
                try:
                    await pulled(mock, archive, state=state, tombstones=True, append=True)
                except OutputError:
                    is_over = False
                else:
                    is_over = True
            if archive.exists():
                assert archive.read_bytes().startswith(before)
            if first and archive.exists() and not state.exists():
                with pytest.raises(ConfigError, match="exists"):
                    await pulled(mock, archive, state=state, append=True)
            rate, mock.mutate = mock.mutate, 0
            await pulled(mock, archive, state=state, tombstones=True, append=True, force=True)
            compact_kept(archive, folder / "compact.ndjson", state)
            newest, expected = by_id(read(folder / "compact.ndjson")), by_id(there(mock))
            assert {name: newest[name] for name in expected} == expected
            mock.mutate = rate
            if is_over:
                return


async def test_a_pull_whose_state_was_not_kept_is_delivered_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with mocked("dc") as mock:
        await pulled(mock, tmp_path / "a.ndjson", state=state)
        known = state.read_bytes()
        await pulled(mock, tmp_path / "b.ndjson", state=state)
        state.write_bytes(known)  # as if killed before it was replaced
        mock.mutate = 0
        await pulled(mock, tmp_path / "c.ndjson", state=state)
        expected = by_id(there(mock))
    lost = by_id(read(tmp_path / "b.ndjson")).keys() - by_id(read(tmp_path / "c.ndjson")).keys()
    assert not lost & expected.keys()
    newest = by_id(read(tmp_path / "a.ndjson")) | by_id(read(tmp_path / "c.ndjson"))
    assert {name: newest[name] for name in expected} == expected


async def test_an_incomplete_pull_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with mocked("dc", mutate=0) as mock:
        await pulled(mock, tmp_path / "a.ndjson", state=state)
        poisoned = there(mock)[5]["id"]
        mock.faults = [f"poison:{poisoned}@1-"]
        state.write_bytes(replace(kept(state), since_ms=0).to_json())
        before = state.read_bytes()
        with pytest.raises(Exception, match="cannot serve"):
            await pulled(mock, tmp_path / "b.ndjson", state=state)
    assert state.read_bytes() == before
    assert not (tmp_path / "state.part").exists()


async def test_two_at_once_are_refused(tmp_path: Path) -> None:
    async with mocked("dc", mutate=0) as mock:
        with StateFile(tmp_path / "state"), pytest.raises(OutputError, match="another process"):
            await pulled(mock, tmp_path / "a.ndjson", state=tmp_path / "state")
        assert not mock.wire
        await pulled(mock, tmp_path / "a.ndjson", state=tmp_path / "state")


async def test_what_cannot_go_together_is_refused_before_the_first_request(tmp_path: Path) -> None:
    state, archive = tmp_path / "state", tmp_path / "a.ndjson.gz"
    async with mocked("dc", mutate=0) as mock:
        await pulled(mock, archive, state=state, append=True)
        whole, asked = archive.read_bytes(), len(mock.wire)

        async def refused(words: str, path: Path = archive, **options: Any) -> None:
            with pytest.raises(ConfigError, match=words):
                await pulled(mock, path, **{"state": state, "append": True, **options})

        await refused("--proof off", proof="off")
        await refused("ORDER BY", jql="project = X ORDER BY updated")
        await refused("its jql is '', and not 'project = X'", jql="project = X")
        await refused("add --append", append=False, path=tmp_path / "b.ndjson")
        await refused("--append needs --state", state=None)
        await refused("is .gz", path=tmp_path / "b.ndjson")
        await refused("does not exist", path=tmp_path / "b.ndjson.gz")
        archive.write_bytes(whole[:-1])
        await refused("lost its end")
        archive.write_bytes(whole[:-1] + b"x" + whole)
        await refused("not the archive")
        archive.write_bytes(gzip.compress(b"{}\n") + whole)
        await refused("not the archive")
        archive.write_bytes(whole)
        state.write_bytes(state.read_bytes().replace(b'"since_ms":1', b'"since_ms":2'))
        await refused("state: the state is damaged")
        state.unlink()
        await refused("exists: --force")
        await refused("one issue a line", path=tmp_path / "c.json")
        assert len(mock.wire) == asked
    assert archive.read_bytes() == whole


async def test_a_service_keeps_the_state_itself() -> None:
    async with mocked("dc") as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(tombstones=True) as first:
            assert first.state is None, "before its end it has left nothing"
            held = {issue["id"]: issue async for issue in first}
        assert isinstance(first.state, State)
        stored = first.state.to_json()
        mock.mutate = 0
        async with jira.pull(state=State.from_json(stored), tombstones=True, updates=True) as second:
            async for issue in second:
                if "deleted" in issue:
                    held.pop(issue["id"], None)
                else:
                    held[issue["id"]] = issue
        waiting = set(second.state.ids or ()) if second.state else set()
        expected = {json.loads(issue)["id"] for issue in mock.expected("id")}
    assert expected <= held.keys()
    assert held.keys() - expected <= waiting, "what changed lately may wait for its tombstone"


async def test_a_pull_that_fails_while_it_looks_who_is_gone_is_not_complete() -> None:
    async with mocked("dc", mutate=0) as mock, Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        async with jira.pull(tombstones=True, page_size=100) as pull:
            mock.faults = ["400@3-"]  # behind the pull and its catch-up
            with pytest.raises(BadQuery):
                _ = [issue async for issue in pull]
    assert (pull.manifest.complete, pull.manifest.guarantee, pull.state) == (False, "none", None)


def test_tombstones_stand_at_the_end_whatever_comes_late(tmp_path: Path) -> None:
    def line(name: str, second: int, more: str = "") -> bytes:
        fields = {"created": f"2026-01-01T00:00:{second:02d}.000+0000", "more": more}
        return json.dumps({"id": name, "fields": fields}).encode()

    sink, beside = open_file(tmp_path / "a.ndjson", Shape(), force=False, manifest=None)
    sink.write([line("1", 10), line("2", 20)])
    sink.write([line("3", 5)], "between")
    sink.write([line("2", 20, "newer"), line("1", 10, "newer")], "replace")
    sink.write([line("4", 30)], "between")
    sink.write([tombstone("2", deleted=True), tombstone("7", deleted=False)], "last")
    sink.close()
    assert sink.issues == 4
    sink.finish()
    beside.abandon()
    lines = read(tmp_path / "a.ndjson")
    assert [(each["id"], each.get("deleted")) for each in lines] == [
        ("3", None), ("1", None), ("2", None), ("4", None), ("2", True), ("7", False),
    ]  # fmt: skip
    assert lines[2]["fields"]["more"] == "newer"


async def test_a_plain_pull_leaves_no_state() -> None:
    async with mocked("dc", mutate=0) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(proof="off") as pull:
            _ = [issue async for issue in pull]
        with pytest.raises(ConfigError, match="ORDER BY"):
            jira.pull("ORDER BY updated", tombstones=True)
    assert pull.state is None


def test_the_command_pulls_what_changed_and_says_so(mock_jira: Any, tmp_path: Path, capfd: Any) -> None:
    mock = mock_jira(issues=30, mutate=1, kinds=["edit"])
    state = tmp_path / "state"

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(each) for each in ("pull", "--url", mock.url, "--rate", 0, "--state", state, *arguments)])
        return code, *capfd.readouterr()

    assert run("-q", "-o", tmp_path / "a.ndjson") == (0, "", "")
    for _ in range(3):  # searches, before each of which an issue changes
        assert main(["count", "--url", mock.url]) == 0
    capfd.readouterr()
    mock.mutate = 0
    code, out, err = run("--tombstones")
    assert (code, 0 < len(out.splitlines()) < 30) == (0, True)
    assert re.search(r"\d+ issues changed since \d{4}-.* -> stdout \| proven", err)
    assert run("-q") == (0, "", "")
    code, out, err = run("-q", "--proof", "off")
    assert (code, out) == (2, "")
    assert "a state needs a proof" in err
    code, out, err = run("-q", "--append")
    assert (code, "-o PATH" in err) == (2, True)
    code, out, err = run("-q", "project = OTHER")
    assert (code, "belongs to another pull" in err) == (2, True)
    with StateFile(state):
        code, out, err = run("-q")
    assert (code, "another process" in err) == (6, True)
    undated = tmp_path / "undated.ndjson"
    undated.write_bytes(b'{"id":"1","key":"X-1","fields":{}}\n')
    code = main(["pull", "-q", "--url", mock_jira(data=undated).url, "--state", str(tmp_path / "other"), "-o", "-"])
    assert (code, (tmp_path / "other").exists()) == (3, False)


def test_a_query_that_changes_by_itself_is_told_what_that_means(mock_jira: Any, tmp_path: Path, capfd: Any) -> None:
    mock, state = mock_jira(issues=3), str(tmp_path / "state")
    command = ["pull", "--url", mock.url, "--state", state, "created < now()"]
    for more, words in (([], "may be missed"), ([], "--tombstones finds them"), (["--tombstones"], "may be missed")):
        assert main([*command, *more]) == 0
        assert words in capfd.readouterr().err
