"""From issues to the bytes of an output: put into the form, compressed, counted, hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy

from msgspec import Raw

from asyncjira.out.compression import compressor
from asyncjira.out.shape import Encoder, Shape

__all__ = ["Packing"]

_Bytes = bytes  # an attribute is named like the type


class Packing:
    """The bytes of one output in the making; it writes none of them.

    `issues` counts what was put in; `bytes` and `sha256` are those of what came out, of which a compressor may hold
    back. Raises ConfigError where the compressor is not installed.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._encoder, self._compressor = Encoder(shape), compressor(shape.compression)
        self._hash = hashlib.sha256()
        self.issues = self.bytes = 0

    @property
    def sha256(self) -> str:
        """The hash of what came out so far, as hexadecimal digits."""
        return self._hash.hexdigest()

    def page(self, issues: Sequence[Raw]) -> _Bytes:
        """Put issues in, at least one, as they came; return what is ready to be written."""
        self.issues += len(issues)
        return self._counted(self._compressor.compress(self._encoder.page(issues)))

    def rows(self, rows: Sequence[_Bytes]) -> _Bytes:
        """Put issues in, at least one, that have the form already; return what is ready to be written."""
        self.issues += len(rows)
        return self._counted(self._compressor.compress(self._encoder.rows(rows)))

    def split(self) -> tuple[_Bytes, Packing]:
        """Return what makes all that was put in so far readable, and another that goes on behind it, as this can too.

        What follows is a further member of a `.gz`, or a further frame of a `.zst`.
        """
        ready, other = self._counted(self._compressor.flush()), Packing(self._shape)
        self._compressor = compressor(self._shape.compression)
        other._encoder, other._hash = copy(self._encoder), self._hash.copy()
        other.issues, other.bytes = self.issues, self.bytes
        return ready, other

    def end(self) -> _Bytes:
        """End the form and the compression; return the last bytes."""
        return self._counted(self._compressor.compress(self._encoder.end()) + self._compressor.flush())

    def _counted(self, block: _Bytes) -> _Bytes:
        self._hash.update(block)
        self.bytes += len(block)
        return block
