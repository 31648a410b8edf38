"""Page tokens of Cloud: opaque text for the client; for the mock, where a listing goes on, and of which query."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import NamedTuple

import msgspec

__all__ = ["START", "BadToken", "PageToken", "Position", "decode", "encode"]


class BadToken(Exception):
    """The text is no token of this mock."""


class Position(NamedTuple):
    """Where a page begins: at row `offset` of those that match, or behind a row.

    Behind a row means: behind all that was created before it, and behind the issues `ids` of the same `second`. That
    stays right whatever happens to other issues, and to their keys, meanwhile.
    """

    offset: int = 0
    second: int | None = None
    ids: tuple[str, ...] = ()


START = Position()


class PageToken(NamedTuple):
    """A position in the answer to `query`, a digest; the `nonce` makes another token of the same position."""

    query: str
    position: Position
    nonce: int = 0


_DECODER = msgspec.json.Decoder(PageToken)


def encode(token: PageToken) -> str:
    """Return a token as text. It may hold `+`, `/` and `=`, which a URL must escape."""
    payload = msgspec.json.encode(token)
    return base64.b64encode(_sum(payload) + payload).decode()


def decode(text: str) -> PageToken:
    """Read a token. Raises BadToken."""
    try:
        packed = base64.b64decode(text, validate=True)
        if packed[:4] != _sum(packed[4:]):
            raise BadToken
        return _DECODER.decode(packed[4:])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadToken from None


def _sum(payload: bytes) -> bytes:
    return zlib.crc32(payload).to_bytes(4, "big")
