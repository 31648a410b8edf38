"""From issues to the bytes of an output: put into the form, compressed, counted, hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.out.compression import compressor
from asyncjira.out.shape import Encoder, Shape

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Packing", "Point"]

_Bytes = bytes  # an attribute is named like the type


class Point(NamedTuple):
    """A place in an output up to which it can be read: so many `bytes` with that hash, so many `issues`."""

    bytes: int
    sha256: str
    issues: int


class Packing:
    """The bytes of one output in the making; it writes none of them.

    `issues` counts what was put in; `bytes` and `sha256` are those of what came out, of which a compressor may hold
    back; `uncut` are the bytes that were put in since the last cut. Raises ConfigError where the compressor is not
    installed.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._encoder, self._compressor = Encoder(shape), compressor(shape.compression)
        self._hash = hashlib.sha256()
        self.issues = self.bytes = self.uncut = 0

    @classmethod
    def behind(cls, shape: Shape, point: Point, known: _Hash) -> Packing:
        """Return one that goes on behind `point` of an earlier output, whose bytes `known` has hashed."""
        packing = cls(shape)
        packing._encoder = Encoder(shape, is_first=point.issues == 0)
        packing._hash, packing.issues, packing.bytes = known, point.issues, point.bytes
        return packing

    @property
    def sha256(self) -> str:
        """The hash of what came out so far, as hexadecimal digits."""
        return self._hash.hexdigest()

    def page(self, issues: Sequence[bytes]) -> _Bytes:
        """Put issues in, at least one, as they came; return what is ready to be written."""
        self.issues += len(issues)
        return self._packed(self._encoder.page(issues))

    def rows(self, rows: Sequence[_Bytes]) -> _Bytes:
        """Put issues in, at least one, that have the form already; return what is ready to be written."""
        self.issues += len(rows)
        return self._packed(self._encoder.rows(rows))

    def cut(self) -> _Bytes:
        """Return what makes all that was put in so far readable.

        What follows is a further member of a `.gz`, or a further frame of a `.zst`.
        """
        return self._flushed() if self.uncut else b""

    def point(self) -> Point:
        """Return where it is, right after a cut."""
        return Point(self.bytes, self.sha256, self.issues)

    def fork(self) -> Packing:
        """Return another that goes on from a cut, as this can too."""
        return self.behind(self._shape, self.point(), self._hash.copy())

    def end(self) -> _Bytes:
        """End the form and the compression; return the last bytes."""
        last = self._packed(self._encoder.end())
        return last + (self._flushed() if self.uncut or not self.bytes else b"")

    def _packed(self, block: _Bytes) -> _Bytes:
        self.uncut += len(block)
        return self._counted(self._compressor.compress(block)) if block else b""  # of nothing gzip makes a header

    def _flushed(self) -> _Bytes:
        self.uncut = 0
        ready, self._compressor = self._compressor.flush(), compressor(self._shape.compression)
        return self._counted(ready)

    def _counted(self, block: _Bytes) -> _Bytes:
        self._hash.update(block)
        self.bytes += len(block)
        return block
