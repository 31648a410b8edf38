"""Issues that come late get their places in a file, and nothing that goes wrong meanwhile costs what came in order."""

import errno
import gzip
import hashlib
import json
import math
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import OutputError
from asyncjira.jira.head import Head, read_head
from asyncjira.out import commits
from asyncjira.out import late as late_module
from asyncjira.out import rows as rows_module
from asyncjira.out.output import open_stream
from asyncjira.out.packing import Packing
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.successor import Successor
from asyncjira.out.target import FileTarget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Any] = {"": bytes, "gz": gzip.decompress, "zst": zstd.decompress}
SUFFIX = {"": "", "gz": ".gz", "zst": ".zst"}
SHAPES = [
    Shape(form, compression, indent)
    for form, indent in (("ndjson", False), ("json", False), ("json", True))
    for compression in UNPACK
]
AWKWARD = [
    rb'"n":1.10,"big":123456789012345678901234567890,"e":1e400',
    rb'"s":"\u00e9\/\ud83d\ude00","s":"twice"',
    rb'"cut":"\ud83d"',
    '"raw":"\u2028 \u00e9 \U0001f600"'.encode(),
    rb'"code":"},\n{\"id\":\"9\"},\n    {\n]\n","o":[{"id":"7","fields":{"created":"x"}},{},[]]',
    b'"broken":\r\n{\n}\r',
]


def issue(number: int, second: int | None, version: int = 0, extra: bytes = b'"n":1') -> bytes:
    created = (
        "" if second is None else f'"created":"2026-01-01T02:{second // 60:02}:{second % 60:02}.{version:03}+0200"'
    )
    return b'{"v":%d,%b,"id":"%d","fields":{%b}}' % (version, extra, number, created.encode())


FIRST = [issue(1, 10), issue(2, 20, extra=AWKWARD[2]), issue(3, 30)]
NEWER, BETWEEN = issue(2, 20, 1), issue(4, 15, 1)
LATE = [("between", [BETWEEN]), ("replace", [NEWER])]
BEHIND = [("between", [issue(5, 40), issue(6, 50)])]


def told(raw: bytes) -> tuple[str, float]:
    """The id and the second of an issue, read in another way than the code does."""
    members = json.loads(bytes(raw))
    created = members["fields"].get("created")
    return members["id"], math.inf if created is None else int(created[14:16]) * 60 + int(created[17:19])


def stands(raw: bytes, page: list[bytes], shape: Shape) -> bytes:
    """How an issue stands in the output when it was written with the page that it came with."""
    if shape.indent and not any(rb'"\ud83d"' in bytes(other) for other in page):
        return msgspec.json.format(b"[" + bytes(raw) + b"]", indent=4)[2:-2]
    return bytes(raw).translate(None, b"\r\n")


def whole(rows: list[bytes], shape: Shape) -> bytes:
    if shape.form == "ndjson":
        return b"".join(row + b"\n" for row in rows)
    return b"[\n" + b",\n".join(rows) + b"\n]\n" if rows else b"[]\n"


def finished(folder: str | Path, shape: Shape, *pages: tuple[str, list[bytes]]) -> tuple[Sink, bytes]:
    sink = late(Sink(shape, FileTarget(path := Path(folder) / "out", force=True)), *pages)
    sink.close()
    sink.finish()
    return sink, path.read_bytes()


def begun(folder: Path, shape: Shape) -> Sink:
    """A sink into a file that has taken `FIRST`."""
    sink = Sink(shape, FileTarget(folder / "out"))
    sink.write(FIRST[:2])
    sink.write(FIRST[2:])
    return sink


def late(sink: Sink, *pages: tuple[str, list[bytes]]) -> Sink:
    for place, page in pages:
        sink.write(page, place)  # type: ignore[arg-type]
    return sink


def ids(path: Path, shape: Shape) -> list[str]:
    """The ids in a file, read in the way of its users: it must be whole in its form and compression."""
    text = UNPACK[shape.compression](path.read_bytes())
    found = json.loads(text) if shape.form == "json" else [json.loads(line) for line in text.split(b"\n")[:-1]]
    return [one["id"] + "'" * one["v"] for one in found]


