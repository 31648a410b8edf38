r"""The slow and exact way to cut a page into its issues, for legal JSON that the fast parser refuses.

msgspec refuses an unpaired surrogate escape (`"\ud83d"`), which Jira stores when a text was cut in the middle of an
emoji. The standard library's scanner accepts it and says where each value ends, which is all that cutting needs.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["elements", "members", "slices"]

_SPACE = re.compile(r"[ \t\r\n]*")  # https://www.rfc-editor.org/rfc/rfc8259#section-2
_LONGEST_INTEGER = 19  # digits of 2**63; longer ones stay text, since int() of thousands of digits is refused


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


_SCANNER = json.JSONDecoder(
    parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_INTEGER else digits,
    parse_constant=_refuse,
)


def slices(text: str) -> tuple[dict[str, Any], list[str]]:
    """Return the members of the object that is `text`, and the exact text of each element of its array `issues`.

    Raises ValueError, or RecursionError where it is nested too deep, for anything but one JSON object.
    """
    found: dict[str, Any] = {}
    issues: list[str] = []
    at, more = _enter(text, _skip(text, 0), "{}")
    while more:
        _expect(text, at, '"')
        key, at = _SCANNER.raw_decode(text, at)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if key == "issues" and text.startswith("[", at):
            found[key] = issues = []
            at = _cut(text, at, issues)
        else:
            found[key], at = _SCANNER.raw_decode(text, at)
        at, more = _after(text, at, "}")
    _check_end(text, at, "object")
    return found, issues


def members(text: str) -> dict[str, str]:
    """Return the exact text of each member of the object that is `text`. Raises as `slices` does."""
    found: dict[str, str] = {}
    at, more = _enter(text, _skip(text, 0), "{}")
    while more:
        _expect(text, at, '"')
        key, at = _SCANNER.raw_decode(text, at)
        start = _skip(text, _expect(text, _skip(text, at), ":"))
        _, at = _SCANNER.raw_decode(text, start)
        found[key] = text[start:at]
        at, more = _after(text, at, "}")
    _check_end(text, at, "object")
    return found


def elements(text: str) -> list[str]:
    """Return the exact text of each element of the array that is `text`. Raises as `slices` does."""
    found: list[str] = []
    _check_end(text, _cut(text, _skip(text, 0), found), "array")
    return found


def _cut(text: str, at: int, issues: list[str]) -> int:
    at, more = _enter(text, at, "[]")
    while more:
        start = at
        _, at = _SCANNER.raw_decode(text, start)
        issues.append(text[start:at])
        at, more = _after(text, at, "]")
    return at


def _check_end(text: str, at: int, what: str) -> None:
    if _skip(text, at) != len(text):
        raise ValueError(f"something follows the {what} at character {at}")


def _enter(text: str, at: int, brackets: str) -> tuple[int, bool]:
    at = _skip(text, _expect(text, at, brackets[0]))
    return (at + 1, False) if text.startswith(brackets[1], at) else (at, True)


def _after(text: str, at: int, end: str) -> tuple[int, bool]:
    at = _skip(text, at)
    return (at + 1, False) if text.startswith(end, at) else (_skip(text, _expect(text, at, ",")), True)


def _expect(text: str, at: int, char: str) -> int:
    if not text.startswith(char, at):
        raise ValueError(f"{char!r} expected at character {at}")
    return at + 1


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere, if only nothing
