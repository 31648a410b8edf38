import gzip
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import ConfigError, OutputError
from asyncjira.out.output import open_file
from asyncjira.out.shape import Encoder, Shape
from asyncjira.out.target import FileTarget, StreamTarget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ISSUES = [rb'{"id":"1","n":1.10,"big":123456789012345678901234567890}', rb'{"id":"2","s":"\u00e9\/","a":1,"a":1e400}']


def encoded(shape: Shape, *pages: list[bytes]) -> bytes:
    encoder = Encoder(shape)
    return b"".join(encoder.page(page) for page in pages) + encoder.end()


@pytest.mark.parametrize(
    ("path", "form", "compression"),
    [
        ("a.json", "json", ""),
        ("a.json.gz", "json", "gz"),
        ("a.JSON.zst", "json", "zst"),
        ("a.ndjson", "ndjson", ""),
        ("a.jsonl.gz", "ndjson", "gz"),
        ("a", "ndjson", ""),
        ("a.gz", "ndjson", "gz"),
        ("dir.json/a", "ndjson", ""),
        ("a.json.txt", "ndjson", ""),
        ("", "ndjson", ""),
        (".json", "ndjson", ""),
    ],
)
def test_the_name_tells_the_shape(path: str, form: str, compression: str) -> None:
    assert (Shape.of(path).form, Shape.of(path).compression) == (form, compression)


def test_a_named_format_overrides_the_suffix() -> None:
    assert Shape.of("a.json", "ndjson").form == "ndjson"
    with pytest.raises(ConfigError):
        Shape.of("a.ndjson", indent=True)


def test_lines_are_the_bytes_that_came() -> None:
    assert encoded(Shape(), ISSUES[:1], ISSUES[1:]) == b"\n".join(ISSUES) + b"\n"


@given(st.lists(st.lists(st.sampled_from(ISSUES), min_size=1, max_size=3), max_size=4), st.booleans())
def test_an_array_is_one_json_value_however_the_pages_fall(pages: list[list[bytes]], indent: bool) -> None:
    whole = encoded(Shape("json", indent=indent), *pages)
    assert json.loads(whole) == [json.loads(issue) for page in pages for issue in page]
    if not indent:
        assert whole == (
            b"[\n" + b",\n".join(issue for page in pages for issue in page) + b"\n]\n" if pages else b"[]\n"
        )


def test_pretty_printing_looks_like_the_standard_librarys_and_keeps_every_number() -> None:
    plain = [b'{"id":"1","fields":{"labels":["a","b"],"none":[],"x":null}}', b'{"id":"2","n":12}']
    pretty = encoded(Shape("json", indent=True), plain[:1], plain[1:])
    assert pretty.decode() == json.dumps([json.loads(issue) for issue in plain], indent=4) + "\n"
    assert b"123456789012345678901234567890" in encoded(Shape("json", indent=True), ISSUES)
    assert rb'"s": "\u00e9\/"' in encoded(Shape("json", indent=True), ISSUES)


def test_a_page_that_cannot_be_pretty_printed_is_plain() -> None:
    cut = rb'{"id":"3","s":"\ud83d"}'
    assert encoded(Shape("json", indent=True), [cut]) == b"[\n" + cut + b"\n]\n"


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
def test_a_line_break_between_tokens_does_not_break_a_line(line_break: bytes) -> None:
    issue = b'{"id":"1",' + line_break + b'"n": 1.10' + line_break + b"}"
    assert encoded(Shape(), [issue, ISSUES[0]]) == b'{"id":"1","n": 1.10}\n' + ISSUES[0] + b"\n"
    assert encoded(Shape("json"), [issue, issue]).count(b"\n") == 4


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_file_appears_whole_under_its_own_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.ndjson{suffix}"
    sink, beside = open_file(path, Shape.of(str(path)), force=False, manifest=None)
    sink.write(ISSUES)
    assert {entry.name for entry in tmp_path.iterdir() if not entry.name.endswith(".part")} == {f"{path.name}.journal"}
    for name in os.listdir(tmp_path):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    sink.close()
    sink.finish()
    sink.forget()
    beside.abandon()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    unpack = {"": bytes, ".gz": gzip.decompress, ".zst": zstd.decompress}[suffix]
    assert unpack(path.read_bytes()) == b"\n".join(ISSUES) + b"\n"
    assert sink.bytes == path.stat().st_size
    assert (
        sink.sha256 == subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    )


