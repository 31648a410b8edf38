"""One line of an archive, as far as it must be known which of several is the newest."""

from __future__ import annotations

import msgspec

from asyncjira.jira.dates import milliseconds
from asyncjira.jira.head import Fields, read_line

__all__ = ["Entry", "read_entry"]


class Entry(msgspec.Struct, frozen=True):
    """The id of an issue, when it was `created` and `updated` (milliseconds since 1970, None where that is not told).

    `is_tombstone`: the line says that the issue is gone.
    """

    id: str
    created: int | None
    updated: int | None
    is_tombstone: bool


def read_entry(line: bytes) -> Entry:
    """Return what a line says. Raises ValueError where it is neither an issue nor a tombstone."""
    found = read_line(line)
    fields = found.fields or Fields()
    is_tombstone = found.deleted is not None and found.fields is None
    return Entry(str(found.id), _when(fields.created), _when(fields.updated), is_tombstone)


def _when(moment: str | None) -> int | None:
    return None if moment is None else milliseconds(moment)
