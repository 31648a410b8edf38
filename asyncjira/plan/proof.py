"""The pull that proves itself: all issues by `created`, covered, and then once more what changed meanwhile.

The guarantee, and what it assumes of the server, stands in the README.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import inf, isinf
from typing import Any

from asyncjira.errors import BadQuery, JiraError, ResultWindow, ServerError, TransportError
from asyncjira.jira.dates import iso
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query, result_window
from asyncjira.plan.cover import Cover
from asyncjira.plan.errand import Errand, Server, Undated, Unprovable
from asyncjira.plan.idset import IdSet
from asyncjira.plan.shelf import Row
from asyncjira.plan.strategy import Ask, Outcome, Place, Rows

__all__ = ["ProofStrategy"]

# Seconds before the first answer's Date from which on changes are asked for: the index of Data Center may lag so far
# behind, and its nodes' clocks may differ. The Date itself is cut to the second before it.
_MARGIN = 120 + 1
_MINUTE = 60  # seconds: the grain of dates in JQL, so that no rounding by Jira can narrow the bound
_WINDOW_IS_LIKELY = 10_000  # rows: the result window of a Data Center with a search platform, unless told otherwise
_NAMED = 5  # ids in a message
_FAILURES = 8  # requests in a row without an answer: more than it takes to find one issue among 100 by halving pages


class ProofStrategy:
    """Pulls `query` by `created`, whatever its own order is; `window` pages at most asked or waiting at a time.

    With `updates`, newer versions that the catch-up finds are delivered too, at the end; without, their ids are named.
    """

    def __init__(self, query: Query, *, page_size: int, window: int, updates: bool = False) -> None:
        self._query, self._window, self._updates = query, window, updates
        self._server = Server(page_size)
        self._main = Cover(query, Part(), self._server, window=window)
        self._late: Cover | None = None
        self._late_errands: list[Errand] = []
        self._since_ms: float = inf
        self._ids, self._recent = IdSet(), dict[str, int]()
        self._stale: list[str] = []
        self._ready: deque[Rows] = deque()
        self._last_created: float = -inf
        self._rows = self._failures = 0
        self._total_first: int | None = None
        self._asks_window = False
        self._stopped = self._undated = ""

    @property
    def obstacle(self) -> str:
        """What the server does not tell that a proof needs, where that was found before anything was delivered."""
        return "" if self._rows else self._undated

    @property
    def total(self) -> int:
        """How many issues there are, as the latest pages count."""
        return self._main.total

    @property
    def finished(self) -> bool:
        """Whether every row was taken, or it was found that nothing can be proven."""
        if self._stopped:
            return True
        return self._late is not None and self._main.finished and self._late.finished and not self._ready

    def next(self) -> Ask | None:
        """Return what to ask now. The catch-up begins beside the last pages: it is as fresh as its first answer."""
        if self._stopped:
            return None
        if self._asks_window:
            self._asks_window = False
            return Errand(result_window(self._query.api_version), 0, 0, taken=self._told_window, failed=_ignore)
        if (errand := self._main.next()) is not None:
            return errand
        if self._late is None and self._main.is_asked:
            part = Part(updated_since_ms=int(self._since_ms))
            self._late = Cover(self._query, part, self._server, window=self._window)
        errand = self._late.next(busy=self._main.load) if self._late is not None else None
        if errand is not None:
            self._late_errands.append(errand)
        return errand

    def on_sent(self, ask: Ask) -> None:
        """Nothing: a page proves the same whenever it was asked for."""

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Learn from an answer. Raises ProtocolError where it cannot be true."""
        self._failures = 0
        try:
            if isinstance(answer, SearchPage) and self._total_first is None:
                self._begin(answer)
            _errand(ask).taken(answer)
        except Unprovable as reason:
            self._stop(reason)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Ask for it in another way: in pieces, or nearer to the beginning. Raises `error` where there is none."""
        errand = _errand(ask)
        if errand.failed is not _ignore and not isinstance(error, ResultWindow):
            self._failures += 1
            nobody_there = self._total_first is None and isinstance(error, TransportError) and not error.too_large
            if isinstance(error, BadQuery) and errand in self._late_errands:
                self._stopped = f"what changed meanwhile cannot be asked for: {error}"
                return
            if not isinstance(error, ServerError | TransportError) or nobody_there or self._failures > _FAILURES:
                raise error
        try:
            errand.failed(error)
        except Unprovable as reason:
            self._stop(reason)

    def _stop(self, reason: Unprovable) -> None:
        self._stopped = str(reason)
        self._undated = self._stopped if isinstance(reason, Undated) else ""

    def _begin(self, first: SearchPage) -> None:
        self._total_first = first.total
        self._asks_window = first.total > _WINDOW_IS_LIKELY
        if first.served_at is None:
            raise Undated("the server's answers have no Date, so what changed meanwhile cannot be asked for")
        self._since_ms = (first.served_at - _MARGIN) // _MINUTE * _MINUTE * 1000

    def _told_window(self, rows: int | None) -> None:
        if rows is not None and rows > 0:
            self._server.window = rows

    def take(self) -> Rows | None:
        """Return the next rows in order, each issue once; after them what the catch-up has found."""
        while not self._ready and (rows := self._main.take()):
            self._deliver([row for row in rows if self._ids.add(row[2])], "next")
        while not self._ready and self._main.finished and self._late is not None and (rows := self._late.take()):
            self._catch_up(rows)
        return self._ready.popleft() if self._ready else None

    def _catch_up(self, rows: list[Row]) -> None:
        new = [row for row in rows if self._ids.add(row[2])]
        are_new = {row[2] for row in new}
        newer = [row for row in rows if row[2] not in are_new and row[1] > self._recent.get(row[2], -1)]
        in_between = [row for row in new if row[0] < self._last_created]
        self._deliver([row for row in new if row[0] >= self._last_created], "next")
        self._deliver(in_between, "between")
        if self._updates:
            self._deliver(newer, "replace")
        else:
            self._stale += [row[2] for row in newer]

    def _deliver(self, rows: list[Row], place: Place) -> None:
        if not rows:
            return
        if place == "next":
            self._last_created = rows[-1][0]
        self._recent.update((row[2], row[1]) for row in rows if row[1] >= self._since_ms)
        self._ready.append(Rows(self._rows, [row[3] for row in rows], place))
        self._rows += len(rows)

    def outcome(self) -> Outcome:
        """Say what is proven, and what is not."""
        late = self._late.uncovered if self._late is not None else []
        uncovered = tuple((_shown(low), _shown(high)) for low, high in _merged([*self._main.uncovered, *late]))
        missing = tuple(sorted((each for each in self._server.listed if each not in self._ids), key=_by_number))
        doubts = tuple(self._doubts(uncovered, missing))
        return Outcome(
            guarantee="none" if doubts else "proven",
            doubts=doubts,
            notes=tuple(self._server.notes),
            issues=len(self._ids),
            duplicates_dropped=self._server.rows - self._rows,
            refetched_pages=self._server.refetched,
            total_first=self._total_first,
            total_last=None if self._total_first is None else self._main.total,
            uncovered=uncovered,
            missing_ids=missing,
            fresh=self.finished and not doubts and not self._stale,
            stale_ids=tuple(self._stale),
        )

    def _doubts(self, uncovered: tuple[tuple[str, str], ...], missing: tuple[str, ...]) -> Iterator[str]:
        if self._stopped:
            yield f"{self._stopped}: --proof off pulls without a proof"
        elif not self.finished:
            yield "it was stopped before its end"
        elif self._has_collapsed():
            yield (
                f"Jira counted {self._total_first} issues at first and {self._main.total} at last: whether a login, a "
                "permission or an index got lost meanwhile cannot be told: pull it again"
            )
        if uncovered:
            begin, end = uncovered[0]
            yield (
                f"whether issues are missing that were created from {begin} to {end} cannot be proven"
                f"{f', nor in {len(uncovered) - 1} other places' if len(uncovered) > 1 else ''}: pull it again"
            )
        if missing:
            more = ", …" if len(missing) > _NAMED else ""
            yield f"Jira cannot serve {len(missing)} issues: ids {', '.join(missing[:_NAMED])}{more}"

    def _has_collapsed(self) -> bool:
        """Whether more than half of the issues left: for all that the line tells, nobody is there to miss them."""
        return not self._server.miscounts and 2 * self._main.total < (self._total_first or 0)


def _errand(ask: Ask) -> Errand:
    if not isinstance(ask, Errand):
        raise TypeError("an ask of another strategy")
    return ask


def _ignore(_: JiraError) -> None:
    """Take it that the server does not tell."""


def _merged(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(places):
        if merged and low <= merged[-1][1]:
            low, high = merged[-1][0], max(high, merged.pop()[1])
        merged.append((low, high))
    return merged


def _shown(second: float) -> str:
    return ("-∞" if second < 0 else "∞") if isinf(second) else iso(second)


def _by_number(issue_id: str) -> tuple[int, str]:
    return len(issue_id), issue_id
