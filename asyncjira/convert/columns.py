"""What a column holds, and the columns that every table of issues begins with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

__all__ = ["FIELDS", "FRONT", "Column", "Kind", "Row", "iso_time"]

# time: milliseconds since 1970. date: YYYY-MM-DD. texts: a list of text. json: JSON as text. None: null, of any kind.
Kind = Literal["text", "texts", "time", "date", "number", "flag", "json"]
Row = list[Any]
_EPOCH = datetime.fromtimestamp(0, UTC)


class Column(NamedTuple):
    """A column: its name, and the kind of its values."""

    name: str
    kind: Kind


FRONT = (
    Column("id", "text"),
    Column("key", "text"),
    Column("project", "text"),
    Column("type", "text"),
    Column("status", "text"),
    Column("priority", "text"),
    Column("assignee", "text"),
    Column("reporter", "text"),
    Column("created", "time"),
    Column("updated", "time"),
    Column("resolved", "time"),
    Column("labels", "texts"),
)
FIELDS = Column("fields", "json")


def iso_time(moment: int) -> str:
    """Return milliseconds since 1970 as text that every program reads: `2026-01-02T03:04:05.000Z`."""
    return (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
