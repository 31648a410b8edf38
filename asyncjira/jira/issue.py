"""One issue as a Python object, for those who ask for one."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from asyncjira.errors import ProtocolError

__all__ = ["to_object"]

_OBJECT = msgspec.json.Decoder(dict[str, Any])


def to_object(issue: bytes) -> dict[str, Any]:
    """Return the object that the bytes of an issue stand for.

    Integers are exact at any size (orjson would turn those beyond 64 bits into floats without a sign). What msgspec
    refuses although it is legal (an unpaired surrogate, `1e400`) is read by the standard library.
    """
    try:
        return _OBJECT.decode(issue)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return dict(json.loads(bytes(issue)))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(
            f"an issue cannot be turned into an object ({error}): take its bytes from pages()"
        ) from None
