"""An output goes on from what is durable of it, whatever a crash has left."""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import ConfigError, OutputError
from asyncjira.manifest import Manifest
from asyncjira.out import commits
from asyncjira.out.output import open_file
from asyncjira.out.records import Proved, Record, User, read_lines
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget
from asyncjira.plan.silence import Silence
from asyncjira.plan.start import Mark, Start
from asyncjira.plan.versions import version

from .disks import MortalDisk, failing
from .model import server
from .resumed import UNPACK, Attempt, attempt, changing, spelled, until_done, wrong

SHAPES = [Shape(form, compression) for form in ("ndjson", "json") for compression in UNPACK]
ISSUE = b'{"id":"1","fields":{"created":"2023-11-14T22:13:20.000+0000","updated":"2023-11-14T22:13:20.123+0000"}}'
LOSSES = 10  # pulls for each shape; `tests/torture.py power` makes thousands


@pytest.fixture(autouse=True)
def small_blocks() -> Any:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(commits, "_BLOCK", 200)
        patched.setattr(commits, "_COMMIT", 1500)
        yield


@pytest.fixture(params=SHAPES, ids=lambda s: f"{s.form}-{s.compression or 'plain'}")
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param  # type: ignore[no-any-return]


async def test_however_often_the_power_is_lost_the_output_is_exact_in_the_end(tmp_path: Path, shape: Shape) -> None:
    losses = 0
    for seed in range(LOSSES):
        folder, dice = tmp_path / str(seed), Random(f"{seed}/{shape}")
        folder.mkdir()
        jira = changing(dice)
        losses += await until_done(jira, folder, shape, dice)
        assert not wrong(jira, folder, shape), f"seed {seed}"
    assert losses > LOSSES


def interrupted(folder: Path, shape: Shape, asked: dict[str, Any] | None = None) -> tuple[list[bytes], bytes, bytes]:
    """Return the rows that a pull has written, and the bytes of its `.part` and its journal; none of it is closed."""
    jira = server(sorted(Random(5).choices(range(3000), k=250)), edit=spelled)
    pull, rows = Attempt(jira, Random(3)), list[bytes]()
    times = iter(range(10**6))
    sink, beside = open_file(
        folder / "out", shape, force=False, manifest=None, asked=asked, clock=lambda: next(times) * 0.4
    )

    async def write() -> None:
        async for each in pull.rows():
            sink.write(each.issues, each.place, each.mark)
            rows.extend(each.issues)
            if sink.issues > 200:
                return

    with pytest.raises(StopIteration):
        write().send(None)
    left = (folder / "out.part").read_bytes(), (folder / "out.journal").read_bytes()
    sink.abandon()
    beside.abandon()
    return rows, *left


LEFT = {}


