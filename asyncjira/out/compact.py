"""An archive made small: of every issue the newest version, and nothing of those that are gone."""

from __future__ import annotations

import io
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from asyncjira.errors import ConfigError, OutputError, printable
from asyncjira.jira.entry import read_entry
from asyncjira.out.archive import archived, check_archive
from asyncjira.out.compression import unpacked
from asyncjira.out.disk import failed, shown
from asyncjira.out.newest import Newest
from asyncjira.out.packing import Packing
from asyncjira.out.rows import batches
from asyncjira.out.shape import Shape
from asyncjira.out.state_file import StateFile
from asyncjira.out.target import FileTarget

__all__ = ["Compacted", "compact", "compact_kept"]

_READ = 1 << 20  # bytes at a time
_Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many `lines` were read, `tombstones` among them, and how many `issues` were kept."""

    lines: int
    tombstones: int
    issues: int


def compact(source: _Path, path: _Path, *, force: bool = False, size: int | None = None) -> Compacted:
    """Write the newest version of every issue in `source` to `path`, by `created`; both may be the same file.

    Of two versions that were updated at the same time the later line counts. An issue whose last line is a tombstone is
    left out. Only the first `size` bytes of `source` are read where that is given. Raises ConfigError where `source`
    does not hold one whole issue a line, or `path` exists without `force`; OutputError.
    """
    given, wanted = Shape.of(os.fspath(source)), Shape.of(os.fspath(path))
    if given.form != "ndjson":
        raise ConfigError(f"{shown(Path(source))} is one JSON array, and not an archive of one issue a line")
    target = FileTarget(path, force=force)
    try:
        return _compact(Path(source), given, target, wanted, size)
    except sqlite3.Error as error:
        raise OutputError(f"cannot write the index, into {tempfile.gettempdir()}: {error}") from None
    finally:
        target.abandon()


def compact_kept(source: _Path, path: _Path, state: _Path, *, force: bool = False) -> Compacted:
    """Compact the archive of the state in the file at `state`, which knows what of it is whole.

    In place it is the state's archive from then on, too. Raises ConfigError and OutputError as `compact`, `StateFile`.
    """
    with StateFile(state) as file:
        if file.state is None or file.state.archive is None:
            raise ConfigError(f"{shown(Path(state))} is no state with an archive")
        before = file.state.archive
        check_archive(Path(os.path.realpath(source)), Shape.of(os.fspath(source)), before)
        told = compact(source, path, force=force, size=before.size)
        if os.path.realpath(source) == os.path.realpath(path):
            after = archived(Path(path), before.compression)
            file.replace(replace(file.state, archive=after))
        return told


def _compact(source: Path, given: Shape, target: FileTarget, wanted: Shape, size: int | None) -> Compacted:
    packing = Packing(wanted)
    with ExitStack() as open_files:
        newest = open_files.enter_context(Newest())
        rows = open_files.enter_context(_opened(source))
        if given.compression:
            packed, rows = rows, open_files.enter_context(_spool(target.part.parent))
            _unpack(source, given.compression, packed, rows, size)
            size = None
        _index(source, rows, newest, size)
        for batch in batches(_read(rows, newest.kept())):
            target.write(packing.rows(batch))
        target.write(packing.end())
        target.finish()
        return Compacted(newest.lines, newest.tombstones, packing.issues)


def _opened(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise ConfigError(f"cannot read {shown(source)}: {(error.strerror or 'error').lower()}") from None


def _spool(folder: Path) -> BinaryIO:
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise failed(folder, error) from None


def _unpack(source: Path, compression: str, packed: BinaryIO, rows: BinaryIO, size: int | None) -> None:
    """Put what `packed` holds into a file in which single lines can be found."""
    for block in _blocks(source, compression, packed, size):
        try:
            rows.write(block)
        except OSError as error:
            raise failed(Path(tempfile.gettempdir()), error) from None
    rows.flush()


def _blocks(source: Path, compression: str, packed: BinaryIO, size: int | None) -> Iterator[bytes]:
    part = packed if size is None else cast(BinaryIO, io.BufferedReader(_Begin(packed, size)))
    try:
        with unpacked(compression, part) as plain:
            while block := plain.read(_READ):
                yield block
    except Exception as error:  # each compression has errors of its own
        raise _torn(source, "what is compressed", str(error)) from None


class _Begin(io.RawIOBase):
    """The first `size` bytes of a file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._file.read(min(len(buffer), self._left))
        buffer[: len(block)] = block
        self._left -= len(block)
        return len(block)


def _index(source: Path, rows: BinaryIO, newest: Newest, size: int | None) -> None:
    begin, end = 0, rows.seek(0, os.SEEK_END) if size is None else size
    rows.seek(0)
    while begin < end:
        line = rows.readline(end - begin)
        try:
            if not line.endswith(b"\n"):
                raise ValueError("it has no line break")
            newest.add(read_entry(line), begin, len(line) - 1)
        except ValueError as error:
            raise _torn(source, f"line {newest.lines + 1}", str(error)) from None
        begin += len(line)


def _torn(source: Path, where: str, why: str) -> ConfigError:
    return ConfigError(
        f"{shown(source)} is damaged: {where} cannot be read ({printable(why, 100)}); if a pull was interrupted that "
        "added to it, --state FILE tells what of it is whole"
    )


def _read(rows: BinaryIO, places: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    for begin, size in places:
        rows.seek(begin)
        yield rows.read(size)
