"""The way back: from an output to the issues in it, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from asyncjira.out.shape import Shape

__all__ = ["batches", "read_rows"]

_READ = 1 << 20  # bytes at a time: beyond that neither the splitting nor the reading gets faster
_BATCH = 1 << 20  # bytes to a batch: some milliseconds of work also where they are compressed
# An issue begins at the begin of a line, or one step to the right where it is pretty-printed; what is inside of it
# stands in the same line, or two steps to the right.
_CUTS = {"ndjson": re.compile(rb"\n"), "json": re.compile(rb",\n(?=(?: {4})?\{)")}


def read_rows(file: BinaryIO, shape: Shape, *, is_whole: bool = False) -> Iterator[bytes]:
    """Iterate over the issues, at least one, in what an Encoder wrote: each as `Encoder.row` returns it.

    Where it should be all that was written, `is_whole`, an array without its end raises ValueError.
    """
    cut, begin, rest = _CUTS[shape.form], b"", b""
    if shape.form == "json":
        begin = file.read(len(b"[\n"))
    while block := file.read(max(_READ, len(rest))):  # as much as is left over: a huge issue is not searched so often
        *rows, rest = cut.split(rest + block)
        yield from rows
    last = rest.removesuffix(b"\n]\n")
    if last:
        yield last
    if is_whole and shape.form == "json" and (begin[:1] != b"[" or (last == rest and begin != b"[]")):
        raise ValueError("it is no array, or cut short")


def batches(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Gather rows until they are some work, but not much memory."""
    batch: list[bytes] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
