"""Opens what a pull writes to. Whatever can be wrong with it is found here, before the first request."""

from __future__ import annotations

import os

from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget, StreamTarget

__all__ = ["open_file", "open_stream"]

_Path = str | os.PathLike[str]


def open_file(path: _Path, shape: Shape, *, force: bool, manifest: _Path | None) -> tuple[Sink, FileTarget]:
    """Open an output file, and the file of the manifest beside it. Raises ConfigError, OutputError."""
    target = FileTarget(path, force=force)
    try:
        return Sink(shape, target), FileTarget(manifest or f"{os.fspath(path)}.manifest.json", force=True)
    except BaseException:
        target.abandon()
        raise


def open_stream(descriptor: int, shape: Shape, *, manifest: _Path | None) -> tuple[Sink, FileTarget | None]:
    """Write to an open file descriptor; a manifest only where asked. Raises ConfigError, OutputError."""
    sink = Sink(shape, StreamTarget(descriptor))
    return sink, FileTarget(manifest, force=True) if manifest else None
