"""The way of the bytes into an output: encoded, compressed, counted, hashed, written whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from msgspec import Raw

from asyncjira.out.compression import Compressor
from asyncjira.out.shape import Encoder

__all__ = ["Sink", "Target"]


class Target(Protocol):
    """Where bytes end up: `FileTarget`, `StreamTarget`."""

    may_block: bool  # whether a write may wait for somebody who reads
    place: str  # where the bytes are before `finish`

    def write(self, block: bytes) -> None:
        """Write all of `block`. Raises OutputError, or BrokenPipeError where nobody reads any more."""

    def finish(self) -> None:
        """Make what was written appear."""

    def abandon(self) -> None:
        """Leave what was written where it is; it is not whole."""


class Sink:
    """Writes pages of issues to a target. `write`, `close` and `finish` belong into a thread: they wait for the disk.

    `issues` counts what was written; `bytes` and `sha256` are those of the output, of which a compressor may hold back.
    """

    def __init__(self, encoder: Encoder, compressor: Compressor, target: Target) -> None:
        self._encoder, self._compressor, self._target = encoder, compressor, target
        self._hash = hashlib.sha256()
        self.issues = self.bytes = 0

    @property
    def may_block(self) -> bool:
        """Whether a write may wait for ever, as for the reader of a pipe."""
        return self._target.may_block

    @property
    def place(self) -> str:
        """Where what was written is before `finish`."""
        return self._target.place

    @property
    def sha256(self) -> str:
        """The hash of the output so far, as hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, issues: Sequence[Raw]) -> None:
        """Add issues to the output."""
        self.issues += len(issues)
        self._put(self._compressor.compress(self._encoder.page(issues)))

    def close(self) -> None:
        """End the form and the compression, so that what was written can be read."""
        self._put(self._compressor.compress(self._encoder.end()) + self._compressor.flush())

    def finish(self) -> None:
        """Make the output appear under its own name."""
        self._target.finish()

    def abandon(self) -> None:
        """Leave the output unfinished; nothing appears under its own name."""
        self._target.abandon()

    def _put(self, block: bytes) -> None:
        self._target.write(block)
        self._hash.update(block)
        self.bytes += len(block)
