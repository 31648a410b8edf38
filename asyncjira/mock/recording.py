"""Recorded issues, one JSON object a line: served as they stand, whatever fields are asked for."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from asyncjira.errors import ConfigError, printable
from asyncjira.mock.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from asyncjira.mock.selection import Selection

__all__ = ["Recording"]


class _Fields(msgspec.Struct):
    created: str | None = None
    updated: str | None = None


class _Issue(msgspec.Struct):
    id: str | int
    key: str = ""
    fields: _Fields | None = None


_ISSUE = msgspec.json.Decoder(_Issue)


class Recording:
    """The issues of a file of NDJSON (`.gz` allowed), in the order of `fields.created`; see `corpus.Rows`."""

    def __init__(self, path: Path) -> None:
        rows = [(*_facts(line, f"{path}:{number}"), line) for number, line in _lines(path)]
        rows.sort(key=lambda row: row[0])  # stable: what shares a moment stays in the order of the file
        self._created, self._updated = [row[0] for row in rows], [row[1] for row in rows]
        self._ids, self._keys = [row[2] for row in rows], [row[3] for row in rows]
        self._issues = [row[4] for row in rows]
        self._rows = {name: row for names in (self._keys, self._ids) for row, name in enumerate(names) if name}

    def __len__(self) -> int:
        return len(self._issues)

    def row(self, number: int, selection: Selection) -> bytes:
        """Return the JSON of one issue, as recorded."""
        return self._issues[number]

    def created(self, number: int) -> int:
        """Return when an issue was created, in milliseconds since 1970; 0 where the recording does not say."""
        return self._created[number]

    def updated(self, number: int) -> int:
        """Return when an issue was updated, in milliseconds since 1970; 0 where the recording does not say."""
        return self._updated[number]

    def issue_id(self, number: int) -> str:
        """Return the id of an issue."""
        return self._ids[number]

    def record(self, number: int) -> Record:
        """Return what is known of an issue without its text."""
        project, _, digits = self._keys[number].rpartition("-")
        of_key = int(digits) if digits.isdecimal() else 0
        return Record(self._created[number] // 1000, project, of_key, self._ids[number], self._updated[number], number)

    def find(self, name: str) -> int | None:
        """Return the row of the issue with that id or key."""
        return self._rows.get(name)


def _lines(path: Path) -> list[tuple[int, bytes]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            return [(number, text) for number, line in enumerate(file, 1) if (text := line.strip())]
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot read the issues of {path}: {error}") from None


def _facts(line: bytes, where: str) -> tuple[int, int, str, str]:
    try:
        issue = _ISSUE.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        issue = _read_slowly(line, where, error)
    fields = issue.fields or _Fields()
    created, updated = (_time(getattr(fields, name), f"{where}: fields.{name}") for name in ("created", "updated"))
    return created, updated, str(issue.id), issue.key


def _time(moment: str | None, what: str) -> int:
    try:
        found = datetime.fromisoformat(moment) if moment else None
    except ValueError:
        raise ConfigError(f"{what} is no time: {printable(moment or '', 60)}") from None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000) if found else 0


def _read_slowly(line: bytes, where: str, error: Exception) -> _Issue:
    """Read what only the standard library accepts: an unpaired surrogate, deep nesting."""
    try:
        return msgspec.convert(json.loads(line), _Issue)
    except (ValueError, RecursionError, msgspec.ValidationError):
        raise ConfigError(f"{where}: not an issue: {printable(str(error))}") from None
