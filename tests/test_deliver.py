"""From a pull into a file: rows that come late, however the pull ends, and however it is ended meanwhile."""

import asyncio
import gc
import json
import os
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import anyio
import pytest

from asyncjira import IncompleteError, OutputError, ServerError
from asyncjira.manifest import Manifest
from asyncjira.out import commits
from asyncjira.out import rows as rows_module
from asyncjira.out.output import open_file, open_stream
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.successor import Successor
from asyncjira.out.target import FileTarget
from asyncjira.plan.strategy import Rows
from asyncjira.pull.deliver import deliver

from . import resumed

WHOLE = replace(resumed.WHOLE, issues=99)  # what a pull has counted, which the sink knows better


def issue(number: int, second: int, version: int = 0) -> bytes:
    created = b"2026-01-01T00:00:%02d.000+0000" % second
    return b'{"id":"%d","v":%d,"fields":{"created":"%b"}}' % (number, version, created)


ROWS = [
    Rows(0, [issue(1, 10), issue(2, 20)]),
    Rows(2, [issue(3, 30)]),
    Rows(3, [issue(4, 15)], "between"),
    Rows(4, [issue(2, 20, 1)], "replace"),
]


class Told:
    """What `deliver` sees of a pull: rows, then how it ends."""

    user = naming = None

    def __init__(self, rows: list[Rows], error: Exception | None = None) -> None:
        self._rows, self._error = rows, error
        self.manifest = WHOLE if error is None else replace(WHOLE, complete=False, guarantee="none")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def rows(self) -> AsyncIterator[Rows]:
        for rows in self._rows:
            yield rows
        if self._error is not None:
            raise self._error


@pytest.fixture(autouse=True)
def every_page_is_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1)


def into(folder: Path, shape: Shape | None = None) -> tuple[Sink, FileTarget]:
    return open_file(folder / "out", shape or Shape(), force=False, manifest=None)


async def delivered(pull: Told, sink: Sink, beside: FileTarget | None) -> Manifest:
    return await deliver(pull, sink, beside)  # type: ignore[arg-type]


def ids(path: Path) -> list[str]:
    return [one["id"] + "'" * one["v"] for one in map(json.loads, path.read_bytes().split(b"\n")[:-1])]


def stored(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "out.manifest.json").read_bytes()))


