"""How the mock answers a search: a page of issues, or what the faults on order make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.answer import JSON, Answer, Script, error
from asyncjira.mock.damage import DAMAGE
from asyncjira.mock.edits import EDITS
from asyncjira.mock.faults import Fault, Faults
from asyncjira.mock.pages import Ask
from asyncjira.mock.query import NOTHING, BrokenQuery, read
from asyncjira.mock.refusal import REFUSALS
from asyncjira.mock.search import BadRequest, Search, from_body, from_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncjira.mock.pages import Pages
    from asyncjira.mock.settings import Settings

__all__ = ["Request", "Searching"]

_LIGHT = {"created", "updated"}  # fields that a poisoned issue can be asked for
_SLOW = 5.0  # seconds, for a fault that does not say
_BEYOND_WINDOW = (
    "Search limit exceeded. We couldn't complete your search because it requests {} results which exceeded the search "
    "platform limit of {}. Narrow the search, or ask for fewer pages"
)


class Request(NamedTuple):
    """A request, read whole. `path` holds the context path, too; `gzip` says whether the answer may be compressed.

    `kind` is the media type of the body, without parameters.
    """

    method: str
    path: str
    query: str
    body: bytes
    user: str
    gzip: bool
    kind: str = ""


class Searching:
    """Answers searches with `pages`, within the largest page and the result window of the settings."""

    def __init__(self, pages: Pages, settings: Settings) -> None:
        self._seed = settings.seed
        self.order(settings.faults)
        self._pages, self._max_page = pages, settings.page_cap
        self._has_login = settings.token is not None
        self._window, self._window_empty = settings.result_window, settings.window_empty

    def order(self, specs: Sequence[str]) -> None:
        """Order these faults in place of those before. Raises ConfigError."""
        self.faults = Faults(specs, self._seed)

    def answer(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a search, or break it as the faults on order say; `entry` is its entry in the wire log."""
        fault = self.faults.choose(entry["n"], request.method)
        entry["fault"] = fault and fault.kind
        try:
            search = _read(request)
        except BadRequest as bad:
            return REFUSALS[fault.kind](fault.argument) if fault and fault.kind in REFUSALS else error(400, str(bad))
        entry |= {"startAt": search.start, "maxResults": search.size, "jql_length": len(search.jql)}
        if fault and fault.kind in REFUSALS:
            return REFUSALS[fault.kind](fault.argument)
        size = min(search.size, self._max_page)
        try:
            ask = Ask(read(search.jql), search.start, size, search.selection, self._window)
        except BrokenQuery as broken:
            return error(400, str(broken))
        if self._is_visitor(request, fault):
            ask = ask._replace(bounds=NOTHING)
        if self._window is not None and size and search.start + size > self._window and not self._window_empty:
            return error(500, _BEYOND_WINDOW.format(f"{search.start + size:,}", f"{self._window:,}"))
        self._pages.turn(ask.bounds)
        if poison := self._poison(ask, entry["n"]):
            entry["fault"] = poison.kind
            return REFUSALS["500"](None)
        return self._page(ask, request, fault)

    def _is_visitor(self, request: Request, fault: Fault | None) -> bool:
        return (self._has_login and request.user == ANONYMOUS) or (fault is not None and fault.kind == "visitor")

    def _poison(self, ask: Ask, number: int) -> Fault | None:
        struck = self.faults.poison(number)
        found = self._pages.ids(ask) if struck else ()
        light = {*ask.selection.fields} <= _LIGHT and not ask.selection.expand
        return next((fault for fault in struck if fault.argument in found and (fault.is_deep or not light)), None)

    def _page(self, ask: Ask, request: Request, fault: Fault | None) -> Answer | Script:
        if fault and fault.kind in DAMAGE:
            return DAMAGE[fault.kind](self._pages.body(ask), fault.argument)
        if fault and fault.kind in EDITS:
            return Answer(200, EDITS[fault.kind](self._pages, ask, fault.argument or ""), {"Content-Type": JSON})
        delay = float(fault.argument or _SLOW) if fault and fault.kind == "slow" else 0.0
        headers = {"Content-Type": JSON} | ({"Content-Encoding": "gzip"} if request.gzip else {})
        if fault and fault.kind == "visitor":
            headers["X-AUSERNAME"] = ANONYMOUS
        return Answer(200, self._pages.body(ask, gzipped=request.gzip), headers, delay)


def _read(request: Request) -> Search:
    return from_body(request.body) if request.method == "POST" else from_query(request.query)
