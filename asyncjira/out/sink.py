"""The way of issues into an output: written as they come, and those that come late put into their places at the end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Raw

from asyncjira.errors import OutputError
from asyncjira.jira.head import Head, read_head
from asyncjira.out.late import LateRows
from asyncjira.out.packing import Packing
from asyncjira.out.settling import Settling
from asyncjira.out.shape import Encoder, Shape
from asyncjira.out.target import FileTarget, StreamTarget
from asyncjira.plan.strategy import Place

__all__ = ["Sink"]


class Sink:
    """Writes issues to a target. `write`, `close` and `finish` belong into a thread: they wait for the disk.

    Into a stream all issues go as they come. In a file those that come late get their places when it is closed; only
    where there are any it is written once more. `is_over` says whether it was finished or abandoned.
    """

    def __init__(self, shape: Shape, target: FileTarget | StreamTarget) -> None:
        self._shape, self._target, self._packing = shape, target, Packing(shape)
        self._late: LateRows | None = None
        self._last = b""
        self._repeated = self._tombstones = 0
        self._leaves_late = self._is_closed = False
        self.is_over = False

    @property
    def may_block(self) -> bool:
        """Whether a write may wait for ever, as for the reader of a pipe."""
        return self._target.may_block

    @property
    def place(self) -> str:
        """Where what was written is."""
        return self._target.place

    @property
    def issues(self) -> int:
        """How many issues were written; one that replaces another is the same issue, and a tombstone is none."""
        return self._packing.issues - self._repeated - (self._tombstones if self._is_closed else 0)

    @property
    def bytes(self) -> int:
        """The size of the output so far."""
        return self._packing.bytes

    @property
    def sha256(self) -> str:
        """The hash of the output so far, as hexadecimal digits."""
        return self._packing.sha256

    def write(self, issues: Sequence[Raw], place: Place = "next") -> None:
        """Add issues to the output; `place` as in `Rows`. Raises OutputError, BrokenPipeError."""
        if place != "next" and isinstance(self._target, FileTarget):
            self._keep(issues, self._target, place)
            return
        self._target.write(self._packing.page(issues))
        self._repeated += len(issues) if place in ("replace", "last") else 0
        self._last = bytes(issues[-1])

    def close(self) -> None:
        """End the output, so that it can be read, and put what came late into its place.

        Raises OutputError; where only what came late has no place then, the rest can be read.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._late is None or self._leaves_late:
            self._tombstones = 0
        if self._late is None or self._leaves_late or not isinstance(self._target, FileTarget):
            self._target.write(self._packing.end())
            return
        settling = Settling(self._shape, self._target, self._late, lambda: self._leaves_late)
        self._packing = settling.settle(self._packing, read_head(self._last) if self._last else None)

    def leave_late(self) -> None:
        """Leave out what came late, also while `close` puts it into its place just now: any thread may call this."""
        self._leaves_late = True

    def finish(self) -> None:
        """Make the output appear under its own name."""
        self._target.finish()
        self._end()

    def abandon(self) -> None:
        """Leave the output unfinished; nothing appears under its own name."""
        self._target.abandon()
        self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._late is not None:
            self._late.close()

    def _keep(self, issues: Sequence[Raw], target: FileTarget, place: Place) -> None:
        if self._late is None:
            self._late = LateRows(target.part.parent)
        encoder = Encoder(self._shape)
        try:
            for issue in issues:
                head = read_head(issue)
                if place == "last":  # one more line with an id that an issue may have, too
                    head = Head(f"-{head.id}", None)
                    self._tombstones += 1
                self._late.add(encoder.row(issue), head, replaces=place == "replace")
        except OutputError:
            self.leave_late()
            with suppress(OutputError):
                self.close()
            raise
