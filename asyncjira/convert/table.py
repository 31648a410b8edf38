"""Which table an output is to be, told by its name; and how issues become it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asyncjira.convert.as_duckdb import MEMORY, DuckTable, check_duckdb
from asyncjira.convert.form import TableForm, form_of
from asyncjira.errors import ConfigError, OutputError, printable
from asyncjira.out.compression import compressor
from asyncjira.out.disk import failed, shown

if TYPE_CHECKING:
    from asyncjira.convert.as_csv import CsvTable
    from asyncjira.convert.as_sqlite import SqliteTable
    from asyncjira.convert.columns import Column
    from asyncjira.convert.lines import Lines

__all__ = ["Made", "Table"]

_STRANGE = re.compile("[?\ud800-\udfff]")  # what is behind a ? is not a path to it; the others are bytes beyond UTF-8
_READ = 1 << 20  # bytes at a time


@dataclass(frozen=True, slots=True)
class Made:
    """What a table became: so many `issues` in `columns`, `bytes` and `sha256` of the file, `notes` for the user."""

    issues: int
    columns: int
    bytes: int
    sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the `form`, and for CSV the `compression` ("", "gz", "zst"); `memory` is what DuckDB may take.

    Raises ConfigError where what writes it is not installed.
    """

    form: TableForm
    compression: str = ""
    wide: bool = False
    memory: str = MEMORY

    def __post_init__(self) -> None:
        compressor(self.compression)
        if self.form in ("parquet", "duckdb"):
            check_duckdb()

    @classmethod
    def of(
        cls, path: str | os.PathLike[str], form: TableForm | None = None, *, wide: bool = False, memory: str = MEMORY
    ) -> Table | None:
        """Read the table off the suffixes of `path`; `form` overrides them. None where they name no table."""
        named, compression = form_of(path)
        form = form or named
        if form is None:
            return None
        if compression and form != "csv":
            raise ConfigError(f"only CSV is compressed as a whole: leave .{compression} out")
        if form in ("parquet", "duckdb") and _STRANGE.search(place := os.path.realpath(path)):
            raise ConfigError(f"DuckDB writes nothing whose path holds a ? or is not UTF-8: {printable(place)}")
        return cls(form, compression, wide, memory)

    def make(
        self, lines: Lines, part: Path, write: Callable[[bytes], None], is_hurried: Callable[[], bool] = lambda: False
    ) -> Made:
        """Make the table of all issues in `lines`, in a folder beside `part`, and `write` its bytes.

        Only who holds the lock of `part` may do so. Where `is_hurried()` it stops. Raises ConfigError, OutputError.
        """
        from asyncjira.convert.rows import Rows  # by far the most of it, and only in the end

        folder = part.with_name(part.name + ".table")
        try:
            with _made(folder):
                rows = Rows(lines, wide=self.wide, is_hurried=is_hurried)
                with self._open(folder / "table", rows.columns) as table:
                    for batch in rows:
                        table.add(batch)
                    there = table.finish()
                if there != rows.issues:
                    raise OutputError(f"the table holds {there:,} rows of {rows.issues:,}: please report it")
                size, digest = self._pour(folder / "table", write)
        except OSError as error:
            raise failed(folder, error) from None
        return Made(rows.issues, len(rows.columns), size, digest, rows.notes)

    def _open(self, place: Path, columns: Sequence[Column]) -> CsvTable | SqliteTable | DuckTable:
        if self.form == "csv":
            from asyncjira.convert.as_csv import CsvTable

            return CsvTable(place, columns)
        if self.form == "sqlite":
            from asyncjira.convert.as_sqlite import SqliteTable

            return SqliteTable(place, columns)
        if self.form == "duckdb":
            return DuckTable(place, columns, memory=self.memory)
        from asyncjira.convert.as_parquet import ParquetTable

        return ParquetTable(place, columns, memory=self.memory)

    def _pour(self, place: Path, write: Callable[[bytes], None]) -> tuple[int, str]:
        packed, digest, size = compressor(self.compression), hashlib.sha256(), 0
        with place.open("rb") as file:
            for block in iter(lambda: file.read(_READ), b""):
                ready = packed.compress(block)
                digest.update(ready)
                size += len(ready)
                write(ready)
        last = packed.flush()
        digest.update(last)
        write(last)
        return size + len(last), digest.hexdigest()


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder of our own, without what a crash has left there, and remove it. Raises OSError, OutputError."""
    if folder.is_symlink() or folder.is_file():
        raise OutputError(f"{shown(folder)} is in the way, and no folder: remove it")
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