@pytest.fixture(params=SHAPES, ids=lambda s: f"{s.form}{'-indent' * s.indent}-{s.compression or 'plain'}")
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every issue is a batch of its own, and the first late one is on disk already."""
    monkeypatch.setattr(rows_module, "_BATCH", 1)
    monkeypatch.setattr(late_module, "_IN_MEMORY", 1)


@pytest.fixture(autouse=True)
def every_page_is_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1)


@pytest.fixture(autouse=True)
def no_open_file_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


@st.composite
def pulls(draw: st.DrawFn) -> tuple[list[list[bytes]], list[tuple[str, list[bytes]]]]:
    """Pages in order of creation, then late pages of any kind; some replace what is not there."""
    extra, second = st.sampled_from([b'"n":1', *AWKWARD]), st.integers(0, 5)
    seconds = sorted(draw(st.lists(second, max_size=12)))
    first = [issue(number, at, extra=draw(extra)) for number, at in enumerate(seconds)]
    cuts = sorted(draw(st.lists(st.integers(0, len(first)), max_size=3)))
    pages = [page for a, b in zip([0, *cuts], [*cuts, len(first)], strict=True) if (page := first[a:b])]
    created = dict(enumerate(seconds))
    late: list[tuple[str, list[bytes]]] = []
    for version in range(1, draw(st.integers(0, 6)) + 1):
        place = draw(st.sampled_from(["between", "replace"]))
        numbers = draw(st.lists(st.integers(0 if place == "replace" else 20, 24), min_size=1, max_size=4))
        for number in numbers:
            created.setdefault(number, draw(second))
        late.append((place, [issue(number, created[number], version, draw(extra)) for number in numbers]))
    return pages, late


def modelled(pages: list[list[bytes]], late: list[tuple[str, list[bytes]]], shape: Shape) -> list[bytes]:
    """All rows by a dict and a sort. What was to replace nothing comes last of its second: it is found out last."""
    rows: dict[str, tuple[float, bool, bytes]] = {}
    for page in pages:
        rows |= {told(raw)[0]: (told(raw)[1], False, stands(raw, page, shape)) for raw in page}
    for place, page in late:
        for raw in page:
            number, when = told(raw)
            is_orphan = place == "replace" and bool(pages) if number not in rows else rows[number][1]
            rows[number] = (when, is_orphan, stands(raw, [raw], shape))
    return [row for *_, row in sorted(rows.values(), key=lambda row: row[:2])]


@given(pulls(), st.sampled_from(SHAPES), st.sampled_from([1, 7, 1 << 20]), st.sampled_from([1, 100, 1 << 20]))
def test_the_file_is_what_a_dict_and_a_sort_make_of_all_rows(pull: Any, shape: Shape, read: int, batch: int) -> None:
    pages, late = pull
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(rows_module, "_READ", read)
        patched.setattr(rows_module, "_BATCH", batch)
        patched.setattr(late_module, "_IN_MEMORY", batch)
        sink, packed = finished(folder, shape, *(("next", page) for page in pages), *late)
        assert os.listdir(folder) == ["out"]
    expected = modelled(pages, late, shape)
    assert UNPACK[shape.compression](packed) == whole(expected, shape)
    assert (sink.issues, sink.bytes, sink.sha256) == (len(expected), len(packed), hashlib.sha256(packed).hexdigest())


def test_late_rows_have_their_places_in_the_part_before_it_appears(tmp_path: Path, shape: Shape) -> None:
    sink = late(begun(tmp_path, shape), *LATE)
    assert sink.issues == 3
    sink.close()
    part = tmp_path / "out.part"
    assert (os.listdir(tmp_path), stat.S_IMODE(part.stat().st_mode)) == ([part.name], 0o600)
    assert (sink.issues, sink.bytes) == (4, part.stat().st_size)
    sink.close()
    sink.abandon()
    assert ids(part, shape) == ["1", "4'", "2'", "3"]


def test_without_late_rows_nothing_is_read_or_written_again(
    tmp_path: Path, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("reread", "cut_back", "give_way"):
        monkeypatch.delattr(FileTarget, name)
    monkeypatch.delattr(Successor, "write")
    monkeypatch.delattr(tempfile, "SpooledTemporaryFile")
    monkeypatch.delattr(Packing, "fork")
    sink = begun(tmp_path, shape)
    sink.close()
    sink.finish()
    assert ids(tmp_path / "out", shape) == ["1", "2", "3"]


def test_rows_behind_the_last_one_are_appended(tmp_path: Path, shape: Shape) -> None:
    sink = late(begun(tmp_path, shape), ("between", [issue(6, 31), issue(7, None), issue(5, 30)]))
    before = (tmp_path / "out.part").stat()
    sink.close()
    packed = (tmp_path / "out.part").read_bytes()
    assert ids(tmp_path / "out.part", shape) == ["1", "2", "3", "5", "6", "7"]
    assert (tmp_path / "out.part").stat().st_ino == before.st_ino
    assert (sink.sha256, sink.bytes) == (hashlib.sha256(packed).hexdigest(), len(packed))
    sink.finish()


def test_a_row_in_front_of_the_last_one_is_not_appended(tmp_path: Path, shape: Shape) -> None:
    finished(tmp_path, shape, ("next", FIRST), ("between", [BETWEEN]))
    assert ids(tmp_path / "out", shape) == ["1", "4'", "2", "3"]


def test_rows_that_do_not_say_when_they_were_created_move_nothing(tmp_path: Path) -> None:
    sink = Sink(Shape(), FileTarget(tmp_path / "out"))
    sink.write([issue(1, 10), issue(2, None), issue(3, 20), issue(4, None)])
    late(sink, ("between", [issue(5, 15), issue(6, None), issue(7, 40)]), ("replace", [issue(4, None, 1)])).close()
    assert ids(tmp_path / "out.part", Shape()) == ["1", "2", "5", "3", "4'", "7", "6"]
    sink.abandon()


@pytest.mark.parametrize(
    ("moved", "expected"), [(issue(2, 20, 1), ["1", "2'", "3"]), (issue(3, 5, 1), ["3'", "1", "2"])]
)
def test_a_row_that_claims_to_be_new_and_is_not_stands_once(tmp_path: Path, moved: bytes, expected: list[str]) -> None:
    sink = late(begun(tmp_path, Shape()), ("between", [moved]))
    sink.close()
    assert (ids(tmp_path / "out.part", Shape()), sink.issues) == (expected, 3)
    sink.abandon()


def test_a_row_that_was_to_replace_nothing_is_not_lost(tmp_path: Path) -> None:
    sink = late(begun(tmp_path, Shape()), ("replace", [issue(9, 15), NEWER]))
    sink.close()
    assert (ids(tmp_path / "out.part", Shape()), sink.issues) == (["1", "9", "2'", "3"], 4)
    sink.abandon()


def test_a_newer_version_stays_in_its_place_whatever_it_says_of_its_creation(tmp_path: Path) -> None:
    sink = late(begun(tmp_path, Shape()), ("replace", [issue(1, 50, 1)]), ("between", [issue(4, 15)]))
    sink.close()
    assert ids(tmp_path / "out.part", Shape()) == ["1'", "4", "2", "3"]
    sink.abandon()


def test_a_stream_takes_late_rows_as_they_come() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as there, open(writer, "wb"):
        sink, _ = open_stream(writer, Shape(), manifest=None)
        late(sink, ("next", FIRST), *LATE).close()
        assert [json.loads(there.readline())["id"] for _ in range(5)] == ["1", "2", "3", "4", "2"]
    assert sink.issues == 4


def test_an_output_with_late_rows_has_the_mode_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    finished(tmp_path, Shape(), ("next", FIRST), *LATE)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "out").chmod(0o640)
    finished(tmp_path, Shape(), ("next", FIRST), *LATE)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["out", "plain"]


def test_an_issue_longer_than_any_block_is_found_again(tmp_path: Path, shape: Shape) -> None:
    huge = issue(1, 10, extra=b'"s":"' + b"},{\\n" * 700_000 + b'"')
    sink, packed = finished(tmp_path, shape, ("next", [huge, *FIRST[1:]]), *LATE)
    assert sink.issues == 4
    expected = [stands(raw, [raw], Shape(shape.form)) for raw in (huge, BETWEEN, NEWER, FIRST[2])]
    if not shape.indent:
        assert UNPACK[shape.compression](packed) == whole(expected, shape)
    assert ids(tmp_path / "out", shape) == ["1", "4'", "2'", "3"]


@pytest.mark.parametrize("pages", [LATE, BEHIND], ids=["rewritten", "appended"])
def test_late_rows_can_be_left_out_until_the_end(tmp_path: Path, shape: Shape, pages: Any) -> None:
    (tmp_path / "without").mkdir()
    other = begun(tmp_path / "without", shape)
    sink = late(begun(tmp_path, shape), *pages)
    sink.leave_late()
    for each in (sink, other):
        each.close()
        each.finish()
    assert (tmp_path / "out").read_bytes() == (tmp_path / "without" / "out").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["out", "without"]


@pytest.mark.usefixtures("in_small_steps")
def test_an_output_of_late_rows_alone_is_whole_without_them(
    tmp_path: Path, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = late(Sink(shape, FileTarget(tmp_path / "out")), *BEHIND)
    real = Packing.rows
    monkeypatch.setattr(Packing, "rows", lambda self, rows: (sink.leave_late(), real(self, rows))[1])
    sink.close()
    assert (ids(tmp_path / "out.part", shape), sink.issues) == ([], 0)
    sink.abandon()


@pytest.mark.usefixtures("in_small_steps")
@pytest.mark.parametrize("pages", [LATE, BEHIND], ids=["rewritten", "appended"])
def test_late_rows_can_be_left_out_while_they_get_their_places(
    tmp_path: Path, shape: Shape, pages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = late(begun(tmp_path, shape), *pages)
    real = Packing.rows
    monkeypatch.setattr(Packing, "rows", lambda self, rows: (sink.leave_late(), real(self, rows))[1])
    sink.close()
    packed = (tmp_path / "out.part").read_bytes()
    assert os.listdir(tmp_path) == ["out.part"]
    assert (ids(tmp_path / "out.part", shape), sink.issues) == (["1", "2", "3"], 3)
    assert (sink.bytes, sink.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())
    sink.abandon()


@pytest.mark.usefixtures("in_small_steps")
def test_a_second_writer_is_refused_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink, moments = late(begun(tmp_path, Shape()), *LATE), []

    def refused(moment: str) -> None:
        with pytest.raises(OutputError, match="another process"):
            FileTarget(tmp_path / "out")
        moments.append(moment)

    def watch(name: str) -> None:
        real = getattr(os, name)

        def watched(*args: Any) -> Any:
            refused(f"before {name}")
            result = real(*args)
            refused(f"after {name}")
            return result

        monkeypatch.setattr(os, name, watched)

    for name in ("write", "fdatasync", "replace"):
        watch(name)
    sink.close()
    monkeypatch.undo()
    refused("at the end")
    assert len(set(moments)) == 7
    sink.abandon()
    FileTarget(tmp_path / "out").abandon()


def fail_once(patched: pytest.MonkeyPatch, name: str, at: int) -> list[Any]:
    """Let the call number `at` of a function of `os` find the disk full; return the calls in the making."""
    real, calls = getattr(os, name), []

    def failing(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    patched.setattr(os, name, failing)
    return calls


@pytest.mark.usefixtures("in_small_steps")
@pytest.mark.parametrize("pages", [LATE, BEHIND], ids=["rewritten", "appended"])
@pytest.mark.parametrize("call", ["write", "fdatasync", "replace"])
def test_whatever_fails_meanwhile_costs_none_of_the_other_rows(
    tmp_path: Path, shape: Shape, pages: Any, call: str
) -> None:
    ended = shape.form == "json" and pages is LATE
    fatal = 1 + (ended and call == "write")  # the first write ends what came in order
    while True:
        sink = late(begun(tmp_path, shape), *pages)
        with pytest.MonkeyPatch.context() as patched:
            calls = fail_once(patched, call, fatal)
            with suppress(OutputError):
                sink.close()
        sink.abandon()
        assert os.listdir(tmp_path) == ["out.part"]
        if len(calls) < fatal:  # nothing was left to fail
            assert len(ids(tmp_path / "out.part", shape)) == len(FIRST) + (1 if pages is LATE else 2)
            break
        assert ids(tmp_path / "out.part", shape) == ["1", "2", "3"]
        fatal += 1
    assert fatal > (1 if pages is LATE or call == "write" else 0)


UNDER_A_LIMIT = """
    import os, resource, sys
    from asyncjira import OutputError
    from asyncjira.out import late
    from asyncjira.out.shape import Shape
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget

    def issue(number, day):
        return (b'{"v":0,"id":"%d","fields":{"created":"2026-01-%02dT00:00:00+0000","x":"%b"}}' % (
            number, day, os.urandom(5000).hex().encode()))

    path, shape, late._IN_MEMORY = sys.argv[1], Shape.of(sys.argv[1]), int(sys.argv[2])
    sink = Sink(shape, FileTarget(path))
    sink.write([issue(number, 10 + number) for number in range(10)])
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))
    try:
        for number in range(10, 30):
            sink.write([issue(number, 1)], "between")
        sink.close()
    except OutputError as error:
        print(error)
    sink.abandon()
