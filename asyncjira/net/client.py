"""Requests to one Jira, each asked until it is answered or given up: retries, fresh tokens, and what they cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from asyncjira.errors import JiraError, StatusError
from asyncjira.events import Event, Listener, Retried, Throttled
from asyncjira.jira.exchange import Answer, Broken, Request, Unusable
from asyncjira.jira.login import user_named
from asyncjira.jira.tenant import tenant_info
from asyncjira.net.access import Access
from asyncjira.net.lockout import Lockout
from asyncjira.net.login import Login
from asyncjira.net.transport import Transport
from asyncjira.net.wire import Sent, Wire
from asyncjira.plan.budget import RetryBudget
from asyncjira.plan.limits import Limits, RetryPolicy
from asyncjira.plan.retry import Try, Wait, blames_request, decide, exhausted, refused_as_get

__all__ = ["Client", "Tally"]

T = TypeVar("T")

# Bodies from this size on are read in a thread: a mebibyte takes the loop about a millisecond.
_READ_IN_THREAD = 1024 * 1024


@dataclass(slots=True)
class Tally:
    """What one pull has cost: `requests` on the wire, `retries` of ours, and the budget that these are paid from."""

    budget: RetryBudget
    requests: int = 0
    retries: int = 0


class Client:
    """Asks one Jira, with as many requests at once and a second as `limits` allow, for all who share this client.

    `user` is as whom the latest answer that tells it was given.
    """

    def __init__(
        self,
        transport: Transport,
        access: Access,
        *,
        limits: Limits,
        retry: RetryPolicy,
        on_event: Listener | None,
    ) -> None:
        self._transport, self._access, self._retry, self._on_event = transport, access, retry, on_event
        self._wire = Wire(transport, access, limits)
        self.limiter = self._wire.limiter
        # One thread at a time: more of them leave the C heap in pieces, 260 MB where 90 do (docs/decisions.md).
        self._reader = anyio.CapacityLimiter(1)
        self._turn = anyio.Lock()
        self._only_posts = False
        self._answered = 0
        self._lockout, self._login = Lockout(), Login(access)
        self.user: str | None = None
        self._tenant_info = tenant_info()

    def tally(self) -> Tally:
        """Begin to count for one pull."""
        return Tally(RetryBudget(self._retry.budget))

    async def send(
        self,
        request: Request[T],
        tally: Tally,
        on_sent: Callable[[], None] = lambda: None,
        *,
        on_came: Callable[[], None] = lambda: None,
        patience: int | None = None,
        suspect: bool = False,
    ) -> T:
        """Return what `request` reads from its answer, after as many tries as the policy and the budget allow.

        `patience` allows fewer where the request itself seems to be too much: it is `suspect`, or Jira fails at it and
        answers others meanwhile.
        `on_sent` is called each time that it goes out, `on_came` when an answer of 200 is there, before it is read.
        Raises TransportError, ProtocolError, ClosedError, or the StatusError that fits.
        """
        if request.is_public:  # a refusal of it says nothing about the login, which it does not show
            return await self._insist(request, tally, on_sent, on_came, patience, suspect)
        try:
            return await self._lockout.unless_refused(
                lambda: self._insist(request, tally, on_sent, on_came, patience, suspect)
            )
        except StatusError as error:
            self._access.explain(error)
            raise

    async def warm(self, connections: int) -> None:
        """Open so many connections before they are needed, at the first call."""
        await self._wire.warm(connections)

    def tell(self, event: Event) -> None:
        """Let the listener hear, where there is one."""
        if self._on_event is not None:
            self._on_event(event)

    async def aclose(self) -> None:
        """Close the connections, for good."""
        await self._transport.aclose()

    async def _insist(
        self,
        request: Request[T],
        tally: Tally,
        on_sent: Callable[[], None] = lambda: None,
        on_came: Callable[[], None] = lambda: None,
        patience: int | None = None,
        suspect: bool = False,
    ) -> T:
        failures, throttles, sent_at, answered, is_replaced = 0, 0, 0.0, self._answered, False
        while True:
            if self._only_posts and request.as_post is not None:
                request = request.as_post
            outcome: Answer | Broken | Unusable
            try:
                sent = await self._send(request, tally, on_sent, again=is_replaced)
                if is_replaced := sent is None:
                    continue
                outcome, sent_at = sent.answer, sent.at
                if outcome.status == 200:
                    on_came()
                    return await self._read(request, outcome, tally)
            except (Broken, Unusable) as signal:
                outcome = signal
            if refused_as_get(request, outcome):
                self._only_posts = True
                continue
            dice = random.random()  # noqa: S311 - spreads waits, guards nothing
            if failures == 0:
                answered = self._answered
            is_blamed = blames_request(outcome) and (suspect or self._answered > answered)
            policy = self._retry.at_most(patience) if patience and is_blamed else self._retry
            verdict = decide(outcome, Try(failures, throttles, self._wire.reached, dice), policy)
            if isinstance(verdict, JiraError):
                raise verdict
            if request.is_dispensable or not tally.budget.take(verdict.cost):
                raise exhausted(outcome, verdict, failures + throttles + 1)
            throttles, failures = throttles + verdict.obeyed, failures + (not verdict.obeyed)
            tally.retries += 1
            await self._wait(request, verdict, sent_at)

    async def _send(
        self, request: Request[Any], tally: Tally, on_sent: Callable[[], None], *, again: bool
    ) -> Sent | None:
        """Return the answer to one try; None where it was to a token that has been replaced, `again` if so before."""

        def counted() -> None:
            tally.requests += 1
            on_sent()

        sent = await self._wire.send(request, counted, lambda: self._insist(self._tenant_info, tally))
        if await self._login.lets_in(request, sent, lambda: self._insist(self._login.who_am_i, tally), again=again):
            if not request.is_public:
                self.user = user_named(sent.answer) or self.user
            return sent
        tally.retries += 1
        self.tell(Retried(request.label, "the access token was renewed", 0.0))
        return None

    async def _read(self, request: Request[T], answer: Answer, tally: Tally) -> T:
        if len(answer.body) < _READ_IN_THREAD:
            async with self._turn:
                value = request.read(answer)
        else:
            value = await anyio.to_thread.run_sync(request.read, answer, limiter=self._reader)
        tally.budget.succeeded()
        self._answered += 1
        return value

    async def _wait(self, request: Request[T], wait: Wait, sent_at: float) -> None:
        kind = Throttled if wait.is_pause else Retried
        self.tell(kind(request.label, wait.reason, wait.seconds))
        if wait.is_pause:
            self.limiter.pause(wait.seconds, sent_at=sent_at, endpoint=request.endpoint if wait.endpoint else "")
        else:
            await anyio.sleep(wait.seconds)
