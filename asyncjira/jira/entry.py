"""One line of an archive, as far as it must be known which of several is the newest."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from asyncjira.jira.dates import milliseconds
from asyncjira.jira.slices import slices

__all__ = ["Entry", "read_entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """The id of an issue, when it was `created` and `updated` (milliseconds since 1970, None where that is not told).

    `is_tombstone`: the line says that the issue is gone.
    """

    id: str
    created: int | None
    updated: int | None
    is_tombstone: bool


class _Fields(msgspec.Struct):
    created: str | None = None
    updated: str | None = None


class _Line(msgspec.Struct):
    id: str | int
    deleted: bool | None = None
    fields: _Fields | None = None


_LINE = msgspec.json.Decoder(_Line)


def read_entry(line: bytes) -> Entry:
    """Return what a line says. Raises ValueError where it is neither an issue nor a tombstone."""
    try:
        found = _LINE.decode(line)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):  # it refuses an unpaired surrogate, which is legal
        found = msgspec.convert(slices(line.decode())[0], _Line)
    fields = found.fields or _Fields()
    is_tombstone = found.deleted is not None and found.fields is None
    return Entry(str(found.id), _when(fields.created), _when(fields.updated), is_tombstone)


def _when(moment: str | None) -> int | None:
    return None if moment is None else milliseconds(moment)
