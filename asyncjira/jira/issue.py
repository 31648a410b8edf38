"""One issue as a Python object, for those who ask for one."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from asyncjira.errors import ProtocolError

__all__ = ["to_object", "to_value"]

_OBJECT, _VALUE = msgspec.json.Decoder(dict[str, Any]), msgspec.json.Decoder(Any)


def to_object(issue: bytes) -> dict[str, Any]:
    """Return the object that the bytes of an issue stand for.

    Integers are exact at any size (orjson would turn those beyond 64 bits into floats without a sign). What msgspec
    refuses although it is legal (an unpaired surrogate, `1e400`) is read by the standard library.
    """
    try:
        return _OBJECT.decode(issue)
    except (msgspec.DecodeError, RecursionError):
        return dict(_read_slowly(issue, "an issue"))


def to_value(item: bytes) -> Any:
    """Return what the bytes of an item of any list stand for, read as `to_object` reads: most are objects."""
    try:
        return _VALUE.decode(item)
    except (msgspec.DecodeError, RecursionError):
        return _read_slowly(item, "an item")


def _read_slowly(text: bytes, what: str) -> Any:
    try:
        return json.loads(bytes(text))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"{what} cannot be turned into an object ({error}): take its bytes from pages()") from None
