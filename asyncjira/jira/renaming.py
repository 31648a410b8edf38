"""Other keys for the fields of an issue, in its bytes: values are neither read nor written anew."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import orjson

__all__ = ["Renaming"]

# A string with its quotes and, where it is a key, the colon behind it; or a bracket outside of strings. Nothing else
# tells how deep a key stands. https://www.rfc-editor.org/rfc/rfc8259#section-2
_TOKEN = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")(?:[ \t\r\n]*+(:))?|[\[\]{}]', re.DOTALL)
_BRACKET, _KEY = None, 2  # the last group that has matched
# What else speaks of fields (changelog, editmeta, versionedRepresentations) does so by their ids.
_OF_FIELDS = frozenset({"fields", "renderedFields"})


class Renaming:
    """Gives fields other `keys`, by their ids; what is not among these keeps the key that it has.

    Keys that are different stay different: an issue that has one of the new keys already stays as it is.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._spelled = {field: orjson.dumps(key) for field, key in keys.items() if key != field}
        self._new = frozenset(key for field, key in keys.items() if key != field)

    def issue(self, issue: bytes) -> bytes:
        """Return the bytes of an issue, which are JSON, with the new keys in its `fields` and `renderedFields`."""
        if not self._spelled:
            return issue
        pieces: list[bytes] = []
        done = depth = 0
        is_of_fields = False
        for token in _TOKEN.finditer(issue):
            kind = token.lastindex
            if kind is _BRACKET:
                depth += 1 if token[0] in b"{[" else -1
            elif kind == _KEY and depth == 1:
                is_of_fields = _text(token[1]) in _OF_FIELDS
            elif kind == _KEY and depth == 2 and is_of_fields:
                field = _text(token[1])
                if (key := self._spelled.get(field)) is not None:
                    pieces += issue[done : token.start()], key
                    done = token.end(1)
                elif field in self._new:
                    return issue
        return b"".join([*pieces, issue[done:]]) if pieces else issue


def _text(key: bytes) -> str:
    return str(json.loads(key)) if b"\\" in key else key[1:-1].decode()
