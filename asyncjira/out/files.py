"""How a file is opened and written here: by one process at a time, whole, and with words where that fails."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from select import select

from asyncjira.errors import OutputError, printable

__all__ = ["failed", "open_locked", "shown", "sync_folder", "write_all"]


def open_locked(path: Path) -> int:
    """Open a regular file (mode 0600 where it is new) that no other process writes. Raises OSError, OutputError."""
    while True:
        # O_NONBLOCK: a FIFO that stands there must not be waited for
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        file = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OutputError(f"{shown(path)} is in the way, and no regular file: remove it")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last writer may have renamed it between our open and our lock: then it is somebody's whole output.
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(file)
            raise OutputError(f"{shown(path)} is being written by another process: wait for it") from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def write_all(descriptor: int, block: bytes) -> None:
    """Write all of `block`; the kernel may take it in pieces. Raises OSError."""
    view = memoryview(block)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # a pipe that somebody made non-blocking
            select([], [descriptor], [])


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def failed(path: Path, error: OSError) -> OutputError:
    """Return what to raise where `path` cannot be written."""
    return OutputError(f"cannot write {shown(path)}: {(error.strerror or type(error).__name__).lower()}")


def shown(path: Path) -> str:
    """Return a path as a terminal may show it."""
    return printable(str(path))
