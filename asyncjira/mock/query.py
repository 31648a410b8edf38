"""As much JQL as the mock needs: what is broken, the order, and bounds on `created` and `updated`.

Any other clause (`project = OPS`, `text ~ "x"`, `id in (1, 2)`) matches every issue. `ORDER BY created`, `id` or `key`
is the order of the rows, with DESC reversed as a whole, ties too; any other order is that of the rows. A bound is
`created >= 1732877091000` (or `>`, `<`, `<=`; `updated` knows `>=` and `>`; milliseconds since 1970) that is joined by
AND all the way up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

__all__ = ["EVERYTHING", "NOTHING", "Bounds", "BrokenQuery", "Outline", "outline", "read"]

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


class BrokenQuery(Exception):
    """The query is not JQL; the message is what Jira would say."""


class Bounds(NamedTuple):
    """Which issues, and in which order: created at `created_from` or later, before `created_before`; updated since.

    All in milliseconds since 1970; None is no bound.
    """

    created_from: int | None = None
    created_before: int | None = None
    updated_since: int | None = None
    descending: bool = False


class Outline(NamedTuple):
    """Whether a query has any condition, and by how many fields it is ordered."""

    is_bounded: bool
    order_fields: int


EVERYTHING = Bounds()
NOTHING = Bounds(created_before=-1 << 62)


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@lru_cache(64)  # a query may be megabytes long
def read(jql: str) -> Bounds:
    """Return which issues a query matches. Raises BrokenQuery."""
    tokens = _tokens(jql)
    words = [token.text.lower() for token in tokens]
    cut = _cut(words)
    _check(tokens[:cut], tokens[cut].text if cut < len(tokens) else "end of query", len(jql))
    return _bounds(tokens[:cut])._replace(descending=_descending(words[cut + 2 :]))


@lru_cache(64)
def outline(jql: str) -> Outline:
    """Return what Cloud looks at before it reads a query. Raises BrokenQuery."""
    words = [token.text.lower() for token in _tokens(jql)]
    order = words[_cut(words) + 2 :]
    return Outline(_cut(words) > 0, order.count(",") + 1 if order else 0)


def _cut(words: list[str]) -> int:
    """Return where the ORDER BY begins, or where the query ends."""
    return next((at for at, pair in enumerate(pairwise(words)) if pair == ("order", "by")), len(words))


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


def _bounds(tokens: list[_Token]) -> Bounds:
    conditions = _joined_by_and(tokens)
    low = [moment + (sign == ">") for name, sign, moment in conditions if name == "created" and sign in {">", ">="}]
    high = [moment + (sign == "<=") for name, sign, moment in conditions if name == "created" and sign in {"<", "<="}]
    since = [moment + (sign == ">") for name, sign, moment in conditions if name == "updated" and sign in {">", ">="}]
    return Bounds(max(low, default=None), min(high, default=None), max(since, default=None))


def _joined_by_and(tokens: list[_Token]) -> list[tuple[str, str, int]]:
    """Return field, operator and moment of the conditions on a time that every match fulfils."""
    groups: list[list[tuple[str, str, int]]] = [[]]
    free = [True]  # of each open group: joined by AND only, and not negated
    for before, token, after, last in zip(
        [None, *tokens], tokens, [*tokens[1:], None], [*tokens[2:], None, None], strict=False
    ):
        name, first = token.text.lower(), before is None or before.kind in {"open", "join"}
        if token.kind == "open":
            groups.append([])
            free.append(first)
        elif token.kind == "close" and len(groups) > 1:
            inner = groups.pop()
            groups[-1] += inner if free.pop() else []
        elif name in {"or", "||"}:
            free[-1] = False
        elif name in {"created", "updated"} and first and after and last:
            groups[-1] += [(name, after.text, int(last.text))] if last.kind == "word" and last.text.isdecimal() else []
    return groups[0] if free[0] else []


def _descending(order: list[str]) -> bool:
    return len(order) > 1 and order[0] in _ORDERED and order[1] == "desc"
