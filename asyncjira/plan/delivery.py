"""What leaves a proven pull: each issue once and in order, then what the catch-up has found."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import islice
from math import inf, isinf
from operator import itemgetter

from asyncjira.plan.idset import IdSet
from asyncjira.plan.shelf import Row
from asyncjira.plan.silence import Silence
from asyncjira.plan.start import Mark, Start
from asyncjira.plan.strategy import Place, Rows
from asyncjira.plan.versions import Version, Versions, version

__all__ = ["Delivery"]


class Delivery:
    """Hands out rows; with `updates` newer versions, too, and without, their ids are `stale`.

    `since_ms` is the moment from which on the catch-up asks for changes. `rows` counts what was handed out, also before
    `start`; `unchanged` are the ids of what an earlier pull had delivered just so.
    """

    def __init__(self, *, updates: bool, start: Start | None = None) -> None:
        start = start or Start()
        self.ids, self.rows = start.ids, start.rows
        self.stale: dict[str, Version | None] = {}  # as they were found: the version that was handed out, if recent
        self.since_ms, self.unchanged = start.since_ms, IdSet()
        self._updates = updates
        self._known, self._recent = start.known, Versions()  # delivered by an earlier pull; handed out or named since
        self._recent.update(start.versions.items())
        self._last_created = start.last_created
        self._proven_until: float = inf  # a second: not beyond what came late or is in doubt
        self._ready: deque[Rows] = deque()

    def __bool__(self) -> bool:
        """Whether anything waits to be taken."""
        return bool(self._ready)

    def proceed(self, rows: list[Row], silences: Sequence[Silence] = ()) -> None:
        """Hand out the next rows of the main pass, and mark how far it has come with them."""
        known = len(self._ready)
        self.add(rows)
        late = [ready for ready in islice(self._ready, known, None) if ready.place != "next"]
        if late:
            self._proven_until = min(self._proven_until, rows[0][0])  # those have no place in an output before its end
        first = min(self._proven_until, self._last_created)
        if len(self._ready) > known and 0 < first < inf and not isinf(self.since_ms):  # 0: undated, -inf: nothing yet
            mark = Mark(int(first), int(self.since_ms), tuple(silences))
            self._ready[-1] = replace(self._ready[-1], mark=mark)

    def hold(self) -> None:
        """Let no mark go beyond what was handed out so far: what follows is in doubt."""
        self._proven_until = min(self._proven_until, self._last_created)

    def add(self, rows: list[Row]) -> None:
        """Hand out those of `rows`, sorted by `created`, that are new; also behind their turn, as late as they came."""
        known, add = self._known, self.ids.add  # looked up once: this is done for every issue
        new = [row for row in rows if not (row[2] in known and self.knows(row)) and add(row[2])]
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
            for row in newer:
                self.stale.setdefault(row[2], self._latest(row[2]))
            self._remember(newer)

    def has(self, issue_id: str) -> bool:
        """Whether a version of that issue was delivered, or has come just as an earlier pull had delivered it."""
        return issue_id in self.ids or issue_id in self.unchanged

    def knows(self, row: Row) -> bool:
        """Whether exactly that was delivered, now or by an earlier pull; or by that one a newer version."""
        known = self._latest(row[2])
        if known is None or known[0] < row[1]:
            return False
        if row[2] in self.ids:
            return known == version(row[1], row[3])
        if known[0] == row[1] and known != version(row[1], row[3]):
            return False
        self.unchanged.add(row[2])
        return True

    def take(self) -> Rows | None:
        """Return the next rows."""
        return self._ready.popleft() if self._ready else None

    def newest(self, most: int) -> list[str]:
        """Return the ids of the issues that were updated last since `since_ms`, `most` of them."""
        return [issue_id for issue_id, _ in nlargest(most, self._versions(), key=lambda each: each[1][0])]

    def missing(self, listed: Mapping[str, int]) -> list[str]:
        """Return the ids of those that Jira `listed`, with when they were updated, and that were not had like that."""
        return [name for name, updated in listed.items() if self._lacks(name, updated) or self._is_older(name, updated)]

    def versions(self) -> dict[str, Version]:
        """Return the newest versions of the issues that were updated since `since_ms`, as far as they came."""
        return {issue_id: latest for issue_id, latest in self._versions() if latest[0] >= self.since_ms}

    def _versions(self) -> Iterator[tuple[str, Version]]:
        yield from (each for each in self._known.items() if each[0] not in self._recent)
        yield from self._recent.items()

    def _latest(self, issue_id: str) -> Version | None:
        return self._recent.get(issue_id) or self._known.get(issue_id)

    def _is_newer(self, row: Row) -> bool:
        known, content = self._latest(row[2]) or (-1, 0)
        return row[1] > known or (row[1] == known and version(row[1], row[3])[1] != content)

    def _lacks(self, issue_id: str, updated: int) -> bool:
        return issue_id not in self.ids and (self._latest(issue_id) or (-1, 0))[0] < updated

    def _is_older(self, issue_id: str, updated: int) -> bool:
        return updated >= self.since_ms and updated > (self._latest(issue_id) or (-1, 0))[0]

    def _hand_out(self, rows: list[Row], place: Place) -> None:
        if not rows:
            return
        if place == "next":
            self._last_created = rows[-1][0]
        self._remember(rows)
        self._ready.append(Rows(self.rows, [row[3] for row in rows], place))
        self.rows += len(rows)

    def _remember(self, rows: list[Row]) -> None:
        since = self.since_ms
        self._recent.update((row[2], version(row[1], row[3])) for row in rows if row[1] >= since)
