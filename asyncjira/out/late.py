"""Issues that were found after their turn, kept aside until their place in the output can be given to them."""

from __future__ import annotations

import math
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from asyncjira.jira.head import Head, read_head
from asyncjira.out.disk import failed

__all__ = ["LateRows"]

_IN_MEMORY = 4 << 20  # bytes: some hundred issues, more than change during most pulls
_UNDATED = math.inf  # what does not say when it was created goes to the end


class _Late(msgspec.Struct):
    at: int
    size: int
    created: float
    replaces: bool
    is_placed: bool = False


class LateRows:
    """Rows for an output in `folder`: in memory while they are few, in a nameless file there where they are many.

    Of each id the newest row counts; the first says whether it replaces one in the output or belongs between them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spool: tempfile.SpooledTemporaryFile[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - closed by close()
        self._end = 0
        self._late: dict[str, _Late] = {}

    def add(self, row: bytes, head: Head, *, replaces: bool) -> None:
        """Keep `row`. Raises OutputError."""
        try:
            self._spool.write(row)  # all rows come before the first one is asked for
        except OSError as error:
            raise failed(self._folder, error) from None
        known = self._late.get(head.id)
        replaces = known.replaces if known else replaces
        self._late[head.id] = _Late(self._end, len(row), _when(head), replaces)
        self._end += len(row)

    def __len__(self) -> int:
        """Return how many rows wait for their place."""
        return sum(not late.is_placed for late in self._late.values())

    def follow(self, last: Head) -> bool:
        """Whether all rows belong behind an output that ends with `last`."""
        return all(not late.replaces and late.created >= _when(last) for late in self._late.values())

    def in_order(self) -> Iterator[bytes]:
        """Iterate over all rows in the order of creation, ties in the order in which they were found."""
        for late in sorted(self._late.values(), key=_created):
            yield self._row(late)

    def merged(self, rows: Iterable[bytes]) -> Iterator[bytes]:
        """Iterate over `rows`, those of the output in their order, and the late ones in their places.

        A row with the id of a late one gives way to it. The others come in before the first row that was created after
        them, but those that were to replace a row and found none: they wait on.
        """
        waiting = deque(sorted((late for late in self._late.values() if not late.replaces), key=_created))
        for row in rows:
            head = read_head(row)
            while waiting and head.created is not None and waiting[0].created < head.created:
                yield from self._unless_placed(waiting.popleft())
            if head.id in self._late:
                yield from self._unless_placed(self._late[head.id])
            else:
                yield row
        for late in waiting:
            yield from self._unless_placed(late)

    def insert_the_rest(self) -> None:
        """Let rows that wait on, since there was nothing for them to replace, belong between the others."""
        self._late = {key: late for key, late in self._late.items() if not late.is_placed}
        for late in self._late.values():
            late.replaces = False

    def close(self) -> None:
        """Forget all rows."""
        with suppress(OSError):  # a full disk may refuse what was not written yet
            self._spool.close()

    def _unless_placed(self, late: _Late) -> Iterator[bytes]:
        if not late.is_placed:
            late.is_placed = True
            yield self._row(late)

    def _row(self, late: _Late) -> bytes:
        try:
            self._spool.seek(late.at)
            return self._spool.read(late.size)
        except OSError as error:
            raise failed(self._folder, error) from None


def _created(late: _Late) -> float:
    return late.created


def _when(head: Head) -> float:
    return _UNDATED if head.created is None else head.created
