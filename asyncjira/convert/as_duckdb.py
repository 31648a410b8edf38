"""Writes a DuckDB database with one table, `issues`; or holds it in memory."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from asyncjira.convert.columns import Column, Kind, Row
from asyncjira.errors import ConfigError, OutputError, printable

if TYPE_CHECKING:
    import duckdb

__all__ = ["MEMORY", "DuckTable", "check_duckdb", "literal"]

MEMORY = "1GB"  # beyond that DuckDB moves to the disk; 150,000 issues of 9 kB were written with 400 MB
_SHORT = "memory_limit"  # what DuckDB advises to raise, also where it is a COMMIT that has failed
_THREADS = 4  # each holds a row group of its own
_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "texts": "VARCHAR[]",
    "time": "TIMESTAMPTZ",
    "date": "DATE",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "json": "JSON",
}
# As what values are handed over, where that is something else.
_GIVEN: dict[Kind, str] = {"time": "BIGINT", "date": "VARCHAR", "json": "VARCHAR"}


def check_duckdb() -> None:
    """Raise ConfigError where DuckDB is not installed."""
    if importlib.util.find_spec("duckdb") is None:
        raise ConfigError("this takes DuckDB: pip install 'asyncjira[parquet]'")


class DuckTable:
    """A table `issues` in a database at `place`, or in memory; DuckDB holds `memory` of it at most, the rest on disk.

    JSON is of that type, or `json` says otherwise. Raises ConfigError, OutputError.
    """

    def __init__(self, place: Path | None, columns: Sequence[Column], *, memory: str, json: str = "JSON") -> None:
        check_duckdb()
        self._base = _connect(place, memory)
        types = _TYPES | {"json": json}
        listed = ", ".join(f"{_quoted(each.name)} {types[each.kind]}" for each in columns)
        self._insert = f"INSERT INTO base.issues SELECT {', '.join(map(_given, range(len(columns)), columns))}"
        try:
            self._run(f"CREATE TABLE base.issues ({listed})")
            self._run("BEGIN")
        except BaseException:
            self._base.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        if values := list(map(list, zip(*rows, strict=True))):
            self._run(self._insert, values)

    def finish(self) -> int:
        """Write what is left, and return how many rows there are."""
        self._run("COMMIT")
        rows = self._run("SELECT count(*) FROM base.issues")
        self._run("DETACH base")
        return rows

    def arrow(self) -> Any:
        """Write what is left, and return it as a pyarrow.Table."""
        self._run("COMMIT")
        try:
            return self._base.sql("FROM base.issues").to_arrow_table()
        finally:
            self._base.close()

    def _run(self, statement: str, values: list[list[Any]] | None = None) -> int:
        """Run a statement; return the number that it answers with, 0 where that is none."""
        import duckdb

        try:
            answer = self._base.execute(statement, values).fetchone()
        except duckdb.Error as error:
            is_short = isinstance(error, duckdb.OutOfMemoryException) or _SHORT in str(error)
            what = "DuckDB needs more memory (--memory)" if is_short else "cannot write the table"
            raise OutputError(f"{what}: {printable(str(error), 200)}") from None
        return int(answer[0]) if answer and isinstance(answer[0], int) else 0


def _connect(place: Path | None, memory: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": min(_THREADS, os.cpu_count() or 1),
        "autoinstall_known_extensions": False,  # nothing of this needs one, nor the network
    }
    if place is not None:
        settings["temp_directory"] = str(place.with_name("spill"))
    try:
        base = duckdb.connect(config=settings)
    except duckdb.Error as error:
        raise ConfigError(f"DuckDB refuses --memory {printable(memory, 50)}: {printable(str(error), 200)}") from None
    try:
        base.execute("SET TimeZone = 'UTC'")
        base.execute(f"ATTACH {literal(place or Path(':memory:'))} AS base")
    except duckdb.Error as error:
        base.close()
        raise OutputError(f"cannot write the table: {printable(str(error), 300)}") from None
    return base


def _given(at: int, column: Column) -> str:
    """Return how a column is read from the list that is the parameter of that number."""
    given = _GIVEN.get(column.kind, _TYPES[column.kind])
    value = f"unnest(${at + 1}::{given}[])"
    return f"make_timestamptz({value} * 1000)" if column.kind == "time" else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(path: Path) -> str:
    """Return a path as a text in SQL."""
    return "'" + str(path).replace("'", "''") + "'"
