"""Opens what a pull writes to. Whatever can be wrong with it is found here, before the first request."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from asyncjira.out.disk import DISK, Disk
from asyncjira.out.journal import Journal
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget, StreamTarget, check_free, place_of

__all__ = ["open_fields", "open_file", "open_stream"]

_Path = str | os.PathLike[str]


def open_file(
    path: _Path,
    shape: Shape,
    *,
    force: bool,
    manifest: _Path | None,
    asked: Mapping[str, Any] | None = None,
    resumes: bool = False,
    disk: Disk = DISK,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Sink, FileTarget]:
    """Open an output file for what was `asked`, its journal, and the file of the manifest beside it.

    Where names were asked for, `PATH.fields.json` belongs to it, too. `resumes` is to go on from what an earlier pull
    left there. Raises ConfigError, OutputError.
    """
    place = place_of(path)
    if not resumes:
        check_free(place, force=force)
    with ExitStack() as opened:
        journal = Journal(place, {**(asked or {}), **asdict(shape)}, disk=disk)
        opened.callback(journal.abandon)
        target = FileTarget(path, force=force, resumes=resumes, disk=disk)
        opened.callback(target.abandon)
        beside = FileTarget(manifest or f"{os.fspath(path)}.manifest.json", force=True, disk=disk)
        opened.callback(beside.abandon)
        fields = open_fields(path, asked, disk=disk)
        if fields is not None:
            opened.callback(fields.abandon)
        sink = Sink(shape, target, journal, resumes=resumes, fields=fields, clock=clock)
        opened.pop_all()
        return sink, beside


def open_fields(path: _Path, asked: Mapping[str, Any] | None, *, disk: Disk = DISK) -> FileTarget | None:
    """Open `PATH.fields.json` where names were `asked` for. Raises OutputError."""
    return FileTarget(f"{os.fspath(path)}.fields.json", force=True, disk=disk) if asked and asked.get("names") else None


def open_stream(descriptor: int, shape: Shape, *, manifest: _Path | None) -> tuple[Sink, FileTarget | None]:
    """Write to an open file descriptor; a manifest only where asked. Raises ConfigError, OutputError."""
    sink = Sink(shape, StreamTarget(descriptor))
    return sink, FileTarget(manifest, force=True) if manifest else None
