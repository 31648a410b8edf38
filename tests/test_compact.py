"""An archive made small."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira import ConfigError, OutputError
from asyncjira.cli import main
from asyncjira.out.compact import compact
from asyncjira.out.compression import compressor, unpacked

Line = dict[str, Any]


def issue(name: str, created: int, updated: int, more: object = "") -> Line:
    created_at, updated_at = (f"2026-01-01T00:00:{second:02d}.000+0000" for second in (created, updated))
    return {"id": name, "fields": {"created": created_at, "updated": updated_at, "more": more}}


def gone(name: str) -> Line:
    return {"id": name, "deleted": True}


def packed(lines: list[Line], compression: str, cuts: int = 1) -> bytes:
    """Return lines in as many members or frames as there are cuts, as pulls that are appended leave them."""
    parts = b""
    for number in range(cuts):
        block = b"".join(json.dumps(line).encode() + b"\n" for line in lines[number::cuts])
        one = compressor(compression)
        parts += one.compress(block) + one.flush()
    return parts


def read(path: Path) -> list[Line]:
    with path.open("rb") as file, unpacked(path.suffix.removeprefix(".").replace("ndjson", ""), file) as plain:
        return [json.loads(line) for line in plain.read().splitlines()]


def compacted(folder: Path, lines: list[Line]) -> list[Line]:
    source = folder / "a.ndjson"
    source.write_bytes(packed(lines, ""))
    compact(source, folder / "b.ndjson", force=True)
    return read(folder / "b.ndjson")


def test_the_newest_version_stays_and_of_two_of_one_time_the_later_line(tmp_path: Path) -> None:
    lines = [issue("1", 5, 9, "b"), issue("2", 5, 6), issue("1", 5, 8, "a"), issue("2", 5, 6, "later")]
    assert compacted(tmp_path, lines) == [lines[0], lines[3]]


def test_a_tombstone_counts_only_as_the_last_word(tmp_path: Path) -> None:
    lines = [issue("1", 1, 1), issue("2", 2, 2), gone("1"), gone("2"), gone("3"), issue("2", 2, 2)]
    assert compacted(tmp_path, lines) == [lines[1]]


def test_what_comes_after_a_tombstone_is_newer_than_all_before_it(tmp_path: Path) -> None:
    lines = [issue("1", 1, 9, "before"), gone("1"), issue("1", 1, 3, "again")]
    assert compacted(tmp_path, lines) == [lines[2]]


def test_issues_come_by_when_they_were_created_then_as_they_came_first(tmp_path: Path) -> None:
    undated = {"id": "9", "key": "X-9"}
    lines = [undated, issue("1", 5, 5), issue("2", 3, 3), issue("3", 5, 5), issue("1", 5, 9)]
    assert compacted(tmp_path, lines) == [lines[2], lines[4], lines[3], undated]


lines_of = st.lists(
    st.builds(issue, st.sampled_from("123456"), st.integers(0, 2), st.integers(0, 4), st.integers())
    | st.builds(gone, st.sampled_from("1234567"))
)


@settings(max_examples=200, deadline=None)
@given(lines_of, st.sampled_from(["", "gz", "zst"]), st.sampled_from(["", "gz", "zst"]), st.integers(1, 3))
def test_any_archive_becomes_what_a_dict_of_it_is(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Line], given: str, wanted: str, cuts: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    source, path = (folder / f"{name}.ndjson{suffix and '.'}{suffix}" for name, suffix in (("a", given), ("b", wanted)))
    source.write_bytes(packed(lines, given, cuts))
    newest: dict[str, Line] = {}
    dead: set[str] = set()
    for line in [line for number in range(cuts) for line in lines[number::cuts]]:
        name = line["id"]
        if "deleted" in line:
            dead.add(name)
        else:
            known = line if name in dead else newest.get(name, line)
            dead.discard(name)
            newest[name] = line if line["fields"]["updated"] >= known["fields"]["updated"] else known
    expected = {name: line for name, line in newest.items() if name not in dead}
    told = compact(source, path, force=True)
    found = read(path)
    assert {line["id"]: line for line in found} == expected
    assert (len(found), told.issues, told.lines) == (len(expected), len(expected), len(lines))
    assert [line["fields"]["created"] for line in found] == sorted(line["fields"]["created"] for line in found)


def test_bytes_stay_as_they_are(tmp_path: Path) -> None:
    line = b'{"id" : 7,"n":1.10,"big":123456789012345678901234567890,"s":"\\ud83d","fields":{}}\n'
    (tmp_path / "a.ndjson").write_bytes(line)
    compact(tmp_path / "a.ndjson", tmp_path / "b.ndjson")
    assert (tmp_path / "b.ndjson").read_bytes() == line


def test_in_place_it_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(packed([issue("1", 1, 1), issue("1", 1, 2)], "gz", 2))
    with pytest.raises(ConfigError, match="--force"):
        compact(path, path)
    compact(path, path, force=True)
    assert read(path) == [issue("1", 1, 2)]
    assert os.listdir(tmp_path) == ["a.ndjson.gz"]


TORN: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a.ndjson", lambda whole: whole[:-1], "line 2"),
    ("a.ndjson", lambda whole: whole[:-9] + b"\n", "line 2"),
    ("a.ndjson", lambda whole: whole + b"\n", "line 3"),
    ("a.ndjson", lambda whole: whole + b"[]\n", "line 3"),
    ("a.ndjson.gz", lambda whole: whole[:-1], "compressed"),
    ("a.ndjson.gz", lambda whole: whole + b"rubbish", "compressed"),
    ("a.ndjson.zst", lambda whole: whole[:-1], "compressed"),
    ("a.ndjson.zst", lambda whole: whole + b"rubbish", "compressed"),
]


@pytest.mark.parametrize(("name", "tear", "where"), TORN)
def test_a_torn_archive_is_an_error_that_names_the_place(
    name: str, tear: Callable[[bytes], bytes], where: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(tear(packed([issue("1", 1, 1), issue("2", 2, 2)], path.suffix[1:].replace("ndjson", ""))))
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=f"a.ndjson.*damaged: .*{where}"):
        compact(path, path, force=True)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [name]


def test_only_so_much_is_read_as_is_whole(tmp_path: Path) -> None:
    for name in ("a.ndjson", "a.ndjson.gz", "a.ndjson.zst"):
        whole = packed([issue("1", 1, 1)], name[9:], 1)
        (tmp_path / name).write_bytes(whole + whole[: len(whole) // 2])
        compact(tmp_path / name, tmp_path / "b.ndjson", size=len(whole), force=True)
        assert read(tmp_path / "b.ndjson") == [issue("1", 1, 1)]


def test_an_array_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one JSON array"):
        compact(tmp_path / "a.json", tmp_path / "b.ndjson")
    with pytest.raises(ConfigError, match=r"cannot read .*no such file"):
        compact(tmp_path / "a.ndjson", tmp_path / "b.ndjson")
    with pytest.raises(OutputError, match="folder"):
        compact(tmp_path / "a.ndjson", tmp_path)


def test_it_may_become_an_array(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(packed([issue("1", 1, 1), issue("2", 1, 1)], ""))
    compact(tmp_path / "a.ndjson", tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_bytes()) == [issue("1", 1, 1), issue("2", 1, 1)]


def test_the_command_says_what_it_has_done(tmp_path: Path, capfd: Any) -> None:
    source = tmp_path / "a.ndjson.gz"
    source.write_bytes(gzip.compress(packed([issue("1", 1, 1), issue("2", 1, 1), gone("2")], "")))
    assert main(["compact", str(source), str(tmp_path / "b.ndjson")]) == 0
    assert capfd.readouterr() == ("", f"1 issues of 3 lines, 1 of them tombstones -> {tmp_path / 'b.ndjson'}\n")
    assert main(["compact", "-q", str(source), str(tmp_path / "b.ndjson")]) == 2
    assert "--force (force=True) replaces it" in capfd.readouterr().err
    assert main(["compact", "-q", str(source), "--force"]) == 0
    assert capfd.readouterr() == ("", "")
    assert read(source) == [issue("1", 1, 1)]
