"""One request on the wire: when its turn comes, to where, and as whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import anyio
from yarl import URL

from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.exchange import Answer, Request
from asyncjira.net.access import Access, Credential
from asyncjira.net.limiter import Limiter, Paused
from asyncjira.net.transport import Transport
from asyncjira.plan.limits import Limits

__all__ = ["Sent", "Wire"]

_SHORTEST = 8  # bytes of a credential: what is shorter stands in any text


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer, when its request went out, and as whom."""

    answer: Answer
    at: float
    credential: Credential


class Wire:
    """Lets requests out, as many at once and a second as `limits` allow; `reached` once any was answered."""

    def __init__(self, transport: Transport, access: Access, limits: Limits) -> None:
        self._transport, self._access = transport, access
        self._slots = anyio.Semaphore(limits.concurrency, fast_acquire=True)
        self._most, self.limiter, self.reached = limits.concurrency, Limiter(limits.rate), False

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self._most - self._slots.value

    async def send(
        self,
        request: Request[Any],
        on_sent: Callable[[], None],
        find: Callable[[], Awaitable[str]],
        elsewhere: URL | None = None,
    ) -> Sent:
        """Return the answer to a request; `on_sent` is called each time that it goes out.

        `find()` is awaited for the cloud id where the way leads by it. Raises Broken, and what `find` raises.
        A public one may be sent `elsewhere`.
        Who waits for its own endpoint only holds no slot meanwhile: the other endpoints have use for it.
        """
        base = (elsewhere or self._access.public) if request.is_public else await self._access.base(find)
        at, credential = 0.0, self._access.credential

        async def on_wire() -> Credential:
            nonlocal at, credential
            at = await self.limiter.acquire(request.endpoint)
            credential = self._access.credential
            on_sent()
            return credential

        while True:
            await self.limiter.approach(request.endpoint)
            with suppress(Paused):
                async with self._slots:
                    answer = await self._transport.send(request, base, on_wire)
                break
        self.reached = True
        answer = _without(credential, answer)
        if answer.status == 200 and not request.is_public:  # strangers have an allowance of their own
            self.limiter.succeeded(read_allowance(answer), request.endpoint)
        return Sent(answer, at, credential)

    async def warm(self, connections: int) -> None:
        """Open so many connections, where it is known already to where."""
        if self._access.is_found:
            await self._transport.warm(self._access.public, connections)


def _without(credential: Credential, answer: Answer) -> Answer:
    """Return a refusal without the credential, which some proxies send back: its words are shown."""
    secret = credential.authorization.rpartition(" ")[2].encode()
    if answer.status == 200 or len(secret) < _SHORTEST or secret not in answer.body:
        return answer
    return replace(answer, body=answer.body.replace(secret, b"***"))
