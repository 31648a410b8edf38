"""What tests share: the event loop, patience that costs no time, and a look at what was left behind."""

import asyncio
import json
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from asyncjira import Limits, RetryPolicy
from asyncjira.mock import MockJira
from asyncjira.plan.overlap import cheapest_overlap

SWIFT = RetryPolicy(first=0.001, longest=0.01)
UNLIMITED = Limits(rate=0)
WHICH_JIRA = 1  # request more in each pull that is not told: it asks for the server info, beside the first page

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_jira_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("JIRA_", "ASYNCJIRA_", "NETRC"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc/no-folder")


def sockets_to(port: int) -> int:
    """Count the sockets of this process that are connected to `port` of this machine."""
    inodes = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    with open("/proc/self/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(int(row[2].split(":")[1], 16) == port and row[9] in inodes for row in rows)


def with_login(mock: MockJira) -> list[dict[str, Any]]:
    """Return the requests that may show a login: all but the one that asks, as anybody may, which Jira this is."""
    return [entry for entry in mock.wire if entry["path"] != "/rest/api/2/serverInfo"]


def _paging(mock: MockJira, size: int) -> tuple[list[str], int]:
    """Return when each issue was created, and how many rows two pages of a proven pull share."""
    created = [json.loads(issue)["fields"]["created"] for issue in mock.expected("created")]
    return created, cheapest_overlap(created[:size], size)  # type: ignore[arg-type]  # any values that can be equal


def requests_of_a_proof(mock: MockJira, size: int) -> int:
    """Count what it takes to prove a pull from a Jira that does not change, `size` issues a page.

    Each page begins with the last rows of the one before it, and the last is not full. Where all the rows that two
    pages share were created in one second, one more is asked for; and one request catches up. What asks beside the
    first page which Jira this is comes on top: WHICH_JIRA.
    """
    created, shared = _paging(mock, size)
    further = range(size - shared, len(created) - shared + 1, size - shared)
    unproven = [start for start in further if created[start] == created[start + shared - 1]]
    return 1 + len(further) + len(unproven) + 1


def proven_by(mock: MockJira, size: int, pages: int) -> int:
    """Count the issues of a proven pull whose turn has come with the first `pages` full pages.

    Those are the ones created before the second of the last row: more of that second may stand on the next page.
    """
    created, shared = _paging(mock, size)
    return created.index(created[pages * (size - shared) + shared - 1])


@pytest.fixture
def nothing_left(request: pytest.FixtureRequest) -> Iterator[Callable[[Any], Any]]:
    """Watch a test's own loop: call it with the mock, await the result at the end."""
    complaints: list[str] = []

    def watch(mock: Any) -> Callable[[], Any]:
        loop = asyncio.get_running_loop()
        before, port = asyncio.all_tasks(), urlsplit(mock.url).port or 0
        loop.set_exception_handler(lambda _, context: complaints.append(str(context)))

        async def check() -> None:
            for _ in range(100):
                left = {task.get_name() for task in asyncio.all_tasks() - before}
                if not left and not sockets_to(port):
                    break
                await asyncio.sleep(0.01)
            assert (left, sockets_to(port), complaints) == (set(), 0, [])

        return check

    yield watch
    assert not complaints


class Odd:
    """A server that answers as a test says; `seen` are the requests that reached it, oldest first."""

    def __init__(self, answer: Answering, tls: ssl.SSLContext | None = None) -> None:
        self._answer, self._tls, self.seen, self.url = answer, tls, list[web.BaseRequest](), ""

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._serve), shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        await request.read()
        return await self._answer(request)
