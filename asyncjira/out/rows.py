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


def read_rows(file: BinaryIO, shape: Shape) -> Iterator[bytes]:
    """Iterate over the issues, at least one, in what an Encoder wrote: each as `Encoder.row` returns it."""
    cut, rest = _CUTS[shape.form], b""
    if shape.form == "json":
        file.read(len(b"[\n"))
    while block := file.read(max(_READ, len(rest))):  # as much as is left over: a huge issue is not searched so often
        *rows, rest = cut.split(rest + block)
        yield from rows
    rest = rest.removesuffix(b"\n]\n")
    if rest:
        yield rest


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
