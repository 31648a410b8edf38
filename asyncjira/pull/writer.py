"""Writes rows beside what fetches them: in a thread, in order, a little way behind."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from asyncjira.pull.threads import to_its_end

__all__ = ["Writer"]

_BEHIND = 4 << 20  # bytes that may wait: enough to fetch on while a commit of 8 MiB is made durable, and little memory


class Writer:
    """Runs calls one after another in a thread of its own, for as long as its `async with` lasts.

    After one that raised, none is run. Leaving waits for the thread: nothing may touch a file that it still writes.
    Where the task is cancelled, that is for one call only, and counts whatever else went wrong.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="asyncjira-writer")
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._behind = 0
        self._error: Exception | None = None
        self._is_cancelled = False

    async def __aenter__(self) -> Self:
        return self

    async def write(self, call: Callable[[], None], size: int) -> None:
        """Hand over a call that writes about `size` bytes, and wait while too many wait. Raises what a call raised."""
        self._waiting.append((self._thread.submit(self._run, call), size))
        self._behind += size
        while self._waiting and (self._behind > _BEHIND or self._waiting[0][0].done()):
            future, written = self._waiting[0]
            if not future.done():
                await asyncio.wait({asyncio.wrap_future(future)})
            self._waiting.popleft()
            self._behind -= written
        if self._error is not None:
            raise self._error

    def _run(self, call: Callable[[], None]) -> None:
        if self._error is None and not self._is_cancelled:
            try:
                call()
            except Exception as error:  # raised where the next call is handed over, or at the end
                self._error = error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_cancelled = isinstance(error, asyncio.CancelledError)
        last = asyncio.wrap_future(self._thread.submit(lambda: None))
        try:
            await to_its_end(last, self._leave_the_others)
        finally:
            self._thread.shutdown()
        if not self._is_cancelled and self._error is not None and self._error is not error:
            raise self._error

    def _leave_the_others(self) -> None:
        self._is_cancelled = True
