"""Writes Parquet, by way of a DuckDB database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from asyncjira.convert.as_duckdb import DuckTable, literal
from asyncjira.convert.columns import Column

__all__ = ["ParquetTable"]

_ROW_GROUP = 8192  # rows: 50 MB of issues of 6 kB; DuckDB's own 122,880 would be 700 MB in memory


class ParquetTable(DuckTable):
    """A Parquet file. JSON is text in it: what is marked as JSON is bytes to polars, and to others a type of its own.

    Raises ConfigError, OutputError.
    """

    def __init__(self, place: Path, columns: Sequence[Column], *, memory: str) -> None:
        super().__init__(place.with_name("rows"), columns, memory=memory, json="VARCHAR")
        self._place = literal(place)

    def finish(self) -> int:
        """Write the file, and return how many rows are in it."""
        self._run("COMMIT")
        # Otherwise a column is called NOT NULL where it happens to hold no null, and each pull has a schema of its own.
        self._run("SET disabled_optimizers = 'statistics_propagation'")
        how = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}, USE_TMP_FILE false)"
        self._run(f"COPY base.issues TO {self._place} {how}")
        return self._run(f"SELECT count(*) FROM read_parquet({self._place})")  # noqa: S608 - a quoted path
