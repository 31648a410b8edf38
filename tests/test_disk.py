"""Whatever a disk refuses, and whenever: no half output appears, and the next pull makes it whole."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asyncjira import Jira, OutputError
from asyncjira.mock import MockJira
from asyncjira.out import commits
from asyncjira.out.disk import Disk
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape

from .conftest import UNLIMITED
from .disks import OPERATIONS, failing
from .model import Server, server
from .resumed import attempt, spelled, wrong


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1000)
    monkeypatch.setattr(commits, "_COMMIT", 3000)


def jira() -> Server:
    return server(sorted(Random(5).choices(range(3000), k=80)), rate=0.5, seed=4, edit=spelled)


@pytest.mark.parametrize(("name", "number"), [("out.ndjson", errno.EIO), ("out.json.gz", errno.ENOSPC)])
async def test_whichever_call_fails_nothing_half_appears_and_the_next_pull_goes_on(
    tmp_path: Path, name: str, number: int
) -> None:
    shape, refused, at = Shape.of(name), set[str](), 0
    while True:
        at, folder, pulled = at + 1, tmp_path / str(at), jira()
        folder.mkdir()
        disk = failing(at, number)
        told = ""
        try:
            await attempt(pulled, folder, shape, Random(at), disk)
        except OutputError as error:
            told = str(error)
        if told:
            assert os.strerror(number).lower() in told
            refused.add(disk.refused)
            if (folder / "out").exists():
                assert "out.journal" in os.listdir(folder)
            await attempt(pulled, folder, shape, Random(at))
        assert not wrong(pulled, folder, shape), f"call {at}, {disk.refused}"
        if not disk.refused:
            break
    assert refused == {*OPERATIONS}


async def test_a_disk_that_is_full_is_found_out_before_anything_is_asked(tmp_path: Path) -> None:
    pulled = jira()
    with pytest.raises(OutputError, match=r"cannot write .*out\.journal: no space left on device"):
        await attempt(pulled, tmp_path, Shape(), Random(1), failing(1, only="write"))
    assert (pulled.asked, os.listdir(tmp_path)) == ([], [])


def test_a_file_system_that_has_nothing_to_sync_is_none_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    for number in (errno.EINVAL, errno.ENOTSUP, errno.EIO):

        def refuses(_: int, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fdatasync", refuses)
        monkeypatch.setattr(os, "fsync", refuses)
        for sync, what in ((Disk().sync, file), (Disk().sync_folder, tmp_path)):
            if number == errno.EIO:
                with pytest.raises(OSError, match="error"):
                    sync(what)  # type: ignore[operator]
            else:
                sync(what)  # type: ignore[operator]
    os.close(file)


LIMITED = """
    import asyncio, resource, sys
    from asyncjira import Jira, Limits, OutputError
    from asyncjira.out import commits

    async def pull(url, path):
        async with Jira(url, limits=Limits(rate=0)) as jira:
            await jira.pull_to(path, fields="summary", resume=True)

    commits._BLOCK, commits._COMMIT = 1000, 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        asyncio.run(pull(*sys.argv[1:3]))
    except OutputError as error:
        print(error)
"""


@pytest.mark.parametrize("name", ["out.json.gz"])
def test_a_file_that_may_not_grow_is_gone_on_with_when_it_may(tmp_path: Path, mock_jira: Any, name: str) -> None:
    mock, path = mock_jira(issues=1500), tmp_path / name
    for limit in (30_000, 60_000, 10_000_000):
        script = [sys.executable, "-c", textwrap.dedent(LIMITED), mock.url, str(path), str(limit)]
        done = subprocess.run(script, capture_output=True, text=True, check=True)
        assert ("file too large" in done.stdout) == (limit < 1_000_000), done
        assert path.exists() == (limit > 1_000_000)
    manifest = json.loads((tmp_path / f"{name}.manifest.json").read_bytes())
    assert (manifest["issues"], manifest["complete"], manifest["resumed"] > 0) == (1500, True, True)
    assert sorted(os.listdir(tmp_path)) == [name, f"{name}.manifest.json"]


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A file system in memory that can be given a size: call it with that."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting is not permitted")

    def sized(size: str) -> Path:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
        return folder

    yield sized
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_stops_the_pull_and_more_space_lets_it_go_on(tiny: Callable[[str], Path]) -> None:
    async with MockJira(issues=1600) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        for size in ("1m", "2m"):
            before = len(mock.wire)
            with pytest.raises(OutputError, match="no space left on device"):
                await jira.pull_to(tiny(size) / "a.json", page_size=20, resume=True)
            assert len(mock.wire) - before < 70  # of more than 100
        folder = tiny("30m")
        manifest = await jira.pull_to(folder / "a.json", page_size=20, resume=True)
        issues = json.loads((folder / "a.json").read_bytes())
        assert issues == [json.loads(issue) for issue in mock.expected("*all")]
    assert (manifest.resumed, sorted(os.listdir(folder))) == (2, ["a.json", "a.json.manifest.json"])


def test_a_second_output_of_the_same_name_is_refused_until_the_first_is_over(tmp_path: Path) -> None:
    sink, beside = open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    with pytest.raises(OutputError, match=f"pid {os.getpid()}"):
        open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    sink.abandon()
    beside.abandon()
    assert os.listdir(tmp_path) == []
