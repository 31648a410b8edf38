"""What a mock of Data Center answers to a request, and to whom: routes, login, limits, faults, pages."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncjira.mock import facts
from asyncjira.mock.account import ANONYMOUS, Account
from asyncjira.mock.answer import JSON, Answer, Script, error, plain_json
from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.limits import Bucket
from asyncjira.mock.query import EVERYTHING
from asyncjira.mock.refusal import login_failed, throttled
from asyncjira.mock.search import from_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.issues import Issues
    from asyncjira.mock.searching import Request, Searching
    from asyncjira.mock.settings import Settings

__all__ = ["Service"]


class Service:
    """Answers requests, searches by `searching`, single `issues`. It knows neither sockets nor aiohttp; see `Site`."""

    sessions = True

    def __init__(self, searching: Searching, issues: Issues, settings: Settings) -> None:
        self.url = ""
        self._searching, self._issues, self._searches = searching, issues, 0
        self._tells, self._has_login = settings.wrong_login != "silent", settings.token is not None
        self._account = Account(settings.email, settings.token, settings.wrong_login)
        self._bucket = Bucket(settings.rate_limit) if settings.rate_limit else None
        self._window = settings.result_window if settings.window_told else None
        self._route = re.compile(re.escape(settings.context) + r"/rest/api/(?:2|3|latest)/([\w/-]+?)/?")
        self._routes: dict[str, Callable[[Request], Answer]] = {
            "serverInfo": self._server_info,
            "myself": self._myself,
            "field": self._field,
            "project": self._project,
            "searchLimits/maxResultWindow": self._result_window,
        }

    def user(self, path: str, authorization: str | None) -> str | None:
        """Return who sends this Authorization header; None if it is refused. Everybody may ask for the server info."""
        is_public = not authorization and path.endswith("/serverInfo")
        return ANONYMOUS if is_public else self._account.user(authorization)

    def login_failed(self, _: str) -> Answer:
        """Return the answer to who was refused."""
        return login_failed()

    def named(self, user: str, *, tried: bool) -> dict[str, str]:
        """Return the header that tells who has logged in, if any answer has it."""
        return {"X-AUSERNAME": user} if self._tells else {}

    def arrive(self, method: str, path: str, entry: dict[str, Any]) -> None:
        """Count a search request, from 1, in its entry in the wire log."""
        route = self._route.fullmatch(path)
        if route is not None and route[1] == "search" and method in {"GET", "POST"}:
            self._searches += 1
            entry["n"] = self._searches

    def answer(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a request; `entry` is its entry in the wire log."""
        return self._search(request, entry) if entry["n"] else self._other(request)

    def _other(self, request: Request) -> Answer:
        route = self._route.fullmatch(request.path)
        if route is not None and request.method == "GET" and route[1].startswith("issue/"):
            return self._issue(route[1].removeprefix("issue/"), request.query)
        if route is None or route[1] not in {*self._routes, "search"}:
            return error(404, f"null for uri: {request.path[:200]}")
        if request.method != "GET":
            return error(405, "HTTP 405 Method Not Allowed", Allow="GET, POST" if route[1] == "search" else "GET")
        return self._routes[route[1]](request)

    def _search(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        headers, granted = self._limit()
        if not granted:
            refused = throttled(headers.pop("retry-after"))
            return replace(refused, headers=refused.headers | headers)
        found = self._searching.answer(request, entry)
        return replace(found, headers=headers | found.headers) if isinstance(found, Answer) else found

    def _limit(self) -> tuple[dict[str, str], bool]:
        if self._bucket is None:
            return {}, True
        granted = self._bucket.take(time.monotonic())
        return self._bucket.headers(granted=granted), granted

    def _server_info(self, _: Request) -> Answer:
        return plain_json(200, facts.server_info(self.url))

    def _myself(self, request: Request) -> Answer:
        return login_failed() if request.user == ANONYMOUS else plain_json(200, facts.myself(self.url, request.user))

    def _field(self, _: Request) -> Answer:
        return plain_json(200, [field.description for field in CATALOGUE.values()])

    def _project(self, request: Request) -> Answer:
        is_visitor = self._has_login and request.user == ANONYMOUS
        are_visible = not is_visitor and self._issues.count(EVERYTHING) > 0
        return plain_json(200, facts.projects(self.url, are_visible=are_visible))

    def _issue(self, name: str, query: str) -> Answer:
        found = self._issues.find(name)
        if found is None:
            return error(404, "Issue Does Not Exist")
        selection = from_query(query).selection
        return Answer(200, self._issues.show(found, selection), {"Content-Type": JSON})

    def _result_window(self, request: Request) -> Answer:
        if self._window is None:
            return error(404, f"null for uri: {request.path}")
        return plain_json(200, self._window)
