"""What leaves a proven pull: each issue once and in order, then what the catch-up has found."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from heapq import nlargest
from math import inf
from operator import itemgetter

from asyncjira.plan.idset import IdSet
from asyncjira.plan.shelf import Row
from asyncjira.plan.strategy import Place, Rows

__all__ = ["Delivery"]


class Delivery:
    """Hands out rows; with `updates` newer versions, too, and without, their ids are `stale`.

    `since_ms` is the moment from which on the catch-up asks for changes. `rows` counts what was handed out.
    """

    def __init__(self, *, updates: bool) -> None:
        self.ids, self.rows, self.stale = IdSet(), 0, dict[str, None]()  # `stale` in the order in which they were found
        self.since_ms: float = inf
        self._updates = updates
        # By id, when the newest version that was handed out or named was updated, and a hash of its bytes: some
        # databases keep whole seconds, in which an issue may change twice.
        self._recent: dict[str, tuple[int, int]] = {}
        self._last_created: float = -inf
        self._ready: deque[Rows] = deque()

    def __bool__(self) -> bool:
        """Whether anything waits to be taken."""
        return bool(self._ready)

    def add(self, rows: list[Row]) -> None:
        """Hand out those of `rows`, sorted by `created`, that are new; also behind their turn, as late as they came."""
        new = [row for row in rows if self.ids.add(row[2])]
        late = bisect_left(new, self._last_created, key=itemgetter(0))
        self._hand_out(new[late:], "next")
        self._hand_out(new[:late], "between")

    def catch_up(self, rows: list[Row]) -> None:
        """Hand out those that are new or, with updates, newer than what was handed out before."""
        newer = [row for row in rows if row[2] in self.ids and self._is_newer(row)]
        self.add(rows)
        if self._updates:
            self._hand_out(newer, "replace")
        else:
            self.stale.update(dict.fromkeys(row[2] for row in newer))
            self._remember(newer)

    def take(self) -> Rows | None:
        """Return the next rows."""
        return self._ready.popleft() if self._ready else None

    def newest(self, most: int) -> list[str]:
        """Return the ids of the issues that were updated last since `since_ms`, `most` of them."""
        return nlargest(most, self._recent, key=lambda issue_id: self._recent[issue_id][0])

    def missing(self, listed: Mapping[str, int]) -> list[str]:
        """Return the ids of those that Jira `listed`, with when they were updated, and that were not had like that."""
        return [name for name, updated in listed.items() if name not in self.ids or self._is_older(name, updated)]

    def _is_newer(self, row: Row) -> bool:
        known, content = self._recent.get(row[2], (-1, 0))
        return row[1] > known or (row[1] == known and hash(bytes(row[3])) != content)

    def _is_older(self, issue_id: str, updated: int) -> bool:
        return updated >= self.since_ms and updated > self._recent.get(issue_id, (-1, 0))[0]

    def _hand_out(self, rows: list[Row], place: Place) -> None:
        if not rows:
            return
        if place == "next":
            self._last_created = rows[-1][0]
        self._remember(rows)
        self._ready.append(Rows(self.rows, [row[3] for row in rows], place))
        self.rows += len(rows)

    def _remember(self, rows: list[Row]) -> None:
        self._recent.update((row[2], (row[1], hash(bytes(row[3])))) for row in rows if row[1] >= self.since_ms)
