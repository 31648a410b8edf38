"""One request on the wire: when its turn comes, to where, and as whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from yarl import URL

from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.exchange import Answer, Request
from asyncjira.net.access import Access, Credential
from asyncjira.net.limiter import Paused
from asyncjira.net.shared import SharedLimits
from asyncjira.net.transport import Transport

__all__ = ["Sent", "Wire", "without"]

_SHORTEST = 8  # bytes of a credential: what is shorter stands in any text


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer, when its request went out, and as whom."""

    answer: Answer
    at: float
    credential: Credential


class Wire:
    """Lets requests out, as many at once and a second as `limits` allow; `reached` once any was answered.

    `in_flight` of them are under way: those that wait for their turn are not.
    """

    def __init__(self, transport: Transport, access: Access, limits: SharedLimits) -> None:
        self._transport, self._access, self._limits = transport, access, limits
        self.limiter, self.reached = limits.limiter, False
        self.in_flight = 0

    async def send(
        self,
        request: Request[Any],
        on_sent: Callable[[], None],
        find: Callable[[], Awaitable[str]],
        elsewhere: URL | None = None,
    ) -> Sent:
        """Return the answer to a request; `on_sent` is called each time that it goes out.

        `find()` is awaited for the cloud id where the way leads by it. A public one may be sent `elsewhere`. Raises
        Broken, what `find` raises, and RuntimeError in an event loop that is not that of the limits.
        Who waits for its own endpoint only holds no slot meanwhile: the other endpoints have use for it.
        """
        self._limits.enter()
        base = (elsewhere or self._access.public) if request.is_public else await self._access.base(find)
        at, credential, is_out = 0.0, self._access.credential, False

        def is_back() -> None:
            nonlocal is_out
            self.in_flight -= is_out
            is_out = False

        async def on_wire() -> Credential:
            nonlocal at, credential, is_out
            is_back()  # where the connection broke, and aiohttp sends a GET once more
            at = await self.limiter.acquire(request.endpoint)
            credential = self._access.credential
            on_sent()
            self.in_flight, is_out = self.in_flight + 1, True
            return credential

        while True:
            await self.limiter.approach(request.endpoint)
            with suppress(Paused):
                async with self._limits.slots:
                    try:
                        answer = await self._transport.send(request, base, on_wire)
                    finally:
                        is_back()
                break
        self.reached = True
        answer = answer if answer.status == 200 else without(credential, answer)
        if answer.status == 200 and not request.is_public:  # strangers have an allowance of their own
            self.limiter.succeeded(read_allowance(answer), request.endpoint)
        return Sent(answer, at, credential)

    async def warm(self, connections: int) -> None:
        """Open so many connections, where it is known already to where, but no more than could be used now."""
        if self._access.is_found:
            await self._transport.warm(self._access.public, min(connections, self._limits.slots.value))


def without(credential: Credential, answer: Answer) -> Answer:
    """Return an answer whose words are shown without the credential, which some proxies send back."""
    secret = credential.authorization.rpartition(" ")[2].encode()
    if len(secret) < _SHORTEST or secret not in answer.body:
        return answer
    return replace(answer, body=answer.body.replace(secret, b"***"))
