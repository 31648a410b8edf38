"""Writes a SQLite database with one table, `issues`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asyncjira.convert.columns import Column, Kind, Row, iso_time
from asyncjira.errors import ConfigError, OutputError

__all__ = ["SqliteTable"]

_TYPES: dict[Kind, str] = {"number": "REAL", "flag": "INTEGER"}  # the others are TEXT
_CELL: dict[Kind, Callable[[Any], Any]] = {
    "time": iso_time,  # what SQLite's own functions read: https://sqlite.org/lang_datefunc.html
    "texts": lambda texts: json.dumps(texts, ensure_ascii=False),
}


class SqliteTable:
    """A database that nobody else sees before it is whole, so it is written without a journal. Raises OutputError.

    Raises ConfigError where there are more columns than SQLite holds.
    """

    def __init__(self, place: Path, columns: Sequence[Column]) -> None:
        self._base = sqlite3.connect(place, isolation_level=None)
        if len(columns) > (most := self._base.getlimit(sqlite3.SQLITE_LIMIT_COLUMN)):
            self._base.close()
            raise ConfigError(f"{len(columns):,} columns are more than the {most:,} of SQLite: leave --wide out")
        self._cells = [(at, _CELL[column.kind]) for at, column in enumerate(columns) if column.kind in _CELL]
        self._insert = f"INSERT INTO issues VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - no value is in it
        self._run("PRAGMA journal_mode = OFF")
        self._run("PRAGMA synchronous = OFF")
        self._run(f"CREATE TABLE issues ({', '.join(map(_declared, columns))})")
        self._run("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        try:
            self._base.executemany(self._insert, map(self._cut, rows))
        except sqlite3.Error as error:
            raise _failed(error) from None

    def finish(self) -> int:
        """Write what is left, and return how many rows there are."""
        self._run("COMMIT")
        rows = int(self._run("SELECT count(*) FROM issues").fetchone()[0])
        self._base.close()
        return rows

    def _run(self, statement: str) -> sqlite3.Cursor:
        try:
            return self._base.execute(statement)
        except sqlite3.Error as error:
            raise _failed(error) from None

    def _cut(self, row: Row) -> Row:
        row = list(row)
        for at, cell in self._cells:
            if row[at] is not None:
                row[at] = cell(row[at])
        return row


def _declared(column: Column) -> str:
    name = column.name.replace('"', '""')
    return f'"{name}" {_TYPES.get(column.kind, "TEXT")}'


def _failed(error: sqlite3.Error) -> OutputError:
    return OutputError(f"cannot write the table: {error}")
