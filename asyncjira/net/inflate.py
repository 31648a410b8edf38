"""The body of an answer out of what came over the wire, in small steps: a bomb is seen before it has gone off."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from asyncjira.errors import printable

try:  # pyproject.toml names the platforms that have it
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment, unused-ignore]

__all__ = ["FASTEST", "STEP", "ZLIB", "Garbled", "Gzip", "Plain", "unpacking"]

# Most bytes that one step may give. Beyond it glibc maps and faults new pages for each page of issues: 2.6 µs an issue
# in steps of 256 KiB, 5 to 7 µs in larger ones (docs/decisions.md).
STEP = 256 * 1024
# Bytes that are given to the inflater at a time. What it leaves over is copied at each step: let that be little.
_BITE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # zlib's word for "with the header and the checksum of gzip": https://zlib.net/manual.html
_MAGIC, _FLAGS = b"\x1f\x8b", 3  # how each member begins, and the place of its flags: RFC 1952, section 2.3
_ADVICE = "check what stands before Jira"


class Garbled(Exception):
    """The body cannot be unpacked. `retry` tells whether asking again can help."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.retry = retry


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, raw: bytes, max_length: int, /) -> bytes: ...


Opener = Callable[[int], _Stream]  # takes the kind of stream, as `zlib.decompressobj` does

ZLIB: Opener = zlib.decompressobj
FASTEST: Opener = ZLIB if isal_zlib is None else isal_zlib.decompressobj
_ERRORS = (zlib.error, getattr(isal_zlib, "error", zlib.error))


class Plain:
    """A body that is sent as it is. `used` counts the raw bytes behind what has come out."""

    def __init__(self) -> None:
        self.used = 0

    def feed(self, raw: bytes) -> Iterable[bytes]:
        """Return what `raw` becomes."""
        self.used += len(raw)
        return (raw,)

    def finish(self) -> None:
        """Do nothing: where it ends is told by HTTP."""


class Gzip:
    """A body of one or more members of gzip. `used` counts the raw bytes behind what has come out."""

    def __init__(self, fastest: Opener = FASTEST) -> None:
        self.used = 0
        self._fastest = fastest
        self._head = b""
        self._stream: _Stream | None = None

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """Yield what `raw` becomes, at most STEP bytes at a time, also none. Raises Garbled where it is damaged."""
        for start in range(0, len(raw), _BITE):
            yield from self._bite(raw[start : start + _BITE])

    def finish(self) -> None:
        """Raise Garbled unless all of it has come; nothing at all is an empty body."""
        if self._stream is not None or self._head:
            raise Garbled("the answer was cut short, in the middle of its gzip")

    def _bite(self, raw: bytes) -> Iterator[bytes]:
        end, piece = self.used + len(raw), b""
        while raw or len(piece) == STEP:  # a full step may have left something inside
            if self._stream is None:
                self._stream, raw = self._begin(raw)
                if self._stream is None:
                    break
            stream = self._stream
            try:
                piece = stream.decompress(raw, STEP)
            except _ERRORS:
                raise Garbled("the answer was damaged on its way: its gzip is not sound") from None
            if stream.eof:
                raw, self._stream = stream.unused_data, None
            else:
                raw = stream.unconsumed_tail
            self.used = end - len(raw)
            yield piece
        self.used = end

    def _begin(self, raw: bytes) -> tuple[_Stream | None, bytes]:
        """Return what inflates the next member, where enough of it has come to tell, and what it has to begin with."""
        head = self._head + raw
        if not _MAGIC.startswith(head[:2]):
            raise Garbled(f"the answer is announced as gzip and holds something else: {_ADVICE}")
        if len(head) <= _FLAGS:
            self._head = head
            return None, b""
        self._head = b""
        # isal 1.9.1 takes optional fields of the header for damage where they come in two parts.
        return (ZLIB if head[_FLAGS] else self._fastest)(_GZIP), head


def unpacking(codings: Iterable[str]) -> Plain | Gzip:
    """Return what unpacks a body with these headers `Content-Encoding`.

    We ask for gzip and nothing else. Raises Garbled for any other: `deflate` means two formats, and nobody has sent it.
    """
    names = [name for coding in codings for name in coding.lower().replace(",", " ").split() if name != "identity"]
    if not names:
        return Plain()
    if names in (["gzip"], ["x-gzip"]):  # the same: RFC 9110, section 8.4.1.3
        return Gzip()
    named = printable(" ".join(names))[:40]
    raise Garbled(f"the answer is packed as {named!r}, and gzip was asked for: {_ADVICE}", retry=False)
