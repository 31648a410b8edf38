"""Reads the issues of an output, and says of what cannot be read where it stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from asyncjira.convert.issue import Issue, read_issue
from asyncjira.errors import ConfigError, printable
from asyncjira.out.compression import unpacked
from asyncjira.out.disk import shown
from asyncjira.out.rows import read_rows
from asyncjira.out.shape import Shape

__all__ = ["Lines"]


class Lines:
    """The issues in the file at `path`: one a line, or an array as a pull writes it, plain, `.gz` or `.zst`.

    It can be iterated over again and again, a pipe only once, which `twice` refuses. `tombstones` counts the lines that
    say of an issue that it is gone: none comes for these. Raises ConfigError where the file cannot be read, is an array
    that was cut short, and where a line is no issue.
    """

    def __init__(self, path: str | os.PathLike[str], *, twice: bool = False) -> None:
        self._path, self._shape = Path(path), Shape.of(os.fspath(path))
        if twice and self._path.is_fifo():
            raise ConfigError("a wide table is made by reading twice, which a pipe cannot be: save it as a file first")
        self.tombstones = 0

    def __iter__(self) -> Iterator[tuple[Issue, int]]:
        """Iterate over the issues, and how many bytes each of them has."""
        self.tombstones = 0
        for number, line in enumerate(self._lines(), 1):
            if line.isspace():
                continue
            try:
                issue = read_issue(line)
            except ValueError as error:
                raise self._damaged(f"{self._what} {number:,}", str(error)) from None
            if issue is None:
                self.tombstones += 1
            else:
                yield issue, len(line)

    @property
    def _what(self) -> str:
        return "line" if self._shape.form == "ndjson" else "issue"

    def _lines(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file, unpacked(self._shape.compression, file) as plain:
                yield from self._split(plain)
        except (ConfigError, GeneratorExit):
            raise
        except Exception as error:  # each compression has errors of its own
            if isinstance(error, OSError) and error.errno is not None:
                raise ConfigError(f"cannot read {shown(self._path)}: {(error.strerror or 'error').lower()}") from None
            raise self._damaged("what is compressed", str(error)) from None

    def _split(self, plain: BinaryIO) -> Iterator[bytes]:
        return self._array(plain) if self._shape.form == "json" else iter(plain)

    def _array(self, plain: BinaryIO) -> Iterator[bytes]:
        try:
            yield from read_rows(plain, self._shape, is_whole=True)
        except ValueError as error:
            raise self._damaged("the array", str(error)) from None

    def _damaged(self, where: str, why: str) -> ConfigError:
        hint = "" if self._shape.form == "ndjson" else "; an array of others is made into lines by jq -c '.[]'"
        return ConfigError(f"{shown(self._path)}: {where} cannot be read ({printable(why, 100)}){hint}")
