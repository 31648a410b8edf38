"""What tests share: the event loop, patience that costs no time, and a look at what was left behind."""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from asyncjira import Limits, RetryPolicy

SWIFT = RetryPolicy(first=0.001)
UNLIMITED = Limits(rate=0)

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_jira_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JIRA_")]:
        monkeypatch.delenv(name)


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
