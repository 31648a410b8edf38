"""Makes a table of what a pull has written."""

from __future__ import annotations

import os

from asyncjira.convert.as_duckdb import MEMORY
from asyncjira.convert.form import TableForm
from asyncjira.convert.lines import Lines
from asyncjira.convert.table import Made, Table
from asyncjira.errors import ConfigError
from asyncjira.out.disk import shown
from asyncjira.out.target import FileTarget, place_of

__all__ = ["convert"]

_Path = str | os.PathLike[str]


def convert(
    source: _Path,
    path: _Path,
    *,
    form: TableForm | None = None,
    wide: bool = False,
    force: bool = False,
    memory: str = MEMORY,
) -> Made:
    """Make a table of all issues in the file at `source`, one row each, in the order of its lines.

    The suffix of `path` tells which: `.parquet`, `.csv` (also `.csv.gz`, `.csv.zst`), `.duckdb`, `.sqlite`, `.sqlite3`;
    `form` overrides it. It appears only when it is whole. The columns are those of the envelope, or, `wide`, one for
    each field. `memory` is what DuckDB may take, such as "500MB". Raises ConfigError where `source` does not hold
    issues, where `path` names no table, exists without `force`, or needs what is not installed; OutputError.
    """
    table = Table.of(path, form, wide=wide, memory=memory)
    if table is None:
        raise ConfigError(
            f"{shown(place_of(path))} names no table: end it with .parquet, .csv, .duckdb or .sqlite, or add --format"
        )
    if os.path.realpath(source) == os.path.realpath(path):
        raise ConfigError("the lines and the table are one file: name two")
    target = FileTarget(path, force=force)
    try:
        made = table.make(Lines(source, twice=wide), target.part, target.write)
        target.finish()
    except BaseException:
        target.empty()
        raise
    finally:
        target.abandon()
    return made