"""


@pytest.mark.parametrize("name", ["out", "out.json", "out.json.gz", "out.zst"])
@pytest.mark.parametrize("in_memory", [1 << 20, 1], ids=["file", "spool"])
def test_a_file_that_may_not_grow_keeps_what_came_in_order(tmp_path: Path, name: str, in_memory: int) -> None:
    arguments = [str(tmp_path / name), str(in_memory)]
    script = [sys.executable, "-c", textwrap.dedent(UNDER_A_LIMIT), *arguments]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert "file too large" in done.stdout, done.stderr
    assert os.listdir(tmp_path) == [f"{name}.part"]
    assert ids(tmp_path / f"{name}.part", Shape.of(name)) == [str(number) for number in range(10)]


def test_what_a_crash_left_behind_is_removed_or_overwritten(tmp_path: Path) -> None:
    left = tmp_path / "out.part.new"
    left.write_bytes(b"left" * 1000)
    sink = late(begun(tmp_path, Shape()), *LATE)
    assert not left.exists()
    left.write_bytes(b"left" * 1000)
    left.chmod(0o644)
    sink.close()
    sink.abandon()
    assert ids(tmp_path / "out.part", Shape()) == ["1", "4'", "2'", "3"]
    assert (os.listdir(tmp_path), stat.S_IMODE((tmp_path / "out.part").stat().st_mode)) == (["out.part"], 0o600)


CRASH = """
    import os, pathlib, sys
    from asyncjira.out.shape import Shape
    from tests.test_late_rows import LATE, begun, late

    os.replace = lambda *_: os._exit(9)
    late(begun(pathlib.Path(sys.argv[1]), Shape("json", "gz")), *LATE).close()
