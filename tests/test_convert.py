"""Issues as tables: every one is a row, whatever stands in it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira import ConfigError, OutputError, to_arrow
from asyncjira.cli import main
from asyncjira.convert.arrow import _Objects
from asyncjira.convert.as_csv import _harmless
from asyncjira.convert.convert import convert
from asyncjira.convert.envelope import Envelope
from asyncjira.convert.issue import read_issue
from asyncjira.convert.rows import Rows
from asyncjira.out.compression import compressor

Capture = Any
Issue = dict[str, Any]
REAL = Path(os.environ.get("ASYNCJIRA_REAL_ISSUES", "/nowhere"))
PEOPLE, TIMES = ["assignee", "reporter"], ["created", "updated", "resolved"]
FRONT = ["id", "key", "project", "type", "status", "priority", *PEOPLE, *TIMES, "labels"]
FORMS = ["a.parquet", "a.csv", "a.duckdb", "a.sqlite"]


def issue(number: int, **fields: Any) -> Issue:
    known = {
        "summary": f"Issue {number}",
        "project": {"key": "OPS"},
        "issuetype": {"name": "Bug"},
        "status": {"name": "Open", "statusCategory": {"key": "new"}},
        "priority": {"name": "High"},
        "assignee": {"displayName": "Ann", "accountId": "a-1"},
        "reporter": {"name": "bob"},
        "created": "2026-01-02T03:04:05.006+0200",
        "updated": "2026-01-02T03:04:05.006-0530",
        "resolutiondate": None,
        "labels": ["a", "=b"],
    }
    return {"id": str(number), "key": f"OPS-{number}", "self": "http://jira/1", "fields": known | fields}


def written(path: Path, issues: Iterable[Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in issues), encoding="utf-8")
    return path


def table_of(path: Path, what: str = "*") -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    """Return the names and types of the columns, and the rows."""
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as base:
            columns = [(row[1], row[2]) for row in base.execute("PRAGMA table_info(issues)")]
            rows = base.execute(f"SELECT {what} FROM issues").fetchall()
        base.close()
        return columns, rows
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        return [(name, "") for name in names], list(map(tuple, rows))
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        if path.suffix == ".duckdb":
            base.execute(f"ATTACH '{path}' AS told (READ_ONLY); USE told")
        source = "issues" if path.suffix == ".duckdb" else f"read_parquet('{path}')"
        columns = [(row[0], row[1]) for row in base.execute(f"DESCRIBE FROM {source}").fetchall()]
        return columns, base.execute(f"SELECT {what} FROM {source}").fetchall()


def column(path: Path, name: str) -> list[Any]:
    if path.suffix != ".csv":
        return [row[0] for row in table_of(path, f'"{name}"')[1]]
    columns, rows = table_of(path)
    at = columns.index((name, ""))
    return [row[at] for row in rows]


def run(capfd: Capture, *arguments: object) -> tuple[int, list[str]]:
    code = main([str(argument) for argument in arguments])
    return code, capfd.readouterr()[1].splitlines()


def row(**fields: Any) -> dict[str, Any]:
    found = read_issue(json.dumps(issue(1, **fields)).encode())
    assert found is not None
    return dict(zip([*FRONT, "fields"], Envelope(Counter()).row(found), strict=True))


def changing(count: int, change: int) -> list[Issue]:
    """Return issues whose custom fields are of other types from number `change` on."""
    before = [1, "2026-01-02", True, [1], 0.5, None]
    after = [{"value": 2}, "someday", 7, None, -1.5, "late"]
    names = [f"customfield_{number}" for number in range(6)]
    fields = [dict(zip(names, values, strict=True)) for values in (before, after)]
    return [{"id": str(number), "fields": fields[number >= change]} for number in range(count)]


def test_a_parquet_has_the_envelope_typed(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1), {"id": 2}])
    told = convert(source, tmp_path / "a.parquet")
    columns, rows = table_of(tmp_path / "a.parquet")
    times = dict.fromkeys(TIMES, "TIMESTAMP WITH TIME ZONE")
    assert columns == [
        *((name, times.get(name, "VARCHAR[]" if name == "labels" else "VARCHAR")) for name in FRONT),
        ("fields", "VARCHAR"),
    ]
    first = rows[0]
    assert first[:8] == ("1", "OPS-1", "OPS", "Bug", "Open", "High", "Ann", "bob")
    assert [each and each.isoformat() for each in first[8:11]] == [
        "2026-01-02T01:04:05.006000+00:00",
        "2026-01-02T08:34:05.006000+00:00",
        None,
    ]
    assert first[11] == ["a", "=b"]
    assert json.loads(first[12]) == issue(1)["fields"]
    assert rows[1] == ("2", *[None] * 12)
    assert (told.issues, told.columns, told.bytes) == (2, 13, (tmp_path / "a.parquet").stat().st_size)


def test_a_database_of_sqlite_or_duckdb_has_one_table(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1)])
    for name in ("a.sqlite", "a.sqlite3", "a.duckdb"):
        convert(source, tmp_path / name)
    with duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True) as base:
        assert base.execute("SELECT fields->>'$.status.statusCategory.key' FROM issues").fetchall() == [("new",)]
    with sqlite3.connect(tmp_path / "a.sqlite") as base:
        query = "SELECT datetime(created), json_extract(fields, '$.summary'), value FROM issues, json_each(labels)"
        assert base.execute(query).fetchall() == [
            ("2026-01-02 01:04:05", "Issue 1", "a"),
            ("2026-01-02 01:04:05", "Issue 1", "=b"),
        ]
    base.close()
    assert (tmp_path / "a.sqlite3").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("count", "change", "wide"), [(10_000, 6_000, False), (10_000, 6_000, True), (21_000, 20_500, True)]
)
def test_fields_that_change_their_type_cost_no_row(count: int, change: int, wide: bool, tmp_path: Path) -> None:
    """The second change comes behind the 20,480 rows that DuckDB would look at by itself."""
    source = written(tmp_path / "a.ndjson", changing(count, change))
    for name in FORMS if count == 10_000 else FORMS[:1]:
        assert convert(source, tmp_path / name, wide=wide).issues == count
        assert column(tmp_path / name, "id") == [str(number) for number in range(count)]
    if wide:
        assert column(tmp_path / "a.parquet", "customfield_0") == ["1"] * change + ['{"value": 2}'] * (count - change)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_two_pulls_have_one_schema(name: str, wide: bool, tmp_path: Path) -> None:
    """In the first nothing is null, in the second nearly everything, and no field is of one type in all issues."""
    told = []
    for issues in ([issue(1, resolutiondate="2026-01-02T03:04:05.000+0000")], [issue(2, assignee=None), {"id": "3"}]):
        source = written(tmp_path / "a.ndjson", [*issues, *(changing(50, 30) if wide else [])])
        convert(source, tmp_path / name, force=True, wide=wide)
        told.append(table_of(tmp_path / name)[0])
        if name == "a.parquet":
            schema = duckdb.sql(f"SELECT name, type, repetition_type FROM parquet_schema('{tmp_path / name}')")
            told[-1] += [tuple(row) for row in schema.fetchall()]
    assert told[0] == told[1]


def test_a_wide_table_has_a_typed_column_for_each_field(tmp_path: Path) -> None:
    issues = [
        issue(
            1,
            points=1,
            whole=9007199254740993,
            date="2026-02-03",
            time="2026-02-03T04:05:06.007+0100",
            flag=True,
            mixed="2026-02-03",
            thing={"a": 1.10},
            nothing=None,
            duedate=None,
            Summary="other",
        ),
        issue(2, points=-2.5, mixed="no date", date=None),
    ]
    source = written(tmp_path / "a.ndjson", [{**issues[0], "changelog": {"total": 0}}, issues[1]])
    convert(source, tmp_path / "a.duckdb", wide=True)
    columns, rows = table_of(tmp_path / "a.duckdb")
    first = dict(zip([name for name, _ in columns], rows[0], strict=True))
    types = dict(columns)
    assert list(types)[:12] == FRONT
    assert list(types)[12:] == [
        "Summary",
        "fields_assignee",
        "date",
        "duedate",
        "flag",
        "issuetype",
        "mixed",
        "nothing",
        "points",
        "fields_priority",
        "fields_project",
        "fields_reporter",
        "resolutiondate",
        "fields_status",
        "fields_summary",
        "thing",
        "time",
        "whole",
        "changelog",
    ]
    assert {name: types[name] for name in ("points", "whole", "date", "flag", "mixed", "thing", "nothing")} == {
        "points": "DOUBLE",
        "whole": "JSON",
        "date": "DATE",
        "flag": "BOOLEAN",
        "mixed": "VARCHAR",
        "thing": "JSON",
        "nothing": "JSON",
    }
    assert (types["duedate"], types["time"]) == ("DATE", "TIMESTAMP WITH TIME ZONE")
    assert (first["points"], first["whole"], first["flag"]) == (1.0, "9007199254740993", True)
    assert (first["fields_summary"], first["Summary"], first["mixed"]) == ("Issue 1", "other", "2026-02-03")
    assert first["time"].isoformat() == "2026-02-03T03:05:06.007000+00:00"


def test_people_are_called_as_jira_shows_them(tmp_path: Path) -> None:
    assert row(assignee={"displayName": "Ann", "name": "ann"})["assignee"] == "Ann"
    assert row(assignee={"name": "ann", "key": "JIRAUSER1"})["assignee"] == "ann"
    assert row(reporter={"accountId": "5b10"})["reporter"] == "5b10"


def test_the_json_of_the_fields_is_the_text_of_jira(tmp_path: Path) -> None:
    text = '{"a": 123456789012345678901234567890, "b":1e400,"c":1.10, "d":"\\u0000\\ud83d\\ude00","status":1e400'
    text += f', "e":{"1" * 5000}}}'
    (tmp_path / "a.ndjson").write_text('{"id":"1","fields":' + text + "}\n")
    for name in FORMS:
        convert(tmp_path / "a.ndjson", tmp_path / name)
        assert column(tmp_path / name, "fields") == [text]
    convert(tmp_path / "a.ndjson", tmp_path / "wide.duckdb", wide=True)
    assert column(tmp_path / "wide.duckdb", "b") == ["1e400"]


def test_half_a_character_is_replaced_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"id":"1","fields":{"a":"\\ud800 \\\\ud800 \\ud83d\\ude00"}}\n')
    told = convert(tmp_path / "a.ndjson", tmp_path / "a.duckdb")
    assert column(tmp_path / "a.duckdb", "fields") == ['{"a":"\\ufffd \\\\ud800 \\ud83d\\ude00"}']
    assert ["surrogate" in note for note in told.notes] == [True]


def test_what_is_not_as_jira_writes_it_is_null_and_counted(tmp_path: Path, capfd: Capture) -> None:
    odd = [issue(1, created="yesterday", updated=5, labels="a"), issue(2, created="", status="Open", labels=[1])]
    source = written(tmp_path / "a.ndjson", [*odd, issue(3), {"id": "9", "deleted": True}])
    code, lines = run(capfd, "convert", source, tmp_path / "a.parquet")
    assert code == 0
    assert lines[:-1] == [
        "asyncjira: 2 values of created are null here: not as Jira writes them",
        "asyncjira: 2 values of labels are null here: not as Jira writes them",
        "asyncjira: 1 values of updated are null here: not as Jira writes them",
        "asyncjira: 1 tombstones have no row: asyncjira compact leaves out the issues that are gone",
    ]
    assert lines[-1].startswith("3 issues -> ")
    assert lines[-1].endswith("a.parquet (envelope, 13 columns, 0.0 MB)")


def test_what_stands_beside_the_fields_is_told_of_and_wide_has_it(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [{**issue(1), "changelog": {"total": 3}}])
    assert convert(source, tmp_path / "a.csv").notes == (
        "what stands beside the fields has no column: changelog (--wide makes one for each)",
    )
    assert convert(source, tmp_path / "b.csv", wide=True).notes == ()
    assert column(tmp_path / "b.csv", "changelog") == ['{"total": 3}']


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KNOWN = ["project", "issuetype", "status", "priority", "assignee", "created", "updated", "resolutiondate", "labels"]
MOMENTS = st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000+1400")
NAMED = st.fixed_dictionaries({}, optional={"name": VALUES, "key": VALUES, "displayName": VALUES})
FIELDS = st.dictionaries(st.sampled_from(KNOWN) | st.text(), VALUES | MOMENTS | NAMED)


def numbered(all_fields: list[dict[str, Any]]) -> list[Issue]:
    return [{"id": str(at), "key": f"A-{at}", "fields": each} for at, each in enumerate(all_fields)]


@settings(max_examples=30, deadline=None)
@given(all_fields=st.lists(FIELDS, max_size=5), wide=st.booleans())
def test_every_issue_is_a_row_whatever_it_holds(
    all_fields: list[dict[str, Any]], wide: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    source = written(folder / "a.ndjson", numbered(all_fields))
    for name in ("a.sqlite", "a.csv"):
        convert(source, folder / name, wide=wide, force=True)
        assert column(folder / name, "id") == [str(at) for at in range(len(all_fields))]
        if not wide:
            assert list(map(json.loads, column(folder / name, "fields"))) == all_fields


@settings(max_examples=30, deadline=None)
@given(all_fields=st.lists(FIELDS, max_size=5), wide=st.booleans())
def test_every_issue_is_a_row_of_duckdb_whatever_it_holds(all_fields: list[dict[str, Any]], wide: bool) -> None:
    table = to_arrow(numbered(all_fields), wide=wide)
    assert table.column("id").to_pylist() == [str(at) for at in range(len(all_fields))]
    if not wide:
        assert list(map(json.loads, table.column("fields").to_pylist())) == all_fields
        assert table.schema.equals(to_arrow([]).schema)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "=-1", "+1e5x"])
def test_no_cell_of_a_csv_is_a_formula(text: str, tmp_path: Path) -> None:
    source = written(
        tmp_path / "a.ndjson", [issue(1, assignee={"name": text}, note=text, status={"name": f'a,"{text}'})]
    )
    convert(source, tmp_path / "a.csv", wide=True)
    assert column(tmp_path / "a.csv", "assignee") == column(tmp_path / "a.csv", "note") == [f"'{text}"]
    assert column(tmp_path / "a.csv", "status") == [f'a,"{text}']


@pytest.mark.parametrize("text", ["-1", "+1", "-1.5e-7", "a=b", ""])
def test_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert _harmless(text) == text


def test_the_names_of_the_columns_are_harmless_too(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1, **{"=x": 1, 'a"b': 2, "c\nd": 3})])
    for name in FORMS:
        convert(source, tmp_path / name, wide=True)
        names = {each for each, _ in table_of(tmp_path / name)[0]}
        assert {"'=x" if name == "a.csv" else "=x", 'a"b', "c d"} <= names


def test_packed_lines_arrays_and_packed_tables(tmp_path: Path) -> None:
    lines = "".join(json.dumps(issue(number)) + "\n\n" for number in range(3)).encode().rstrip()
    packed = compressor("zst")
    for name, content in {
        "a.ndjson.gz": gzip.compress(lines),
        "a.ndjson.zst": packed.compress(lines) + packed.flush(),
        "a.json": b"[\n" + b",\n".join(json.dumps(issue(number)).encode() for number in range(3)) + b"\n]\n",
    }.items():
        (tmp_path / name).write_bytes(content)
        convert(tmp_path / name, tmp_path / f"{name}.csv.gz")
        with gzip.open(tmp_path / f"{name}.csv.gz", "rt", newline="") as file:
            assert [each[0] for each in csv.reader(file)] == ["id", "0", "1", "2"]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_an_array_that_was_cut_short_is_refused_wherever_it_was_cut(name: str, tmp_path: Path) -> None:
    whole = (
        b"[\n" + b",\n".join(json.dumps({"id": str(number), "fields": {}}).encode() for number in range(3)) + b"\n]\n"
    )
    pack = gzip.compress if name.endswith("gz") else bytes
    for size in range(len(whole)):
        (tmp_path / name).write_bytes(pack(whole[:size]))
        with pytest.raises(ConfigError, match="cannot be read"):
            convert(tmp_path / name, tmp_path / "a.csv")
    for text, issues in {whole: 3, b"[]\n": 0, b"[]": 0}.items():
        (tmp_path / name).write_bytes(pack(text))
        assert convert(tmp_path / name, tmp_path / "a.csv", force=True).issues == issues


def test_a_pipe_is_read_once_and_so_makes_no_wide_table(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with open(writing, "wb") as file:
        file.write(json.dumps(issue(1)).encode())
    with pytest.raises(ConfigError, match="a pipe"):
        convert(f"/dev/fd/{reading}", tmp_path / "a.csv", wide=True)
    with pytest.raises(ConfigError, match="a pipe"):
        to_arrow(f"/dev/fd/{reading}", wide=True)
    assert convert(f"/dev/fd/{reading}", tmp_path / "a.csv").issues == 1
    os.close(reading)


def test_what_sigterm_ends_leaves_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ndjson")
    (tmp_path / "work").mkdir()
    command = [sys.executable, "-m", "asyncjira", "convert", tmp_path / "a.ndjson", tmp_path / "work" / "a.sqlite"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as running:
        with open(tmp_path / "a.ndjson", "wb"):  # waits until it is opened to be read
            running.terminate()
            assert running.communicate() == (None, b"")
    assert running.returncode == 143
    assert list((tmp_path / "work").iterdir()) == []


def test_a_batch_of_many_columns_has_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncjira.convert.rows._CELLS", 1000)
    issues = [{"id": str(number), "fields": {f"customfield_{number}": 1}} for number in range(88)]
    sizes = [len(batch) for batch in Rows(_Objects(issues), wide=True)]
    assert (sum(sizes), max(sizes)) == (88, 1000 // (88 + len(FRONT)))


def test_an_issue_of_ten_megabytes(tmp_path: Path) -> None:
    text = 'x"' * (5 << 20)
    source = written(tmp_path / "a.ndjson", [issue(1), issue(2, description=text)])
    for name in ("a.parquet", "a.sqlite"):
        convert(source, tmp_path / name, memory="500MB")
        assert json.loads(column(tmp_path / name, "fields")[1])["description"] == text


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"id":"2","fields":{"a":1}', "truncated"),
        (b"[1]", "no JSON object"),
        (b'{"key":"A-1"}', "no id"),
        (b'{"id":true}', "no id"),
        (b'{"id":"2","fields":{"a":NaN}}', "invalid"),
        (b'{"id":"2","fields":{"a":"\xff"}}', "utf-8"),
        (b'{"id":"2","fields":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deeply"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_line_that_is_no_issue_is_named_and_nothing_appears(
    name: str, line: bytes, why: str, tmp_path: Path, capfd: Capture
) -> None:
    (tmp_path / "a.ndjson").write_bytes(json.dumps(issue(1)).encode() + b"\n" + line + b"\n")
    code, lines = run(capfd, "convert", tmp_path / "a.ndjson", tmp_path / name)
    assert code == 2
    assert len(lines) == 1
    assert "line 2 cannot be read" in lines[0]
    assert why in lines[0]
    assert [each.name for each in tmp_path.iterdir()] == ["a.ndjson"]


def test_what_cannot_be_is_refused_before_anything_is_read(tmp_path: Path, capfd: Capture) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1)])
    (tmp_path / "there.csv").write_text("kept")
    for asked, why in {
        ("a.ndjson", "b.txt"): "names no table",
        ("a.ndjson", "b.db"): "names no table",
        ("a.ndjson", "b.parquet.gz"): "only CSV",
        ("a.ndjson", "b?.parquet"): "path holds a ?",
        ("a.ndjson", "b\udcff.duckdb"): "not UTF-8",
        ("a.ndjson", "there.csv"): "--force",
        ("gone.ndjson", "b.csv"): "no such file",
        ("a.ndjson", "b.parquet", "--memory", "lots"): "--memory",
        ("a.ndjson", "a.ndjson", "--format", "csv", "--force"): "one file",
    }.items():
        code, lines = run(capfd, "convert", *(tmp_path / each if "." in each else each for each in asked))
        assert (code, why in lines[0]) == (2, True), lines
    assert (tmp_path / "there.csv").read_text() == "kept"
    assert {each.name for each in tmp_path.iterdir()} == {"a.ndjson", "there.csv"}
    assert run(capfd, "convert", "-q", source, tmp_path / "b.txt", "--format", "csv") == (0, [])


def test_without_duckdb_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1)])
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for name in ("a.parquet", "a.duckdb"):
        with pytest.raises(ConfigError, match=r"pip install 'asyncjira\[parquet\]'"):
            convert(source, tmp_path / name)
    with pytest.raises(ConfigError, match="pip install pyarrow"):
        to_arrow(source)
    convert(source, tmp_path / "a.sqlite")
    convert(source, tmp_path / "a.csv")


@pytest.mark.parametrize("name", FORMS)
def test_a_full_disk_leaves_nothing_and_is_an_error_of_the_output(name: str, tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(number, note=os.urandom(500).hex()) for number in range(1000)])
    (tmp_path / "work").mkdir()
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "from asyncjira.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "convert", str(source), str(tmp_path / "work" / name)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (6, "")
    assert ended.stderr.startswith(("asyncjira: cannot write the table", f"asyncjira: cannot write {tmp_path}"))
    assert ended.stderr.count("\n") == 1
    assert list((tmp_path / "work").iterdir()) == []


def test_more_columns_than_sqlite_holds_are_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1, **{f"customfield_{each}": 1 for each in range(2500)})])
    with pytest.raises(ConfigError, match="SQLite"):
        convert(source, tmp_path / "a.sqlite", wide=True)
    assert convert(source, tmp_path / "a.parquet", wide=True).columns > 2500


def test_a_table_in_the_making_leaves_no_trace_of_one_that_crashed(tmp_path: Path) -> None:
    source = written(tmp_path / "a.ndjson", [issue(1)])
    left = tmp_path / "a.csv.part.table"
    left.mkdir()
    (left / "table").write_text("half")
    convert(source, tmp_path / "a.csv")
    assert {each.name for each in tmp_path.iterdir()} == {"a.ndjson", "a.csv"}


def test_what_is_in_the_way_of_the_work_is_named(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.csv.part.table").symlink_to(tmp_path)
    code, lines = run(capfd, "convert", written(tmp_path / "a.ndjson", [issue(1)]), tmp_path / "a.csv")
    assert code == 6
    assert lines == [f"asyncjira: {tmp_path}/a.csv.part.table is in the way, and no folder: remove it"]
    assert (tmp_path / "a.ndjson").exists()


def test_arrow_comes_from_a_file_and_from_objects(tmp_path: Path) -> None:
    issues = [issue(1), issue(2, points=10**30)]
    source = written(tmp_path / "a.ndjson", issues)
    table = to_arrow(source)
    assert table.equals(to_arrow(iter(issues)))
    assert table.column_names == [*FRONT, "fields"]
    assert [str(table.schema.field(name).type) for name in ("id", "created", "labels", "fields")] == [
        "string",
        "timestamp[us, tz=UTC]",
        "list<l: string>",
        "string",
    ]
    assert to_arrow(issues, wide=True).column("points").to_pylist() == [None, str(10**30)]
    assert to_arrow([]).num_rows == 0
    for wrong in ({"key": "A-1"}, {"id": "1", "x": float("inf")}, {"id": "1", "x": object()}):
        with pytest.raises(ConfigError, match="object 1 is no issue"):
            to_arrow([issues[0], wrong])


@pytest.mark.skipif(not REAL.exists(), reason="needs ASYNCJIRA_REAL_ISSUES=PATH of real issues, one a line")
@pytest.mark.parametrize("wide", [False, True])
def test_real_issues(wide: bool, tmp_path: Path) -> None:
    with gzip.open(REAL) as file:
        issues = [json.loads(line) for line in file]
    for name in FORMS:
        assert convert(REAL, tmp_path / name, wide=wide).issues == len(issues)
        assert column(tmp_path / name, "key") == [each["key"] for each in issues]
        assert None not in column(tmp_path / name, "created")


def test_disk_errors_are_those_of_the_output() -> None:
    with pytest.raises(OutputError):
        convert("/dev/null", "/proc/nowhere.csv")
