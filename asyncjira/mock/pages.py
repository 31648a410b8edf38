"""Pages of issues as bytes, rendered once and kept: a benchmark must measure the client, not the mock."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.query import Found

if TYPE_CHECKING:
    from asyncjira.mock.corpus import Rows
    from asyncjira.mock.selection import Selection

__all__ = ["Ask", "Page", "Pages"]

_KEPT = 256 << 20  # bytes of bodies kept: 4,000 pages of a hundred issues when gzip is asked for, 400 when not
_GZIP_LEVEL = 1  # a page is compressed when it is first asked for, and that should not be what takes the time


class Ask(NamedTuple):
    """One page asked for: of which issues, from where, how many, and what of each."""

    found: Found
    start: int
    size: int
    selection: Selection


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of a page. The numbers are JSON texts, so that a fault can put anything there; None leaves it out."""

    start: bytes
    size: bytes
    total: bytes | None
    issues: bytes
    rest: bytes

    @property
    def body(self) -> bytes:
        """The bytes of the whole page."""
        total = b"" if self.total is None else b'"total":%b,' % self.total
        return b'{"expand":"names,schema","startAt":%b,"maxResults":%b,%b"issues":[%b]%b}' % (
            *(self.start, self.size, total),
            *(self.issues, self.rest),
        )


class Pages:
    """Renders pages of `rows`, and remembers their bodies."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._kept: OrderedDict[tuple[Ask, bool], bytes] = OrderedDict()
        self._bytes = 0

    def page(self, ask: Ask) -> Page:
        """Render a page in parts."""
        found = range(ask.found.first, ask.found.last)[:: -1 if ask.found.descending else 1]
        asked = found[ask.start : ask.start + ask.size]
        issues = b",".join([self.rows.row(number, ask.selection) for number in asked])
        total = b"%d" % len(found)
        return Page(b"%d" % ask.start, b"%d" % ask.size, total, issues, _rest(ask.selection))

    def body(self, ask: Ask, *, gzipped: bool = False) -> bytes:
        """Return the bytes of a page, kept from last time if there is room."""
        key = (ask, gzipped)
        if (body := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return body
        body = self.page(ask).body
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0) if gzipped else body
        self._kept[key] = body
        self._bytes += len(body)
        while self._bytes > _KEPT:
            self._bytes -= len(self._kept.popitem(last=False)[1])
        return body


@lru_cache(64)
def _rest(selection: Selection) -> bytes:
    """Return what `expand=names` and `expand=schema` add to a page: they stand beside the issues, not in them."""
    fields = [CATALOGUE[name] for name in selection.fields]
    names, schema = {field.id: field.name for field in fields}, {field.id: field.schema for field in fields}
    parts: dict[str, Any] = {"names": names, "schema": schema}
    asked = (name for name in parts if name in selection.expand)
    return b"".join(b',"%b":%b' % (name.encode(), orjson.dumps(parts[name])) for name in asked)
