"""The end of an output in which issues came late: they get their places before it may appear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from asyncjira.errors import OutputError
from asyncjira.jira.head import Head
from asyncjira.out.commits import Commits
from asyncjira.out.compression import unpacked
from asyncjira.out.late import LateRows
from asyncjira.out.packing import Packing
from asyncjira.out.rows import batches, read_rows
from asyncjira.out.shape import Shape
from asyncjira.out.target import FileTarget

__all__ = ["Settling"]


class Settling:
    """Puts `late` rows into what was written to `target`, unless `is_left` says, at any time, to leave them out.

    Where they are in, `commits` names the whole before it takes its place. Behind it come the rows of `last`, which
    nothing names: who goes on looks anew who is gone. `tombstones` counts those that were written.
    """

    def __init__(
        self,
        shape: Shape,
        target: FileTarget,
        commits: Commits,
        late: LateRows,
        last: LateRows,
        is_left: Callable[[], bool],
    ) -> None:
        self._shape, self._target, self._commits = shape, target, commits
        self._late, self._last, self._is_left = late, last, is_left
        self.tombstones = 0

    def settle(self, last: Head | None) -> Packing:
        """End an output whose last issue is `last`, with the late rows in it; return what its bytes are then.

        Raises OutputError; then, and where the late rows are left out, the target holds what was committed, to its end.
        """
        written = self._commits.packing
        try:
            if last is None or self._late.follow(last):
                return self._append(written)
            self._target.write(written.end())
            return self._rewrite(written)
        except OutputError as error:
            raise OutputError(f"{error}; what was found late is not in {self._target.place}") from None

    def _append(self, written: Packing) -> Packing:
        longer, before, is_whole = written.fork(), written.bytes, False
        try:
            for batch in batches(self._late.in_order()):
                if self._is_left():
                    return written
                self._target.write(longer.rows(batch) + longer.cut())
            self._target.sync()
            self._commits.name(longer.point())
            for batch in batches(self._last.in_order()):
                self._target.write(longer.rows(batch))
            self._target.write(longer.end())
            is_whole, self.tombstones = True, len(self._last)
            return longer
        finally:
            if not is_whole:
                with suppress(OutputError):
                    self._target.cut_back(before)
                    self._target.write(written.end())

    def _rewrite(self, written: Packing) -> Packing:
        while len(self._late) and not self._is_left():
            written = self._copy(written)
            self._late.insert_the_rest()
        return written

    def _copy(self, written: Packing) -> Packing:
        packing = Packing(self._shape)
        try:
            with self._target.reread() as file, self._target.successor() as successor:
                for batch in batches(self._late.merged(self._read(file, written.issues))):
                    if self._is_left():
                        return written
                    successor.write(packing.rows(batch) + packing.cut())
                point, is_last = packing.point(), not len(self._late)
                for batch in batches(self._last.in_order() if is_last else ()):
                    successor.write(packing.rows(batch))
                successor.write(packing.end())
                successor.sync()
                self._commits.name(point)
                self._target.give_way(successor)
                self.tombstones = len(self._last) * is_last
        except OutputError:
            raise
        except Exception as error:  # who else writes into the file can make everything fail that reads it
            raise OutputError(f"cannot read {self._target.place} again: {error}") from error
        return packing

    def _read(self, file: BinaryIO, issues: int) -> Iterator[bytes]:
        count = 0
        with unpacked(self._shape.compression, file) as plain:
            for count, row in enumerate(read_rows(plain, self._shape), 1):  # noqa: B007
                yield row
        if count != issues:
            raise ValueError(f"it holds {count} issues, and {issues} were written")
