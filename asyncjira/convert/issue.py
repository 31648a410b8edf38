"""One line of an output, as far as a table needs it: an issue whose values are still the bytes of Jira."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import msgspec

__all__ = ["Issue", "read_issue"]

Raws = dict[str, msgspec.Raw]
_OBJECT = msgspec.json.Decoder(Raws)
_BESIDE = {"id", "key", "self", "expand", "fields"}  # self and expand tell of the request, and nothing of the issue
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


class Issue(NamedTuple):
    """An issue: its `id` and `key`, the JSON of its `fields` (None where it has none), and what stands `beside` them.

    `is_mended`: half a character (an unpaired surrogate, which is legal JSON, and which no table takes) became U+FFFD.
    """

    id: str
    key: str | None
    fields: bytes | None
    beside: Raws
    is_mended: bool = False

    def values(self) -> Raws:
        """Return the JSON of each field by its name; none where `fields` is no object."""
        return _OBJECT.decode(self.fields) if self.fields and self.fields.startswith(b"{") else {}


def read_issue(line: bytes) -> Issue | None:
    """Return the issue that a line holds, None where it is a tombstone. Raises ValueError where it is neither."""
    mended = _ESCAPE.sub(_whole, line) if _HALF.search(line) else line
    try:
        found = _OBJECT.decode(mended)
    except msgspec.ValidationError:
        raise ValueError("it is no JSON object") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    number = json.loads(bytes(found["id"])) if "id" in found else None
    if not isinstance(number, str | int) or isinstance(number, bool):
        raise ValueError("it has no id")
    line.decode()  # what is no UTF-8 raises a ValueError; the parser does not look into what it only cuts out
    fields = bytes(found["fields"]) if "fields" in found else None
    if fields is None and "deleted" in found:
        return None
    key = json.loads(bytes(found["key"])) if "key" in found else None
    return Issue(
        id=str(number),
        key=key if isinstance(key, str) else None,
        fields=None if fields == b"null" else fields,
        beside={name: value for name, value in found.items() if name not in _BESIDE},
        is_mended=mended != line,
    )


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]
