"""The mock's other lists: projects, users, boards, sprints, comments, work logs, labels, service desks.

Each is paged as Data Center and Cloud page it, which differs in all that may: what it is called, whether it is counted,
whether the last page says so, how many items a page has at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.answer import Answer, error, plain_json
from asyncjira.mock.cloud_shape import account
from asyncjira.mock.query import EVERYTHING
from asyncjira.mock.selection import select
from asyncjira.mock.values import BASE, PROJECTS, project, user

if TYPE_CHECKING:
    from asyncjira.mock.issues import Issues
    from asyncjira.mock.searching import Request
    from asyncjira.mock.settings import Settings

__all__ = ["Lists"]

_USERS, _PROJECTS, _BOARDS, _SPRINTS, _LABELS, _DESKS = 1234, 130, 120, 73, 260, 12
_FEATURES = select(("comment", "worklog"))


class _Way(NamedTuple):
    """How a list is paged: the array's `key` ("" for none), what is said beside it, its usual and its largest page.

    `most` None: it is not paged at all.
    """

    key: str
    says: str
    usual: int = 50
    most: int | None = 50


# https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and https://developer.atlassian.com/server/jira/platform/rest/v10003/
_BEAN = "startAt maxResults total isLast"
_WAYS = {
    "board": _Way("values", _BEAN),
    "sprint": _Way("values", "startAt maxResults isLast"),
    "desk": _Way("values", "size start limit isLastPage", 50, 100),
    "bare": _Way("", "", 50, 1000),
    "whole": _Way("", "", most=None),
    "project/search": _Way("values", _BEAN, 50, 100),
    "label": _Way("values", _BEAN, 1000, 1000),
    "comment": _Way("comments", "startAt maxResults total", 100, 100),
    "worklog": _Way("worklogs", "startAt maxResults total", 5000, 5000),
    "all comments": _Way("comments", "startAt maxResults total", 1_000_000, 1_000_000),
    "all worklogs": _Way("worklogs", "startAt maxResults total", most=None),
}
_NO_BOARD = "The requested board cannot be viewed: it does not exist, or you do not have permission to view it."

Items = Callable[[str, dict[str, str]], Sequence[Any] | None]
"""From what a path names, and the parameters, to all items; None where there is no such thing."""

_API = r"/rest/api/(?:2|3|latest)/"


class Lists:
    """Serves lists to who asks for them by GET; a visitor where a login is wanted gets empty ones."""

    def __init__(self, issues: Issues, settings: Settings, cloud_id: str = "") -> None:
        self._issues, self._has_login = issues, settings.token is not None
        self._prefix = re.compile(re.escape(settings.context) + (rf"(?:/ex/jira/{cloud_id})?" if cloud_id else ""))
        comments, worklogs = partial(self._of_issue, "comment"), partial(self._of_issue, "worklog")
        table: list[tuple[str, str, Items]] = [
            (r"/rest/agile/1\.0/board", "board", lambda _, asked: boards(asked.get("type"))),
            (r"/rest/agile/1\.0/board/(\d+)/sprint", "sprint", lambda name, _: sprints(int(name))),
            ("/rest/servicedeskapi/servicedesk", "desk", lambda *_: desks()),
            (_API + "project", "whole", lambda *_: self._projects()),
        ]
        if settings.is_cloud:
            table += [
                (_API + "project/search", "project/search", lambda *_: self._projects()),
                (_API + "users(?:/search)?", "bare", lambda *_: accounts()),
                (_API + "label", "label", lambda *_: [f"label-{number}" for number in range(_LABELS)]),
                (_API + r"issue/([\w-]+)/comment", "comment", comments),
                (_API + r"issue/([\w-]+)/worklog", "worklog", worklogs),
            ]
        else:
            table += [
                (_API + "user/search", "bare", lambda _, asked: users(asked.get("username", ""))),
                (_API + r"issue/([\w-]+)/comment", "all comments", comments),
                (_API + r"issue/([\w-]+)/worklog", "all worklogs", worklogs),
            ]
        self._routes = [(re.compile(path + "/?"), _WAYS[way], items) for path, way, items in table]

    def serves(self, request: Request) -> bool:
        """Whether a request is for a list that there is."""
        return request.method == "GET" and any(route.fullmatch(self._path(request)) for route, _, _ in self._routes)

    def answer(self, request: Request) -> Answer:
        """Answer a request for a list."""
        asked = dict(parse_qsl(request.query))
        for route, way, items in self._routes:
            if (found := route.fullmatch(self._path(request))) is not None:
                listed = items(found[1] if route.groups else "", asked)
                if listed is None:
                    return error(404, "Issue Does Not Exist" if "/issue/" in request.path else _NO_BOARD)
                is_visitor = self._has_login and request.user == ANONYMOUS
                return _page([] if is_visitor else listed, way, asked)
        return error(404, f"null for uri: {request.path[:200]}")

    def _path(self, request: Request) -> str:
        found = self._prefix.match(request.path)
        return request.path[found.end() :] if found else ""

    def _projects(self) -> list[dict[str, Any]]:
        return projects() if self._issues.count(EVERYTHING) > 0 else []  # as for who may browse none

    def _of_issue(self, field: str, name: str, _: dict[str, str]) -> list[Any] | None:
        record = self._issues.find(name)
        if record is None:
            return None
        found: list[Any] = orjson.loads(self._issues.show(record, _FEATURES))["fields"][field][f"{field}s"]
        return found


def _page(items: Sequence[Any], way: _Way, asked: dict[str, str]) -> Answer:
    first, most = ("start", "limit") if "limit" in way.says else ("startAt", "maxResults")
    try:
        start, size = int(asked.get(first) or 0), int(asked.get(most) or way.usual)
    except ValueError:
        return error(400, f"{first} and {most} are numbers")
    if way.most is None:
        start, size = 0, len(items)
    size = min(size, len(items) if way.most is None else way.most)
    if start < 0 or size < 0:
        return error(400, f"{first} and {most} are not negative")
    shown = items[start : start + size]
    if not way.key:
        return plain_json(200, shown)
    is_last = start + size >= len(items)
    facts = {first: start, most: size, "total": len(items), "isLast": is_last, "isLastPage": is_last}
    facts["size"] = len(shown)
    return plain_json(200, {name: facts[name] for name in way.says.split()} | {way.key: shown})


@lru_cache(1)
def projects() -> list[dict[str, Any]]:
    """Return the projects that have issues, and others that have none."""
    known = [project(number) for number in range(len(PROJECTS))]
    return known + [known[0] | {"id": str(number), "key": f"T{number}", "name": f"Team {number}"} | _self(number)
                    for number in range(10000 + len(PROJECTS), 10000 + _PROJECTS)]  # fmt: skip


def _self(number: int) -> dict[str, str]:
    return {"self": f"{BASE}/rest/api/2/project/{number}"}


@lru_cache(8)
def users(named: str) -> list[dict[str, Any]]:
    """Return the users whose name holds `named`, where "." stands for any, as Data Center has it."""
    found = (user(number) for number in range(_USERS))
    return [each for each in found if named == "." or named.lower() in each["name"]]


@lru_cache(1)
def accounts() -> list[dict[str, Any]]:
    """Return the users of Cloud."""
    return [account(each) for each in users(".")]


@lru_cache(8)
def boards(kind: str | None) -> list[dict[str, Any]]:
    """Return the boards of a kind: scrum, kanban, or None for all."""
    found = ({"id": n, "self": f"{BASE}/rest/agile/1.0/board/{n}", "name": f"Board {n}",
              "type": "kanban" if n % 3 == 0 else "scrum"} for n in range(1, _BOARDS + 1))  # fmt: skip
    return [board for board in found if kind in (None, board["type"])]


def sprints(board: int) -> list[dict[str, Any]] | None:
    """Return the sprints of a board, None where there is no such board."""
    if not 1 <= board <= _BOARDS:
        return None
    ids = range(board * 100, board * 100 + _SPRINTS)
    return [{"id": n, "self": f"{BASE}/rest/agile/1.0/sprint/{n}", "state": "closed", "name": f"Sprint {n % 100 + 1}",
             "originBoardId": board} for n in ids]  # fmt: skip


def desks() -> list[dict[str, Any]]:
    """Return the service desks."""
    return [{"id": str(n), "projectId": str(10000 + n), "projectKey": f"T{10000 + n}"} for n in range(5, 5 + _DESKS)]
