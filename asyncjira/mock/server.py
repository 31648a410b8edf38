"""MockJira: a Jira Data Center on a real socket, in the running event loop or in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from asyncjira.errors import ConfigError
from asyncjira.mock.corpus import Corpus
from asyncjira.mock.door import Door
from asyncjira.mock.faults import Faults
from asyncjira.mock.listener import Listener
from asyncjira.mock.recording import Recording
from asyncjira.mock.selection import select
from asyncjira.mock.service import Service
from asyncjira.mock.settings import Settings
from asyncjira.mock.wire import Wire

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from asyncjira.mock.corpus import Rows

__all__ = ["MockJira"]


class MockJira:
    """A Jira of `issues` seeded issues, or of those in the file `data`; faults, limits and login as ordered.

        async with MockJira(issues=500) as mock: ...      # in the running loop
        with MockJira(issues=500) as mock: ...            # in a thread of its own

    Times are in seconds, `rate_limit` in search requests a second. Without a `token` everybody may log in.
    """

    def __init__(
        self,
        *,
        issues: int = 1000,
        seed: int = 0,
        latency: float = 0.0,
        jitter: float = 0.0,
        rate_limit: float | None = None,
        max_page: int = 1000,
        result_window: int | None = None,
        faults: Sequence[str] = (),
        data: Path | str | None = None,
        gzip: bool = True,
        email: str | None = None,
        token: str | None = None,
        log: Path | str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        context: str = "",
    ) -> None:
        given = {name: value for name, value in locals().items() if name != "self"}
        self._settings = Settings(**given)
        self._rows: Rows = Recording(Path(data)) if data else Corpus(issues, seed)
        self._service = Service(self._rows, self._settings)
        self._wire = Wire(Path(log) if log else None)
        self._listener = Listener(Door(self._service, self._wire, self._settings).serve, host, port)
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<MockJira of {self.total} issues at {self.url or 'no address yet'}>"

    @property
    def url(self) -> str:
        """The base URL, with the context path; empty before the start."""
        return self._service.url

    @property
    def total(self) -> int:
        """How many issues there are."""
        return len(self._rows)

    @property
    def wire(self) -> deque[dict[str, Any]]:
        """The last 100,000 requests, oldest first; `wire.Wire` says what an entry holds."""
        return self._wire.entries

    @property
    def faults(self) -> Sequence[str]:
        """The faults on order. They may be replaced between two requests."""
        return self._service.faults.specs

    @faults.setter
    def faults(self, specs: Sequence[str]) -> None:
        self._service.faults = Faults(specs, self._settings.seed)

    def expected(self, fields: str = "*navigable", expand: Sequence[str] = ()) -> Iterator[bytes]:
        """Yield the bytes of every issue, in order, exactly as they stand in the pages."""
        selection = select((fields,), tuple(expand))
        return (self._rows.row(number, selection) for number in range(self.total))

    async def start(self) -> None:
        """Listen. Raises ConfigError if the address or the log cannot be had."""
        self._wire.open()
        try:
            self._service.url = await self._listener.start() + self._settings.context
        except ConfigError:
            self._wire.close()
            raise

    async def stop(self) -> None:
        """Stop listening and cut every connection at once, also those where an answer is under way."""
        await self._listener.stop()
        self._wire.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        started: Future[asyncio.Event] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live(started)), name="MockJira", daemon=True)
        self._thread.start()
        self._stopping = started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread:
            self._thread.join()

    async def _live(self, started: Future[asyncio.Event]) -> None:
        stopping, self._loop = asyncio.Event(), asyncio.get_running_loop()
        try:
            await self.start()
        except Exception as error:  # goes to the thread that waits
            started.set_exception(error)
            return
        started.set_result(stopping)
        await stopping.wait()
        await self.stop()
