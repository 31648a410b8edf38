"""Offset search: the first page says how many rows there are, so every other page is known and fetched at once.

A server may return fewer rows than asked for at any time (a page cap, also one that is lowered in the middle): what is
missing becomes a gap.
The end is a page that is empty, or short where its own `total` agrees; `total` alone ends nothing.
"""

from __future__ import annotations

from asyncjira.errors import JiraError, ProtocolError, ServerError, TransportError
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query, search
from asyncjira.plan.frontier import Frontier
from asyncjira.plan.idset import IdSet
from asyncjira.plan.sizing import Sizing
from asyncjira.plan.strategy import Ask, Outcome, Rows

__all__ = ["OffsetStrategy"]

_PATIENCE = 3  # tries of a page larger than usual that Jira answers with 500 or 504, and others not
_STALE_PAGES = 3  # in a row without one new id: the server ignores startAt, and would be asked for ever


class OffsetStrategy:
    """Every page of one query, `window` pages at most asked or waiting at a time.

    `page_size` is asked for, or what `sizing` finds better; the server's own `maxResults` decides the stride.
    """

    foresees = True  # each page is known by its offset
    is_estimate = False  # every page counts them

    def __init__(self, query: Query, *, page_size: int, window: int, sizing: Sizing | None = None) -> None:
        self.query, self._usual, self._sizing = query, page_size, sizing
        self._rows = Frontier[SearchPage](page_size, window)
        self._asked_empty: set[int] = set()
        self._ids = IdSet()
        self._known_total = 0
        self._known_when_sent: dict[int, int] = {}
        self._total_first: int | None = None
        self._total_last: int | None = None
        self._duplicates = self._stale = 0
        self._shrank = False

    def next(self) -> Ask | None:
        """Return the lowest rows that are missing, within the window; the first page alone, until it has arrived."""
        if (gap := self._rows.gap()) is not None:
            return self._ask(*gap)
        planned = self._rows.planned
        if planned > 0 and (self._total_first is None or planned >= self._rows.limit or self._is_past_plan(planned)):
            return None
        size = self._rows.stride if self._sizing is None else self._sizing.next()
        return self._ask(self._rows.plan(size), size)

    def _is_past_plan(self, planned: int) -> bool:
        # Where all that are known are planned, one page more is asked: it finds the end after a last page that is full.
        return planned > self._known_total or (self._rows.end is not None and planned >= self._rows.end)

    def _ask(self, start: int, size: int) -> Ask:
        return Ask(search(self.query, start, size), start, size, _PATIENCE if size > self._usual else None)

    def on_sent(self, ask: Ask) -> None:
        """Remember the largest `total` that is known now: an answer that counts fewer has seen issues leave."""
        self._known_when_sent[ask.start] = self._known_total
        if self._sizing is not None:
            self._sizing.sent(ask)

    def on_answer(self, ask: Ask, page: SearchPage) -> None:
        """Keep the page for its turn, and decide about the rows that it should have held and does not."""
        rows, most = len(page.issues), page.max_results
        if most <= 0 or rows > most:
            raise ProtocolError(f"the server says that its pages hold {most} issues, and sent {rows}")
        if self._total_first is None:
            self._total_first = page.total
        if most < ask.size:
            self._rows.stride = min(self._rows.stride, most)
        if self._sizing is not None:
            self._sizing.came(ask, page)
        self._shrank |= page.total < self._known_when_sent.pop(ask.start, 0)
        self._known_total = max(self._known_total, page.total)
        self._rows.keep(ask.start, rows, page)
        self._account(ask, page, ask.start + rows)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Ask for it in smaller pages where it was larger than usual. Raises `error` else: nothing may be missing."""
        if self._sizing is None or ask.size <= self._usual or not isinstance(error, ServerError | TransportError):
            raise error
        self._sizing.failed(ask)
        self._known_when_sent.pop(ask.start, None)
        self._rows.miss(ask.start, ask.size)

    def _account(self, ask: Ask, page: SearchPage, got: int) -> None:
        rows, missing = len(page.issues), ask.start + ask.size - got
        if self._is_end_outdated(rows, page.total, got):
            self._rows.reopen()
            self._asked_empty.clear()
        if missing <= 0:
            self._known_total = max(self._known_total, got)
        elif self._is_end(ask, page, got):
            if self._rows.end_at(got, missing):
                self._total_last = page.total
        elif page.max_results >= ask.size or not self._rows.unplan(got, missing):
            self._rows.miss(got, missing)

    def _is_end(self, ask: Ask, page: SearchPage, got: int) -> bool:
        if page.issues:
            return len(page.issues) < min(page.max_results, ask.size) and got >= page.total
        if got >= page.total or got in self._asked_empty:
            return True
        self._asked_empty.add(got)  # empty where `total` promises rows: believed when it is empty twice
        return False

    def _is_end_outdated(self, rows: int, total: int, got: int) -> bool:
        """Whether a page tells of rows beyond the end, or counts more of them than the page that was the end."""
        end = self._rows.end
        if end is None or self._total_last is None or not self._rows.may_reopen:
            return False
        return (rows > 0 and got > end) or total > self._total_last

    def take(self) -> Rows | None:
        """Return the rows from the frontier on, without the ids that were delivered before. Raises ProtocolError."""
        while (due := self._rows.due()) is not None:
            start, seen, page = due
            rows = zip(page.issues[seen:], page.ids[seen:], strict=True)
            fresh = [issue for issue, issue_id in rows if self._ids.add(issue_id)]
            self._duplicates += len(page.issues) - seen - len(fresh)
            self._stale = 0 if fresh else self._stale + 1
            if self._stale == _STALE_PAGES:
                raise ProtocolError("page after page brings the same issues: the server, or a cache, ignores startAt")
            if fresh:
                return Rows(start + seen, fresh)
        return None

    @property
    def total(self) -> int:
        """The largest count of any page."""
        return self._known_total

    @property
    def finished(self) -> bool:
        """Whether the frontier has reached the end."""
        return self._rows.finished

    def outcome(self) -> Outcome:
        """Reconcile: ids distinct, as many as the last page's `total`, no issue left meanwhile, none beyond the end."""
        doubts = tuple(self._doubts())
        return Outcome(
            guarantee="none" if doubts else "reconciled",
            doubts=doubts,
            issues=len(self._ids),
            duplicates_dropped=self._duplicates,
            refetched_pages=self._rows.refetched,
            total_first=self._total_first,
            total_last=self._total_last,
        )

    def _doubts(self) -> list[str]:
        if not self.finished:
            return ["it was stopped before its end"]
        doubts = []
        if len(self._ids) != self._total_last:
            doubts.append(f"Jira counts {self._total_last} issues, {len(self._ids)} different ones came")
        if self._duplicates:
            doubts.append(f"{self._duplicates} issues came twice, so rows moved from page to page")
        if self._total_last is not None and self._known_total > self._total_last:
            doubts.append(f"a page counted {self._known_total} issues, the last one {self._total_last}")
        if self._shrank:
            doubts.append("issues left the result while it was pulled, so others may have slipped between pages")
        if any(page.issues for page in self._rows.waiting):
            doubts.append("rows were found beyond the end")
        return [*doubts, "the result changed meanwhile, or Jira miscounts: pull it again"] if doubts else []
