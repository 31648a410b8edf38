"""What is written down of a pull while it runs, and what no record may do to it."""

import asyncio
import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from asyncjira import BasicAuth, ConfigError, Jira, OutputError, RateLimited, Recorder
from asyncjira.cli import main
from asyncjira.events import PageFetched
from asyncjira.mock import MockJira
from asyncjira.out.disk import Disk

from .conftest import SWIFT, UNLIMITED

SECRET = "s3cret-t0ken"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_a_record_tells_what_happened_and_when_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "run.record"
    async with MockJira(issues=250, email="ann", token=SECRET, faults=["503@2"]) as mock:
        with Recorder(path) as recorder:
            auth = BasicAuth("ann", SECRET)
            async with Jira(mock.url, auth=auth, limits=UNLIMITED, retry=SWIFT, on_event=recorder) as jira:
                manifest = await jira.pull_to(tmp_path / "out.ndjson", "project = OPS")
    heading, begin, *events = lines(path)
    assert heading["record"] == 1
    assert heading["started_at"].endswith("Z")
    assert (begin["event"], begin["url"], begin["jql"]) == ("PullStarted", mock.url, "project = OPS")
    names = [event["event"] for event in events]
    assert (names.count("Answered"), names.count("Retried"), names[-1]) == (manifest.requests, 1, "PullFinished")
    assert events[-1]["manifest"]["guarantee"] == "proven"
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    for event in events:
        if event["event"] == "Answered":
            assert event["sent_at"] + event["seconds"] == pytest.approx(event["at"], abs=1e-5)
            assert begin["at"] <= event["sent_at"]
    assert path.stat().st_mode & 0o777 == 0o600
    said = path.read_text()
    assert SECRET not in said
    assert json.loads((tmp_path / "out.ndjson").read_text().splitlines()[0])["fields"]["summary"] not in said


async def test_the_record_of_a_pull_that_fails_ends_with_what_went_wrong(tmp_path: Path) -> None:
    path = tmp_path / "run.record"
    async with MockJira(issues=250, faults=["429:600@2-"]) as mock:
        with pytest.raises(RateLimited), Recorder(path) as recorder:
            async with Jira(mock.url, limits=UNLIMITED, on_event=recorder) as jira:
                await jira.pull_to(tmp_path / "out.ndjson")
    last = lines(path)[-1]
    assert (last["event"], last["error"]) == ("PullFailed", "RateLimited")
    assert "Jira asks to wait 600 s" in last["reason"]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ValueError(SECRET)])
def test_of_what_others_raise_the_record_names_the_kind_alone(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "run.record"
    with pytest.raises(type(error)), Recorder(path) as recorder:
        recorder(PageFetched(0, 1, 1))
        raise error
    assert {**lines(path)[-1], "at": 0} == {"event": "PullFailed", "at": 0, "error": type(error).__name__, "reason": ""}


def test_an_existing_file_is_replaced_on_demand_alone_and_by_something_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.record"
    path.write_bytes(b"mine\n")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="--force"):
        Recorder(path)
    with pytest.raises(ConfigError, match="no"), Recorder(path, force=True):
        raise ConfigError("no such thing")  # before anything was heard
    assert path.read_bytes() == b"mine\n"
    with Recorder(path, force=True) as recorder:
        recorder(PageFetched(0, 1, 1))
    assert [line.get("event") for line in lines(path)] == [None, "PageFetched"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pull_of_which_nothing_is_heard_leaves_no_record(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.record")
    recorder.close()
    recorder.close()
    recorder(PageFetched(0, 1, 1))  # too late: nobody listens any more
    assert [*tmp_path.iterdir()] == []


def test_two_do_not_write_one_record(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.record"):
        with pytest.raises(OutputError, match="by another process"):
            Recorder(tmp_path / "run.record", force=True)


class Full(Disk):
    def write(self, file: int, block: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_at_the_end_and_hides_no_other_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no space left"):
        with Recorder(tmp_path / "a", disk=Full()) as recorder:
            recorder(PageFetched(0, 1, 1))
    with pytest.raises(ValueError, match="mine") as caught, Recorder(tmp_path / "b", disk=Full()) as recorder:
        recorder(PageFetched(0, 1, 1))
        raise ValueError("mine")
    assert "no space left" in caught.value.__notes__[0]


class Noting(Disk):
    def __init__(self) -> None:
        self.threads = set[int]()

    def write(self, file: int, block: bytes) -> None:
        self.threads.add(threading.get_ident())
        super().write(file, block)


def test_who_is_heard_never_waits_for_the_disk(tmp_path: Path) -> None:
    disk = Noting()
    with Recorder(tmp_path / "run.record", disk=disk) as recorder:
        recorder(PageFetched(0, 1, 1))
    assert disk.threads
    assert threading.get_ident() not in disk.threads


def test_pull_records_beside_its_output(capfd: Any, mock_jira: Any, tmp_path: Path) -> None:
    mock, out, path = mock_jira(issues=30), str(tmp_path / "out.ndjson"), str(tmp_path / "run.record")
    asked = ["pull", "--url", mock.url, "-o", out, "--record", path]
    assert main(asked) == 0
    assert lines(Path(path))[-1]["event"] == "PullFinished"
    requests = len(mock.wire)
    Path(out).unlink()
    assert main(asked) == 2
    assert f"{path} exists: --force" in capfd.readouterr().err
    assert main([*asked, "--force"]) == 0
    assert len(mock.wire) == 2 * requests
    for taken in (out, f"{out}.manifest.json", f"{out}.fields.json"):
        assert main(["pull", "--url", mock.url, "-o", out, "--force", "--record", taken]) == 2
        assert "a file of its own" in capfd.readouterr().err
    assert len(mock.wire) == 2 * requests


def test_a_refused_pull_is_recorded_too(capfd: Any, mock_jira: Any, tmp_path: Path) -> None:
    mock, path = mock_jira(issues=30, email="ann", token=SECRET), tmp_path / "run.record"
    assert main(["pull", "--url", mock.url, "--record", str(path)]) == 4
    assert lines(path)[-1]["error"] == "Refused"
    assert main(["report", str(path)]) == 0
    assert capfd.readouterr().out.startswith("Failed after 0 rows: ")
