"""Files that appear only when they are whole, and streams."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from asyncjira.errors import ConfigError, OutputError
from asyncjira.out.files import failed, open_locked, shown, sync_folder, write_all
from asyncjira.out.successor import Successor

__all__ = ["FileTarget", "StreamTarget"]

# Names of what is open already, which a rename would put a new file in the place of.
_OPEN_FILES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")
# Read once: it can only be read by setting it, which must not happen while another thread creates a file.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


class FileTarget:
    """Writes `PATH.part` (mode 0600, locked against a second writer) and renames it to `PATH` at the end.

    Created before the first request, so that an output which cannot be written costs none. Raises ConfigError where
    `PATH` exists and `force` is not set, OutputError where it cannot be written.
    """

    may_block = False

    def __init__(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        self.path = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
        self.part = self.path.with_name(self.path.name + ".part")
        if self.path.is_dir() or os.fspath(path).endswith("/"):
            raise OutputError(f"{shown(self.path)} is a folder: name a file in it")
        if (self.path.exists() and not self.path.is_file()) or os.fspath(path).startswith(_OPEN_FILES):
            raise OutputError(f"{shown(self.path)} is no regular file: write to stdout (-o -) and redirect it")
        if self.path.exists() and not force:
            raise ConfigError(f"{shown(self.path)} exists: --force replaces it")
        self.place = shown(self.part)
        try:
            self._file = open_locked(self.part)
        except OSError as error:
            raise failed(self.part, error) from None
        self._force, self._is_begun, self._is_open = force, False, True

    def write(self, block: bytes) -> None:
        """Write all of `block`; the kernel may take it in pieces. Raises OutputError."""
        try:
            self._begin()
            write_all(self._file, block)
        except OSError as error:
            raise failed(self.part, error) from None

    def finish(self) -> None:
        """Make the bytes durable, then the name: fsync, rename, fsync of the folder. Raises OutputError."""
        try:
            self._begin()
            os.fsync(self._file)
            exists = self.path.exists()
            if exists and not self._force:
                raise OutputError(f"{shown(self.path)} appeared meanwhile; the result stays in {shown(self.part)}")
            os.fchmod(self._file, stat.S_IMODE(self.path.stat().st_mode) if exists else 0o666 & ~_UMASK)
            os.replace(self.part, self.path)
            self.place, self._is_open = shown(self.path), False
            os.close(self._file)
            sync_folder(self.path.parent)
        except OSError as error:
            raise failed(self.path, error) from None

    def reread(self) -> BinaryIO:
        """Open what was written so far, from its begin. Nothing may be written before it is closed. Raises OSError."""
        file = os.fdopen(os.dup(self._file), "rb")
        file.seek(0)
        return file

    def cut_back(self, size: int) -> None:
        """Forget all bytes but the first `size`; what is written next follows them. Raises OutputError."""
        try:
            os.ftruncate(self._file, size)
            os.lseek(self._file, size, os.SEEK_SET)
        except OSError as error:
            raise failed(self.part, error) from None

    def give_way(self, successor: Successor) -> None:
        """Let what `successor` holds be `PATH.part` from now on, locked without a gap. Raises OutputError."""
        file = successor.take_over()
        os.close(self._file)
        self._file = file

    def abandon(self) -> None:
        """Keep `PATH.part`, unless it is empty. After `finish`, or a second time, do nothing."""
        if not self._is_open:
            return
        self._is_open = False
        with suppress(OSError):
            if os.fstat(self._file).st_size == 0:
                self.part.unlink()
        with suppress(OSError):
            os.close(self._file)

    def _begin(self) -> None:
        """Empty what an earlier pull left, but only when there is something to take its place."""
        if not self._is_begun:
            os.ftruncate(self._file, 0)
            with suppress(OSError):
                Successor.path_for(self.part).unlink()
            self._is_begun = True


class StreamTarget:
    """Writes to an open file descriptor that is not ours to close, such as stdout."""

    may_block = True
    place = "stdout"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, block: bytes) -> None:
        """Write all of `block`. Raises OutputError, or BrokenPipeError where nobody reads any more."""
        try:
            write_all(self._descriptor, block)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise failed(Path("stdout"), error) from None

    def finish(self) -> None:
        """Nothing: what was written has appeared already."""

    def abandon(self) -> None:
        """Nothing: what was written cannot be taken back."""
