"""One part of the line of `created`, asked for by offsets that overlap, until its pages cover it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf

from asyncjira.errors import JiraError, ResultWindow
from asyncjira.jira.jql import Part
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query, search_part
from asyncjira.plan.errand import Budget, Errand, Server
from asyncjira.plan.evidence import Evidence
from asyncjira.plan.line import Gap
from asyncjira.plan.overlap import SMALLEST_PAGE
from asyncjira.plan.pieces import Pieces
from asyncjira.plan.repair import Repair
from asyncjira.plan.shelf import Row

__all__ = ["Segment"]

_PATIENCE = 3  # tries of a page that Jira answers with 500 or 504; then it is asked for in pieces
_STUCK = 2  # pages that bring nothing although more is counted, until that is believed
_SMALLEST_WINDOW = 2 * SMALLEST_PAGE  # rows: pages of a smaller one share no two rows
_TIMES, _MORE = 3, 50  # what may be asked for: so many times the pages that the first one lets expect, and some more

Place = tuple[float, float]


class Segment:
    """Asks for the issues of `part` until they are covered, and gives them out in the order of `created`.

    `expected` is how many issues it is thought to hold, until a page of it tells.
    """

    def __init__(self, query: Query, part: Part, server: Server, budget: Budget, *, expected: int = 0) -> None:
        self._query, self.part, self._server, self._budget = query, part, server, budget
        until = inf if part.before is None else part.before
        self.evidence = Evidence(server, oldest=part.first, until=until, expected=expected)
        self._planned = self._stuck = 0
        self._has_begun = False
        self._open: list[int] = []  # the first rows of what is asked and not answered
        self._queue: deque[Errand] = deque()
        self._repairs: dict[Place, Repair] = {}
        self._busy: set[Place] = set()
        self.is_hopeless = False  # too long for the result window, and cannot be cut
        self.uncovered: list[Place] = []

    def __repr__(self) -> str:
        return f"<Segment {self.part} {self.evidence.line!r} {len(self._open)} open>"

    @property
    def load(self) -> int:
        """How many pages are asked or wait for their turn."""
        return len(self._open) + len(self.evidence.shelf)

    @property
    def is_idle(self) -> bool:
        """Whether no page is asked, and nothing can be taken before one comes."""
        return not self._open and not self.evidence.shelf.holds(self.evidence.line.end)

    @property
    def is_too_long(self) -> bool:
        """Whether rows lie so far back that the server does not look at them."""
        window = self._server.window
        if window is None or self.is_hopeless or self._budget.is_spent or self.evidence.line.closed:
            return False
        return self.evidence.total > max(window - 2 * self._server.page, window // 2)

    @property
    def is_asked(self) -> bool:
        """Whether all pages that are known to be needed were asked for."""
        return self.evidence.line.closed or (self.evidence.is_known and not self._has_more() and not self.is_too_long)

    @property
    def finished(self) -> bool:
        """Whether it is covered, or given up, and all of its rows were taken."""
        return self.evidence.line.closed and not self.evidence.shelf

    def take(self) -> list[Row]:
        """Return the next rows in order: those before which nothing is missing any more."""
        line, shelf = self.evidence.line, self.evidence.shelf
        while self._is_lost():
            self.uncovered.append(line.give_up().place)
        rows = shelf.take(min(line.end, line.until))
        if line.closed:
            shelf.clear()  # what was created later belongs to the next segment
        return rows

    def cut(self, second: int, most: float) -> Part:
        """End this segment, of `most` issues, before `second`, and return the part that is left."""
        rest = replace(self.part, first=second)
        self.part = replace(self.part, before=second)
        self.evidence.line.until, self.evidence.most = second, most
        self.evidence.total = min(self.evidence.total, most)
        return rest

    def next(self, *, room: bool) -> Errand | None:
        """Return what to ask now: pieces and repairs at once, further pages where there is `room` to keep them."""
        if self._queue:
            return self._queue.popleft()
        if self.evidence.line.closed:
            return None
        return self._next_repair() or (self._next_page() if room else None)

    def _next_page(self) -> Errand | None:
        if not self._has_begun:
            self._has_begun = True
            return self._page(0)
        if not self.evidence.is_known or not self._has_more():
            return None
        start = self._planned or self._server.step
        self._planned = start + self._server.step
        return self._page(start)

    def _has_more(self) -> bool:
        server, start = self._server, self._planned or self._server.step
        if self._budget.is_spent or (self.evidence.dry is not None and start > self.evidence.dry):
            return False
        # The last page must be short: a full one does not show that nothing follows.
        is_within = server.window is None or start + server.page <= server.window
        return is_within and start + server.overlap <= self.evidence.total

    def _page(self, start: int) -> Errand:
        size = self._server.page
        self._open.append(start)
        return self.errand(start, size, partial(self._came, start, size), partial(self._failed, start, size))

    def errand(
        self,
        start: int,
        size: int,
        taken: Callable[[SearchPage], None],
        failed: Callable[[JiraError], None],
        *,
        dates_only: bool = False,
    ) -> Errand:
        """Return what asks for rows of this segment."""
        self._budget.spent += 1
        request = search_part(self._query, self.part, start, size, dates_only=dates_only)
        return Errand(request, start, size, _PATIENCE, taken=taken, failed=failed)

    def _came(self, start: int, size: int, page: SearchPage) -> None:
        self._open.remove(start)
        if not self.evidence.add(start, size, page) and not self.evidence.is_known:
            self._has_begun = False  # nothing can be planned without a first page
        if self._budget.pages is None and self.evidence.is_known:
            self._budget.pages = _TIMES * (page.total // self._server.step + 1) + _MORE

    def _failed(self, start: int, size: int, error: JiraError) -> None:
        if isinstance(error, ResultWindow):
            self._open.remove(start)
            self._server.learn_window(error.limit, asked=start + size)
            self._has_begun = self.evidence.is_known
        else:
            Pieces(self.errand, start, size, self._queue.append, self._came_apart)

    def _came_apart(self, pieces: Pieces) -> None:
        self._open.remove(pieces.start)
        self.evidence.add_pieces(pieces)

    def _next_repair(self) -> Errand | None:
        if not self.evidence.is_known:
            return None
        for gap in self.evidence.line.gaps():
            if not self._is_definite(gap):
                return None
            if gap.place not in self._busy and self._can_repair(gap):
                return self._repair(gap)
        return None

    def _is_definite(self, gap: Gap) -> bool:
        """Whether nothing that is asked or planned can still close it."""
        if gap.right is None:
            return not self._open and not self._has_more()
        return all(start > gap.right.start for start in self._open)

    def _is_lost(self) -> bool:
        """Whether the first gap will not be closed."""
        if not self.evidence.is_known or self.evidence.line.closed or self._queue:
            return False
        gap = self.evidence.line.gaps()[0]
        if gap.place in self._busy or not self._is_definite(gap) or self.is_too_long:
            return False
        return not self._can_repair(gap)

    def _repair_of(self, gap: Gap) -> Repair:
        return self._repairs.setdefault(gap.place, Repair(self._server.page, self._server.overlap))

    def _can_repair(self, gap: Gap) -> bool:
        repair = self._repair_of(gap)
        if repair.hopeless or self._budget.is_spent:
            return False
        return self._server.room_behind(repair.start(gap)) > self._server.overlap

    def _repair(self, gap: Gap) -> Errand:
        repair = self._repair_of(gap)
        start = repair.start(gap)
        size = min(repair.size, self._server.room_behind(start))
        repair.tries += 1
        self._server.refetched += 1
        self._busy.add(gap.place)
        self._open.append(start)
        came = partial(self._came_to_repair, gap, repair, start, size)
        return self.errand(start, size, came, partial(self._failed_to_repair, gap, repair, start, size))

    def _came_to_repair(self, gap: Gap, repair: Repair, start: int, size: int, page: SearchPage) -> None:
        self._open.remove(start)
        if self.evidence.add(start, size, page):
            self._look_again(gap, repair, page)
        self._busy.discard(gap.place)

    def _look_again(self, gap: Gap, repair: Repair, page: SearchPage) -> None:
        if all(each.place != gap.place for each in self.evidence.line.gaps()):
            self._repairs.pop(gap.place, None)
            return
        created = page.dates.created if page.dates else ()
        repair.missed(gap, created, page.max_results)
        if gap.right is None and created and created[-1] == gap.low and len(created) < page.max_results:
            self._stuck += 1
            if self._stuck == _STUCK:
                self._stuck = 0
                self._believe_end(page.start_at + len(created))

    def _believe_end(self, reach: int) -> None:
        """More rows are counted than can be had: they lie beyond a result window, or the count is wrong."""
        if reach >= max(_SMALLEST_WINDOW, self._server.reach):
            self._server.learn_window(None, asked=reach + 1)
        else:
            self.evidence.line.end = self.evidence.line.until
            self._server.miscounts = True
            if self.evidence.total > reach:
                where = " in a part of the result" if self.part.first is not None else ""
                self._server.notes.append(f"Jira counts {self.evidence.total} issues{where} where it has {reach}")

    def _failed_to_repair(self, gap: Gap, repair: Repair, start: int, size: int, error: JiraError) -> None:
        if isinstance(error, ResultWindow):
            self._open.remove(start)
            self._busy.discard(gap.place)
            self._server.learn_window(error.limit, asked=start + size)
        else:
            Pieces(self.errand, start, size, self._queue.append, partial(self._repaired_apart, gap, repair))

    def _repaired_apart(self, gap: Gap, repair: Repair, pieces: Pieces) -> None:
        self._came_apart(pieces)
        self._busy.discard(gap.place)
        repair.hopeless = True  # the gap goes, or the server cannot serve what would close it
