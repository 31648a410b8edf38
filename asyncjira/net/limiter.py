"""When the next request may go out: evenly spaced, slower where Jira asks for it, and not at all during a pause."""

from __future__ import annotations

from collections import deque

import anyio

from asyncjira.jira.allowance import Allowance
from asyncjira.plan.pace import Pace
from asyncjira.plan.spacing import Spacing

__all__ = ["Limiter", "Paused"]

# Seconds over which requests are counted, at least and at most. The first dozen leaves at once, and the next ones when
# these are answered: about a quarter of a second later (benchmarks/README.md).
_MEASURED_OVER = (0.25, 1.0)
_MOST_MEASURED = 1000  # requests a second: beyond that nobody's Jira goes


class Paused(Exception):
    """The endpoint of a request was paused while that waited for the turn of all: approach again."""


class Limiter:
    """Spaces requests 1/`rate` seconds apart (0: not at all), and more where Jira wants that; see `plan.pace`.

    An endpoint that was throttled by itself has a lane of its own to pass before the one of all.
    """

    def __init__(self, rate: float) -> None:
        self._ceiling, self._lanes = rate, {"": _Lane(rate)}
        self._sent: deque[tuple[float, str]] = deque(maxlen=_MOST_MEASURED)
        self.paused_seconds = 0.0

    @property
    def rate(self) -> float:
        """Requests a second that may go out now, to all endpoints together; infinite where nothing limits them."""
        return self._lanes[""].pace.rate

    async def approach(self, endpoint: str) -> None:
        """Wait until the lane of `endpoint` lets a request pass, if it has one of its own; then `acquire`."""
        if lane := self._lanes.get(endpoint):
            await lane.acquire()

    async def acquire(self, endpoint: str) -> float:
        """Wait until a request to `endpoint` may go out, and return when that was.

        Raises Paused where the endpoint is paused by then, while others are not.
        """
        while True:
            await self._lanes[""].acquire()
            now = anyio.current_time()
            if (own := self._lanes.get(endpoint)) and own.pace.resume_at > now:
                raise Paused
            if self._lanes[""].pace.resume_at <= now:
                self._sent.append((now, endpoint))
                return now

    def pause(self, seconds: float, *, sent_at: float, endpoint: str = "") -> None:
        """Let no request out for `seconds` from now, and fewer afterwards: the one sent at `sent_at` was too much.

        With an `endpoint` that holds for requests to it only. A longer pause that is under way stays.
        """
        pace = self._lanes.setdefault(endpoint, _Lane(self._ceiling)).pace
        now = anyio.current_time()
        before = max(pace.resume_at, now)
        pace.pause(now, seconds, sent_at=sent_at, measured=self._measured(now, endpoint))
        self.paused_seconds += pace.resume_at - before

    def succeeded(self, allowance: Allowance | None, endpoint: str = "") -> None:
        """Learn that a request to `endpoint` was answered, and what the answer told of Jira's own limit."""
        for name in {endpoint, ""} & self._lanes.keys():
            self._lanes[name].pace.succeeded()
        self._lanes[""].pace.advise(allowance)

    def _measured(self, now: float, endpoint: str) -> float:
        """Return how many requests a second left last, to this endpoint or (empty) to all."""
        least, most = _MEASURED_OVER
        lately = [sent for sent, to in self._sent if sent > now - most and endpoint in ("", to)]
        return len(lately) / max(least, now - lately[0]) if lately else 0.0


class _Lane:
    """A pace, and who passes at it one request at a time, so that a pause ends without a herd."""

    def __init__(self, ceiling: float) -> None:
        self.pace = Pace(ceiling)
        self._spacing, self._turn = Spacing(), anyio.Lock(fast_acquire=True)

    async def acquire(self) -> None:
        async with self._turn:
            await self._pause_to_end()
            seconds = self.pace.units() / self.pace.grain
            if wait := self._spacing.reserve(anyio.current_time(), seconds):
                await anyio.sleep(wait)
            self._spacing.left(anyio.current_time())

    async def _pause_to_end(self) -> None:
        while (left := self.pace.resume_at - anyio.current_time()) > 0:  # noqa: ASYNC110 - it may grow meanwhile
            await anyio.sleep(left)
