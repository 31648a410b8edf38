"""Runs any strategy: as many requests in flight as allowed, rows handed on in order, one at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskGroup

from asyncjira.errors import JiraError
from asyncjira.events import PageFetched
from asyncjira.jira.exchange import Answer
from asyncjira.net.asking import Asking, Tally
from asyncjira.net.client import Client
from asyncjira.plan.strategy import Ask, Course, Rows

__all__ = ["run"]


async def run(
    strategy: Course,
    client: Client,
    tally: Tally,
    deliver: Callable[[Rows], Awaitable[None]],
    *,
    concurrency: int,
    opens: int = 0,
) -> None:
    """Ask what the strategy wants asked and await `deliver` for its rows, until it is finished.

    The strategy's window holds requests back while `deliver` is slow. `opens` connections are opened beside the first
    requests, for those to come. Raises what a request raises.
    """
    async with anyio.create_task_group() as tasks:
        fetching = _Fetching(strategy, client, tally, tasks, concurrency)
        fetching.dispatch()
        if opens > 0:
            tasks.start_soon(client.warm, opens)
        while True:
            rows = strategy.take()
            if rows is None and strategy.finished:
                break
            fetching.dispatch()  # before and after the first page, and whenever taking rows has moved the window
            if rows is None:
                await fetching.next_arrival()
            else:
                await deliver(rows)
        tasks.cancel_scope.cancel()  # what is still asked lies past the end


class _Fetching:
    def __init__(self, strategy: Course, client: Client, tally: Tally, tasks: TaskGroup, concurrency: int) -> None:
        self._strategy, self._client, self._tally, self._tasks = strategy, client, tally, tasks
        self._concurrency, self._in_flight, self._unread = concurrency, 0, 0
        self._arrival = anyio.Event()

    def dispatch(self) -> None:
        """Start what may be started now."""
        while (ask := self._next()) is not None:
            self._tasks.start_soon(self._work, ask)

    async def next_arrival(self) -> None:
        if not (self._in_flight or self._unread):
            raise RuntimeError("the strategy is not finished, and asks nothing")
        await self._arrival.wait()
        self._arrival = anyio.Event()

    def _next(self) -> Ask | None:
        ask = self._strategy.next() if self._in_flight < self._concurrency else None
        self._in_flight += ask is not None
        return ask

    async def _work(self, first: Ask) -> None:
        """Fetch one after another. Where the strategy foresees what is next, that leaves at once.

        What has come is then read by another task. With a new task for the request instead, it would leave a turn of
        the loop later: when many answers arrive together, that takes as long as to receive a part of them all.
        """
        ask: Ask | None = first
        while ask is not None:
            await self._fetch(ask)
            self._in_flight -= 1
            ask = self._next()
            self.dispatch()

    async def _fetch(self, ask: Ask) -> None:
        on_sent = partial(self._strategy.on_sent, ask)
        purpose = "question" if ask.purpose == "page" and not ask.size else ask.purpose
        asking = Asking(ask.request, self._tally, on_sent, ask.patience, ask.suspect, purpose)
        try:
            answer = await self._client.fetch(asking)
        except JiraError as error:
            self._fail(ask, error)
        else:
            self._unread += 1
            if self._strategy.foresees:
                self._tasks.start_soon(self._read_beside, ask, asking, answer)
            else:
                await self._read(ask, asking, answer)

    async def _read(self, ask: Ask, asking: Asking[Any], answer: Answer) -> None:
        try:
            found = await self._client.read(asking, answer)
        except JiraError as error:
            self._fail(ask, error)
        else:
            self._strategy.on_answer(ask, found)
            if ask.size and (issues := getattr(found, "issues", None)) is not None:  # a page, of whatever kind
                total, is_estimate = self._strategy.total, self._strategy.is_estimate
                self._client.tell(PageFetched(ask.start, len(issues), total, is_estimate))
        self._unread -= 1
        self._arrival.set()

    async def _read_beside(self, ask: Ask, asking: Asking[Any], answer: Answer) -> None:
        await self._read(ask, asking, answer)
        self.dispatch()

    def _fail(self, ask: Ask, error: JiraError) -> None:
        if self._tally.budget.is_spent:
            raise error  # whatever else could be asked instead, there is nothing left to try it with
        self._strategy.on_failure(ask, error)
        self._arrival.set()
