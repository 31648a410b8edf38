"""How a mock of Cloud answers for issues: a page of a search, a batch of a bulk fetch, an estimate of a count."""

from __future__ import annotations

import gzip
from functools import partial
from typing import TYPE_CHECKING, Any

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.answer import JSON, Answer, Script, error, plain_json
from asyncjira.mock.bulk import BulkAsk, batch_body, chosen, read_bulk, shown, too_many
from asyncjira.mock.enhanced import MOST_ROWS, Enhanced, counted_query, from_body, from_query
from asyncjira.mock.faults import Faults
from asyncjira.mock.kept import Kept
from asyncjira.mock.listing import ListAsk, Listing
from asyncjira.mock.query import NOTHING, Bounds, BrokenQuery, outline, read
from asyncjira.mock.refusal import REFUSALS
from asyncjira.mock.search import BadRequest
from asyncjira.mock.tokens import START, BadToken, Position, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from asyncjira.mock.issues import Issues
    from asyncjira.mock.searching import Request
    from asyncjira.mock.settings import Settings

__all__ = ["CloudSearching"]

_GZIP_LEVEL = 1  # as in pages.py
_MOST_ORDER_FIELDS = 7
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_BAD_SIZE = f"The max results parameter has to be between 1 and {MOST_ROWS:,}."
_BAD_TOKEN = "The value of nextPageToken is invalid, or the token has expired."  # noqa: S105 - not a secret


class CloudSearching:
    """Answers for `issues`, within the page size of the settings."""

    def __init__(self, issues: Issues, settings: Settings) -> None:
        self.faults = Faults(settings.faults, settings.seed)
        self._issues, self._listing, self._kept = issues, Listing(issues), Kept()
        self._page_cap, self._estimate = settings.page_cap, settings.estimate
        self._has_login = settings.token is not None

    def listed(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a search; `entry` is its entry in the wire log."""
        fault = self.faults.choose(entry["n"], request.method)
        entry["fault"] = fault and fault.kind
        try:
            asked = from_body(request.body) if request.method == "POST" else from_query(request.query)
            entry |= {"maxResults": asked.size, "jql_length": len(asked.jql)}
            if fault and fault.kind in REFUSALS:
                return REFUSALS[fault.kind](fault.argument)
            ask = self._list_ask(asked)
        except (BadRequest, BrokenQuery) as bad:
            return error(400, str(bad))
        if self._is_visitor(request):
            ask = ask._replace(bounds=NOTHING, position=START)
        self._issues.turn(ask.bounds, frozenset(asked.reconciled))
        return self._answer(request, ask, lambda: self._listing.page(ask).body)

    def fetched(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a bulk fetch; `entry` is its entry in the wire log."""
        fault = self.faults.choose(entry["n"], request.method)
        entry["fault"] = fault and fault.kind
        try:
            ask = read_bulk(request.body)
        except BadRequest as bad:
            return error(400, str(bad))
        entry |= {"maxResults": len(ask.names)}
        if fault and fault.kind in REFUSALS:
            return REFUSALS[fault.kind](fault.argument)
        if why := too_many(ask):
            return error(400, why)
        if self._is_visitor(request):
            ask = ask._replace(names=())
        self._issues.turn()
        return self._answer(request, ask, partial(self._batch, ask))

    def counted(self, request: Request) -> Answer:
        """Answer how many issues match, about."""
        try:
            bounds = _bounds(counted_query(request.body))
        except (BadRequest, BrokenQuery) as bad:
            return error(400, str(bad))
        found = 0 if self._is_visitor(request) else self._issues.count(bounds)
        return plain_json(200, {"count": round(found * self._estimate)})

    def _list_ask(self, asked: Enhanced) -> ListAsk:
        """Check a request in the order in which Jira does. Raises BadRequest and BrokenQuery."""
        position = _position(asked)
        if not 1 <= asked.size <= MOST_ROWS:
            raise BadRequest(_BAD_SIZE)
        size = asked.size if asked.is_light else min(asked.size, self._page_cap)
        return ListAsk(_bounds(asked.jql), position, size, asked.selection, asked.digest)

    def _batch(self, ask: BulkAsk) -> bytes:
        return batch_body(shown(self._issues, chosen(self._issues, ask), ask.selection))

    def _is_visitor(self, request: Request) -> bool:
        return self._has_login and request.user == ANONYMOUS

    def _answer(self, request: Request, asked: Hashable, render: Callable[[], bytes]) -> Answer:
        headers = {"Content-Type": JSON} | ({"Content-Encoding": "gzip"} if request.gzip else {})
        packed = partial(_gzipped, render) if request.gzip else render
        body = self._kept.body((asked, request.gzip), packed) if self._issues.still else packed()
        return Answer(200, body, headers)


def _gzipped(render: Callable[[], bytes]) -> bytes:
    return gzip.compress(render(), _GZIP_LEVEL, mtime=0)


def _position(asked: Enhanced) -> Position:
    if not asked.token:
        return START
    try:
        token = decode(asked.token)
    except BadToken:
        raise BadRequest(_BAD_TOKEN) from None
    if token.query != asked.digest:
        raise BadRequest(f"{_BAD_TOKEN} It belongs to another search.")
    return token.position


def _bounds(jql: str) -> Bounds:
    told = outline(jql)
    if not told.is_bounded:
        raise BadRequest(_UNBOUNDED)
    if told.order_fields > _MOST_ORDER_FIELDS:
        raise BadRequest(f"JQL can be ordered by at most {_MOST_ORDER_FIELDS} fields.")
    return read(jql)
