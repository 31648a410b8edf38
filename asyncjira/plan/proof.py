"""The pull that proves itself: all issues by `created`, covered, and then once more what changed meanwhile.

The guarantee, and what it assumes of the server, stands in the README.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from math import inf, isinf
from typing import TYPE_CHECKING, Any

from asyncjira.errors import BadQuery, JiraError, ResultWindow, ServerError, TransportError
from asyncjira.jira.dates import iso
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.jira.server import result_window, server_time
from asyncjira.plan.cover import Cover
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.errand import Errand, Server, Undated, Unprovable
from asyncjira.plan.idset import IdSet
from asyncjira.plan.sizing import Sizing
from asyncjira.plan.start import Start
from asyncjira.plan.strategy import Ask, Outcome, Rows

if TYPE_CHECKING:
    from asyncjira.plan.census import Census

__all__ = ["INDEX_MARGIN", "WINDOW_IS_LIKELY", "ProofStrategy"]

# Seconds before the first answer's Date from which on changes are asked for: the index of Data Center may lag so far
# behind, and its nodes' clocks may differ. The Date itself is cut to the second before it.
INDEX_MARGIN = 120 + 1
# The same where the time can only be asked for, beside the pages: the answer may be so late, tries and pauses included.
_MARGIN_ASKED = 3600
_MINUTE = 60  # seconds: the grain of dates in JQL, so that no rounding by Jira can narrow the bound
WINDOW_IS_LIKELY = 10_000  # rows: the result window of a Data Center with a search platform, unless told otherwise
_NAMED = 5  # ids in a message
_TOO_LARGE = 5  # failures that a body beyond all measure counts for: of two in a row the second ends the pull
_FAILURES = 8  # requests in a row without an answer: more than it takes to find one issue among 100 by halving pages


class ProofStrategy:
    """Pulls `query` by `created`, whatever its own order is; `window` pages at most asked or waiting at a time.

    A page is `page_size` rows, or what `sizing` finds better.

    With `updates`, newer versions that the catch-up finds are delivered too, at the end; without, their ids are named.
    `slowest` is the most seconds that pass from when Jira looks for issues until its answer begins, with its Date.
    `delivery` tells what was delivered.
    """

    foresees = True  # each page is known by its offset
    is_estimate = False  # every page counts them

    def __init__(
        self,
        query: Query,
        *,
        page_size: int,
        window: int,
        updates: bool = False,
        slowest: float = 30.0,
        start: Start | None = None,
        sizing: Sizing | None = None,
    ) -> None:
        self.query, self._window, self._slowest = query, window, slowest
        self._server, self._page_size, self._sizing = Server(page_size, sizing), page_size, sizing
        start = start or Start()
        self._before, self._came = start.before, start.rows
        self._main = Cover(query, start.part, self._server, window=window)
        self._late: Cover | None = None
        self.delivery = Delivery(updates=updates, start=start)
        self._failures = self._found_late = 0
        self._total_first: int | None = None
        self._questions: deque[Errand] = deque()
        self._stopped = self._undated = ""
        self._catching_up: list[Errand] = []  # what the catch-up has asked, until it is answered
        self._caught_up_at: float | None = None
        self._has_caught_up = False  # whether the first answer of the catch-up is there, dated or not

    @property
    def obstacle(self) -> str:
        """What the server does not tell that a proof needs, where that was found before anything was delivered."""
        return "" if self.delivery.rows else self._undated

    @property
    def total(self) -> int:
        """How many issues there are, as the latest pages count."""
        return self._before + self._main.total

    @property
    def finished(self) -> bool:
        """Whether every row was taken, or it was found that nothing can be proven."""
        if self._stopped:
            return True
        return self._late is not None and self._main.finished and self._late.finished and not self.delivery

    def next(self) -> Ask | None:
        """Return what to ask now. The catch-up begins beside the last pages: it is as fresh as its first answer."""
        if self._stopped:
            return None
        if self._questions:
            return self._questions.popleft()
        if (errand := self._main.next()) is not None:
            return errand
        if self._late is None and self._main.is_asked and self.delivery.since_ms < inf:
            part = Part(updated_since_ms=int(self.delivery.since_ms))
            self._late = Cover(self.query, part, self._server, window=self._window)
        errand = self._late.next(busy=self._main.load) if self._late is not None else None
        if errand is not None:
            self._catching_up.append(errand)
        return errand

    def on_sent(self, ask: Ask) -> None:
        """Look at the time where that decides how large pages are: a page proves the same whenever it was asked for."""
        if self._sizing is not None and ask.size:
            self._sizing.sent(ask)

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Learn from an answer. Raises ProtocolError where it cannot be true."""
        self._failures = 0
        if self._sizing is not None and isinstance(answer, SearchPage):
            self._sizing.came(ask, answer)
        try:
            if isinstance(answer, SearchPage) and self._total_first is None:
                self._begin(answer)
            if self._is_late(ask) and not self._has_caught_up:
                self._has_caught_up = True
                self._caught_up_at = answer.served_at and answer.served_at - self._slowest
            _errand(ask).taken(answer)
        except Unprovable as reason:
            self._stop(reason)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Ask for it in another way: in pieces, or nearer to the beginning. Raises `error` where there is none."""
        errand = _errand(ask)
        if self._sizing is not None:
            self._sizing.failed(ask)
        is_late = self._is_late(ask)
        if ask.size and not isinstance(error, ResultWindow):
            too_large = isinstance(error, TransportError) and error.too_large
            self._failures += _TOO_LARGE if too_large else 1
            nobody_there = self._total_first is None and isinstance(error, TransportError) and not too_large
            if isinstance(error, BadQuery) and is_late:
                self._stopped = f"what changed meanwhile cannot be asked for: {error}"
                return
            if not isinstance(error, ServerError | TransportError) or nobody_there or self._failures > _FAILURES:
                raise error
        try:
            errand.failed(error)
        except Unprovable as reason:
            self._stop(reason)

    def _is_late(self, ask: Ask) -> bool:
        if ask not in self._catching_up:
            return False
        self._catching_up.remove(_errand(ask))
        return True

    def _stop(self, reason: Unprovable) -> None:
        self._stopped = str(reason)
        self._undated = self._stopped if isinstance(reason, Undated) else ""

    def _begin(self, first: SearchPage) -> None:
        self._total_first = self._before + first.total
        version = self.query.api_version
        if first.total > WINDOW_IS_LIKELY:
            self._ask(result_window(version), self._told_window, _ignore)
        if self.delivery.since_ms < inf:
            return  # an interrupted pull goes on
        if first.served_at is None:
            self._ask(server_time(version), self._told_time, lambda _: self._told_time(None))
        else:
            self._catch_up_since(first.served_at - self._slowest - INDEX_MARGIN)

    def _ask(self, request: Request[Any], told: Callable[[Any], None], failed: Callable[[JiraError], None]) -> None:
        self._questions.append(Errand(request, 0, 0, taken=told, failed=failed))

    def _told_window(self, rows: int | None) -> None:
        if rows is not None and rows > 0:
            self._server.learn_window(rows, asked=rows + 1)

    def _told_time(self, now: float | None) -> None:
        if now is None:
            raise Undated("the server does not tell its time, so what changed meanwhile cannot be asked for")
        self._catch_up_since(now - _MARGIN_ASKED)

    def _catch_up_since(self, second: float) -> None:
        self.delivery.since_ms = second // _MINUTE * _MINUTE * 1000

    def take(self) -> Rows | None:
        """Return the next rows in order, each issue once; after them what the catch-up has found."""
        if self.delivery.since_ms == inf:
            return None  # whether anything can be proven is not known yet
        while not self.delivery and (rows := self._main.take()):
            if self._main.is_doubtful or self._server.listed:
                self.delivery.hold()
            self.delivery.proceed(rows)
        while not self.delivery and self._main.finished and self._late is not None and (rows := self._late.take()):
            known = len(self.delivery.ids)
            self.delivery.catch_up(rows)
            self._found_late += len(self.delivery.ids) - known
        return self.delivery.take()

    def outcome(self) -> Outcome:
        """Say what is proven, and what is not."""
        late = self._late.uncovered if self._late is not None else []
        issues = len(self.delivery.ids)
        waiting = self._main.waiting + (self._late.waiting if self._late is not None else 0)
        lost = [*self._main.uncovered, *late]
        missing = tuple(sorted(self.delivery.missing(self._server.listed), key=_by_number))
        doubts = tuple(self._doubts(_shown(lost), missing))
        return Outcome(
            guarantee="none" if doubts else "proven",
            doubts=doubts,
            notes=(f"Jira's counts do not fit its pages: {self._total_first} at first, and {issues} came",)
            * self._server.miscounts,
            issues=issues,
            duplicates_dropped=self._server.rows + self._came - self.delivery.rows - waiting,
            refetched_pages=self._server.refetched,
            total_first=self._total_first,
            total_last=None if self._total_first is None else self.total,
            uncovered=_shown([*lost, *self._main.rest]),
            missing_ids=missing,
            fresh=self.finished and not doubts and not self.delivery.stale,
            stale_ids=tuple(self.delivery.stale),
            caught_up_at=None if self._caught_up_at is None else iso(self._caught_up_at),
        )

    def _doubts(self, uncovered: tuple[tuple[str, str], ...], missing: tuple[str, ...]) -> Iterator[str]:
        if self._stopped:
            yield f"{self._stopped}: --proof off pulls without a proof"
        elif not self.finished:
            yield "it was stopped before its end"
        elif self._has_collapsed():
            yield (
                f"{len(self.delivery.ids)} issues came, and Jira counts {self.total} now: whether a login, a "
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
            yield f"Jira cannot serve the issues with these ids ({len(missing)}): {', '.join(missing[:_NAMED])}{more}"

    def _has_collapsed(self) -> bool:
        """Whether more than half of the issues left: for all that the line tells, nobody is there to miss them."""
        return not self._server.miscounts and 2 * self.total < len(self.delivery.ids) - self._found_late

    def census(self, known: IdSet | None) -> Census:
        """Return what follows a pull whose outcome is proven: a look at who is gone of `known`, and of what came."""
        from asyncjira.plan.census import Census  # with most of what Cloud takes, and seldom asked for

        return Census.by_offset(
            self.query, self.delivery, known, page_size=self._page_size, window=self._window, most=self._server.window
        )


def _errand(ask: Ask) -> Errand:
    if not isinstance(ask, Errand):
        raise TypeError("an ask of another strategy")
    return ask


def _ignore(_: JiraError) -> None:
    """Take it that the server does not tell."""


def _shown(places: list[tuple[float, float]]) -> tuple[tuple[str, str], ...]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(places):
        if merged and low <= merged[-1][1]:
            low, high = merged[-1][0], max(high, merged.pop()[1])
        merged.append((low, high))
    return tuple((_moment(low), _moment(high)) for low, high in merged)


def _moment(second: float) -> str:
    return ("-∞" if second < 0 else "∞") if isinf(second) else iso(second)


def _by_number(issue_id: str) -> tuple[int, str]:
    return len(issue_id), issue_id
