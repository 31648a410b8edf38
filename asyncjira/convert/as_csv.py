"""Writes CSV as RFC 4180 has it, in which no cell is a formula."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asyncjira.convert.columns import Column, Kind, Row, iso_time

__all__ = ["CsvTable"]

# What a spreadsheet may take for a formula: https://owasp.org/www-community/attacks/CSV_Injection and, for the line
# break and NUL, requirement 1.2.10 of https://github.com/OWASP/ASVS (5.0)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


class CsvTable:
    """A CSV file in UTF-8 with a line of names. Null is nothing between two commas.

    Text that a spreadsheet would take for a formula gets a leading `'`; what is a number as a whole stays one.
    """

    def __init__(self, place: Path, columns: Sequence[Column]) -> None:
        self._file = place.open("x", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)  # its line break is \r\n: with another it leaves a \r unquoted
        self._cells = [_CELL[column.kind] for column in columns]
        self._writer.writerow([_harmless(column.name) for column in columns])
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        for row in rows:
            self._writer.writerow(
                [None if value is None else cell(value) for cell, value in zip(self._cells, row, strict=True)]
            )
            self._rows += 1

    def finish(self) -> int:
        """Write what is left, and return how many rows there are."""
        self._file.close()
        return self._rows


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _as_it_is(value: Any) -> Any:
    return value


_CELL: dict[Kind, Callable[[Any], Any]] = {
    "text": _harmless,
    "texts": lambda texts: json.dumps(texts, ensure_ascii=False),
    "time": iso_time,
    "date": _as_it_is,
    "number": _as_it_is,
    "flag": lambda flag: "true" if flag else "false",
    "json": _harmless,
}
