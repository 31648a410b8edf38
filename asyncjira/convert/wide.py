"""The wide table: one column a field, of a type that fits what stands there in every issue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import msgspec

from asyncjira.convert.columns import FRONT, Column, Kind, Row
from asyncjira.convert.envelope import front, moment_of
from asyncjira.convert.issue import Issue
from asyncjira.errors import printable

__all__ = ["Wide"]

_Place = tuple[bool, str]  # whether it stands beside the fields, and the name
_IN_FRONT = {"created", "updated", "labels"}  # columns of the envelope that hold all of a field
_TIME = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}"')  # as Jira writes it: nothing gets lost
_DATE = re.compile(rb'"\d{4}-\d\d-\d\d"')
_WHOLE = re.compile(rb"-?\d+")
_EXACT = 2**53  # up to here a double holds every whole number
_USUAL: dict[str, Kind] = {  # where no issue has a value: of these fields the type is known
    "duedate": "date",
    "lastViewed": "time",
    "resolutiondate": "time",
    "statuscategorychangedate": "time",
}
_LONGEST_NAME = 200


class Wide:
    """Rows with the front of the envelope, then a column for each field, and for what stands beside the fields.

    Let it `see` every issue, and call `settle` before the first row. Columns come by the names of their fields. One
    whose name is taken, as `status` is by its name alone, is called `fields_status`. Values of one type make a column
    of that type; where it changes, or is an object or an array, they are JSON.
    """

    columns: tuple[Column, ...] = FRONT

    def __init__(self, odd: Counter[str]) -> None:
        self._odd = odd
        self._kinds: dict[_Place, Kind | None] = {}
        self._reads: list[tuple[_Place, Callable[[bytes], Any]]] = []

    def see(self, issue: Issue) -> None:
        """Learn which fields there are, and of what type."""
        for place, value in _values(issue):
            kind, known = _kind(bytes(value)), self._kinds.setdefault(place, None)
            if kind is not None and kind != known:
                self._kinds[place] = kind if known is None else _either(kind, known)

    def settle(self) -> None:
        """Fix the columns."""
        taken, columns = {"", *(column.name for column in FRONT)}, list(FRONT)  # no column is called ""
        for place in sorted(self._kinds):
            name = printable(place[1], _LONGEST_NAME)
            while name.casefold() in taken:  # in SQL, names that differ in case are the same
                name = f"fields_{name}"
            taken.add(name.casefold())
            kind = self._kinds[place] or _USUAL.get(place[1], "json")
            columns.append(Column(name, kind))
            self._reads.append((place, _READ[kind]))
        self.columns = tuple(columns)

    def row(self, issue: Issue) -> Row:
        """Return one value for each column."""
        values = {place: bytes(value) for place, value in _values(issue)}
        further = [None if (value := values.get(at)) in (None, b"null") else read(value) for at, read in self._reads]
        return [*front(issue, self._odd), *further]


def _values(issue: Issue) -> Iterable[tuple[_Place, msgspec.Raw]]:
    for name, value in issue.values().items():
        if name not in _IN_FRONT:
            yield (False, name), value
    for name, value in issue.beside.items():
        yield (True, name), value


def _kind(value: bytes) -> Kind | None:
    """Return the narrowest kind of a value; None for null."""
    first = value[:1]
    if first == b'"':
        return _kind_of_text(value)
    if first in b"{[":
        return "json"
    if first == b"n":
        return None
    if first in b"tf":
        return "flag"
    if _WHOLE.fullmatch(value):  # a huge one is not even turned into a number
        return "number" if len(value) < 20 and abs(int(value)) <= _EXACT else "json"
    return "number" if abs(float(value)) < float("inf") else "json"


def _kind_of_text(value: bytes) -> Kind:
    if _TIME.fullmatch(value) and moment_of(value[1:-1].decode()) is not None:
        return "time"
    return "date" if _DATE.fullmatch(value) and _is_date(value[1:-1].decode()) else "text"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _either(one: Kind, other: Kind) -> Kind:
    return "text" if {one, other} <= {"text", "time", "date"} else "json"


_READ: dict[Kind, Callable[[bytes], Any]] = {
    "text": msgspec.json.Decoder(str).decode,
    "time": lambda value: moment_of(value[1:-1].decode()),
    "date": lambda value: value[1:-1].decode(),
    "number": float,
    "flag": lambda value: value == b"true",
    "json": bytes.decode,
}
