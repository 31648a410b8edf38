"""Runs any strategy: as many requests in flight as allowed, rows handed on in order, one at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskGroup

from asyncjira.errors import JiraError
from asyncjira.events import PageFetched
from asyncjira.jira.bulk import Batch
from asyncjira.jira.page import SearchPage
from asyncjira.jira.token_search import TokenPage
from asyncjira.net.client import Client, Tally
from asyncjira.plan.strategy import Ask, Rows, Strategy

__all__ = ["run"]


async def run(
    strategy: Strategy,
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
    def __init__(self, strategy: Strategy, client: Client, tally: Tally, tasks: TaskGroup, concurrency: int) -> None:
        self._strategy, self._client, self._tally, self._tasks = strategy, client, tally, tasks
        self._concurrency, self._unread = concurrency, 0
        self._in_flight: set[Ask] = set()
        self._arrival = anyio.Event()

    def dispatch(self) -> None:
        """Start what may be started now."""
        while len(self._in_flight) < self._concurrency and (ask := self._strategy.next()) is not None:
            self._in_flight.add(ask)
            self._unread += 1
            self._tasks.start_soon(self._fetch, ask)

    async def next_arrival(self) -> None:
        if not self._unread:
            raise RuntimeError("the strategy is not finished, and asks nothing")
        await self._arrival.wait()
        self._arrival = anyio.Event()

    def _free(self, ask: Ask) -> None:
        """Let the next request leave: what has come for `ask` need not be read for that."""
        if ask in self._in_flight:
            self._in_flight.discard(ask)
            self.dispatch()

    async def _fetch(self, ask: Ask) -> None:
        try:
            answer = await self._client.send(
                ask.request,
                self._tally,
                lambda: self._strategy.on_sent(ask),
                on_came=lambda: self._free(ask),
                patience=ask.patience,
                suspect=ask.suspect,
            )
        except JiraError as error:
            if self._tally.budget.is_spent:
                raise  # whatever else could be asked instead, there is nothing left to try it with
            self._strategy.on_failure(ask, error)
        else:
            self._strategy.on_answer(ask, answer)
            if ask.size and isinstance(answer, SearchPage | TokenPage | Batch):
                self._client.tell(PageFetched(ask.start, len(answer.issues), self._strategy.total))
        self._in_flight.discard(ask)
        self._unread -= 1
        self.dispatch()
        self._arrival.set()
