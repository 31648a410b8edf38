"""What a mock of Cloud answers to a request, and to whom: routes, the gateway, login."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncjira.mock import cloud_facts, cloud_refusal, facts
from asyncjira.mock.account import ANONYMOUS, Account
from asyncjira.mock.answer import Answer, Script, error, plain_json
from asyncjira.mock.burst import Bursts
from asyncjira.mock.case import Case
from asyncjira.mock.catalogue import CATALOGUE
from asyncjira.mock.cloud_kinds import ENDPOINTS
from asyncjira.mock.points import Points

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.cloud_search import CloudSearching
    from asyncjira.mock.searching import Request
    from asyncjira.mock.settings import Settings

__all__ = ["Cloud"]


class Cloud:
    """Answers requests, those for issues by `searching`; see `site.Site`.

    Everything is there twice: on the site's own paths, and behind the gateway under `/ex/jira/{cloud_id}`.
    """

    sessions = False

    def __init__(self, searching: CloudSearching, settings: Settings) -> None:
        self.url, self.cloud_id = "", cloud_facts.cloud_id(settings.seed)
        self._searching, self._asked = searching, dict.fromkeys(("", *ENDPOINTS), 0)
        self._tells, self._scoped = settings.wrong_login != "silent", settings.scoped
        self.points, self._bursts = Points(settings.points, settings.hour), Bursts(settings.rate_limit)
        self._account = Account(settings.email, settings.token, settings.wrong_login)
        context = re.escape(settings.context)
        self._tenant = f"{settings.context}/_edge/tenant_info"
        self._route = re.compile(rf"{context}(/ex/jira/{self.cloud_id})?/rest/api/(?:2|3|latest)/([\w/-]+?)/?")
        self._issues: dict[tuple[str, str], tuple[str, Callable[[Case], Answer | Script]]] = {
            ("GET", "search/jql"): ("jql", searching.listed),
            ("POST", "search/jql"): ("jql", searching.listed),
            ("POST", "issue/bulkfetch"): ("bulkfetch", searching.fetched),
            ("POST", "search/approximate-count"): ("count", searching.counted),
        }
        self._others: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "serverInfo"): lambda _: plain_json(200, facts.cloud_info(self.url)),
            ("GET", "myself"): self._myself,
            ("GET", "field"): lambda _: plain_json(200, [field.description for field in CATALOGUE.values()]),
            ("GET", "project"): lambda _: plain_json(200, facts.projects(self.url, are_visible=searching.has_issues)),
            ("GET", "search"): lambda _: cloud_refusal.gone(),
            ("POST", "search"): lambda _: cloud_refusal.gone(),
        }

    def user(self, path: str, authorization: str | None) -> str | None:
        """Return who sends this Authorization header to that path; None if it is refused."""
        gateway = self._is_gateway(path)
        if path == self._tenant or (not authorization and not gateway and path.endswith("/serverInfo")):
            return ANONYMOUS
        user = self._account.user(authorization)
        if gateway:
            return None if user == ANONYMOUS else user
        return None if self._scoped and authorization else user

    def login_failed(self, path: str) -> Answer:
        """Return the answer to who was refused there."""
        return cloud_refusal.anonymous(gateway=self._is_gateway(path))

    def named(self, user: str, *, tried: bool) -> dict[str, str]:
        """Return the header that tells who has logged in, or that one who `tried` has not."""
        if not self._tells or (user == ANONYMOUS and not tried):
            return {}
        if user == ANONYMOUS:
            return {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        return {"X-AAccountId": cloud_facts.account_id(user)}

    def arrive(self, method: str, path: str, entry: dict[str, Any]) -> None:
        """Count a request for issues: it is `n` of all but counts, and `nth` of its endpoint."""
        endpoint, _ = self._issues.get((method, self._name(path)), ("", None))
        if endpoint:
            self._asked[endpoint] += 1
            self._asked[""] += endpoint != "count"
            entry |= {"endpoint": endpoint, "nth": self._asked[endpoint]}
            entry["n"] = self._asked[""] if endpoint != "count" else None

    def answer(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a request; `entry` is its entry in the wire log."""
        if request.method == "GET" and request.body:
            return cloud_refusal.not_at_the_edge()
        if request.path == self._tenant and request.method == "GET":
            return plain_json(200, {"cloudId": self.cloud_id})
        name = self._name(request.path)
        asked = request.method, name
        if asked in self._issues or asked in self._others:
            return self._limited(asked, request, entry)
        allowed = sorted(method for method, other in [*self._issues, *self._others] if other == name)
        if allowed:
            return error(405, "HTTP 405 Method Not Allowed", Allow=", ".join(allowed))
        return error(404, f"null for uri: {request.path[:200]}")

    def _limited(self, asked: tuple[str, str], request: Request, entry: dict[str, Any]) -> Answer | Script:
        now = time.time()
        if not self.points.allow(now):
            return cloud_refusal.too_fast(self.points.headers(now) | self.points.refusal(now))
        headers, granted = self._bursts.take((asked[1], asked[0]), now)
        if not granted:
            return cloud_refusal.too_fast(headers)
        answer = self._known(asked, request, entry)
        self.points.spend(entry.get("issues", 0))
        if isinstance(answer, Script):
            return answer
        return replace(answer, headers=headers | self.points.headers(now) | answer.headers)

    def _known(self, asked: tuple[str, str], request: Request, entry: dict[str, Any]) -> Answer | Script:
        if request.method == "POST" and asked[1] != "search" and not (request.body and _is_json(request.kind)):
            return cloud_refusal.no_body()
        if asked in self._issues:
            return self._issues[asked][1](Case.of(request, entry, self._searching.faults))
        return self._others[asked](request)

    def _name(self, path: str) -> str:
        route = self._route.fullmatch(path)
        return route[2] if route else ""

    def _is_gateway(self, path: str) -> bool:
        route = self._route.fullmatch(path)
        return bool(route and route[1])

    def _myself(self, request: Request) -> Answer:
        if request.user == ANONYMOUS:
            return cloud_refusal.anonymous()
        return plain_json(200, cloud_facts.myself(self.url, request.user))


def _is_json(kind: str) -> bool:
    return kind == "application/json"
