"""What became of issues that are not listed any more: asked for by their ids, without the query."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from asyncjira.errors import BadQuery, JiraError, NotFound, Refused, ServerError, StatusError, TransportError
from asyncjira.jira.bulk import Batch
from asyncjira.jira.exchange import Request
from asyncjira.jira.tombstone import tombstone
from asyncjira.plan.errand import Errand
from asyncjira.plan.roll import Roll
from asyncjira.plan.shelf import Row

__all__ = ["Lookups"]

_PATIENCE = 3  # tries of one that Jira answers with 500 or 504, and others not; then it waits for the next pull


class Lookups:
    """Asks for the ids that are absent from `roll`, `size` at a time by what `ask` builds, and makes tombstones.

    One that Jira still serves and that changed so lately that an index may not show it yet waits for the next pull.
    """

    def __init__(self, roll: Roll, ask: Callable[[list[str]], Request[Batch]], size: int) -> None:
        self._roll, self._build, self._size = roll, ask, size
        self._ids: Iterator[str] = roll.absent()
        self._next = self._batch()
        self._open = 0
        self.tombstones: deque[bytes] = deque()

    @property
    def finished(self) -> bool:
        """Whether it is known of all of them."""
        return not self._next and not self._open

    def _batch(self) -> list[str]:
        return [*islice(self._ids, self._size)]

    def next(self) -> Errand | None:
        """Return what asks for the next of them."""
        if not self._next:
            return None
        ids, self._next = self._next, self._batch()
        self._open += 1
        taken, failed = partial(self._came, ids), partial(self._failed, ids)
        return Errand(self._build(ids), 0, 0, _PATIENCE, taken=taken, failed=failed)

    def take(self) -> list[Row]:
        """Return nothing: it brings no issues."""
        return []

    def _came(self, ids: list[str], batch: Batch) -> None:
        self._open -= 1
        served = frozenset(batch.ids)
        for issue_id in ids:
            if issue_id in batch.errors or (issue_id in served and issue_id in self._roll.recent):
                self._roll.waiting.add(issue_id)
            else:
                self.tombstones.append(tombstone(issue_id, deleted=issue_id not in served))

    def _failed(self, ids: list[str], error: JiraError) -> None:
        """Take Jira's own refusal of one id for its answer; with any other, a proxy's say, it waits for the next pull.

        Raises `error` where nothing can be asked any more.
        """
        is_refusal = isinstance(error, NotFound) or (isinstance(error, Refused) and not error.login)
        if self._size == 1 and is_refusal and isinstance(error, StatusError) and error.said:
            self._came(ids, Batch([], []))
        elif isinstance(error, ServerError | TransportError | BadQuery) or (self._size == 1 and is_refusal):
            self._open -= 1
            self._roll.waiting.update(ids)
        else:
            raise error