"""


def test_a_crash_before_late_rows_have_their_places_leaves_what_came_in_order(tmp_path: Path) -> None:
    script = [sys.executable, "-c", textwrap.dedent(CRASH), tmp_path]
    assert subprocess.run(script, cwd=Path(__file__).parent.parent, check=False).returncode == 9
    assert sorted(os.listdir(tmp_path)) == ["out.part", "out.part.new"]
    assert ids(tmp_path / "out.part", Shape("json", "gz")) == ["1", "2", "3"]
    finished(tmp_path, Shape(), ("next", FIRST))
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("lost", [4, 40, 110])
def test_a_part_that_somebody_else_shortened_is_not_taken_for_whole(tmp_path: Path, shape: Shape, lost: int) -> None:
    sink = late(begun(tmp_path, shape), *LATE)
    real = FileTarget.reread

    def shortened(target: FileTarget) -> Any:
        os.truncate(target.part, target.part.stat().st_size - lost)
        return real(target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(FileTarget, "reread", shortened)
        with pytest.raises(OutputError, match=r"cannot read .*/out\.part again"):
            sink.close()
    sink.abandon()
    assert os.listdir(tmp_path) == ["out.part"]


def test_a_part_that_lost_whole_rows_is_not_taken_for_whole(tmp_path: Path) -> None:
    sink = late(begun(tmp_path, Shape()), *LATE)
    os.truncate(tmp_path / "out.part", sum(len(bytes(raw)) + 1 for raw in FIRST[:2]))
    with pytest.raises(OutputError, match=r"it holds 2 issues, and 3 were written"):
        sink.close()
    sink.abandon()


def test_a_late_row_that_cannot_be_kept_keeps_the_others_from_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OutputError("full")

    sink = late(begun(tmp_path, Shape("json")), LATE[0])
    monkeypatch.setattr(late_module.LateRows, "add", full)
    with pytest.raises(OutputError, match="full"):
        late(sink, LATE[1])
    assert ids(tmp_path / "out.part", Shape("json")) == ["1", "2", "3"]
    sink.abandon()


def test_what_stands_in_the_way_of_a_new_part_is_told(tmp_path: Path) -> None:
    sink = late(begun(tmp_path, Shape()), *LATE)
    (tmp_path / "out.part.new").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*/out\.part\.new: is a directory"):
        sink.close()
    sink.abandon()


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (b'{"id":7,"fields":{"created":"2021-03-04T05:06:07.999+0000"}}', Head("7", 1614834367)),
        (rb'{"fields":{"created":"2021-03-04T07:06:07.000+0200","x":"\ud83d"},"id":"7"}', Head("7", 1614834367)),
        (b'{"id":"7","fields":{"created":null}}', Head("7", None)),
        (b'{"id":"7","fields":{"created":"yesterday"}}', Head("7", None)),
        (b'{"id":"7","fields":null}', Head("7", None)),
        (b'{"id":"7"}', Head("7", None)),
    ],
)
def test_a_head_is_read_off_the_bytes_of_an_issue(text: bytes, head: Head) -> None:
    assert read_head(text) == read_head(text) == head


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"id":[]}', rb'{"n":"\ud83d"}', b'{"id":"1"'])
def test_what_is_no_issue_has_no_head(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_head(text)
