"""Writes Parquet, by way of a DuckDB database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from asyncjira.convert.as_duckdb import DuckTable, literal
from asyncjira.convert.columns import Column, Row

__all__ = ["ParquetTable"]

_VECTOR, _ROWS = 2048, 122_880  # DuckDB's own: row groups are made of vectors, and have so many rows if nobody says
_ROW_GROUP = 32 << 20  # characters of text in a row group, of which each thread holds one: 122,880 issues may be 700 MB


class ParquetTable(DuckTable):
    """A Parquet file. JSON is text in it: what is marked as JSON is bytes to polars, and to others a type of its own.

    Raises ConfigError, OutputError.
    """

    def __init__(self, place: Path, columns: Sequence[Column], *, memory: str) -> None:
        super().__init__(place.with_name("rows"), columns, memory=memory, json="VARCHAR")
        self._place, self._rows, self._text = literal(place), 0, 0

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        batch = list(rows)
        self._rows += len(batch)
        self._text += sum(len(value) for row in batch for value in row if isinstance(value, str))
        super().add(batch)

    def finish(self) -> int:
        """Write the file, and return how many rows are in it."""
        self._run("COMMIT")
        # Otherwise a column is called NOT NULL where it happens to hold no null, and each pull has a schema of its own.
        self._run("SET disabled_optimizers = 'statistics_propagation'")
        vectors = _ROW_GROUP * self._rows // (self._text * _VECTOR or 1)
        size = min(max(vectors, 1) * _VECTOR, _ROWS)
        how = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {size}, USE_TMP_FILE false)"
        self._run(f"COPY base.issues TO {self._place} {how}")
        return self._run(f"SELECT count(*) FROM read_parquet({self._place})")  # noqa: S608 - a quoted path
