"""Disks that fail: at a call that a test chooses, or by a power loss that keeps of each file what was made durable."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from asyncjira.out.disk import Disk
from asyncjira.out.records import Commit, read_lines

OPERATIONS = ("write", "sync", "cut", "rename", "sync_folder", "unlink", "close", "open_locked")


class FailingDisk(Disk):
    """Its call number `at` fails, with `only` that of one operation; `refused` is what that was."""

    def __init__(self, at: int, number: int, only: str | None) -> None:
        self._left, self._number, self._only = at, number, only
        self.refused = ""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return found if name not in OPERATIONS else partial(self._try, name, found)

    def _try(self, name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        self._left -= self._only in (None, name)
        if self._left == 0 and not self.refused:
            self.refused = name
            if name == "close":  # it is closed all the same
                call(*arguments)
            raise OSError(self._number, os.strerror(self._number))
        return call(*arguments)


def failing(at: int, number: int = errno.ENOSPC, *, only: str | None = None) -> FailingDisk:
    """Return a disk whose call number `at` fails with an error; with `only`, that of one operation."""
    return FailingDisk(at, number, only)


class MortalDisk(Disk):
    """Loses its power at operation number `life`: what `folder` holds then is `left`, and every later call fails.

    Of a file, the bytes of its last sync are left, with any part of what was written since: cut off, zeroed, or with a
    hole. Names are those of some moment since the last sync of the folder, as a file system with a journal keeps them.
    """

    def __init__(self, folder: Path, dice: Random, life: int | None) -> None:
        self._folder, self._life = folder, life
        self._dice = Random(dice.random())  # of its own: a thread writes
        self._files: dict[int, int] = {}  # by inode, which may come again
        self._opened = 1 << 64  # beyond any inode
        self._durable = {self._file(path): path.read_bytes() for path in folder.iterdir()}
        self._names = {path.name: self._file(path) for path in folder.iterdir()}
        self._renamed: list[dict[str, int]] = []
        self.left: dict[str, bytes] | None = None

    def _file(self, path: Path) -> int:
        return self._files.setdefault(path.stat().st_ino, path.stat().st_ino)

    def _live(self) -> None:
        if self.left is not None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self._life is not None:
            self._life -= 1
            if self._life < 0:
                self.left = self._image()
                self._live()

    def _image(self) -> dict[str, bytes]:
        now = {self._file(path): path.read_bytes() for path in self._folder.iterdir()}
        names = self._dice.choice([self._names, *self._renamed])
        return {name: self._survivor(self._durable[file], now.get(file)) for name, file in names.items()}

    def _survivor(self, durable: bytes, now: bytes | None) -> bytes:
        """Return what is left of a file whose bytes were `durable`, and are something else `now`."""
        if now is None or now == durable:
            return durable
        same = (place for place, (old, new) in enumerate(zip(durable, now, strict=False)) if old != new)
        kept = now[: next(same, min(len(durable), len(now)))]
        tail = now[len(kept) :]
        cut = self._dice.randint(0, len(tail))
        hole = range(cut, self._dice.randint(cut, len(tail)))
        return self._dice.choice(
            [
                durable,
                now,
                now[: len(kept) + cut],
                kept + tail[:cut] + bytes(len(tail) - cut),
                kept + tail[:cut] + bytes(len(hole)) + tail[hole.stop :],
                now[: len(kept) + cut] + durable[len(kept) + cut :],
            ]
        )

    def _name(self) -> None:
        self._renamed.append({path.name: self._file(path) for path in self._folder.iterdir()})

    def open_locked(self, path: Path) -> int:
        self._live()
        is_new = not path.exists()
        file = super().open_locked(path)
        if is_new:
            self._files[os.fstat(file).st_ino] = self._opened = self._opened + 1
            self._durable[self._opened] = b""
            self._name()
        return file

    def write(self, file: int, block: bytes) -> None:
        for record, _ in read_lines(block):
            assert not isinstance(record, Commit) or self._has(record), "named before it was durable"
        half = self._dice.randint(0, len(block))
        if self.left is None:
            super().write(file, block[:half])  # the power may go in the middle
        self._live()
        super().write(file, block[half:])

    def _has(self, commit: Commit) -> bool:
        """Whether what a commit names is durable in one of the files."""
        return any(sha256(content[: commit.bytes]).hexdigest() == commit.sha256 for content in self._durable.values())

    def sync(self, file: int) -> None:
        self._live()
        self._durable[self._files[os.fstat(file).st_ino]] = os.pread(file, os.fstat(file).st_size, 0)

    def cut(self, file: int, size: int) -> None:
        self._live()
        super().cut(file, size)

    def rename(self, old: Path, new: Path) -> None:
        self._live()
        super().rename(old, new)
        self._name()

    def sync_folder(self, folder: Path) -> None:
        self._live()
        self._name()
        self._names, self._renamed = self._renamed[-1], []

    def unlink(self, path: Path) -> None:
        self._live()
        super().unlink(path)
        self._name()

    def restore(self) -> None:
        """Let the folder hold what was left."""
        for path in self._folder.iterdir():
            path.unlink()
        for name, content in (self.left or {}).items():
            (self._folder / name).write_bytes(content)
