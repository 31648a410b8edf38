"""Requests to one Jira, each asked until it is answered or given up: retries, fresh tokens, and what they cost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from asyncjira.errors import JiraError, StatusError
from asyncjira.events import Answered, Event, Listener, Retried, Throttled
from asyncjira.jira.exchange import Answer, Broken, Request, Unusable
from asyncjira.jira.login import user_named
from asyncjira.jira.tenant import tenant_info
from asyncjira.net.access import Access, address
from asyncjira.net.asking import Asking, Tally
from asyncjira.net.lockout import Lockout
from asyncjira.net.log import log, logs_requests
from asyncjira.net.login import Login
from asyncjira.net.shared import SharedLimits
from asyncjira.net.transport import Transport
from asyncjira.net.wire import Sent, Wire, without
from asyncjira.plan.budget import RetryBudget
from asyncjira.plan.checkup import error_of
from asyncjira.plan.limits import RetryPolicy
from asyncjira.plan.retry import Try, Wait, blames_request, decide, exhausted, refused_as_get

__all__ = ["Client"]

T = TypeVar("T")
U = TypeVar("U")

# Bodies from this size on are read in a thread: a mebibyte takes the loop about a millisecond.
_READ_IN_THREAD = 1024 * 1024


class Client:
    """Asks one Jira, with as many requests at once and a second as `limits` allow, for all who share this client.

    `user` is as whom the latest answer that tells it was given.
    """

    def __init__(
        self,
        transport: Transport,
        access: Access,
        *,
        limits: SharedLimits,
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
        self._came = self._answered = 0  # answers of 200, and the latest of them that could be read
        self._lockout, self._login = Lockout(), Login(access)
        self.user: str | None = None
        self._tenant_info = tenant_info()

    def tally(self) -> Tally:
        """Begin to count for one pull."""
        return Tally(RetryBudget(self._retry.budget))

    async def send(self, request: Request[T], tally: Tally) -> T:
        """Return what `request` reads from its answer. Raises what `fetch` raises."""
        asking = Asking(request, tally)
        return await self.read(asking, await self.fetch(asking))

    async def fetch(self, asking: Asking[T]) -> Answer:
        """Return an answer of 200, to be read, after as many tries as the policy and the budget allow.

        Raises TransportError, ProtocolError, ClosedError, or the StatusError that fits.
        """
        return await self._unless_refused(asking.request, lambda: self._fetch(asking))

    async def read(self, asking: Asking[T], answer: Answer) -> T:
        """Return what the request reads from `answer`, or from a new one where that is of no use.

        Raises what `fetch` raises.
        """
        return await self._unless_refused(asking.request, lambda: self._insist(asking, answer))

    async def once(self, request: Request[Any], tally: Tally, *, elsewhere: str = "") -> Answer:
        """Return the answer to a single try, whatever it says: a refusal, too. A public request may go `elsewhere`.

        For who looks what is wrong: nothing is tried again, and whether to go on after a refused login is the caller's
        to decide. Raises Broken where no whole answer came, ConfigError where `elsewhere` is no address; and where
        the cloud id is needed, and a single try does not get it, StatusError or Unusable.
        """

        def counted() -> None:
            tally.requests += 1

        async def find() -> str:
            answer = await self.once(self._tenant_info, tally)
            if answer.status != 200:
                raise error_of(answer)
            return self._tenant_info.read(answer)

        base = address(elsewhere) if elsewhere else None
        return (await self._wire.send(request, counted, find, base)).answer

    def advice(self, error: StatusError) -> str:
        """Return what the address has to do with an error, or nothing."""
        return self._access.advice(error)

    async def warm(self, connections: int) -> None:
        """Open so many connections before they are needed, at the first call."""
        await self._wire.warm(connections)

    def tell(self, event: Event) -> None:
        """Let the log and the listener hear.

        What a listener raises goes where asyncio sends what a callback raises, and the pull goes on: in here it could
        pass for an error of a request.
        """
        log(self._access.public.host, event)
        if self._on_event is not None:
            try:
                self._on_event(event)
            except Exception as error:
                complaint = f"the listener of asyncjira failed at {type(event).__name__}"
                asyncio.get_running_loop().call_exception_handler({"message": complaint, "exception": error})

    async def aclose(self) -> None:
        """Close the connections, for good."""
        await self._transport.aclose()

    async def _unless_refused(self, request: Request[Any], work: Callable[[], Awaitable[U]]) -> U:
        if request.is_public:  # a refusal of it says nothing about the login, which it does not show
            return await work()
        try:
            return await self._lockout.unless_refused(work)
        except StatusError as error:
            self._access.explain(error)
            raise

    async def _insist(self, asking: Asking[T], answer: Answer | None = None) -> T:
        while True:
            answer = answer or await self._fetch(asking)
            try:
                value = await self._read(asking.request, answer, asking.tally)
            except Unusable as signal:
                await self._reconsider(asking, signal)
                answer = None
            else:
                self._answered = max(self._answered, asking.came)
                return value

    async def _fetch(self, asking: Asking[Any]) -> Answer:
        while True:
            if self._only_posts and asking.request.as_post is not None:
                asking.request = asking.request.as_post
            outcome: Answer | Broken
            try:
                sent = await self._send(asking)
                asking.is_replaced = sent is None
                if sent is None:
                    continue
                outcome, asking.sent_at = sent.answer, sent.at
                if outcome.status == 200:
                    asking.came = self._came = self._came + 1
                    return outcome
            except Broken as signal:
                outcome = signal
            await self._reconsider(asking, outcome)

    async def _reconsider(self, asking: Asking[Any], outcome: Answer | Broken | Unusable) -> None:
        """Wait until it may be tried again. Raises what it has failed with where it may not."""
        if refused_as_get(asking.request, outcome):
            self._only_posts = True
            return
        dice = random.random()  # noqa: S311 - spreads waits, guards nothing
        if asking.failures == 0:
            asking.failed_after = self._came
        is_blamed = blames_request(outcome) and (asking.suspect or self._answered > asking.failed_after)
        policy = self._retry.at_most(asking.patience) if asking.patience and is_blamed else self._retry
        verdict = decide(outcome, Try(asking.failures, asking.throttles, self._wire.reached, dice), policy)
        if isinstance(verdict, JiraError):
            raise verdict
        if asking.request.is_dispensable or not asking.tally.budget.take(verdict.cost):
            raise exhausted(outcome, verdict, asking.failures + asking.throttles + 1)
        asking.throttles, asking.failures = asking.throttles + verdict.obeyed, asking.failures + (not verdict.obeyed)
        asking.tally.retries += 1
        await self._wait(asking.request, verdict, asking.sent_at)

    async def _send(self, asking: Asking[Any]) -> Sent | None:
        """Return the answer to one try; None where it was to a token that has been replaced since."""
        request, tally, asking.sent_at = asking.request, asking.tally, 0.0

        def counted() -> None:
            self._tell_end(asking, None)  # where the connection broke, and aiohttp sends a GET once more
            tally.requests += 1
            asking.on_sent()
            asking.sent_at = anyio.current_time()

        def who_am_i() -> Awaitable[None]:
            return self._insist(Asking(self._login.who_am_i, tally))

        try:
            sent = await self._wire.send(request, counted, lambda: self._insist(Asking(self._tenant_info, tally)))
        except Broken:
            self._tell_end(asking, None)
            raise
        self._tell_end(asking, sent.answer)
        if await self._login.lets_in(request, sent, who_am_i, again=asking.is_replaced):
            if not request.is_public:
                self.user = user_named(sent.answer) or self.user
            return sent
        tally.retries += 1
        self.tell(Retried(request.label, "the access token was renewed", 0.0))
        return None

    def _tell_end(self, asking: Asking[Any], answer: Answer | None) -> None:
        if asking.sent_at and (self._on_event is not None or logs_requests()):
            status, size = (answer.status, len(answer.body)) if answer else (None, 0)
            seconds, others = anyio.current_time() - asking.sent_at, self._wire.in_flight
            label, purpose = asking.request.label, asking.purpose
            self.tell(Answered(label, purpose, status, size, asking.sent_at, seconds, others + 1))

    async def _read(self, request: Request[T], answer: Answer, tally: Tally) -> T:
        try:
            value = await self._read_once(request, answer)
        except (Unusable, JiraError):
            clean = without(self._access.credential, answer)
            if clean is answer:
                raise
        else:
            tally.budget.succeeded()
            return value
        return await self._read_once(request, clean)  # raises the same, but quotes no credential

    async def _read_once(self, request: Request[T], answer: Answer) -> T:
        if len(answer.body) < _READ_IN_THREAD:
            async with self._turn:
                return request.read(answer)
        return await anyio.to_thread.run_sync(request.read, answer, limiter=self._reader)

    async def _wait(self, request: Request[T], wait: Wait, sent_at: float) -> None:
        kind = Throttled if wait.is_pause else Retried
        self.tell(kind(request.label, wait.reason, wait.seconds))
        if wait.is_pause:
            self.limiter.pause(wait.seconds, sent_at=sent_at, endpoint=request.endpoint if wait.endpoint else "")
        else:
            await anyio.sleep(wait.seconds)
