"""Files that appear only when they are whole, and streams."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from asyncjira.errors import ConfigError, OutputError
from asyncjira.out.disk import DISK, Disk, failed, shown
from asyncjira.out.successor import Successor

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest

__all__ = ["FileTarget", "StreamTarget", "check_free", "place_of"]

# Names of what is open already, which a rename would put a new file in the place of.
_OPEN_FILES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")
# Read once: it can only be read by setting it, which must not happen while another thread creates a file.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def place_of(path: str | os.PathLike[str]) -> Path:
    """Return where an output is to appear; a link stays a link: what it points to is replaced.

    Raises OutputError where no file can be.
    """
    place = Path(os.path.realpath(path))
    if place.is_dir() or os.fspath(path).endswith("/"):
        raise OutputError(f"{shown(place)} is a folder: name a file in it")
    if (place.exists() and not place.is_file()) or os.fspath(path).startswith(_OPEN_FILES):
        raise OutputError(f"{shown(place)} is no regular file: write to stdout (-o -) and redirect it")
    return place


def check_free(place: Path, *, force: bool) -> None:
    """Raise ConfigError where an output exists and may not be replaced."""
    if place.exists() and not force:
        raise ConfigError(f"{shown(place)} exists: --force (force=True) replaces it")


class FileTarget:
    """Writes `PATH.part` (mode 0600, locked against a second writer) and renames it to `PATH` at the end.

    Created before the first request, so that an output which cannot be written costs none. Raises ConfigError where
    `PATH` exists and `force` is not set (`check_free` is to do that later where an output is resumed), OutputError
    where it cannot be written.
    """

    may_block = False

    def __init__(
        self, path: str | os.PathLike[str], *, force: bool = False, resumes: bool = False, disk: Disk = DISK
    ) -> None:
        self.path, self._force, self._disk = place_of(path), force, disk
        self.part = self.path.with_name(self.path.name + ".part")
        self.place = shown(self.part)
        if not resumes:
            self.check_free()
        try:
            self._file = disk.open_locked(self.part)
        except OSError as error:
            raise failed(self.part, error) from None
        self._is_begun, self._is_open = False, True

    def check_free(self) -> None:
        """Raise ConfigError where `PATH` exists and may not be replaced."""
        check_free(self.path, force=self._force)

    def write(self, block: bytes) -> None:
        """Write all of `block`; the kernel may take it in pieces. Raises OutputError."""
        try:
            self._begin()
            self._disk.write(self._file, block)
        except OSError as error:
            raise failed(self.part, error) from None

    def sync(self) -> None:
        """Make durable what was written. Raises OutputError."""
        try:
            self._begin()
            self._disk.sync(self._file)
        except OSError as error:
            raise failed(self.part, error) from None

    def finish(self) -> None:
        """Make the bytes durable, then the name: sync, rename, sync of the folder. Raises OutputError.

        After `give_up_part`, or a second time, do nothing.
        """
        if not self._is_open:
            return
        try:
            self._begin()
            self._appear(self._file, self.part)
        except OSError as error:
            raise failed(self.path, error) from None

    def _appear(self, file: int, made: Path) -> None:
        """Give what is in the open `file` at `made` the name `PATH`. Raises OSError, OutputError."""
        exists = self.path.exists()
        if exists and not self._force:
            raise OutputError(
                f"{shown(self.path)} appeared meanwhile: move it away, or add --force; "
                f"the result stays in {shown(self.part)}"
            )
        os.fchmod(file, stat.S_IMODE(self.path.stat().st_mode) if exists else 0o666 & ~_UMASK)
        self._disk.sync(file)
        self._disk.close(os.dup(file))  # what closing has to complain of is said now, and the lock stays
        self._disk.rename(made, self.path)
        self.place, self._is_open = shown(self.path), False
        with suppress(OSError):
            os.close(self._file)
        self._disk.sync_folder(self.path.parent)

    def make(self, manifest: Manifest) -> Manifest:
        """Make of the bytes what is to appear, and return the manifest with what is true of that: they are it."""
        return manifest

    def hurry(self) -> None:
        """Leave out what takes long before the name appears, from any thread: nothing does."""

    def reread(self) -> BinaryIO:
        """Open what stands in the `.part`, from its begin. Nothing may be written meanwhile. Raises OSError."""
        file = os.fdopen(os.dup(self._file), "rb")
        file.seek(0)
        return file

    def cut_back(self, size: int) -> None:
        """Forget all bytes but the first `size`; what is written next follows them. Raises OutputError."""
        try:
            self._disk.cut(self._file, size)
        except OSError as error:
            raise failed(self.part, error) from None

    def empty(self) -> None:
        """Forget all bytes, so that `abandon` leaves nothing; after `finish` do nothing. Nothing is raised."""
        with suppress(OutputError):
            if self._is_open:
                self.cut_back(0)

    def go_on(self, size: int) -> None:
        """Take over the first `size` bytes of an earlier pull, durably without the others. Raises OutputError."""
        self._is_begun = True
        self.cut_back(size)
        self.sync()
        self._forget_successor()

    def successor(self) -> Successor:
        """Return a file that can take the place of the `.part`. Raises OutputError."""
        return Successor(self.part, self._disk)

    def give_way(self, successor: Successor) -> None:
        """Let what `successor` holds be `PATH.part` from now on, locked without a gap. Raises OutputError."""
        file = successor.take_over()
        os.close(self._file)
        self._file = file

    def give_up_part(self) -> None:
        """Remove `PATH.part`: `PATH` is there already. Raises OutputError."""
        self._is_open, self.place = False, shown(self.path)
        try:
            self._disk.unlink(self.part)
            os.close(self._file)
        except OSError as error:
            raise failed(self.part, error) from None

    def abandon(self) -> None:
        """Keep `PATH.part`, unless it is empty. After `finish`, or a second time, do nothing."""
        if not self._is_open:
            return
        self._is_open = False
        with suppress(OSError):
            if os.fstat(self._file).st_size == 0:
                self._disk.unlink(self.part)
        with suppress(OSError):
            os.close(self._file)

    def _begin(self) -> None:
        """Empty what an earlier pull left, but only when there is something to take its place."""
        if not self._is_begun:
            self._disk.cut(self._file, 0)
            self._is_begun = True
            self._forget_successor()

    def _forget_successor(self) -> None:
        """Remove what a crash has left of one."""
        with suppress(OSError):
            self._disk.unlink(Successor.path_for(self.part))


class StreamTarget:
    """Writes to an open file descriptor that is not ours to close, such as stdout."""

    may_block = True
    place = "stdout"

    def __init__(self, descriptor: int, disk: Disk = DISK) -> None:
        self._descriptor, self._disk = descriptor, disk

    def write(self, block: bytes) -> None:
        """Write all of `block`. Raises OutputError, or BrokenPipeError where nobody reads any more."""
        try:
            self._disk.write(self._descriptor, block)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise failed(Path("stdout"), error) from None

    def finish(self) -> None:
        """Nothing: what was written has appeared already."""

    def abandon(self) -> None:
        """Nothing: what was written cannot be taken back."""
