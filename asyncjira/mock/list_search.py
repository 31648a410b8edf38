"""How a mock of Cloud answers a search: a page, or what the faults on order make of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from asyncjira.mock.answer import Answer, Script, error
from asyncjira.mock.enhanced import MOST_ROWS, Enhanced, from_body, from_query
from asyncjira.mock.list_edits import LIST_EDITS
from asyncjira.mock.listing import ListAsk, Listing
from asyncjira.mock.query import NOTHING, Bounds, BrokenQuery, outline, read
from asyncjira.mock.rendering import Body
from asyncjira.mock.search import BadRequest
from asyncjira.mock.tokens import START, BadToken, PageToken, decode

if TYPE_CHECKING:
    from asyncjira.mock.case import Case
    from asyncjira.mock.issues import Issues
    from asyncjira.mock.listing import ListPage
    from asyncjira.mock.rendering import Rendering
    from asyncjira.mock.settings import Settings

__all__ = ["ListSearch", "bounded"]

_MOST_ORDER_FIELDS = 7
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_BAD_SIZE = f"The max results parameter has to be between 1 and {MOST_ROWS:,}."
_BAD_TOKEN = "The value of nextPageToken is invalid, or the token has expired."  # noqa: S105 - not a secret


class ListSearch:
    """Answers searches of `issues`, within the page sizes of the settings."""

    def __init__(self, issues: Issues, rendering: Rendering, settings: Settings) -> None:
        self._issues, self._listing, self._rendering = issues, Listing(issues), rendering
        self._page_cap, self._id_cap = settings.page_cap, settings.max_ids
        self._has_login = settings.token is not None

    def answer(self, case: Case) -> Answer | Script:
        """Answer a search."""
        try:
            asked = _read(case)
            case.entry.update(maxResults=asked.size, jql_length=len(asked.jql))
            ask = None if case.refusal() else self._ask(asked, case)
        except (BadRequest, BrokenQuery) as bad:
            return case.refusal() or error(400, str(bad))
        if ask is None:
            return case.refusal() or error(400, _BAD_TOKEN)
        self._issues.turn(ask.bounds, frozenset(asked.reconciled))
        return case.poisoned(ask.selection, partial(self._listing.ids, ask)) or self._page(ask, case)

    def _page(self, ask: ListAsk, case: Case) -> Answer | Script:
        edit = LIST_EDITS.get(case.kind)
        page = partial(edit, self._listing, ask, case.argument) if edit else partial(self._listing.page, ask)
        answer, body = self._rendering.answer(case, None if edit else ask, lambda: _body(page()))
        self._listing.note(ask, body.token)
        return answer

    def _ask(self, asked: Enhanced, case: Case) -> ListAsk | None:
        """Check a request in the order in which Jira does; None where its token has expired. Raises BadRequest."""
        token = _token(asked)
        if case.kind == "token-expired":
            if asked.token:
                return None
            case.entry["fault"] = None
        if not 1 <= asked.size <= MOST_ROWS:
            raise BadRequest(_BAD_SIZE)
        size = min(asked.size, self._id_cap if asked.is_light else self._page_cap)
        ask = ListAsk(bounded(asked.jql), token.position, size, asked.selection, asked.digest, token.nonce)
        return ask._replace(bounds=NOTHING, position=START) if case.is_visitor(has_login=self._has_login) else ask


def _read(case: Case) -> Enhanced:
    return from_body(case.request.body) if case.request.method == "POST" else from_query(case.request.query)


def _body(page: ListPage) -> Body:
    return Body(page.body, len(page.issues), page.token)


def _token(asked: Enhanced) -> PageToken:
    if not asked.token:
        return PageToken(asked.digest, START)
    try:
        token = decode(asked.token)
    except BadToken:
        raise BadRequest(_BAD_TOKEN) from None
    if token.query != asked.digest:
        raise BadRequest(f"{_BAD_TOKEN} It belongs to another search.")
    return token


def bounded(jql: str) -> Bounds:
    """Return which issues a query matches that Cloud would take. Raises BadRequest and BrokenQuery."""
    told = outline(jql)
    if not told.is_bounded:
        raise BadRequest(_UNBOUNDED)
    if told.order_fields > _MOST_ORDER_FIELDS:
        raise BadRequest(f"JQL can be ordered by at most {_MOST_ORDER_FIELDS} fields.")
    return read(jql)
