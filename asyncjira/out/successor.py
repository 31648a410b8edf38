"""A file that is written anew while the one before stays readable."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from asyncjira.out.files import failed, open_locked, write_all

__all__ = ["Successor"]


class Successor:
    """Writes `PATH.part.new` (mode 0600, locked), which can take the place of `PATH.part`, in a `with` block.

    Unless it did, it is gone after the block. Only who holds the lock of `PATH.part` may make one, so that what
    stands there already is the leftover of a crash. Raises OutputError where it cannot be written.
    """

    def __init__(self, part: Path) -> None:
        self._part, self._path = part, self.path_for(part)
        try:
            self._path.unlink(missing_ok=True)
            self._file = open_locked(self._path)
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
                self._path.unlink()
            with suppress(OSError):
                os.close(self._file)

    def write(self, block: bytes) -> None:
        """Write all of `block`. Raises OutputError."""
        try:
            write_all(self._file, block)
        except OSError as error:
            raise failed(self._path, error) from None

    def take_over(self) -> int:
        """Make the bytes durable, take the name of the `.part`, return the descriptor. Raises OutputError."""
        try:
            os.fsync(self._file)
            os.replace(self._path, self._part)
        except OSError as error:
            raise failed(self._path, error) from None
        self._has_taken_over = True
        return self._file
