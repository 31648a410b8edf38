"""Answers that break HTTP or stop half-way, byte by byte: from the body that was due to what goes to the socket."""

from __future__ import annotations

import gzip
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from asyncjira.mock.answer import JSON, Script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DAMAGE"]

_CHUNKED = "Transfer-Encoding: chunked"
_CLOSE = "Connection: close"  # where the answer looks whole: the client must not reuse what the mock closes
_HANG = 3600.0  # seconds: longer than any client waits
_DRIP_PAUSE = 0.2  # seconds between two pieces: no read timeout of a client ever strikes
_PAUSE_BEFORE_RESET = 0.05  # seconds
_MEGABYTE = 1 << 20
_BOMB = 100  # megabytes: far more than any page of issues


def _head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {JSON}", *lines, "", ""]).encode()


def _length(size: int, *lines: str) -> bytes:
    return _head(f"Content-Length: {size}", *lines)


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _reset(_: bytes, __: str | None) -> Script:
    return Script(b"", (), "abort")


def _reset_body(body: bytes, _: str | None) -> Script:
    # A reset throws away what the client has not read yet; the pause lets it read.
    return Script(_length(len(body)), (_half(body), _PAUSE_BEFORE_RESET), "abort")


def _truncate(body: bytes, _: str | None) -> Script:
    return Script(_length(len(body)), (_half(body),))


def _truncate_short(body: bytes, _: str | None) -> Script:
    half = _half(body)
    return Script(_length(len(half), _CLOSE), (half,), status=200)


def _truncate_long(body: bytes, _: str | None) -> Script:
    return Script(_length(len(body) + 1000), (body,))


def _truncate_none(body: bytes, _: str | None) -> Script:
    return Script(_head(_CLOSE), (_half(body),), status=200)


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def _chunked_early(body: bytes, _: str | None) -> Script:
    return Script(_head(_CHUNKED, _CLOSE), (_chunk(_half(body)) + b"0\r\n\r\n",), status=200)


def _chunked_cut(body: bytes, _: str | None) -> Script:
    return Script(_head(_CHUNKED), (_chunk(_half(body)),))


def _gzipped(packed: bytes) -> Script:
    return Script(_length(len(packed), "Content-Encoding: gzip", _CLOSE), (packed,), status=200)


def _gzip_cut(body: bytes, _: str | None) -> Script:
    return _gzipped(_half(gzip.compress(body, mtime=0)))


def _gzip_tail(body: bytes, _: str | None) -> Script:
    return _gzipped(gzip.compress(body, mtime=0)[:-8])  # RFC 1952: CRC32 and size, four bytes each


def _hang(_: bytes, seconds: str | None) -> Script:
    return Script(b"", (float(seconds or _HANG),))


def _drip(body: bytes, count: str | None) -> Script:
    size = int(count or 1)

    def steps() -> Iterator[bytes | float]:
        for at in range(0, len(body), size):
            yield body[at : at + size]
            yield _DRIP_PAUSE

    return Script(_length(len(body)), steps())


def _no_date(body: bytes, _: str | None) -> Script:
    return Script(_length(len(body), _CLOSE), (body,), status=200)


def _endless(body: bytes, _: str | None) -> Script:
    def steps() -> Iterator[bytes | float]:
        yield body[:-1]  # without the bracket that ends it
        while True:
            yield b" " * 65536

    return Script(_head(_CLOSE), steps())


def _bomb(body: bytes, megabytes: str | None) -> Script:
    size = int(megabytes or _BOMB)
    start, spaces, crc = _spaces(size)
    deflate = zlib.compressobj(wbits=-15)
    trailer = struct.pack("<II", zlib.crc32(body, crc), (size * _MEGABYTE + len(body)) % 2**32)
    return _gzipped(start + spaces * size + deflate.compress(body) + deflate.flush() + trailer)


@lru_cache(4)
def _spaces(megabytes: int) -> tuple[bytes, bytes, int]:
    """Return the header of a gzip stream, a megabyte of spaces that can be repeated in it, and the CRC of them all."""
    block, crc = b" " * _MEGABYTE, 0
    for _ in range(megabytes):
        crc = zlib.crc32(block, crc)
    deflate = zlib.compressobj(wbits=-15)
    spaces = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    return gzip.compress(b"", mtime=0)[:10], spaces, crc


DAMAGE: dict[str, Callable[[bytes, str | None], Script]] = {
    "bomb": _bomb,
    "chunked-cut": _chunked_cut,
    "chunked-early": _chunked_early,
    "drip": _drip,
    "endless": _endless,
    "gzip-cut": _gzip_cut,
    "gzip-tail": _gzip_tail,
    "hang": _hang,
    "no-date": _no_date,
    "reset": _reset,
    "reset-body": _reset_body,
    "truncate": _truncate,
    "truncate-long": _truncate_long,
    "truncate-none": _truncate_none,
    "truncate-short": _truncate_short,
}
