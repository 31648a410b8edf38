"""Files that appear only when they are whole, and streams."""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from select import select

from asyncjira.errors import ConfigError, OutputError, printable

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
            raise OutputError(f"{_shown(self.path)} is a folder: name a file in it")
        if (self.path.exists() and not self.path.is_file()) or os.fspath(path).startswith(_OPEN_FILES):
            raise OutputError(f"{_shown(self.path)} is no regular file: write to stdout (-o -) and redirect it")
        if self.path.exists() and not force:
            raise ConfigError(f"{_shown(self.path)} exists: replace it with --force (force=True)")
        self.place = _shown(self.part)
        try:
            self._file = _open_locked(self.part)
        except OSError as error:
            raise _failed(self.part, error) from None
        self._force, self._is_begun, self._is_open = force, False, True

    def write(self, block: bytes) -> None:
        """Write all of `block`; the kernel may take it in pieces. Raises OutputError."""
        try:
            self._begin()
            _write_all(self._file, block)
        except OSError as error:
            raise _failed(self.part, error) from None

    def finish(self) -> None:
        """Make the bytes durable, then the name: fsync, rename, fsync of the folder. Raises OutputError."""
        try:
            self._begin()
            os.fsync(self._file)
            exists = self.path.exists()
            if exists and not self._force:
                raise OutputError(f"{_shown(self.path)} appeared meanwhile; the result stays in {_shown(self.part)}")
            os.fchmod(self._file, stat.S_IMODE(self.path.stat().st_mode) if exists else 0o666 & ~_UMASK)
            os.replace(self.part, self.path)
            self._is_open = False
            os.close(self._file)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise _failed(self.path, error) from None

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
            _write_all(self._descriptor, block)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _failed(Path("stdout"), error) from None

    def finish(self) -> None:
        """Nothing: what was written has appeared already."""

    def abandon(self) -> None:
        """Nothing: what was written cannot be taken back."""


def _open_locked(path: Path) -> int:
    while True:
        # O_NONBLOCK: a FIFO that stands there must not be waited for
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        file = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OutputError(f"{_shown(path)} is in the way, and no regular file: remove it")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last writer may have renamed it between our open and our lock: then it is somebody's whole output.
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(file)
            raise OutputError(f"{_shown(path)} is being written by another process: wait for it") from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # a pipe that somebody made non-blocking
            select([], [descriptor], [])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {_shown(path)}: {(error.strerror or type(error).__name__).lower()}")


def _shown(path: Path) -> str:
    return printable(str(path))