def left_of(shape: Shape) -> tuple[list[bytes], bytes, bytes]:
    if shape not in LEFT:
        with tempfile.TemporaryDirectory() as folder:
            LEFT[shape] = interrupted(Path(folder), shape)
    return LEFT[shape]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Return what a crash may leave of a file: cut off, with zeros at its end or in the middle, or one bit flipped."""
    place = draw(st.integers(0, len(content)))
    match draw(st.sampled_from(["whole", "cut", "zeros", "hole", "bit", "longer"])):
        case "cut":
            return content[:place]
        case "zeros":
            return content[:place] + bytes(len(content) - place)
        case "hole":
            end = draw(st.integers(place, len(content)))
            return content[:place] + bytes(end - place) + content[end:]
        case "bit" if place < len(content):
            return content[:place] + bytes([content[place] ^ 1 << draw(st.integers(0, 7))]) + content[place + 1 :]
        case "longer":
            return content + content[place:]
    return content


@given(st.data())
def test_whatever_is_left_of_both_files_what_is_gone_on_from_is_true(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    rows, part, journal = left_of(shape)
    part, journal = data.draw(damaged(part)), data.draw(damaged(journal))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        path.with_name("out.part").write_bytes(part)
        path.with_name("out.journal").write_bytes(journal)
        sink, beside = open_file(path, shape, force=False, manifest=None, resumes=True)
        start = sink.recover()
        assert not isinstance(start, Manifest)
        if start is not None:
            assert_true(start, sink, rows, path, shape)
        sink.abandon()
        beside.abandon()
        if start is None and part:
            assert path.with_name("out.part").read_bytes() == part


def assert_true(start: Start, sink: Sink, rows: list[bytes], path: Path, shape: Shape) -> None:
    """The rows are the first that were written, and every issue before the mark is among them."""
    came = rows[: start.rows]
    text = UNPACK[shape.compression](path.with_name("out.part").read_bytes())
    assert text == (b"[\n" + b",\n".join(came) if shape.form == "json" else b"".join(row + b"\n" for row in came))
    assert all(json.loads(row)["id"] in start.ids for row in came)
    assert len(start.ids) == start.rows == sink.issues
    assert start.part.first is not None
    seconds = [int(datetime.fromisoformat(json.loads(row)["fields"]["created"]).timestamp()) for row in rows]
    assert all(second >= start.part.first for second in seconds[start.rows :])
    assert seconds[start.rows - 1] == start.last_created >= start.part.first


async def test_what_was_lost_after_the_proof_is_finished_without_a_request(tmp_path: Path, shape: Shape) -> None:
    moments = 0
    for life in range(1000):
        folder, dice = tmp_path / str(life), Random(1)
        folder.mkdir()
        disk = MortalDisk(folder, dice, life)
        try:
            await attempt(jira := changing(Random(2)), folder, shape, dice, disk)
            break
        except OutputError:
            disk.restore()
        if any(isinstance(record, Proved) for record in records(folder)) and not (folder / "out.part").exists():
            before = len(jira.asked)
            await attempt(jira, folder, shape, dice)
            assert len(jira.asked) == before
            assert not wrong(jira, folder, shape)
            moments += 1
    assert moments > 2


async def test_a_proof_that_does_not_hold_any_more_stands_in_for_no_later_one(tmp_path: Path, shape: Shape) -> None:
    dice = Random(1)
    for renames in (1, 2):  # that of the output, then that of its manifest
        jira = server(range(renames * 100), edit=spelled)
        with pytest.raises(OutputError):
            await attempt(jira, tmp_path, shape, dice, failing(renames, only="rename"))
        if renames == 1:
            os.truncate(tmp_path / "out.part", (tmp_path / "out.part").stat().st_size - 1)
    asked = len(jira.asked)
    await attempt(jira, tmp_path, shape, dice)
    assert (len(jira.asked), wrong(jira, tmp_path, shape)) == (asked, [])


def records(folder: Path) -> list[Record]:
    journal = folder / "out.journal"
    return [record for record, _ in read_lines(journal.read_bytes())] if journal.exists() else []


def opened(folder: Path, **options: Any) -> tuple[Sink, FileTarget]:
    return open_file(folder / "out", Shape(), **{"force": False, "manifest": None, "resumes": True, **options})


def test_a_pull_of_something_else_is_refused_and_told_what_differs(tmp_path: Path) -> None:
    asked = {"url": "http://a", "jql": "project = A", "fields": ["*all"]}
    left = interrupted(tmp_path, Shape(), asked)
    for other, told in [
        ({"jql": "project = B"}, r"jql was project = A and is project = B now"),
        ({"fields": ["id"], "url": "http://b"}, r"url was http://a and is http://b now; fields was"),
    ]:
        sink, beside = opened(tmp_path, asked={**asked, **other})
        with pytest.raises(ConfigError, match=told):
            sink.recover()
        sink.abandon()
        beside.abandon()
    sink, beside = open_file(tmp_path / "out", Shape("json"), force=False, manifest=None, asked=asked, resumes=True)
    with pytest.raises(ConfigError, match="form was ndjson and is json now"):
        sink.recover()
    sink.abandon()
    beside.abandon()
    assert (tmp_path / "out.part").read_bytes() == left[1]
    assert (tmp_path / "out.journal").read_bytes().startswith(left[2])


def test_another_user_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    sink, beside = opened(tmp_path)
    sink.check_user("ann")
    sink.write([ISSUE], "next", Mark(1, 2))
    sink.close()
    sink.abandon()
    beside.abandon()
    sink, beside = opened(tmp_path)
    assert sink.recover() is not None
    sink.check_user(None)
    sink.check_user("ann")
    with pytest.raises(ConfigError, match="as ann, and this is bob"):
        sink.check_user("bob")
    sink.abandon()
    beside.abandon()


def test_afresh_any_user_may_follow_another(tmp_path: Path) -> None:
    interrupted(tmp_path, Shape())
    for user in ("ann", "bob"):
        sink, beside = opened(tmp_path, resumes=False)
        sink.check_user(user)
        sink.write([ISSUE], "next", Mark(1, 2))
        sink.close()
        sink.abandon()
        beside.abandon()
    assert [record.name for record in records(tmp_path) if isinstance(record, User)] == ["bob"]


def test_a_silence_that_was_open_ends_where_the_pull_goes_on(tmp_path: Path) -> None:
    sink, beside = opened(tmp_path)
    sink.write([ISSUE], "next", Mark(1700000000, 2, (Silence(["7"], 3, 5, 9), Silence(["8"], 4, 7))))
    sink.close()
    sink.abandon()
    beside.abandon()
    sink, beside = opened(tmp_path)
    start = sink.recover()
    assert isinstance(start, Start)
    assert start.silences == (Silence(["7"], 3, 5, 9), Silence(["8"], 4, 7, 1700000000))
    assert dict(start.versions.items()) == {"1": version(1700000000123, ISSUE)}
    sink.abandon()
    beside.abandon()


def test_a_part_without_a_journal_is_not_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / "out.part").write_bytes(bytes(ISSUE) + b"\n")
    sink, beside = opened(tmp_path)
    assert sink.recover() is None
    sink.abandon()
    beside.abandon()
    assert (tmp_path / "out.part").read_bytes() == bytes(ISSUE) + b"\n"


async def test_an_output_that_is_there_and_is_another_one_is_not_replaced(tmp_path: Path) -> None:
    interrupted(tmp_path, Shape())
    (tmp_path / "out").write_bytes(b"other")
    sink, beside = opened(tmp_path)
    with pytest.raises(ConfigError, match="exists: --force"):
        sink.recover()
    sink.abandon()
    beside.abandon()
    sink, beside = opened(tmp_path, force=True)
    assert isinstance(sink.recover(), Start)
    sink.abandon()
    beside.abandon()
