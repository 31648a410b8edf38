"""Pages of Cloud's search: issues, a token for the next page, and no number of anything."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.pages import names_and_schema
from asyncjira.mock.tokens import START, PageToken, Position, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncjira.mock.issues import Issues
    from asyncjira.mock.query import Bounds
    from asyncjira.mock.selection import Selection

__all__ = ["ListAsk", "ListPage", "Listing"]

_TOKENS_KEPT = 64  # of each query, more than a token goes back
_QUERIES_KEPT = 1000


class ListAsk(NamedTuple):
    """One page asked for: of which issues, from where, how many, what of each, and the digest of the whole query."""

    bounds: Bounds
    position: Position
    size: int
    selection: Selection
    digest: str
    nonce: int = 0


@dataclass(frozen=True, slots=True)
class ListPage:
    """The parts of a page, so that a fault can change them; None leaves a part out. `rest` is JSON behind a comma."""

    issues: Sequence[bytes]
    token: str | None
    is_last: bool | None
    rest: bytes = b""

    @property
    def body(self) -> bytes:
        """The bytes of the whole page."""
        token = b"" if self.token is None else b',"nextPageToken":"%b"' % self.token.encode()
        last = b"" if self.is_last is None else b',"isLast":true' if self.is_last else b',"isLast":false'
        return b'{"issues":[%b]%b%b%b}' % (b",".join(self.issues), token, last, self.rest)


class Listing:
    """Renders pages of `issues`, and remembers which tokens it gave for a query, by its digest."""

    def __init__(self, issues: Issues) -> None:
        self._issues = issues
        self._given: OrderedDict[str, list[str]] = OrderedDict()

    def page(self, ask: ListAsk) -> ListPage:
        """Render a page in parts."""
        records, end = self._issues.portion(ask.bounds, ask.position, ask.size)
        issues = [self._issues.show(record, ask.selection) for record in records]
        token = None if end is None else encode(PageToken(ask.digest, end))
        return ListPage(issues, token, token is None, names_and_schema(ask.selection))

    def ids(self, ask: ListAsk) -> list[str]:
        """Return the ids of the issues of a page."""
        return [record.id for record in self._issues.portion(ask.bounds, ask.position, ask.size).records]

    def before(self, ask: ListAsk) -> list[bytes]:
        """Return the issue before those of a page, as far as there is one."""
        ids, offset = ask.position.ids, ask.position.offset
        if ids:
            found = self._issues.find(ids[-1])
            records = [] if found is None else [found]
        else:
            position = ask.position._replace(offset=offset - 1)
            records = self._issues.portion(ask.bounds, position, 1).records if offset else []
        return [self._issues.show(record, ask.selection) for record in records]

    def total(self, ask: ListAsk) -> int:
        """Return how many issues match."""
        return self._issues.count(ask.bounds)

    def note(self, ask: ListAsk, token: str | None) -> None:
        """Remember the token of a page that goes out."""
        if ask.position == START and not ask.nonce:
            self._given.pop(ask.digest, None)
        if token:
            given = self._given.setdefault(ask.digest, [])
            given.append(token)
            del given[:-_TOKENS_KEPT]
            if len(self._given) > _QUERIES_KEPT:
                self._given.popitem(last=False)

    def given(self, digest: str) -> list[str]:
        """Return the tokens of the latest pages of a query, oldest first."""
        return self._given.get(digest, [])
