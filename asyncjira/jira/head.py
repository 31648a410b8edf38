"""What tells one issue from another, and where it stands in the order of creation: read off its bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from asyncjira.jira.dates import milliseconds
from asyncjira.jira.slices import slices

__all__ = ["Fields", "Head", "Line", "read_head", "read_line"]


class Head(msgspec.Struct, frozen=True):
    """The id of an issue, the second since 1970 in which it was `created`, the millisecond in which it was `updated`.

    None where that cannot be read.
    """

    id: str
    created: int | None
    updated: int | None = None


class Fields(msgspec.Struct):
    """When an issue was created and updated, as Jira writes it."""

    created: str | None = None
    updated: str | None = None


class Line(msgspec.Struct):
    """What an issue, or a tombstone, is told by: only a tombstone is `deleted`, or not."""

    id: str | int
    deleted: Any = None
    fields: Fields | None = None


_LINE = msgspec.json.Decoder(Line)


def read_line(line: bytes) -> Line:
    """Return what the bytes of an issue or of a tombstone say. Raises ValueError where they are neither."""
    try:
        return _LINE.decode(line)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):  # it refuses an unpaired surrogate, which is legal
        return msgspec.convert(slices(bytes(line).decode())[0], Line)


def read_head(issue: bytes) -> Head:
    """Return what the bytes of an issue say of it. Raises ValueError where they are no issue of Jira's."""
    found = read_line(issue)
    fields = found.fields or Fields()
    created = _milliseconds(fields.created)
    return Head(str(found.id), None if created is None else created // 1000, _milliseconds(fields.updated))


def _milliseconds(text: str | None) -> int | None:
    try:
        return None if text is None else milliseconds(text)
    except ValueError:
        return None
