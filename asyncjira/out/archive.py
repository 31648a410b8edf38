"""One file that grows: each pull adds its lines behind those of the pulls before, all of them or none."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from asyncjira.errors import ConfigError, OutputError
from asyncjira.out.disk import failed, shown
from asyncjira.out.shape import Shape
from asyncjira.out.target import FileTarget
from asyncjira.plan.state import Archived

__all__ = ["Archive", "archived", "check_archive"]

_COPIED = 1 << 20  # bytes at a time
_TAIL = 64 << 10  # bytes whose digest tells one archive from another: the end of its last pull, or all of a short one


class Archive(FileTarget):
    """Writes `PATH.part` as a file of its own, and adds it to `PATH` at the end, as a further member or frame.

    `before` is how far the archive was whole, by the state: what stands behind that was left by a crash, and is cut off
    before anything is added. None: there is no archive yet. Raises ConfigError where the file is not that archive.
    """

    def __init__(
        self, path: str | os.PathLike[str], shape: Shape, before: Archived | None, *, force: bool = False
    ) -> None:
        if shape.form != "ndjson":
            raise ConfigError("an archive holds one issue a line: name it *.ndjson, with .gz or .zst if you like")
        super().__init__(path, force=force or before is not None)
        self._before, self._compression = before, shape.compression
        try:
            if before is not None:
                check_archive(self.path, shape, before)
        except BaseException:
            self.abandon()
            raise

    def finish(self) -> None:
        """Add what was written to the archive, and make it durable. Raises OutputError; then it is as before."""
        if self._before is None:
            super().finish()
            return
        if not self._is_open:
            return
        try:
            self._add(self._before.size)
            self.place, self._is_open = shown(self.path), False
            self._disk.unlink(self.part)
            os.close(self._file)
        except OSError as error:
            raise failed(self.path, error) from None

    def _add(self, size: int) -> None:
        self._begin()
        archive = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            self._disk.cut(archive, size)
            with self.reread() as added:
                while block := added.read(_COPIED):
                    self._disk.write(archive, block)
            self._disk.sync(archive)
        except BaseException:
            with suppress(OSError):
                self._disk.cut(archive, size)
            raise
        finally:
            os.close(archive)

    def extent(self) -> Archived:
        """Return how far the archive is whole, after `finish`. Raises OutputError."""
        return archived(self.path, self._compression)


def archived(path: Path, compression: str) -> Archived:
    """Return how far an archive is whole: all of it. Raises OutputError."""
    try:
        size = path.stat().st_size
        return Archived(size, compression, _digest(path, size))
    except OSError as error:
        raise failed(path, error) from None


def check_archive(path: Path, shape: Shape, before: Archived) -> None:
    """Raise ConfigError unless the file at `path` is the archive that was whole so far `before`. Raises OutputError."""
    if shape.compression != before.compression:
        was = f".{before.compression}" if before.compression else "plain"
        raise ConfigError(f"the archive of the state is {was}: name it like that")
    if not path.exists():
        raise ConfigError(f"{shown(path)} does not exist, and the state knows an archive: begin anew without the state")
    try:
        size = path.stat().st_size
        if size < before.size:
            raise ConfigError(
                f"{shown(path)} has {size:,} bytes, and the archive of the state {before.size:,}: it is another file, "
                "or lost its end: begin anew without the state"
            )
        if _digest(path, before.size) != before.digest:
            raise ConfigError(f"{shown(path)} is not the archive that the state belongs to: name that one")
    except OSError as error:
        raise OutputError(f"cannot read {shown(path)}: {(error.strerror or type(error).__name__).lower()}") from None


def _digest(path: Path, size: int) -> str:
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        return blake2b(file.read(min(size, _TAIL)), digest_size=16).hexdigest()
