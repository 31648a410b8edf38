"""The compressors behind `.gz` and `.zst`, and the way back."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import Any, BinaryIO, Protocol, cast

from asyncjira.errors import ConfigError

__all__ = ["Compressor", "compressor", "unpacked"]

_GZIP = 16 + zlib.MAX_WBITS  # zlib's sign for the gzip format: https://docs.python.org/3/library/zlib.html
_GZIP_LEVEL = 1  # of real issues level 6 makes a third less, at three times the CPU: a pull would wait for it
_ZSTD_LEVEL = 3  # zstd's own default


class Compressor(Protocol):
    """Bytes in, fewer bytes out, some of them later."""

    def compress(self, block: bytes, /) -> bytes:
        """Take `block`, and return what is ready."""

    def flush(self) -> bytes:
        """Return the rest."""


class _Plain:
    def compress(self, block: bytes, /) -> bytes:
        return block

    def flush(self) -> bytes:
        return b""


def compressor(name: str) -> Compressor:
    """Return the compressor for a suffix: "", "gz" or "zst". Raises ConfigError where it is not installed."""
    if name == "gz":
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    if name == "zst":
        return cast(Compressor, _zstd().ZstdCompressor(level=_ZSTD_LEVEL))
    return _Plain()


def unpacked(name: str, file: BinaryIO) -> BinaryIO:
    """Return a file to read what went into the compressor for a suffix, whose output `file` holds."""
    if name == "gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if name == "zst":
        return cast(BinaryIO, _zstd().ZstdFile(file))
    return file


def _zstd() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise ConfigError("writing .zst needs one more package: pip install 'asyncjira[zstd]'") from None
    return zstd
