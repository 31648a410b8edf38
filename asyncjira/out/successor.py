"""A file that is written anew while the one before stays readable."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from asyncjira.out.disk import DISK, Disk, failed

__all__ = ["Successor"]


class Successor:
    """Writes `PATH.part.new` (mode 0600, locked), which can take the place of `PATH.part`, in a `with` block.

    Unless it did, it is gone after the block. Only who holds the lock of `PATH.part` may make one, so that what
    stands there already is the leftover of a crash. Raises OutputError where it cannot be written.
    """

    def __init__(self, part: Path, disk: Disk = DISK) -> None:
        self._part, self._path, self._disk = part, self.path_for(part), disk
        try:
            disk.unlink(self._path)
            self._file = disk.open_locked(self._path)
        except OSError as error:
            raise failed(self._path, error) from None
        self._has_taken_over = False

    @staticmethod
    def path_for(part: Path) -> Path:
        """Return where the successor of `part` is written."""
        return part.with_name(part.name + ".new")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._has_taken_over:
            with suppress(OSError):
                self._disk.unlink(self._path)
            with suppress(OSError):
                os.close(self._file)

    def write(self, block: bytes) -> None:
        """Write all of `block`. Raises OutputError."""
        try:
            self._disk.write(self._file, block)
        except OSError as error:
            raise failed(self._path, error) from None

    def sync(self) -> None:
        """Make durable what was written. Raises OutputError."""
        try:
            self._disk.sync(self._file)
        except OSError as error:
            raise failed(self._path, error) from None

    def take_over(self) -> int:
        """Take the name of the `.part`, and return the descriptor. Raises OutputError."""
        try:
            self._disk.rename(self._path, self._part)
        except OSError as error:
            raise failed(self._path, error) from None
        self._has_taken_over = True
        return self._file
