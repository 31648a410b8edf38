"""What lies between the pages of a segment and is not covered: asked for until it is, or given up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from asyncjira.errors import JiraError, ResultWindow
from asyncjira.jira.page import SearchPage
from asyncjira.plan.asks import Asks
from asyncjira.plan.errand import Errand, Server
from asyncjira.plan.evidence import Evidence, dates_of
from asyncjira.plan.line import Gap
from asyncjira.plan.overlap import SMALLEST_PAGE
from asyncjira.plan.pieces import Pieces
from asyncjira.plan.repair import Repair

__all__ = ["Gaps", "Place"]

_STUCK = 2  # pages that end where the line ends already, although more is counted, until it is looked behind them
_SMALLEST_WINDOW = 2 * SMALLEST_PAGE  # rows: pages of a smaller one share no two rows

Place = tuple[float, float]


class Gaps:
    """Closes the gaps of `evidence`. `has_more` tells whether pages are still planned, and may close what is behind."""

    def __init__(self, asks: Asks, evidence: Evidence, server: Server, has_more: Callable[[], bool]) -> None:
        self._asks, self._evidence, self._server, self._has_more = asks, evidence, server, has_more
        self._repairs: dict[Place, Repair] = {}
        self._busy: set[Place] = set()
        self._stuck = 0
        self.given_up: list[Place] = []

    def next(self) -> Errand | None:
        """Return what closes a gap that nothing else will, or None."""
        for gap in self._evidence.line.gaps():
            if not self._is_definite(gap):
                return None
            if gap.place not in self._busy and self._can_repair(gap):
                return self._repair(gap)
        return None

    def give_up(self) -> None:
        """Let the line go on behind gaps at its front that will not be closed."""
        while not self._evidence.line.closed and self._is_lost(self._evidence.line.gaps()[0]):
            self.given_up.append(self._evidence.line.give_up().place)

    def _is_definite(self, gap: Gap) -> bool:
        """Whether nothing that is asked or planned can still close it."""
        if gap.right is None:
            return not self._asks.open and not self._has_more()
        return all(start > gap.right.start for start in self._asks.open)

    def _is_lost(self, gap: Gap) -> bool:
        return gap.place not in self._busy and self._is_definite(gap) and not self._can_repair(gap)

    def _repair_of(self, gap: Gap) -> Repair:
        return self._repairs.setdefault(gap.place, Repair(self._server.page, self._server.overlap))

    def _can_repair(self, gap: Gap) -> bool:
        repair = self._repair_of(gap)
        if repair.hopeless or self._asks.budget.is_spent:
            return False
        return self._server.room_behind(repair.start(gap)) > self._server.overlap

    def _repair(self, gap: Gap) -> Errand:
        repair = self._repair_of(gap)
        start = repair.start(gap)
        repair.tries += 1
        self._server.refetched += 1
        self._busy.add(gap.place)
        size = min(repair.size, self._server.room_behind(start))
        return self._asks.page(start, size, partial(self._look_again, gap, repair), purpose="gap")

    def _look_again(self, gap: Gap, repair: Repair, came: SearchPage | Pieces | None) -> None:
        self._busy.discard(gap.place)
        if all(each.place != gap.place for each in self._evidence.line.gaps()):
            del self._repairs[gap.place]
            self._stuck = 0
        elif isinstance(came, Pieces) and came.dates is None:
            repair.hopeless = True  # the server cannot even name what would close it
        elif (page := came.dates if isinstance(came, Pieces) else came) is not None:
            created = dates_of(page).created
            repair.missed(gap, created, page.max_results)
            if gap.right is None and created and created[-1] == gap.low and len(created) < page.max_results:
                self._count_stuck(gap, page.start_at + len(created))

    def _count_stuck(self, gap: Gap, reach: int) -> None:
        self._stuck += 1
        if self._stuck == _STUCK:
            self._stuck = 0
            self._busy.add(gap.place)
            found, failed = partial(self._looked_behind, gap, reach), partial(self._cannot_look, gap, reach)
            self._asks.queue.append(self._asks.errand(reach, 1, found, failed, dates_only=True))

    def _looked_behind(self, gap: Gap, reach: int, page: SearchPage) -> None:
        """Where nothing stands there although more is counted, a result window ends here, or the count is wrong."""
        self._busy.discard(gap.place)
        is_told = page.total <= reach and not self._server.miscounts
        if page.issues or is_told or self._server.cuts:
            return
        if page.total > reach >= max(_SMALLEST_WINDOW, self._server.reach):
            self._server.learn_window(None, asked=reach + 1)
        else:
            self._evidence.line.end = self._evidence.line.until
            self._server.miscounts = True

    def _cannot_look(self, gap: Gap, reach: int, error: JiraError) -> None:
        self._busy.discard(gap.place)
        if isinstance(error, ResultWindow):
            self._server.learn_window(error.limit, asked=reach + 1)
