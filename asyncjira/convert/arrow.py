"""Issues as an Arrow table in memory, for pandas, polars and whatever else reads that."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from asyncjira.convert.as_duckdb import DuckTable
from asyncjira.convert.issue import Issue, read_issue
from asyncjira.convert.lines import Lines
from asyncjira.convert.rows import Rows, Source
from asyncjira.errors import ConfigError, printable

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

__all__ = ["to_arrow"]

_MEMORY = "80%"  # of the machine: DuckDB's own default, as all of it is to be in memory


def to_arrow(source: str | os.PathLike[str] | Iterable[Mapping[str, Any]], *, wide: bool = False) -> pyarrow.Table:
    """Return a `pyarrow.Table` of issues, one row each: of a file that a pull has written, or of those `fetch` returns.

    It has the columns of a Parquet file by `asyncjira convert`: those of the envelope, or, `wide`, one for each field.
    All of it is held in memory. Takes `pip install 'asyncjira[parquet]' pyarrow`. Raises ConfigError where one of these
    is missing, or `source` does not hold issues.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise ConfigError("an Arrow table takes one more package: pip install pyarrow")
    found: Source = Lines(source, twice=wide) if isinstance(source, str | os.PathLike) else _Objects(source)
    rows = Rows(found, wide=wide)
    with DuckTable(None, rows.columns, memory=_MEMORY, json="VARCHAR") as table:
        for batch in rows:
            table.add(batch)
        return table.arrow()


class _Objects:
    """Issues that are objects already. Raises ConfigError where one of them is no issue."""

    def __init__(self, issues: Iterable[Mapping[str, Any]]) -> None:
        self._issues = list(issues)
        self.tombstones = 0

    def __iter__(self) -> Iterator[tuple[Issue, int]]:
        self.tombstones = 0
        for number, each in enumerate(self._issues):
            try:
                text = json.dumps(each, allow_nan=False).encode()
                issue = read_issue(text)
            except (TypeError, ValueError, RecursionError) as error:
                raise ConfigError(f"object {number:,} is no issue: {printable(str(error), 100)}") from None
            if issue is None:
                self.tombstones += 1
            else:
                yield issue, len(text)