async def test_late_rows_are_in_the_file_and_its_manifest(tmp_path: Path) -> None:
    manifest = await delivered(Told(ROWS), *into(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["out", "out.manifest.json"]
    assert ids(tmp_path / "out") == ["1", "4", "2'", "3"]
    assert (manifest.issues, manifest.bytes) == (4, (tmp_path / "out").stat().st_size)
    assert stored(tmp_path) == json.loads(manifest.to_json())


async def test_an_incomplete_pull_has_its_late_rows_in_the_part(tmp_path: Path) -> None:
    incomplete = IncompleteError("a gap", manifest=replace(WHOLE, complete=False))
    with pytest.raises(IncompleteError, match="a gap") as caught:
        await delivered(Told(ROWS, incomplete), *into(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["out.manifest.json", "out.part"]
    assert ids(tmp_path / "out.part") == ["1", "4", "2'", "3"]
    assert (stored(tmp_path)["issues"], caught.value.manifest.issues) == (4, 4)


async def test_a_failed_pull_leaves_its_late_rows_out(tmp_path: Path) -> None:
    with pytest.raises(ServerError):
        await delivered(Told(ROWS, ServerError("HTTP 500", status=500)), *into(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["out.manifest.json", "out.part"]
    assert ids(tmp_path / "out.part") == ["1", "2", "3"]
    assert (stored(tmp_path)["issues"], stored(tmp_path)["complete"]) == (3, False)


async def test_a_stream_gets_all_rows_as_they_come() -> None:
    reader, writer = os.pipe()
    manifest = await delivered(Told(ROWS), *open_stream(writer, Shape(), manifest=None))
    assert [json.loads(line)["id"] for line in os.read(reader, 65536).splitlines()] == ["1", "2", "3", "4", "2"]
    assert manifest.issues == 4
    os.close(reader)
    os.close(writer)


async def test_a_full_disk_at_the_end_leaves_what_came_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def filled(successor: Successor) -> Successor:
        with open("/dev/full", "wb") as full:
            os.dup2(full.fileno(), successor._file)
        return successor

    monkeypatch.setattr(Successor, "__enter__", filled)
    with pytest.raises(OutputError, match=r"cannot write .*/out\.part\.new: no space left on device"):
        await delivered(Told(ROWS), *into(tmp_path))
    assert os.listdir(tmp_path) == ["out.part"]
    assert ids(tmp_path / "out.part") == ["1", "2", "3"]


async def test_an_output_that_cannot_be_ended_does_not_hide_what_ended_the_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Sink) -> None:
        raise OutputError("the disk is full")

    monkeypatch.setattr(Sink, "close", fails)
    with pytest.raises(ServerError, match="HTTP 500") as caught:
        await delivered(Told(ROWS, ServerError("HTTP 500", status=500)), *into(tmp_path))
    assert caught.value.__notes__ == ["the disk is full"]


_TURNS = 10  # of the loop: then whoever was cancelled has heard of it


class Interruption:
    """Cancels a delivery from inside of a call that its thread makes, and goes on with that call only when it is known.

    `times` is how often it is cancelled; `by_scope` says by what.
    """

    def __init__(self, folder: Path, patched: pytest.MonkeyPatch, *, by_scope: bool = False, times: int = 1) -> None:
        self.sink, self.beside = into(folder)
        self.calls, self.notes = 0, ["not raised"]
        self._patched, self._by_scope, self._times = patched, by_scope, times
        self._known = threading.Event()

    def inside_of(self, kind: type, name: str, error: Exception | None = None) -> Self:
        real = getattr(kind, name)

        def interrupted(*args: Any) -> Any:
            self.calls += 1
            if self.calls == 1:
                for _ in range(self._times):
                    self._known.clear()
                    self._loop.call_soon_threadsafe(self._cancel_and_tell, _TURNS)
                    assert self._known.wait(10)
                if error is not None:
                    raise error
            return real(*args)

        self._patched.setattr(kind, name, interrupted)
        return self

    def _cancel_and_tell(self, turns: int) -> None:
        if turns == _TURNS:
            self._cancel()
        if turns:
            self._loop.call_soon(self._cancel_and_tell, turns - 1)
        else:
            self._known.set()

    async def happens(self) -> None:
        self._loop, complaints = asyncio.get_running_loop(), []
        self._loop.set_exception_handler(lambda _, context: complaints.append(context))
        with anyio.CancelScope() as scope:
            task = asyncio.current_task() if self._by_scope else asyncio.create_task(self._deliver())
            assert task is not None
            self._cancel: Callable[[], object] = scope.cancel if self._by_scope else task.cancel
            if self._by_scope:
                await self._deliver()
            else:
                with pytest.raises(asyncio.CancelledError):
                    await task
        assert scope.cancelled_caught is self._by_scope
        gc.collect()
        assert (complaints, self.notes) == ([], [])

    async def _deliver(self) -> None:
        try:
            await delivered(Told(ROWS), self.sink, self.beside)
        except asyncio.CancelledError as error:
            self.notes = getattr(error, "__notes__", [])  # what else failed
            raise


@pytest.fixture(params=["task", "task twice", "scope"])
def interruption(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interruption:
    times = 2 if request.param == "task twice" else 1
    return Interruption(tmp_path, monkeypatch, by_scope=request.param == "scope", times=times)


async def test_an_interruption_while_late_rows_get_their_places_leaves_them_out(
    tmp_path: Path, interruption: Interruption, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "_BATCH", 1)
    await interruption.inside_of(Successor, "write").happens()
    assert interruption.calls == 1
    assert sorted(os.listdir(tmp_path)) == ["out.manifest.json", "out.part"]
    assert ids(tmp_path / "out.part") == ["1", "2", "3"]
    facts = stored(tmp_path)
    assert (facts["issues"], facts["bytes"]) == (3, (tmp_path / "out.part").stat().st_size)
    assert (facts["complete"], facts["guarantee"], facts["fresh"]) == (False, "none", False)
    assert facts["warnings"] == ["it was interrupted"]


async def test_an_interruption_while_a_page_is_written_waits_for_that_page(
    tmp_path: Path, interruption: Interruption
) -> None:
    await interruption.inside_of(FileTarget, "write").happens()
    assert sorted(os.listdir(tmp_path)) == ["out.manifest.json", "out.part"]
    assert (ids(tmp_path / "out.part"), stored(tmp_path)["issues"]) == (["1", "2"], 2)


async def test_an_interruption_while_the_output_appears_comes_too_late(
    tmp_path: Path, interruption: Interruption
) -> None:
    await interruption.inside_of(FileTarget, "finish").happens()
    assert sorted(os.listdir(tmp_path)) == ["out", "out.manifest.json"]
    assert (ids(tmp_path / "out"), stored(tmp_path)["complete"]) == (["1", "4", "2'", "3"], True)
    assert interruption.sink.place == str(tmp_path / "out")


async def test_an_interruption_counts_more_than_a_write_that_fails_meanwhile(
    tmp_path: Path, interruption: Interruption
) -> None:
    await interruption.inside_of(Successor, "write", OutputError("the disk is full")).happens()
    assert sorted(os.listdir(tmp_path)) == ["out.manifest.json", "out.part"]
    assert (ids(tmp_path / "out.part"), stored(tmp_path)["warnings"]) == (["1", "2", "3"], ["it was interrupted"])
