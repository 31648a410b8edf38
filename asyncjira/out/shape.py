"""What an output looks like: one issue a line or one JSON array, plain or compressed; told by the name of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import msgspec

from asyncjira.errors import ConfigError

__all__ = ["Encoder", "Shape"]

Form = Literal["ndjson", "json"]
_INDENT = 4  # as the loop that every tutorial shows: json.dumps(tickets, indent=4)


@dataclass(frozen=True, slots=True)
class Shape:
    """`form` of the output, its `compression` ("", "gz" or "zst"), and whether the array is pretty-printed."""

    form: Form = "ndjson"
    compression: str = ""
    indent: bool = False

    def __post_init__(self) -> None:
        if self.indent and self.form != "json":
            raise ConfigError("--indent needs one JSON array: name the output *.json, or add --format json")

    @classmethod
    def of(cls, path: str, form: Form | None = None, *, indent: bool = False) -> Shape:
        """Read the shape off the suffixes of `path`: `.json` is an array, anything else lines; then `.gz` or `.zst`."""
        suffixes = PurePath(path).suffixes
        compression = suffixes.pop()[1:].lower() if suffixes and suffixes[-1].lower() in (".gz", ".zst") else ""
        named: Form = "json" if suffixes and suffixes[-1].lower() == ".json" else "ndjson"
        return cls(form or named, compression, indent)


class Encoder:
    """Puts issues into the form, a page at a time. Their bytes stay as they are, but for what follows.

    A raw line break can only stand between the tokens of an issue (JSON escapes it inside of strings), and is left out;
    `indent` sets the white space between tokens anew, except on a page with an unpaired surrogate escape. `is_first`
    tells that no issue stands before them.
    """

    def __init__(self, shape: Shape, *, is_first: bool = True) -> None:
        self._shape, self._is_first = shape, is_first
        self._between = b"\n" if shape.form == "ndjson" else b",\n"

    def page(self, issues: Sequence[bytes]) -> bytes:
        """Return the bytes that `issues`, at least one, add to the output."""
        if self._shape.form == "ndjson":
            return _joined([*issues, b""], self._between)
        return self._added(_indented(issues) if self._shape.indent else _joined(issues, self._between))

    def rows(self, rows: Sequence[bytes]) -> bytes:
        """Return what issues add that have the form already, as `row` returns them: their bytes and what joins them."""
        if self._shape.form == "ndjson":
            return self._between.join([*rows, b""])
        return self._added(self._between.join(rows))

    def row(self, issue: bytes) -> bytes:
        """Return an issue as it stands in the output, without what stands between it and its neighbours."""
        return _indented([issue]) if self._shape.indent else _joined([issue], self._between)

    def _added(self, joined: bytes) -> bytes:
        begin = b"[\n" if self._is_first else self._between
        self._is_first = False
        return begin + joined

    def end(self) -> bytes:
        """Return what closes the output."""
        if self._shape.form == "ndjson":
            return b""
        return b"[]\n" if self._is_first else b"\n]\n"


def _indented(issues: Sequence[bytes]) -> bytes:
    try:
        pretty = msgspec.json.format(b"[" + b",".join(issues) + b"]", indent=_INDENT)
    except msgspec.DecodeError:  # it refuses an unpaired surrogate, which is legal: better plain than not at all
        return _joined(issues, b",\n")
    return pretty[2:-2]  # without its own brackets and their line breaks


def _joined(issues: Sequence[bytes], between: bytes) -> bytes:
    joined = between.join(issues)
    if b"\r" in joined or _has_more_breaks(joined, between.count(b"\n") * (len(issues) - 1)):
        return between.join(issue.translate(None, b"\r\n") for issue in issues)
    return joined


def _has_more_breaks(block: bytes, count: int) -> bool:
    at, find = -1, block.find  # of one byte, in long lines, it is six times as fast as bytes.count
    for _ in range(count + 1):
        at = find(b"\n", at + 1)
        if at < 0:
            return False
    return True
