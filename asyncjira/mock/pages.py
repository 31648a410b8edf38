"""Pages of issues as bytes, rendered once and kept: a benchmark must measure the client, not the mock."""

from __future__ import annotations

import gzip
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncjira.mock.corpus import Corpus, Rows
    from asyncjira.mock.living import Living, Slice
    from asyncjira.mock.query import Bounds
    from asyncjira.mock.selection import Selection

__all__ = ["Ask", "ChangingPages", "Page", "Pages", "names_and_schema", "rows_within"]

_GZIP_LEVEL = 1  # a page is compressed when it is first asked for, and that should not be what takes the time


class Ask(NamedTuple):
    """One page asked for: of which issues, from where, how many, and what of each; no rows from `window` on."""

    bounds: Bounds
    start: int
    size: int
    selection: Selection
    window: int | None = None

    @property
    def rows(self) -> slice:
        """Where the rows of the page stand among all that match."""
        end = self.start + self.size
        return slice(self.start, end if self.window is None else max(self.start, min(end, self.window)))


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of a page. The numbers are JSON texts, so that a fault can put anything there; None leaves it out."""

    start: bytes
    size: bytes
    total: bytes | None
    issues: Sequence[bytes]
    rest: bytes

    @property
    def body(self) -> bytes:
        """The bytes of the whole page."""
        total = b"" if self.total is None else b'"total":%b,' % self.total
        return b'{"expand":"names,schema","startAt":%b,"maxResults":%b,%b"issues":[%b]%b}' % (
            *(self.start, self.size, total),
            *(b",".join(self.issues), self.rest),
        )


class Pages:
    """Renders pages of `rows`, and remembers their bodies."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._within = lru_cache(16)(partial(rows_within, rows))
        self._kept = Kept[bytes](len)

    def __len__(self) -> int:
        return len(self.rows)

    def every(self, selection: Selection) -> Iterator[bytes]:
        """Yield the bytes of every issue, in order."""
        return (self.rows.row(number, selection) for number in range(len(self.rows)))

    def turn(self, bounds: Bounds) -> None:
        """Begin a search: the pages until the next one belong to it. Here nothing changes."""

    def page(self, ask: Ask) -> Page:
        """Render a page in parts."""
        found = self._within(ask.bounds)
        return _page(ask, [self.rows.row(number, ask.selection) for number in found[ask.rows]], len(found))

    def ids(self, ask: Ask) -> list[str]:
        """Return the ids of the issues of a page."""
        return [self.rows.issue_id(number) for number in self._within(ask.bounds)[ask.rows]]

    def body(self, ask: Ask, *, gzipped: bool = False) -> bytes:
        """Return the bytes of a page, kept from last time if there is room."""
        return self._kept.get((ask, gzipped), lambda: self._rendered(ask, gzipped=gzipped))

    def _rendered(self, ask: Ask, *, gzipped: bool) -> bytes:
        body = self.page(ask).body
        return gzip.compress(body, _GZIP_LEVEL, mtime=0) if gzipped else body


class ChangingPages(Pages):
    """Renders pages of issues that change: those of `living` as of its latest turn, with the text of a corpus."""

    def __init__(self, living: Living, corpus: Corpus) -> None:
        super().__init__(corpus)
        self._living, self._corpus = living, corpus

    def __len__(self) -> int:
        return len(self._living.view)

    def every(self, selection: Selection) -> Iterator[bytes]:
        """Yield the bytes of every issue that matches now, in order."""
        return (self._corpus.show(record, selection) for record in self._living.view)

    def turn(self, bounds: Bounds) -> None:
        """Begin a search: let happen what is due before it."""
        self._living.turn(bounds)

    def page(self, ask: Ask) -> Page:
        """Render a page in parts."""
        found = self._read(ask)
        return _page(ask, [self._corpus.show(record, ask.selection) for record in found.records], found.total)

    def ids(self, ask: Ask) -> list[str]:
        """Return the ids of the issues of a page."""
        return [record.id for record in self._read(ask).records]

    def _read(self, ask: Ask) -> Slice:
        return self._living.read(ask.bounds, ask.start, ask.rows.stop - ask.start)

    def body(self, ask: Ask, *, gzipped: bool = False) -> bytes:
        """Return the bytes of a page, made anew."""
        return self._rendered(ask, gzipped=gzipped)


def rows_within(rows: Rows, bounds: Bounds) -> Sequence[int]:
    """Return the numbers of the rows that lie within the bounds, in their order."""
    everything = range(len(rows))
    low, high = bounds.created_from, bounds.created_before
    first = 0 if low is None else bisect_left(everything, low, key=rows.created)
    last = len(rows) if high is None else bisect_left(everything, high, key=rows.created)
    found: Sequence[int] = everything[first : max(first, last)]
    if (since := bounds.updated_since) is not None:
        found = [number for number in found if rows.updated(number) >= since]
    return found[::-1] if bounds.descending else found


def _page(ask: Ask, issues: list[bytes], total: int) -> Page:
    return Page(b"%d" % ask.start, b"%d" % ask.size, b"%d" % total, issues, names_and_schema(ask.selection))


@lru_cache(64)
def names_and_schema(selection: Selection) -> bytes:
    """Return what `expand=names` and `expand=schema` add to a page: they stand beside the issues, not in them."""
    fields = [CATALOGUE[name] for name in selection.fields]
    names, schema = {field.id: field.name for field in fields}, {field.id: field.schema for field in fields}
    parts: dict[str, Any] = {"names": names, "schema": schema}
    asked = (name for name in parts if name in selection.expand)
    return b"".join(b',"%b":%b' % (name.encode(), orjson.dumps(parts[name])) for name in asked)
