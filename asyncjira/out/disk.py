"""Everything that touches a disk: what is opened by one process at a time, written whole, made durable, and renamed."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from select import select

from asyncjira.errors import OutputError, printable

__all__ = ["DISK", "Disk", "failed", "shown"]

# What fsync says of a file system that has nothing to make durable: https://man7.org/linux/man-pages/man2/fsync.2.html
_NOTHING_TO_SYNC = {errno.EINVAL, errno.ENOTSUP}


class Disk:
    """The operations on files, none of which keeps anything: tests hand in one that fails. All raise OSError."""

    def open_locked(self, path: Path) -> int:
        """Open a regular file (mode 0600 where it is new) that no other process writes.

        Raises BlockingIOError where one does, OutputError where something else than a file stands there.
        """
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
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def write(self, file: int, block: bytes) -> None:
        """Write all of `block`; the kernel may take it in pieces."""
        view = memoryview(block)
        while view:
            try:
                view = view[os.write(file, view) :]
            except BlockingIOError:  # a pipe that somebody made non-blocking
                select([], [file], [])

    def sync(self, file: int) -> None:
        """Make the bytes of a file durable."""
        try:
            os.fdatasync(file)
        except OSError as error:
            if error.errno not in _NOTHING_TO_SYNC:
                raise

    def cut(self, file: int, size: int) -> None:
        """Forget all bytes of a file but the first `size`; what is written next follows them."""
        os.ftruncate(file, size)
        os.lseek(file, size, os.SEEK_SET)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file the name `new`, in place of what has it."""
        os.replace(old, new)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(file)
        except OSError as error:
            if error.errno not in _NOTHING_TO_SYNC:
                raise
        finally:
            os.close(file)

    def unlink(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)

    def close(self, file: int) -> None:
        """Close a file, and with its last descriptor end its lock."""
        os.close(file)


DISK = Disk()


def failed(path: Path, error: OSError) -> OutputError:
    """Return what to raise where `path` cannot be written."""
    if isinstance(error, BlockingIOError):
        return OutputError(f"{shown(path)} is being written by another process: wait for it")
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return OutputError(f"there is no folder {shown(path.parent)}: make it first")
    return OutputError(f"cannot write {shown(path)}: {(error.strerror or type(error).__name__).lower()}")


def shown(path: Path) -> str:
    """Return a path as a terminal may show it."""
    return printable(str(path))
