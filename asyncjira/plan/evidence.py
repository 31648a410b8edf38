"""What the pages of one part of the line prove: how far it is covered, and which issues are there."""

from __future__ import annotations

from math import inf

from asyncjira.errors import ProtocolError
from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.plan.errand import Server, Undated, Unprovable
from asyncjira.plan.line import Line, Span
from asyncjira.plan.overlap import cheapest_overlap
from asyncjira.plan.pieces import Pieces
from asyncjira.plan.shelf import Shelf

__all__ = ["Evidence", "dates_of"]

_BELIEVED = 3  # empty first pages, until a server that is known to miscount is believed that there are no issues
_REPEATED = 3  # pages equal to the first one, whatever was asked for, until the server is known to ignore startAt


class Evidence:
    """Pages on a shelf, and the line that they cover.

    `total` is how many issues there are, as the latest page counts; `expected` until there is one, and never above
    `most`. `oldest` is a second before which none was created, `dry` the row from which on nothing came although more
    is counted.
    """

    def __init__(self, server: Server, *, oldest: int | None, until: float, expected: int) -> None:
        self.line, self.shelf, self._server = Line(), Shelf(), server
        self.line.until = until
        self.total: float = expected
        self.most, self.oldest = inf, oldest
        self.dry: int | None = None
        self.is_known = False
        self._empty = 0
        self._reach, self._short = 0, inf  # the furthest row that came, and that of the shortest page that was not full
        self._first_ids: list[str] = []

    def add(self, start: int, size: int, page: SearchPage) -> bool:
        """Take the page that `size` rows were asked of for what it proves, and keep its issues.

        False where it is out of order, and proves nothing.
        """
        if page.max_results < min(size, self._server.page):
            self._server.shrink(page.max_results)
        if not self._prove(start, page):
            return False
        self._keep(start, page)
        return True

    def add_pieces(self, pieces: Pieces) -> None:
        """Take a page that came in pieces: what its dates prove counts, also for issues that could not be served."""
        if pieces.dates is not None and self._prove(pieces.start, pieces.dates):
            self._list(pieces.dates)
        for page in pieces.pages:
            if self._prove(page.start_at, page):
                self._keep(page.start_at, page)
        if not self.is_known:
            raise Unprovable("Jira serves neither the first page nor any part of it")

    def _list(self, page: SearchPage) -> None:
        listed = self._server.listed
        for issue_id, updated in zip(page.ids, dates_of(page).updated, strict=True):
            listed[issue_id] = max(updated, listed.get(issue_id, updated))

    def _keep(self, start: int, page: SearchPage) -> None:
        if page.issues:
            self._server.rows += len(page.issues)
            self.shelf.add(start, self._server.pages, page, dates_of(page))

    def _prove(self, start: int, page: SearchPage) -> bool:
        rows, most = len(page.issues), page.max_results
        if most <= 0 or rows > most:
            raise ProtocolError(f"the server says that its pages hold {most} issues, and sent {rows}")
        created = _created(page)
        self._server.pages += 1
        if created is None:
            self._server.refuse_page()
            return False
        self._notice_repetition(start, page.ids)
        self._learn(start, page, created)
        if (span := self._span(start, page, created)) is not None:
            self.line.add(span)
        return True

    def _notice_repetition(self, start: int, ids: list[str]) -> None:
        if start == 0:
            self._first_ids = ids
        elif start >= self._server.step:
            self._server.repeated = self._server.repeated + 1 if len(ids) > 1 and ids == self._first_ids else 0
            if self._server.repeated == _REPEATED:
                raise ProtocolError("page after page brings the same issues: the server, or a cache, ignores startAt")

    def _learn(self, start: int, page: SearchPage, created: list[int]) -> None:
        server, stop = self._server, start + len(created)
        self.total = min(page.total, self.most)
        if not self.is_known:
            server.overlap = server.overlap or cheapest_overlap(created, server.page)
            self.is_known = True
        server.miscounts |= bool(created) and stop > page.total
        if created:
            self._reach = max(self._reach, stop)
            is_short = len(created) < page.max_results and stop < page.total
            self._short = min(self._short, stop) if is_short else self._short
            server.cuts |= self._short < self._reach
        if created and start == 0 and self.oldest is None:
            self.oldest = created[0]
        if created and (self.dry is None or stop > self.dry):
            self.dry, server.reach = None, max(server.reach, stop)
        elif not created and page.total > start > 0:
            self.dry = min(start, self.dry or start)

    def _span(self, start: int, page: SearchPage, created: list[int]) -> Span | None:
        stop = start + len(created)
        if not created:
            self._empty += start == 0
            is_empty = page.total == 0 or (self._server.miscounts and self._empty >= _BELIEVED)
            return Span(-inf, inf, 0, 0, self._server.pages) if start == 0 and is_empty else None
        # Fewer rows than a page holds are the end only where the count agrees: large issues make pages short, too.
        is_end = len(created) < page.max_results and stop == page.total
        low, high = -inf if start == 0 else created[0], inf if is_end else created[-1]
        return Span(low, high, start, stop, self._server.pages)


def dates_of(page: SearchPage) -> Dates:
    """Return the dates of a page. Raises Undated."""
    if page.dates is None:
        raise Undated("Jira does not tell when each issue was created")
    return page.dates


def _created(page: SearchPage) -> list[int] | None:
    """Return when the rows of a page were created, None where they are out of order or an issue stands there twice."""
    created = list(dates_of(page).created)
    return created if created == sorted(created) and len(set(page.ids)) == len(page.ids) else None
