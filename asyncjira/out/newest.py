"""Which line of an archive is the newest of its issue: kept on disk, so that it may have any number of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from asyncjira.jira.entry import Entry

__all__ = ["Newest"]

_NEVER = -1 << 62  # of a date that is not told: older than any
_UNDATED = 1 << 62  # created last
_TABLE = """CREATE TABLE newest (id TEXT PRIMARY KEY, updated INTEGER, created INTEGER, first INTEGER, begin INTEGER,
    size INTEGER, gone INTEGER) WITHOUT ROWID"""
# The newest by `updated` stays; of two of the same time the later line. What line comes last says whether it is gone.
_ISSUE = """INSERT INTO newest VALUES (:id, :updated, :created, :begin, :begin, :size, 0) ON CONFLICT (id) DO UPDATE SET
    updated = iif(gone, :updated, max(updated, :updated)),
    created = iif(gone OR :updated >= updated, :created, created),
    begin = iif(gone OR :updated >= updated, :begin, begin),
    size = iif(gone OR :updated >= updated, :size, size),
    gone = 0"""
_GONE = "UPDATE newest SET gone = 1 WHERE id = :id"
_KEPT = "SELECT begin, size FROM newest WHERE NOT gone ORDER BY created, first"


class Newest:
    """Takes lines in their order, and gives back where the newest of each issue stands. Close it by `with`.

    The index is a nameless file of sqlite's, in the folder for such files. Raises sqlite3.Error where that is full.
    """

    def __init__(self) -> None:
        self._index = sqlite3.connect("", isolation_level=None)  # "": on disk, and gone when it is closed
        self._index.execute("PRAGMA journal_mode = OFF")
        self._index.execute("PRAGMA synchronous = OFF")
        self._index.execute(_TABLE)
        self._index.execute("BEGIN")
        self.lines = self.tombstones = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()

    def add(self, entry: Entry, begin: int, size: int) -> None:
        """Take a line of `size` bytes from byte `begin` on."""
        self.lines += 1
        if entry.is_tombstone:
            self.tombstones += 1
            self._index.execute(_GONE, {"id": entry.id})
            return
        updated = _NEVER if entry.updated is None else entry.updated
        created = _UNDATED if entry.created is None else entry.created
        self._index.execute(
            _ISSUE, {"id": entry.id, "updated": updated, "created": created, "begin": begin, "size": size}
        )

    def kept(self) -> Iterator[tuple[int, int]]:
        """Iterate over begin and size of the lines that stay: by `created`, then as the issues came first."""
        return iter(self._index.execute(_KEPT))
