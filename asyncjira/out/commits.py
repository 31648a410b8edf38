"""The way of rows into a file: gathered into blocks that can be read by themselves, made durable, then named."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from asyncjira.out.journal import Journal
from asyncjira.out.packing import Packing, Point
from asyncjira.out.target import FileTarget
from asyncjira.plan.start import Mark

__all__ = ["Commits"]

# Bytes before compression: gzip members of that size make a file 0.5% larger, of 64 KiB 4% (docs/decisions.md).
_BLOCK = 1 << 20
_COMMIT = 8 << 20  # bytes in the file: written in 10 to 100 ms, so that making them durable costs little beside
_SECONDS = 1.0  # the most that is pulled once more after a crash


class Commits:
    """Writes what goes through `packing` to `target`, and names in `journal` what is durable, with the latest mark.

    Without a journal, or as long as no mark came, nothing is named. `clock` counts seconds.
    """

    def __init__(
        self,
        packing: Packing,
        target: FileTarget,
        journal: Journal | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.packing = packing
        self._target, self._journal, self._clock = target, journal, clock
        self._gathered: list[bytes] = []
        self._mark: Mark | None = None
        self._is_begun = False
        self._committed, self._committed_at = packing.bytes, clock()

    def go_on(self, packing: Packing, mark: Mark) -> None:
        """Go on behind what an earlier pull has written."""
        self.packing, self._mark, self._is_begun = packing, mark, True
        self._committed, self._committed_at = packing.bytes, self._clock()

    def write(self, issues: Sequence[bytes], mark: Mark | None = None) -> None:
        """Add issues, and write and name what is due. Raises OutputError."""
        self._gathered.append(self.packing.page(issues))
        self._mark = mark or self._mark
        is_late = self._clock() - self._committed_at >= _SECONDS
        if is_late or self.packing.bytes - self._committed >= _COMMIT:
            self.commit()
        elif self.packing.uncut >= _BLOCK:
            self._write_block()

    def commit(self) -> None:
        """Write all that was added, and name it; from now on the target is this pull's. Raises OutputError."""
        self._write_block()
        self._begin()
        if self._journal is not None and self._mark is not None and self.packing.bytes > self._committed:
            self._target.sync()
            self.name(self.packing.point())
        self._committed, self._committed_at = self.packing.bytes, self._clock()

    def name(self, point: Point) -> None:
        """Name what is durable, also of a file that is to take the place of this one. Raises OutputError."""
        if self._journal is not None and self._mark is not None:
            self._journal.commit(point, self._mark)

    def _begin(self) -> None:
        """Let the journal forget an earlier pull, before its output is overwritten."""
        if self._journal is not None and not self._is_begun:
            self._journal.begin()
        self._is_begun = True

    def _write_block(self) -> None:
        self._gathered.append(self.packing.cut())
        if block := b"".join(self._gathered):
            self._begin()
            self._target.write(block)
        self._gathered.clear()
