"""The end of a pull with tombstones: who is listed now, what of it was never delivered, and what became of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from asyncjira.errors import JiraError, ServerError, TransportError
from asyncjira.jira.bulk import BATCH, Batch, bulk_fetch
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import Part
from asyncjira.jira.search import Query
from asyncjira.jira.single import single
from asyncjira.plan.batches import NoBulk
from asyncjira.plan.calling import Calling, Wanted
from asyncjira.plan.cover import Cover
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.errand import Errand, Server, Unprovable
from asyncjira.plan.idset import IdSet
from asyncjira.plan.lookups import Lookups
from asyncjira.plan.roll import Roll
from asyncjira.plan.shelf import Row
from asyncjira.plan.source import ById
from asyncjira.plan.strategy import Ask, Outcome, Rows
from asyncjira.plan.tenant import Tenant

__all__ = ["Census"]

_PAGE = 1000  # issues of a page with nothing but dates: what Data Center allows by default
_FAILURES = 8  # requests in a row without an answer, as in the pulls themselves


class _Step(Protocol):
    def next(self) -> Errand | None: ...
    def take(self) -> list[Row]: ...
    @property
    def finished(self) -> bool: ...


class Census:
    """A strategy that follows the one whose `delivery` this is, and delivers by it what was never delivered.

    `known` are the ids that earlier pulls had delivered, None where nobody has noted them: then what is listed and did
    not come counts as known. `doubts` say why it cannot be relied on.
    """

    foresees = False  # where one page ends, the next one begins
    is_estimate = False

    def __init__(self, query: Query, delivery: Delivery, known: IdSet | None) -> None:
        self.query, self.roll = query, Roll(delivery, known)
        self.doubts: list[str] = []
        self.tombstones = 0
        self._delivery = delivery
        self._steps: Iterator[_Step] = iter(())
        self._step: _Step | None = None
        self._lookups: Lookups | None = None
        self._failures = 0

    @classmethod
    def by_offset(
        cls,
        query: Query,
        delivery: Delivery,
        known: IdSet | None,
        *,
        page_size: int,
        window: int,
        most: int | None = None,
    ) -> Census:
        """List by `created`, proven like a pull, with nothing but dates; a search looks at `most` rows."""
        census = cls(query, delivery, known)
        census._begin(census._by_offset(page_size, window, most))
        return census

    @classmethod
    def by_id(cls, tenant: Tenant, delivery: Delivery, known: IdSet | None) -> Census:
        """List the ids of a Jira Cloud, as `tenant` of its own."""
        census = cls(tenant.query, delivery, known)
        census._begin(census._by_id(tenant))
        return census

    def _begin(self, steps: Iterator[_Step]) -> None:
        self._steps = steps
        self._step = next(steps, None)

    def _by_offset(self, page_size: int, window: int, most: int | None) -> Iterator[_Step]:
        light = replace(self.query, fields=("created", "updated"), expand=())
        listing = Cover(light, Part(), _server(_PAGE, most), window=window)
        calling = Calling(listing, self.roll, reach=page_size // 2)
        yield calling
        if listing.is_doubtful:
            self.doubts.append("which issues are gone cannot be told, as the list of all ids has gaps: pull it again")
            return
        for part in calling.parts():
            yield Wanted(Cover(self.query, part, _server(page_size, most), window=window), self.roll.unknown)
        yield from self._look_up(self.query, 1)

    def _by_id(self, tenant: Tenant) -> Iterator[_Step]:
        yield ById(tenant, Part(), is_wanted=self.roll.note)
        if tenant.warnings:
            self.doubts.append("which issues are gone cannot be told, as Jira warns about the list of all ids")
            return
        yield from self._look_up(replace(tenant.query, fields=("id",), expand=()), BATCH)

    def _look_up(self, query: Query, size: int) -> Iterator[_Step]:
        if self.roll.collapse:
            self.doubts.append(self.roll.collapse)
            return

        def ask(ids: list[str]) -> Request[Batch]:
            return single(query.api_version, ids[0]) if size == 1 else bulk_fetch(query, ids)

        self._lookups = Lookups(self.roll, ask, size)
        yield self._lookups

    @property
    def total(self) -> int:
        """How many issues there are, delivered by all of the pull."""
        return self._delivery.rows

    @property
    def finished(self) -> bool:
        """Whether all of it is known and taken."""
        is_ready = self._lookups is not None and self._lookups.tombstones
        return self._step is None and not self._delivery and not is_ready

    def next(self) -> Ask | None:
        """Return what to ask now; None where nothing may be asked yet."""
        return None if self._step is None else self._step.next()

    def on_sent(self, ask: Ask) -> None:
        """Nothing: an answer means the same whenever it was asked for."""

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Learn from an answer. Raises ProtocolError where it cannot be true."""
        self._failures = 0
        try:
            _errand(ask).taken(answer)
        except Unprovable as reason:
            self._stop(reason)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Ask for it in another way. Raises `error` where there is none."""
        is_fault = isinstance(error, ServerError | TransportError)
        self._failures += is_fault
        if self._failures > _FAILURES or (isinstance(self._step, Calling | Wanted) and not is_fault):
            raise error
        try:
            _errand(ask).failed(error)
        except NoBulk as no:
            raise no.error from None
        except Unprovable as reason:
            self._stop(reason)

    def _stop(self, reason: Unprovable) -> None:
        self.doubts.append(f"which issues are gone cannot be told: {reason}")
        self._step = None

    def take(self) -> Rows | None:
        """Return what was never delivered before, and then the tombstones."""
        while True:
            if self._delivery:
                return self._delivery.take()
            if self._lookups is not None and self._lookups.tombstones:
                return self._take_tombstones(self._lookups)
            if self._step is None:
                return None
            if rows := self._step.take():
                self._delivery.add(rows)
            elif self._step.finished:
                self._step = next(self._steps, None)
            else:
                return None

    def _take_tombstones(self, lookups: Lookups) -> Rows:
        lines = [*lookups.tombstones]
        lookups.tombstones.clear()
        self.tombstones += len(lines)
        return Rows(self._delivery.rows, lines, "last")

    def outcome(self) -> Outcome:
        """Say whether it can be relied on."""
        return Outcome(
            guarantee="none" if self.doubts else "proven",
            doubts=(*self.doubts,),
            issues=len(self.roll),
            duplicates_dropped=0,
            refetched_pages=0,
            total_first=None,
            total_last=None,
        )


def _server(page: int, most: int | None) -> Server:
    server = Server(page)
    if most is not None:
        server.learn_window(most, asked=most + 1)
    return server


def _errand(ask: Ask) -> Errand:
    if isinstance(ask, Errand):
        return ask
    raise TypeError("an ask of another strategy")
