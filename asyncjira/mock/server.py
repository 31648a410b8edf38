"""MockJira: a Jira, Data Center or Cloud, on a real socket, in the running event loop or in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from asyncjira.errors import ConfigError
from asyncjira.mock.changes import CHANGES
from asyncjira.mock.door import Door
from asyncjira.mock.flavors import flavored
from asyncjira.mock.listener import Listener
from asyncjira.mock.selection import select
from asyncjira.mock.settings import Settings
from asyncjira.mock.stock import stock
from asyncjira.mock.truth import write_truth
from asyncjira.mock.wire import Wire

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from asyncjira.mock.truth import Truth

__all__ = ["MockJira"]

_STILL = "nothing changes in this mock: mutate, shuffle_ties, lag or truth makes it change"


class MockJira:
    """A Jira of `issues` seeded issues, or of those in the file `data`; faults, limits and login as ordered.

        async with MockJira(issues=500) as mock: ...      # in the running loop
        with MockJira(issues=500) as mock: ...            # in a thread of its own

    Times are in seconds, `rate_limit` in search requests a second. Without a `token` everybody may log in. With one, a
    wrong login is a 401; with `wrong_login="anonymous"` it is a visitor who sees no issue and is called so in
    X-AUSERNAME, with `"silent"` the same and no answer to anybody has that header. `myself` is a 401 in any case.

    Rows from `result_window` on are refused with 500; with `window_empty` they are left out instead. With
    `window_told=False` no request tells the window.

    `flavor="cloud"` is a Jira Cloud, also behind `gateway`; a `scoped` token is good for nothing but that. Its page
    tokens go on behind the last row; with `tokens="offset"` they count rows, and lose some when issues leave. The
    approximate count is `estimate` times the true one. `rate_limit` is for each endpoint and method there; `points` is
    a quota for each `hour`, of as many seconds; a page that lists only ids or keys has at most `max_ids`.

    `mutate` issues change at each search that is answered, by some of `kinds` (all of `changes.CHANGES`);
    `shuffle_ties` draws the order of what shares a second anew for each; with a `lag` of N, half of them are answered
    as of N searches ago. What a complete pull of that must hold is said by `truth()`, and written into the file `truth`
    when the mock ends.
    """

    _thread: threading.Thread | None = None

    def __init__(
        self,
        *,
        flavor: str = "dc",
        issues: int = 1000,
        seed: int = 0,
        latency: float = 0.0,
        jitter: float = 0.0,
        rate_limit: float | None = None,
        max_page: int | None = None,
        result_window: int | None = None,
        window_empty: bool = False,
        window_told: bool = True,
        mutate: float = 0.0,
        kinds: Sequence[str] = tuple(CHANGES),
        shuffle_ties: bool = False,
        lag: int = 0,
        truth: Path | str | None = None,
        faults: Sequence[str] = (),
        tokens: str = "cursor",
        estimate: float = 1.0,
        points: int | None = None,
        hour: float = 3600.0,
        max_ids: int = 5000,
        scoped: bool = False,
        data: Path | str | None = None,
        gzip: bool = True,
        email: str | None = None,
        token: str | None = None,
        wrong_login: str = "401",
        log: Path | str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        context: str = "",
    ) -> None:
        self._settings = Settings(**{name: value for name, value in locals().items() if name != "self"})
        self._stock = stock(self._settings)
        self._jira = flavored(self._stock, self._settings)
        self._wire = Wire(Path(log) if log else None)
        self._listener = Listener(Door(self._jira.site, self._wire, self._settings).serve, host, port)

    def __repr__(self) -> str:
        return f"<MockJira of {self.total} issues at {self.url or 'no address yet'}>"

    @property
    def url(self) -> str:
        """The base URL, with the context path; empty before the start."""
        return self._jira.site.url

    @property
    def gateway(self) -> str:
        """The base URL of the same Jira behind Cloud's gateway, `/ex/jira/{cloudId}`. Raises ConfigError."""
        return f"{self.url}/ex/jira/{self._jira.cloud.cloud_id}"

    @property
    def points(self) -> int:
        """How many of Cloud's points were spent, with or without a quota. Raises ConfigError."""
        return self._jira.cloud.points.spent

    @property
    def total(self) -> int:
        """How many issues there are, or match now where they change."""
        return len(self._stock.pages)

    @property
    def wire(self) -> deque[dict[str, Any]]:
        """The last 100,000 requests, oldest first; `wire.Wire` says what an entry holds."""
        return self._wire.entries

    @property
    def faults(self) -> Sequence[str]:
        """The faults on order. They may be replaced between two requests."""
        return self._jira.searching.faults.specs

    @faults.setter
    def faults(self, specs: Sequence[str]) -> None:
        self._jira.searching.order(specs)

    @property
    def mutate(self) -> float:
        """How many issues change at each search from now on. To set it raises ConfigError if nothing can change."""
        return self._stock.living.rate if self._stock.living else 0.0

    @mutate.setter
    def mutate(self, rate: float) -> None:
        if self._stock.living is None:
            raise ConfigError(_STILL)
        self._stock.living.rate = rate

    def expected(self, fields: str = "*navigable", expand: Sequence[str] = ()) -> Iterator[bytes]:
        """Yield the bytes of every issue, in order, exactly as they stand in the pages; those of now if they change."""
        return self._stock.pages.every(select((fields,), tuple(expand)))

    def truth(self) -> Truth:
        """Return what a complete pull since the first search must hold. Raises ConfigError if nothing can change."""
        if self._stock.living is None:
            raise ConfigError(_STILL)
        return self._stock.living.truth()

    async def start(self) -> None:
        """Listen. Raises ConfigError if the address, the log or the file of the truth cannot be had."""
        write_truth(self._settings.truth, b"")
        self._wire.open()
        try:
            self._jira.site.url = await self._listener.start() + self._settings.context
        except ConfigError:
            self._wire.close()
            raise

    async def stop(self) -> None:
        """Stop listening and cut every connection at once, also those where an answer is under way."""
        await self._listener.stop()
        self._wire.close()
        if self._stock.living:
            write_truth(self._settings.truth, self._stock.living.truth().to_json())

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
