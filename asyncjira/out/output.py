"""Opens what a pull writes to. Whatever can be wrong with it is found here, before the first request."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from asyncjira.out.archive import Archive
from asyncjira.out.disk import DISK, Disk
from asyncjira.out.journal import Journal
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget, StreamTarget, check_free, place_of

__all__ = ["open_archive", "open_file", "open_stream"]

_Path = str | os.PathLike[str]


def open_file(
    path: _Path,
    shape: Shape,
    *,
    force: bool,
    manifest: _Path | None,
    asked: Mapping[str, Any] | None = None,
    resumes: bool = False,
    kind: Callable[..., FileTarget] = FileTarget,
    disk: Disk = DISK,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Sink, FileTarget]:
    """Open an output file for what was `asked`, its journal, and the file of the manifest beside it.

    Where names were asked for, `PATH.fields.json` belongs to it, too. `resumes` is to go on from what an earlier pull
    left there; `kind` is that of the target. Raises ConfigError, OutputError.
    """
    place = place_of(path)
    if not resumes:
        check_free(place, force=force)
    with ExitStack() as opened:
        journal = Journal(place, {**(asked or {}), **asdict(shape)}, disk=disk)
        opened.callback(journal.abandon)
        target = kind(path, force=force, resumes=resumes, disk=disk)
        opened.callback(target.abandon)
        fields, beside = _open_beside(opened, path, manifest, asked, disk)
        sink = Sink(shape, target, journal, resumes=resumes, fields=fields, clock=clock)
        opened.pop_all()
        return sink, beside


def open_archive(
    archive: Archive, path: _Path, shape: Shape, *, manifest: _Path | None, asked: Mapping[str, Any]
) -> tuple[Sink, FileTarget]:
    """Open what belongs to an archive at `path` as `open_file` does; there is no journal, as no pull goes on."""
    with ExitStack() as opened:
        opened.callback(archive.abandon)
        fields, beside = _open_beside(opened, path, manifest, asked, DISK)
        opened.pop_all()
        return Sink(shape, archive, fields=fields), beside


def _open_beside(
    opened: ExitStack, path: _Path, manifest: _Path | None, asked: Mapping[str, Any] | None, disk: Disk
) -> tuple[FileTarget | None, FileTarget]:
    """Open `PATH.fields.json`, where names were `asked` for, and the file of the manifest."""

    def begun(file: _Path) -> FileTarget:
        target = FileTarget(file, force=True, disk=disk)
        opened.callback(target.abandon)
        return target

    fields = begun(f"{os.fspath(path)}.fields.json") if asked and asked.get("names") else None
    return fields, begun(manifest or f"{os.fspath(path)}.manifest.json")


def open_stream(descriptor: int, shape: Shape, *, manifest: _Path | None) -> tuple[Sink, FileTarget | None]:
    """Write to an open file descriptor; a manifest only where asked. Raises ConfigError, OutputError."""
    sink = Sink(shape, StreamTarget(descriptor))
    return sink, FileTarget(manifest, force=True) if manifest else None
