"""The journal beside an output: what it tells, who may write it, and how long it stays."""

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import OutputError
from asyncjira.out.journal import Journal
from asyncjira.out.output import open_file
from asyncjira.out.packing import Point
from asyncjira.out.records import Asked, Commit, Opened, Proved, Record, Resumed, User, line, read_lines
from asyncjira.out.shape import Shape
from asyncjira.plan.silence import Silence
from asyncjira.plan.start import Mark

from .resumed import WHOLE

RECORDS: list[Record] = [
    Opened(7, "2026-01-01T00:00:00Z"),
    Asked("2026-01-01T00:00:00Z", {"jql": 'summary ~ "\n"', "fields": ["a"]}),
    User("ann"),
    Commit(10, "ab", 2, 3, 4, (Silence(["1"], 0, None, 9),)),
    Resumed(10),
    Proved(WHOLE),
]
LINES = b"".join(map(line, RECORDS))
MARK = Mark(5, 6)


def told(folder: Path) -> list[str]:
    return [type(record).__name__ for record, _ in read_lines((folder / "out.journal").read_bytes())]


def test_what_is_told_is_read_again() -> None:
    read = list(read_lines(LINES))
    assert [record for record, _ in read] == RECORDS
    assert read[-1][1] == len(LINES)
    assert LINES.count(b"\n") == len(RECORDS)


@given(st.integers(0, len(LINES) - 1), st.integers(1, 255))
def test_reading_ends_at_the_first_line_that_is_not_as_it_was_written(place: int, change: int) -> None:
    ends = [end for _, end in read_lines(LINES)]
    broken = LINES[:place] + bytes([LINES[place] ^ change]) + LINES[place + 1 :]
    assert [end for _, end in read_lines(broken)] == [end for end in ends if end <= place]
    assert [end for _, end in read_lines(LINES[:place])] == [end for end in ends if end <= place]


def test_a_line_of_a_later_version_ends_the_reading() -> None:
    text = b'{"type":"weather","rain":true}'
    import zlib

    assert len(list(read_lines(line(RECORDS[0]) + b"%08x %b\n" % (zlib.crc32(text), text) + LINES))) == 1


def test_the_journal_is_for_its_owner_alone_and_tells_what_was_asked(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out", {"jql": "x"})
    journal.check_user("ann")
    journal.begin()
    journal.commit(Point(1, "ab", 1), MARK)
    assert stat.S_IMODE((tmp_path / "out.journal").stat().st_mode) == 0o600
    assert told(tmp_path) == ["Opened", "Asked", "User", "Commit"]
    journal.abandon()
    journal.abandon()
    assert told(tmp_path) == ["Opened", "Asked", "User", "Commit"]


def test_a_journal_that_names_nothing_is_removed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out", {})
    journal.begin()
    journal.abandon()
    assert os.listdir(tmp_path) == []


def test_an_earlier_journal_stays_until_the_new_pull_has_something_to_write(tmp_path: Path) -> None:
    (tmp_path / "out.journal").write_bytes(LINES + b"torn")
    (tmp_path / "out.part").write_bytes(b"earlier")
    sink, beside = open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    beside.abandon()
    sink.abandon()
    assert (tmp_path / "out.journal").read_bytes().startswith(LINES)
    assert (tmp_path / "out.part").read_bytes() == b"earlier"
    sink, beside = open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    sink.write([b"{}"], "next", MARK)
    sink.close()
    assert told(tmp_path) == ["Opened", "Asked", "Commit"]
    beside.abandon()
    sink.abandon()


@pytest.mark.parametrize("content", [b"my diary\n", b"\0" * 50, b"0"])
def test_what_is_no_journal_is_left_alone_until_there_is_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "out.journal").write_bytes(content)
    journal = Journal(tmp_path / "out", {})
    journal.abandon()
    assert (tmp_path / "out.journal").read_bytes() == content
    journal = Journal(tmp_path / "out", {})
    journal.begin()
    assert told(tmp_path) == ["Opened", "Asked"]
    journal.abandon()


HOLDS = """
    import sys
    from asyncjira.out.output import open_file
    from asyncjira.out.shape import Shape
    held = open_file(sys.argv[1], Shape(), force=False, manifest=None)
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    script = [sys.executable, "-c", textwrap.dedent(HOLDS), str(tmp_path / "out")]
    with subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"open\n"
        for resumes in (False, True):
            with pytest.raises(OutputError, match=rf"another process: wait for it \(pid {first.pid}, since 2"):
                open_file(tmp_path / "out", Shape(), force=False, manifest=None, resumes=resumes)
        assert first.stdin is not None
        first.stdin.close()
    sink, beside = open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    sink.abandon()
    beside.abandon()
    assert os.listdir(tmp_path) == []


def test_what_stands_in_the_way_of_a_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "out.journal").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*out\.journal: is a directory"):
        open_file(tmp_path / "out", Shape(), force=False, manifest=None)
    assert os.listdir(tmp_path) == ["out.journal"]
