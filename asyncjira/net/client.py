"""Requests to one Jira, each asked until it is answered or given up: slots, limiter, retries, and what they cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.to_thread

from asyncjira.errors import JiraError
from asyncjira.events import Event, Listener, Retried, Throttled
from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.exchange import Answer, Broken, Request, Unusable
from asyncjira.jira.login import who_am_i
from asyncjira.net.limiter import Limiter
from asyncjira.net.lockout import Lockout
from asyncjira.net.login import Login
from asyncjira.net.transport import Transport
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
    """Asks one Jira, with as many requests at once and a second as `limits` allow, for all who share this client."""

    def __init__(
        self,
        transport: Transport,
        *,
        limits: Limits,
        retry: RetryPolicy,
        logged_in: bool,
        on_event: Listener | None,
    ) -> None:
        self._transport, self._retry, self._on_event = transport, retry, on_event
        self._slots = anyio.Semaphore(limits.concurrency, fast_acquire=True)
        # One thread at a time: more of them leave the C heap in pieces, 260 MB where 90 do (docs/decisions.md).
        self._reader = anyio.CapacityLimiter(1)
        self._turn = anyio.Lock()
        self._reached = self._only_posts = False
        self._answered = 0
        self._lockout, self._login = Lockout(), Login(logged_in=logged_in)
        self._who_am_i = who_am_i()
        self.limiter = Limiter(limits.rate)

    def tally(self) -> Tally:
        """Begin to count for one pull."""
        return Tally(RetryBudget(self._retry.budget))

    async def send(
        self,
        request: Request[T],
        tally: Tally,
        on_sent: Callable[[], None] = lambda: None,
        *,
        patience: int | None = None,
        suspect: bool = False,
    ) -> T:
        """Return what `request` reads from its answer, after as many tries as the policy and the budget allow.

        `patience` allows fewer where the request itself seems to be too much: it is `suspect`, or Jira fails at it and
        answers others meanwhile.
        `on_sent` is called each time that it goes out.
        Raises TransportError, ProtocolError, ClosedError, or the StatusError that fits.
        """
        return await self._lockout.unless_refused(lambda: self._insist(request, tally, on_sent, patience, suspect))

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
        on_sent: Callable[[], None],
        patience: int | None = None,
        suspect: bool = False,
    ) -> T:
        failures, throttles, sent_at, answered = 0, 0, 0.0, self._answered
        while True:
            if self._only_posts and request.as_post is not None:
                request = request.as_post
            outcome: Answer | Broken | Unusable
            try:
                outcome, sent_at = await self._exchange(request, tally, on_sent)
                if outcome.status == 200:
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
            verdict = decide(outcome, Try(failures, throttles, self._reached, dice), policy)
            if isinstance(verdict, JiraError):
                raise verdict
            if not tally.budget.take(verdict.cost):
                raise exhausted(outcome, verdict, failures + throttles + 1)
            throttles, failures = throttles + verdict.obeyed, failures + (not verdict.obeyed)
            tally.retries += 1
            await self._wait(request, verdict, sent_at)

    async def _exchange(self, request: Request[T], tally: Tally, on_sent: Callable[[], None]) -> tuple[Answer, float]:
        sent_at = 0.0

        async def on_wire() -> None:
            nonlocal sent_at
            sent_at = await self.limiter.acquire(request.endpoint)
            tally.requests += 1
            on_sent()

        async with self._slots:
            answer = await self._transport.send(request, on_wire)
        self._reached = True
        if answer.status == 200:
            self.limiter.succeeded(read_allowance(answer), request.endpoint)
        return answer, sent_at

    async def _read(self, request: Request[T], answer: Answer, tally: Tally) -> T:
        if request is not self._who_am_i:
            await self._login.check(answer, lambda: self._insist(self._who_am_i, tally, lambda: None))
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
