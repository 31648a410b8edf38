"""After Jira has refused a login, nobody asks with it again: each further try brings the account nearer to a lock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from asyncjira.errors import Refused

__all__ = ["Lockout"]

T = TypeVar("T")


class Lockout:
    """Lets work run until one of it finds the login refused; from then on all work ends with the words of that."""

    def __init__(self) -> None:
        self._words, self._status = "", 0
        self._running: set[anyio.CancelScope] = set()

    async def unless_refused(self, work: Callable[[], Awaitable[T]]) -> T:
        """Await `work()`, wherever it waits, no longer than until the login is refused. Raises Refused."""
        if self._words:
            raise self._again()
        with anyio.CancelScope() as scope:
            self._running.add(scope)
            try:
                return await work()
            except Refused as error:
                self._learn(error)
                raise
            finally:
                self._running.discard(scope)
        raise self._again()

    def _learn(self, error: Refused) -> None:
        if not error.login or self._words:
            return
        self._words, self._status = str(error), error.status
        for scope in self._running:
            scope.cancel()

    def _again(self) -> Refused:
        """Return a new error: one that several tasks raise would collect the tracebacks of them all."""
        return Refused(self._words, status=self._status, login=True)
