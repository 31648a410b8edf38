"""Ids in, issues out: fetched in batches side by side, given out in the order of the ids."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

import msgspec

from asyncjira.errors import (
    BadQuery,
    JiraError,
    NotFound,
    ProtocolError,
    Refused,
    ServerError,
    StatusError,
    TransportError,
)
from asyncjira.jira.bulk import BATCH, Batch
from asyncjira.plan.errand import Errand
from asyncjira.plan.shelf import Row
from asyncjira.plan.silence import Silence
from asyncjira.plan.tenant import Tenant

__all__ = ["Batches", "NoBulk"]

# Requests that an id may be left out of without a word, or with an error that may pass. One and three more are our
# choice: a second look at what was too new for one node, and about a second for an error that passes.
_SILENT, _ERRORS = 2, 4
_PATIENCE = 3  # tries of a batch that Jira answers with 500 or 504, and others not; then it is asked for in halves
_BATCHES_AHEAD = 2  # batches asked or waiting for each request that may be in flight: enough to ride out a slow one


_BATCH_BYTES = 1 << 20  # of issues in one batch, beyond those that always go: as much as the usual hundred hold


class NoBulk(Exception):
    """Jira does not let this login fetch issues by their ids; `error` is what it says."""

    def __init__(self, error: StatusError) -> None:
        super().__init__(f"this login may not fetch issues by id (HTTP {error.status})")
        self.error = error


class _Slot(msgspec.Struct, eq=False):
    ids: Sequence[str]
    left: set[str]
    silent: list[str] = msgspec.field(default_factory=list)
    found: dict[str, Row] = msgspec.field(default_factory=dict)


class Batches:
    """Fetches the issues with the ids that are added. `is_last` says that no more ids will be.

    `given_up` are ids whose issues do not come.

    What does not come is asked for again, that of several batches together, at the latest when its turn has come.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._ids: deque[str] = deque()
        self._slots: deque[_Slot] = deque()
        self._home: dict[str, _Slot] = {}  # by id, until it has come or was given up
        self._asked: set[str] = set()  # ids on the wire
        self._again: dict[str, None] = {}
        self._repeated: set[str] = set()  # ids asked for again: one such request at a time, the next one gathers
        self._pieces: deque[list[str]] = deque()
        self._tries: dict[str, int] = {}
        self._position = self._taken = 0
        self._last_created: int | None = None
        self._silence: Silence | None = None  # the last one, until a row behind it comes
        self.is_last = False
        self.given_up: set[str] = set()

    @property
    def unasked(self) -> int:
        """How many ids wait to be asked for."""
        return len(self._ids)

    @property
    def waiting(self) -> int:
        """How many issues have come and wait for their turn."""
        return sum(len(slot.found) for slot in self._slots)

    @property
    def is_asked(self) -> bool:
        """Whether all of them were asked for, and none is to be asked for again as far as is known."""
        return self.is_last and not (self._ids or self._again or self._pieces)

    @property
    def finished(self) -> bool:
        """Whether all of them have come, or were given up, and were taken."""
        return self.is_asked and not self._slots

    def add(self, ids: Iterable[str]) -> None:
        """Add ids at the end of the order."""
        self._ids.extend(ids)

    def next(self) -> Errand | None:
        """Return what to ask now; None where nothing may be asked yet."""
        if self._pieces:
            return self._ask(self._pieces.popleft(), suspect=True)
        if len(self._again) >= self._tenant.batch or (self._again and not self._repeated and self._is_stuck()):
            return self._ask_again()
        if self._ids and len(self._slots) < _BATCHES_AHEAD * self._tenant.concurrency:
            size = self._size()
            if self.is_last or len(self._ids) >= size:
                return self._ask(self._open(size))
        return self._ask_again() if self._again and self.is_last and not self._repeated else None

    def take(self) -> list[Row]:
        """Return the issues of the next batch that is whole; none where it has not come yet."""
        while self._slots and not self._slots[0].left:
            slot = self._slots.popleft()
            rows = [slot.found[issue_id] for issue_id in slot.ids if issue_id in slot.found]
            self._note_silence(slot, rows)
            if rows:
                return rows
        return []

    def _note_silence(self, slot: _Slot, rows: list[Row]) -> None:
        """Remember between which seconds the ids were created that were left out without a word."""
        is_dated = self._tenant.dated and not self._tenant.is_undated
        created = [self._last_created or 0, *(row[0] for row in rows)]
        self._tenant.is_unsorted |= is_dated and created != sorted(created)
        if rows and is_dated and self._silence is not None:
            self._silence.high, self._silence = rows[0][0], None
        if slot.silent and self._silence is not None:
            self._silence.ids.extend(slot.silent)
        elif slot.silent:
            self._silence = Silence(slot.silent, self._taken, self._last_created)
            self._tenant.silences.append(self._silence)
        self._taken += len(slot.ids)
        if rows and is_dated:
            self._last_created = rows[-1][0]

    def _size(self) -> int:
        """Return how many ids to ask for at once: as many as keep all requests busy, and no fewer than always go."""
        share = -(-len(self._ids) // self._tenant.concurrency)
        if self._tenant.size:
            share = min(share, _BATCH_BYTES * self._tenant.fetched // self._tenant.size)
        return min(self._tenant.batch, max(BATCH, share))

    def _open(self, size: int) -> list[str]:
        ids = [self._ids.popleft() for _ in range(min(size, len(self._ids)))]
        slot = _Slot(ids, set(ids))
        self._slots.append(slot)
        self._home.update(dict.fromkeys(ids, slot))
        return ids

    def _is_stuck(self) -> bool:
        """Whether the next batch in order waits for nothing but what is to be asked for again."""
        return bool(self._slots) and self._slots[0].left.isdisjoint(self._asked)

    def _ask_again(self) -> Errand:
        ids = [*islice(self._again, self._tenant.batch)]
        for issue_id in ids:
            del self._again[issue_id]
        self._tenant.refetched += 1
        self._repeated.update(ids)
        return self._ask(ids)

    def _ask(self, ids: list[str], *, suspect: bool = False) -> Errand:
        self._asked.update(ids)
        self._position += len(ids)
        start, taken, failed = self._position - len(ids), partial(self._came, ids), partial(self._failed, ids)
        patience = 1 if suspect and len(ids) > 1 else _PATIENCE  # what can still be cut is tried again by cutting it
        return Errand(self._tenant.bulk(ids), start, len(ids), patience, suspect, taken=taken, failed=failed)

    def _came(self, ids: list[str], batch: Batch) -> None:
        self._tenant.bulk_works = True
        self._asked.difference_update(ids)
        self._repeated.difference_update(ids)
        asked = set(ids)
        for row in self._tenant.rows(batch.issues, batch.ids, batch.dates):
            if row[2] not in asked:
                raise ProtocolError(f"Jira sends the issue with the id {row[2]}, which was not asked for")
            if (slot := self._home.pop(row[2], None)) is not None:
                slot.found[row[2]] = row
                slot.left.discard(row[2])
        if len(ids) > BATCH and len(batch.ids) + len(batch.errors) < len(ids):
            self._tenant.batch = BATCH  # some cap it in silence
        for issue_id in ids:
            if issue_id in self._home:
                self._miss(issue_id, batch.errors.get(issue_id))

    def _miss(self, issue_id: str, error: str | None) -> None:
        tries = self._tries[issue_id] = self._tries.get(issue_id, 0) + 1
        if tries < (_SILENT if error is None else _ERRORS):
            self._again[issue_id] = None
        else:
            slot = self._give_up(issue_id)
            if error is not None:
                self._tenant.failed[issue_id] = error
            else:
                slot.silent.append(issue_id)

    def _give_up(self, issue_id: str) -> _Slot:
        self._tries.pop(issue_id, None)
        self.given_up.add(issue_id)
        slot = self._home.pop(issue_id)
        slot.left.discard(issue_id)
        return slot

    def _failed(self, ids: list[str], error: JiraError) -> None:
        """Ask in smaller batches, where that may help. Raises `error` otherwise, or NoBulk."""
        self._asked.difference_update(ids)
        self._repeated.difference_update(ids)
        if isinstance(error, BadQuery) and len(ids) > BATCH:
            self._tenant.batch = BATCH
            self._pieces.extend(ids[at : at + BATCH] for at in range(0, len(ids), BATCH))
            return
        if not self._tenant.bulk_works and isinstance(error, StatusError) and _is_forbidden(error):
            raise NoBulk(error)
        if not isinstance(error, ServerError | TransportError):
            raise error
        if len(ids) == 1:
            self._give_up(ids[0])
            self._tenant.failed[ids[0]] = str(error)
            return
        self._tenant.refetched += 1
        half = len(ids) // 2
        self._pieces.extend((ids[:half], ids[half:]))


def _is_forbidden(error: StatusError) -> bool:
    if isinstance(error, Refused):
        return not error.login
    return isinstance(error, NotFound) or error.status == 405
