"""What the mock answers to a request, and to whom: routes, login, limits, faults, pages."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from asyncjira.mock import facts
from asyncjira.mock.account import ANONYMOUS, Account
from asyncjira.mock.answer import JSON, Answer, Script, error, plain_json
from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.damage import DAMAGE
from asyncjira.mock.edits import EDITS
from asyncjira.mock.faults import Fault, Faults
from asyncjira.mock.limits import Bucket
from asyncjira.mock.pages import Ask, Pages
from asyncjira.mock.query import BrokenQuery, find
from asyncjira.mock.refusal import REFUSALS, login_failed, throttled
from asyncjira.mock.search import BadRequest, Search, from_body, from_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.corpus import Rows
    from asyncjira.mock.settings import Settings

__all__ = ["Request", "Service"]

_SLOW = 5.0  # seconds, for a fault that does not say
_BEYOND_WINDOW = (
    "Search limit exceeded. We couldn't complete your search because it requests {} results which exceeded the search "
    "platform limit of {}. Narrow the search, or ask for fewer pages of it."
)


class Request(NamedTuple):
    """A request, read whole. `path` holds the context path, too; `gzip` says whether the answer may be compressed."""

    method: str
    path: str
    query: str
    body: bytes
    user: str
    gzip: bool


class Service:
    """Answers requests about `rows`. It knows neither sockets nor aiohttp."""

    def __init__(self, rows: Rows, settings: Settings) -> None:
        self.faults = Faults(settings.faults, settings.seed)
        self.url = ""
        self._account = Account(settings.email, settings.token)
        self._bucket = Bucket(settings.rate_limit) if settings.rate_limit else None
        self._find = lru_cache(64)(partial(find, rows=rows))  # a query may be megabytes long
        self._max_page, self._window = settings.max_page, settings.result_window
        self._pages, self._searches = Pages(rows), 0
        self._route = re.compile(re.escape(settings.context) + r"/rest/api/(?:2|3|latest)/([\w/]+?)/?")
        self._routes: dict[str, Callable[[Request], Answer]] = {
            "serverInfo": self._server_info,
            "myself": self._myself,
            "field": self._field,
            "searchLimits/maxResultWindow": self._result_window,
        }

    def user(self, authorization: str | None) -> str | None:
        """Return who sends this Authorization header; None if it is refused."""
        return self._account.user(authorization)

    def number(self, method: str, path: str) -> int | None:
        """Count a search request and return its number, from 1; None for any other request."""
        route = self._route.fullmatch(path)
        if route is None or route[1] != "search" or method not in {"GET", "POST"}:
            return None
        self._searches += 1
        return self._searches

    def answer(self, request: Request) -> Answer:
        """Answer anything but a search."""
        route = self._route.fullmatch(request.path)
        if route is None or route[1] not in {*self._routes, "search"}:
            return error(404, f"null for uri: {request.path[:200]}")
        if request.method != "GET":
            return error(405, "HTTP 405 Method Not Allowed", Allow="GET, POST" if route[1] == "search" else "GET")
        return self._routes[route[1]](request)

    def search(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a search, or break it as the faults on order say; `entry` is its entry in the wire log."""
        headers, granted = self._limit()
        if not granted:
            refused = throttled(headers.pop("retry-after"))
            return replace(refused, headers=refused.headers | headers)
        fault = self.faults.choose(entry["n"])
        entry["fault"] = fault and fault.kind
        found = self._answer_search(request, fault, entry)
        return replace(found, headers=headers | found.headers) if isinstance(found, Answer) else found

    def _limit(self) -> tuple[dict[str, str], bool]:
        if self._bucket is None:
            return {}, True
        granted = self._bucket.take(time.monotonic())
        return self._bucket.headers(granted=granted), granted

    def _answer_search(self, request: Request, fault: Fault | None, entry: dict[str, Any]) -> Answer | Script:
        try:
            search = _read(request)
        except BadRequest as bad:
            return REFUSALS[fault.kind](fault.argument) if fault and fault.kind in REFUSALS else error(400, str(bad))
        entry |= {"startAt": search.start, "maxResults": search.size, "jql_length": len(search.jql)}
        if fault and fault.kind in REFUSALS:
            return REFUSALS[fault.kind](fault.argument)
        size = min(search.size, self._max_page)
        try:
            ask = Ask(self._find(search.jql), search.start, size, search.selection)
        except BrokenQuery as broken:
            return error(400, str(broken))
        if self._window is not None and search.start + size > self._window:
            return error(500, _BEYOND_WINDOW.format(f"{search.start + size:,}", f"{self._window:,}"))
        return self._page(ask, request, fault)

    def _page(self, ask: Ask, request: Request, fault: Fault | None) -> Answer | Script:
        if fault and fault.kind in DAMAGE:
            return DAMAGE[fault.kind](self._pages.body(ask), fault.argument)
        if fault and fault.kind in EDITS:
            return Answer(200, EDITS[fault.kind](self._pages, ask, fault.argument or ""), {"Content-Type": JSON})
        delay = float(fault.argument or _SLOW) if fault else 0.0  # the one fault left is "slow"
        headers = {"Content-Type": JSON, "Content-Encoding": "gzip"} if request.gzip else {"Content-Type": JSON}
        return Answer(200, self._pages.body(ask, gzipped=request.gzip), headers, delay)

    def _server_info(self, _: Request) -> Answer:
        return plain_json(200, facts.server_info(self.url))

    def _myself(self, request: Request) -> Answer:
        return login_failed() if request.user == ANONYMOUS else plain_json(200, facts.myself(self.url, request.user))

    def _field(self, _: Request) -> Answer:
        return plain_json(200, [field.description for field in CATALOGUE.values()])

    def _result_window(self, request: Request) -> Answer:
        if self._window is None:
            return error(404, f"null for uri: {request.path}")
        return plain_json(200, self._window)


def _read(request: Request) -> Search:
    return from_body(request.body) if request.method == "POST" else from_query(request.query)
