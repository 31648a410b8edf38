"""One pull as its consumer sees it: an async iterator over issues, whose requests end when its `async with` does.

The work runs in a task of its own, and everything that has a scope lives inside that task; rows and errors cross by
plain values. Nothing scoped is ever suspended in the consumer's frame, which makes a break, an exception, a timeout, a
cancellation, an abandoned generator and closing from another task all safe.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import anyio

from asyncjira.errors import ClosedError, IncompleteError
from asyncjira.jira.issue import to_object
from asyncjira.manifest import Manifest
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Start
from asyncjira.plan.state import State
from asyncjira.plan.strategy import Rows
from asyncjira.pull.run import Run

if TYPE_CHECKING:
    from asyncjira.plan.forecast import Plan

__all__ = ["Page", "Pull"]


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Issues in order: `start_at` is how many came before, `issues` are their bytes exactly as Jira sent them.

    But for the keys of custom fields where `names` were asked for.
    """

    start_at: int
    issues: list[bytes]

    def __repr__(self) -> str:
        return f"<Page {len(self.issues)} issues from {self.start_at}>"


class Pull:
    """Every issue that a query matches, once, in order: `async with jira.pull(jql) as pull: async for issue in pull`.

    Iterating raises what ended the pull: a StatusError, TransportError or ProtocolError, IncompleteError after the
    last issue where the pull cannot be called whole, ClosedError where the client was closed meanwhile. Pages that wait
    to be consumed hold further requests back.
    """

    def __init__(self, run: Run, tasks: set[asyncio.Task[None]]) -> None:
        self._run, self._tasks = run, tasks
        self._scope = anyio.CancelScope()
        self._handed_over: deque[Rows] = deque()  # one page at most; a cancelled consumer leaves it where it is
        self._arrival, self._departure = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ready: deque[bytes] = deque()
        self._error: Exception | None = None
        self._manifest: Manifest | None = None

    @property
    def manifest(self) -> Manifest:
        """What the pull says of itself: all of it once it has ended, before that how it stands."""
        return self._manifest or self._run.manifest()

    @property
    def asked(self) -> dict[str, Any]:
        """What two pulls must have in common so that one can go on with the other's output."""
        return self._run.asked

    @property
    def user(self) -> str | None:
        """As whom Jira knows the one who asks; None as long as it does not tell."""
        return self._run.user

    def begin_with(self, start: Start | None, place: str, naming: Naming | None) -> None:
        """Go on from where an earlier pull into `place`, with that `naming`, was interrupted; None: begin anew."""
        self._run.begin_with(start, place, naming)

    @property
    def naming(self) -> Naming | None:
        """With `names`, from the first issue on: the `fields` of this Jira, and the `keys` of custom ones by id."""
        return self._run.naming

    async def plan(self) -> Plan:
        """Foretell what it will take, by its first page; the pull itself does not begin. Raises what it raises."""
        return await self._run.plan()

    @property
    def state(self) -> State | None:
        """What the pull leaves for the next one, once it has ended, and was complete and proven; else None."""
        return self._run.state

    async def __aenter__(self) -> Self:
        if self._task is not None:
            raise RuntimeError("a pull can be entered once: call jira.pull() again")
        self._task = asyncio.create_task(self._pump(), name="asyncjira-pull")
        self._tasks.add(self._task)
        self._task.add_done_callback(self._tasks.discard)
        self._task.add_done_callback(lambda _: self._arrival.set())  # also where it was cancelled before it began
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing is awaited here, so that any task may leave at any time; Jira.aclose() waits for what is unwinding.
        self._scope.cancel()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        while not self._ready:
            rows = await self._next_rows()
            if rows is None:
                raise StopAsyncIteration
            self._ready.extend(rows.issues)
        return to_object(self._ready.popleft())

    async def pages(self) -> AsyncIterator[Page]:
        """Iterate over pages of issues as bytes, in order. Only with `updates` may one hold what came before."""
        while (rows := await self._next_rows()) is not None:
            yield Page(rows.start_at, rows.issues)

    async def rows(self) -> AsyncIterator[Rows]:
        """Iterate over the same pages with their place in an output: for sinks."""
        while (rows := await self._next_rows()) is not None:
            yield rows

    async def _next_rows(self) -> Rows | None:
        if self._task is None:
            raise RuntimeError("enter the pull first: async with jira.pull(...) as pull")
        if self._ready:
            raise RuntimeError("a page is half consumed: iterate over issues or over pages, not over both")
        while not self._handed_over:
            if self._task.done():
                self._raise_what_ended_it()
                return None
            self._arrival.clear()
            await self._arrival.wait()
        rows = self._handed_over.popleft()
        self._departure.set()
        return rows

    def _raise_what_ended_it(self) -> None:
        if self._error is not None:
            raise self._error
        if self._manifest is None:
            raise ClosedError("the pull was closed before its end")

    async def _hand_over(self, rows: Rows) -> None:
        self._handed_over.append(rows)
        self._arrival.set()
        while self._handed_over:
            self._departure.clear()
            await self._departure.wait()

    async def _pump(self) -> None:
        try:
            with self._scope:
                self._manifest = await self._run.pull(self._hand_over)
            if self._manifest is not None and not self._manifest.complete:
                self._error = IncompleteError("; ".join(self._manifest.warnings), manifest=self._manifest)
        except* Exception as group:
            self._error, self._manifest = _first(group), self._run.manifest()


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
