"""As much JQL as the mock needs: what is broken, the order, and bounds on `created`.

Any other clause (`project = OPS`, `text ~ "x"`, `id in (1, 2)`) matches every issue. `ORDER BY created`, `id` or `key`
is the order of the rows, with DESC reversed as a whole, ties too; any other order is that of the rows. A bound is
`created >= 1732877091000` (or `>`, `<`, `<=`; milliseconds since 1970) that is joined by AND all the way up.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.corpus import first_from

if TYPE_CHECKING:
    from asyncjira.mock.corpus import Rows

__all__ = ["BrokenQuery", "Found", "find"]

_TOKEN = re.compile(
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    | (?P<compare>!=|!~|<=|>=|[=<>~]) | (?P<broken>["'].*) | (?P<word>[^\s()=!<>~,"']+) | (?P<stray>!)""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = {"and": "join", "or": "join", "&&": "join", "||": "join", "in": "compare", "is": "compare", "not": "not"}
# What may follow what; "end" is the end of the query or of its where-clause.
_AFTER = {
    "start": {"word", "value", "open", "not", "end"},
    "open": {"word", "value", "open", "close", "not"},
    "join": {"word", "value", "open", "not"},
    "not": {"word", "value", "open", "compare"},
    "compare": {"word", "value", "open", "not"},
    "comma": {"word", "value"},
    "word": {"word", "value", "open", "close", "comma", "compare", "join", "not", "end"},
    "value": {"word", "close", "comma", "compare", "join", "not", "end"},
    "close": {"word", "close", "comma", "join", "end"},
}
_ORDERED = {"created", "createddate", "id", "key", "issuekey"}
_FORWARD = 1 << 62


class BrokenQuery(Exception):
    """The query is not JQL; the message is what Jira would say."""


class Found(NamedTuple):
    """The issues that a query matches: rows `first` to before `last`, in reverse if `descending`."""

    first: int
    last: int
    descending: bool


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def find(jql: str, rows: Rows) -> Found:
    """Return which rows a query matches. Raises BrokenQuery."""
    tokens = _tokens(jql)
    words = [token.text.lower() for token in tokens]
    cut = next((at for at, pair in enumerate(pairwise(words)) if pair == ("order", "by")), len(tokens))
    _check(tokens[:cut], tokens[cut].text if cut < len(tokens) else "end of query", len(jql))
    low, high = _bounds(tokens[:cut])
    first, last = first_from(rows, low), first_from(rows, high)
    return Found(first, max(first, last), _descending(words[cut + 2 :]))


def _tokens(jql: str) -> list[_Token]:
    tokens = [_Token(_kind(match), match.group(), match.start()) for match in _TOKEN.finditer(jql)]
    for token in tokens:
        if token.kind == "broken":
            _refuse(f"The quoted string {token.text[1:]!r} has not been completed.", token.at)
        if token.kind == "stray":
            _refuse("Expecting operator but got '!'.", token.at)
    return tokens


def _kind(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return _KEYWORDS.get(match.group().lower(), kind) if kind == "word" else kind


def _check(tokens: list[_Token], end: str, length: int) -> None:
    before, depth = "start", 0
    for token in [*tokens, _Token("end", end, length)]:
        if token.kind not in _AFTER[before]:
            wanted = "either a value, list or function" if before == "compare" else "a field, an operator or a clause"
            _refuse(f"Expecting {wanted} but got '{token.text}'.", token.at)
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0 or (token.kind == "end" and depth):
            _refuse(f"Expecting a pair of parentheses but got '{token.text}'.", token.at)
        before = token.kind


def _refuse(words: str, at: int) -> None:
    raise BrokenQuery(f"Error in the JQL Query: {words} (line 1, character {at + 1})")


def _bounds(tokens: list[_Token]) -> tuple[int, int]:
    """Return from which moment on, and until before which, every match was created."""
    groups: list[list[tuple[str, int]]] = [[]]
    free = [True]  # of each open group: joined by AND only, and not negated
    for before, token, after, last in zip(
        [None, *tokens], tokens, [*tokens[1:], None], [*tokens[2:], None, None], strict=False
    ):
        if token.kind == "open":
            groups.append([])
            free.append(before is None or before.kind in {"open", "join"})
        elif token.kind == "close" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] += inner if free.pop() else []
        elif token.text.lower() in {"or", "||"}:
            free[-1] = False
        elif token.text.lower() == "created" and (before is None or before.kind in {"open", "join"}) and after and last:
            groups[-1] += [(after.text, int(last.text))] if last.kind == "word" and last.text.isdecimal() else []
    bounds = groups[0] if free[0] else []
    low = [moment + (sign == ">") for sign, moment in bounds if sign in {">", ">="}]
    high = [moment + (sign == "<=") for sign, moment in bounds if sign in {"<", "<="}]
    return max(low, default=-_FORWARD), min(high, default=_FORWARD)


def _descending(order: list[str]) -> bool:
    return len(order) > 1 and order[0] in _ORDERED and order[1] == "desc"
