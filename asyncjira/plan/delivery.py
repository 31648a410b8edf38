"""What a proven pull hands on: every issue once, and at the end what changed after it was read."""

from __future__ import annotations

from collections import deque
from math import inf

from asyncjira.plan.idset import IdSet
from asyncjira.plan.shelf import Row
from asyncjira.plan.strategy import Place, Rows

__all__ = ["Delivery"]


class Delivery:
    """Rows on their way out. `stale` are ids of which newer versions were found and, without `updates`, not delivered.

    `since_ms` is the bound of the catch-up on `updated`: a row that changed before it has one version only.
    """

    def __init__(self, *, updates: bool) -> None:
        self.ids, self.stale, self.rows = IdSet(), list[str](), 0
        self.since_ms: float = inf
        self._updates = updates
        self._recent: dict[str, int] = {}  # when what was delivered and changed since the bound was updated
        self._ready: deque[Rows] = deque()
        self._last_created: float = -inf

    def __len__(self) -> int:
        return len(self._ready)

    def take(self) -> Rows | None:
        """Return what is next."""
        return self._ready.popleft() if self._ready else None

    def add(self, rows: list[Row]) -> list[Row]:
        """Deliver what was not there before, and return it. What entered behind the pull's back belongs in between."""
        new = [row for row in rows if self.ids.add(row[2])]
        in_between = [row for row in new if row[0] < self._last_created]
        self._put([row for row in new if row[0] >= self._last_created] if in_between else new, "next")
        self._put(in_between, "between")
        return new

    def catch_up(self, rows: list[Row]) -> None:
        """Deliver what was not there before, and what is newer than what was."""
        are_new = {row[2] for row in self.add(rows)}
        newer = [row for row in rows if row[2] not in are_new and row[1] > self._recent.get(row[2], -1)]
        if self._updates:
            self._put(newer, "replace")
        else:
            self.stale += [row[2] for row in newer]

    def _put(self, rows: list[Row], place: Place) -> None:
        if not rows:
            return
        if place == "next":
            self._last_created = rows[-1][0]
        self._recent.update((row[2], row[1]) for row in rows if row[1] >= self.since_ms)
        self._ready.append(Rows(self.rows, [row[3] for row in rows], place))
        self.rows += len(rows)
