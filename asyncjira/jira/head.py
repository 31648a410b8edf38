"""What tells one issue from another, and where it stands in the order of creation: read off its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from asyncjira.jira.dates import milliseconds
from asyncjira.jira.slices import slices

__all__ = ["Head", "read_head"]


@dataclass(frozen=True, slots=True)
class Head:
    """The id of an issue, the second since 1970 in which it was `created`, the millisecond in which it was `updated`.

    None where that cannot be read.
    """

    id: str
    created: int | None
    updated: int | None = None


class _Fields(msgspec.Struct):
    created: str | None = None
    updated: str | None = None


class _Issue(msgspec.Struct):
    id: str | int
    fields: _Fields | None = None


_ISSUE = msgspec.json.Decoder(_Issue)


def read_head(issue: bytes) -> Head:
    """Return what the bytes of an issue say of it. Raises ValueError where they are no issue of Jira's."""
    try:
        found = _ISSUE.decode(issue)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):  # it refuses an unpaired surrogate, which is legal
        found = msgspec.convert(slices(bytes(issue).decode())[0], _Issue)
    fields = found.fields or _Fields()
    created = _milliseconds(fields.created)
    return Head(str(found.id), None if created is None else created // 1000, _milliseconds(fields.updated))


def _milliseconds(text: str | None) -> int | None:
    try:
        return None if text is None else milliseconds(text)
    except ValueError:
        return None
