"""When the next request may go out: evenly spaced, and not at all during a pause."""

from __future__ import annotations

import anyio
from aiolimiter import AsyncLimiter

__all__ = ["Limiter"]


class Limiter:
    """Spaces requests 1/`rate` seconds apart (0: not at all) and holds all of them back while paused.

    A bucket of one: `AsyncLimiter(rate, 1)` would let a burst of `rate` through and drain at `rate` beside it, 19
    requests in the first second where 10 were asked for.
    """

    def __init__(self, rate: float) -> None:
        self._bucket = AsyncLimiter(1, 1 / rate) if rate else None
        self._resume_at = 0.0
        self.paused_seconds = 0.0

    async def acquire(self) -> None:
        """Wait until a request may go out."""
        while True:
            await self._pause_to_end()
            if self._bucket is not None:
                await self._bucket.acquire()
            if anyio.current_time() >= self._resume_at:
                return

    def pause(self, seconds: float) -> None:
        """Let no request out for `seconds` from now; a longer pause that is under way stays."""
        now = anyio.current_time()
        until = max(self._resume_at, now + seconds)
        self.paused_seconds += until - max(self._resume_at, now)
        self._resume_at = until

    async def _pause_to_end(self) -> None:
        while (left := self._resume_at - anyio.current_time()) > 0:  # noqa: ASYNC110 - it may be made longer meanwhile
            await anyio.sleep(left)
