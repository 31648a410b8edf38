"""Limits that clients keep together: the slots for requests in flight, and the limiter that lets them out."""

from __future__ import annotations

import asyncio

import anyio

from asyncjira.errors import ConfigError
from asyncjira.net.limiter import Limiter
from asyncjira.plan.limits import Limits

__all__ = ["SharedLimits"]

_USUAL = Limits()


class SharedLimits:
    """Limits for several clients of one site together: pass the same as `limits` to each `Jira(...)`.

    `concurrency`, `rate` and `body` are those of `Limits`, and hold for all these clients as if they were one; so does
    a pause that Jira asks one of them for, and what it tells of its own limit. Clients may come and go, the limits
    stay. Where Jira limits each user for himself, as Data Center does, let the clients of one user share.
    https://confluence.atlassian.com/adminjiraserver/improving-instance-stability-with-rate-limiting-983794911.html

    They belong to the first URL that a client is made for: ConfigError for another one. And to the first event loop in
    which a client asks, until that is closed: RuntimeError in another one, as also in a thread with a loop of its own.
    """

    def __init__(
        self, *, concurrency: int = _USUAL.concurrency, rate: float = _USUAL.rate, body: int = _USUAL.body
    ) -> None:
        self.limits = Limits(concurrency=concurrency, rate=rate, body=body)
        self.slots, self.limiter = anyio.Semaphore(concurrency, fast_acquire=True), Limiter(rate)
        self._url = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def of(cls, limits: Limits) -> SharedLimits:
        """Return the same limits in a form that can be shared."""
        return cls(concurrency=limits.concurrency, rate=limits.rate, body=limits.body)

    def __repr__(self) -> str:
        return (
            f"<SharedLimits of {self._url or 'no site yet'}: {self.in_flight} of {self.limits.concurrency} in flight>"
        )

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self.limits.concurrency - self.slots.value

    def join(self, url: str) -> None:
        """Let a client of the Jira at `url` use them. Raises ConfigError where others do, of another one."""
        if self._url not in ("", url):
            raise ConfigError(f"these limits are shared by clients of {self._url}: {url} needs SharedLimits of its own")
        self._url = url

    def enter(self) -> None:
        """Make sure that the running event loop may use them. Raises RuntimeError."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._loop is not None and not self._loop.is_closed():
            raise RuntimeError("these limits belong to another event loop: give each loop SharedLimits of its own")
        self._loop = loop