def test_an_existing_output_is_refused_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(ConfigError, match="--force"):
        FileTarget(path)
    target = FileTarget(path, force=True)
    target.write(b"new")
    assert path.read_bytes() == b"old"
    target.finish()
    assert path.read_bytes() == b"new"


def test_what_is_no_file_or_no_place_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/null"), Path("/dev/stdout"), Path("/dev/fd/1"), tmp_path / "missing" / "out"):
        with pytest.raises(OutputError):
            FileTarget(path, force=True)
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_the_way_of_the_part_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.part")
    with pytest.raises(OutputError, match="in the way"):
        FileTarget(tmp_path / "out")
    with pytest.raises(OutputError, match="is a folder"):
        FileTarget(f"{tmp_path}/new/")


def test_a_file_system_below_dev_is_a_place_like_others() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        FileTarget(f"{folder}/out").finish()
        assert os.listdir(folder) == ["out"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    sink, beside = open_file(tmp_path / "link", Shape(), force=True, manifest=None)
    sink.write([b"{}"])
    sink.close()
    sink.finish()
    sink.abandon()
    beside.write(b"facts")
    beside.finish()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"{}\n"
    assert (tmp_path / "link.manifest.json").read_bytes() == b"facts"


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    first = FileTarget(tmp_path / "out")
    first.write(b"1")
    with pytest.raises(OutputError, match="another process"):
        FileTarget(tmp_path / "out")
    first.abandon()
    assert (tmp_path / "out.part").read_bytes() == b"1"
    FileTarget(tmp_path / "out").abandon()


def test_an_earlier_part_stays_until_there_is_something_to_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "out.part").write_bytes(b"earlier")
    FileTarget(tmp_path / "out").abandon()
    assert (tmp_path / "out.part").read_bytes() == b"earlier"
    target = FileTarget(tmp_path / "out")
    target.write(b"new")
    target.abandon()
    assert (tmp_path / "out.part").read_bytes() == b"new"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = FileTarget(tmp_path / "out")
    target.write(b"mine")
    (tmp_path / "out").write_bytes(b"theirs")
    with pytest.raises(OutputError, match="appeared meanwhile"):
        target.finish()
    target.abandon()
    assert ((tmp_path / "out").read_bytes(), (tmp_path / "out.part").read_bytes()) == (b"theirs", b"mine")


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0o640)
    target = FileTarget(tmp_path / "out", force=True)
    target.write(b"new")
    target.finish()
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_an_abandoned_output_leaves_no_empty_file(tmp_path: Path) -> None:
    target = FileTarget(tmp_path / "out")
    target.abandon()
    target.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_compressor_leaves_no_file_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "backports", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    with pytest.raises(ConfigError, match=r"pip install 'asyncjira\[zstd\]'"):
        open_file(tmp_path / "a.zst", Shape.of("a.zst"), force=False, manifest=None)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_that_cannot_be_written_is_found_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        open_file(tmp_path / "a", Shape(), force=False, manifest=tmp_path / "missing" / "m.json")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_words() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OutputError, match="no space left on device"):
            StreamTarget(full).write(b"x")
    finally:
        os.close(full)


def test_a_short_write_is_continued(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:3]))
    target = FileTarget(tmp_path / "out")
    target.write(b"0123456789")
    target.finish()
    assert (tmp_path / "out").read_bytes() == b"0123456789"
