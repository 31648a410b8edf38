"""Any list that is paged by offset, whether it tells how many items it has or not, fetched concurrently.

Where it tells, all pages are known after the first. Where it does not, pages are asked on suspicion: as many at once as
were full so far, so that no more of them are in vain than are not.

A page may be short for two reasons, which look the same: the server gives no more at a time, or some of these items are
not for this user, and were left out after the page was cut. So what a short page lacks is asked again. Where nothing
but items of that page come, its offsets count what is hidden. Nothing else but an empty page ends a list that neither
counts nor says which page is the last; and where rows turn up behind an empty page, that was not the end.
"""

from __future__ import annotations

from asyncjira.errors import JiraError, NotFound, ProtocolError
from asyncjira.jira.list_page import PAGINGS, ListPage
from asyncjira.jira.resource import Resource
from asyncjira.plan.frontier import Frontier
from asyncjira.plan.list_check import ListCheck
from asyncjira.plan.strategy import Ask, Outcome, Rows

__all__ = ["ListStrategy"]

_HIDDEN = ListPage([], [])
_IGNORES = "the server, or a cache, ignores the offset"
_NOT_THERE = "check PATH (and the context path of --url), and whether this login may see it"


class ListStrategy:
    """Every page of `resource`, `window` pages of `page_size` items at most asked or waiting at a time."""

    foresees = True  # each page is known by its offset

    def __init__(self, resource: Resource, *, page_size: int, window: int) -> None:
        self._resource, self._paging, self.key = resource, PAGINGS[0], resource.key
        self._rows = Frontier[ListPage](page_size, window)
        self._check = ListCheck()
        self._first: ListPage | None = None
        self._before: dict[int, list[bytes]] = {}  # where a short page ended: the items before
        self._asked_empty: set[int] = set()
        self._known_when_sent: dict[int, int] = {}
        self._furthest = self._full = 0  # the end of the rows that came, and how many pages brought all they could

    def next(self) -> Ask | None:
        """Return the lowest rows that are missing, within the window; the first page alone, until it has arrived."""
        if (gap := self._rows.gap()) is not None:
            return self._ask(*gap)
        planned = self._rows.planned
        if planned > 0 and (self._first is None or planned >= self._rows.limit or not self._is_likely(planned)):
            return None
        size = self._rows.stride
        return self._ask(self._rows.plan(size), size)

    def _is_likely(self, planned: int) -> bool:
        """Whether there may be a page from row `planned` on."""
        if self._rows.end is not None:
            return planned < self._rows.end
        if planned <= self._rows.at:
            return True
        counted = self._check.counted
        return planned <= counted if counted else planned < self._furthest + self._full * self._rows.stride

    def _ask(self, start: int, size: int) -> Ask:
        request = self._resource.page(start, size, paging=self._paging, key=self.key)
        return Ask(request, start, size, purpose="gap" if start in self._before else "page")

    def on_sent(self, ask: Ask) -> None:
        """Remember the largest `total` that is known now: an answer that counts fewer has seen items leave."""
        self._known_when_sent[ask.start] = self._check.counted

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Raise `error`: nothing may be missing."""
        if isinstance(error, NotFound) and error.status in (404, 410):
            said = f" (Jira says: {error.said})" if error.said else ""
            raise NotFound(f"HTTP {error.status}: no such list: {_NOT_THERE}{said}", status=error.status) from None
        raise error

    def on_answer(self, ask: Ask, page: ListPage) -> None:
        """Keep the page for its turn, and decide about the rows that it should have held and does not."""
        if self._check.is_unpaged:
            return
        rows, most, known = len(page.issues), page.max_results, self._known_when_sent.pop(ask.start, 0)
        if most is not None and rows > most:
            raise ProtocolError(f"the server says that its pages hold {most} items, and sent {rows}")
        if self._first is None:
            if self._speaks_otherwise(page):
                self._rows.miss(ask.start, ask.size)
                return
            self._first, self.key = page, page.key
        elif self._is_first_again(ask, page):
            return
        if page.start_at not in (None, ask.start):
            raise ProtocolError(
                f"asked for the items from {ask.start} on, got those from {page.start_at} on: {_IGNORES}"
            )
        if most:
            self._rows.stride = min(self._rows.stride, most)
        self._check.count(page.total, known_before=known)
        self._account(ask, page, ask.start + rows)

    def _speaks_otherwise(self, page: ListPage) -> bool:
        """Whether the first page has other words for offset and size, so that it has not heeded ours."""
        is_whole = page.is_last is True or page.total == len(page.issues)
        if page.paging in (None, self._paging) or is_whole:
            return False
        self._paging, self.key = page.paging or self._paging, page.key
        return True

    def _is_first_again(self, ask: Ask, page: ListPage) -> bool:
        """Whether the first page came once more: then the list is not paged, and that was all of it.

        Not where it speaks of pages, and of no end: what ignores the offset may have more. Where that is not sure, it
        is asked for less: of a list that is not paged, too much comes again.
        """
        rows, is_behind_short = len(page.issues), ask.start in self._before
        is_all = page.total <= rows if page.total is not None else page.paging is None or page.is_last is True
        if self._first is None or ask.start == 0 or not rows or not is_all or page.issues != self._first.issues:
            return False
        if rows > ask.size or page.start_at not in (None, ask.start) or (rows == 1 < ask.size and not is_behind_short):
            self._check.is_unpaged, self._check.total_last, self._rows.end = True, page.total, rows
        elif ask.size > 1 and not is_behind_short:
            self._rows.miss(ask.start, 1)
            self._rows.miss(ask.start + 1, ask.size - 1)
        else:
            return False
        return True

    def _account(self, ask: Ask, page: ListPage, got: int) -> None:
        rows, missing, before = len(page.issues), ask.start + ask.size - got, self._before.pop(ask.start, None)
        if rows and before and {*page.issues} <= {*before}:
            self._hide(ask)
            return
        if self._is_end_outdated(rows, page.total, got):
            self._rows.reopen()
        if rows:
            self._rows.keep(ask.start, rows, page)
            self._furthest = max(self._furthest, got)
            self._full += missing <= 0
            if before and page.max_results is None:  # more came behind a short page: it was as long as pages may be
                self._rows.stride = min(self._rows.stride, len(before))
        if self._is_end(ask, page, got, is_behind_short=before is not None):
            if self._rows.end_at(got, missing):
                self._check.total_last = page.total
        elif not rows:
            self._look_again(ask, page, is_behind_short=before is not None)
        elif missing > 0:
            self._miss(got, missing, [*(before or ()), *page.issues])

    def _miss(self, start: int, size: int, before: list[bytes]) -> None:
        """Ask for what a short page lacks; behind the first of a bare list for less than it held.

        Of a list that is not paged, all of it comes again, and so shows what it is.
        """
        pieces, is_bare = [size], self.key == "auto"
        if is_bare and start == len(before) and 1 < len(before) <= size:
            pieces = [len(before) - 1, size - len(before) + 1]
        for piece in pieces:
            self._rows.miss(start, piece)
            self._before[start] = before
            start += piece

    def _is_end(self, ask: Ask, page: ListPage, got: int, *, is_behind_short: bool) -> bool:
        is_furthest = self._furthest <= got
        if page.total is not None:
            if page.issues:
                return got >= page.total and (len(page.issues) != ask.size or page.is_last is True)
            return got >= page.total or (got in self._asked_empty and is_furthest)
        if page.is_last is None:
            return not page.issues and is_furthest and not is_behind_short
        return page.is_last and is_furthest

    def _look_again(self, ask: Ask, page: ListPage, *, is_behind_short: bool) -> None:
        """Ask once more for a page that is empty, and not the end; where Jira says that there is more, go on."""
        is_told = page.total is None and (page.is_last is False or is_behind_short)
        if is_told or ask.start in self._asked_empty:
            self._hide(ask)
        else:
            self._asked_empty.add(ask.start)
            self._rows.miss(ask.start, ask.size)

    def _hide(self, ask: Ask) -> None:
        self._rows.keep(ask.start, ask.size, _HIDDEN)
        self._full += 1

    def _is_end_outdated(self, rows: int, total: int | None, got: int) -> bool:
        """Whether a page tells of rows beyond the end, or counts more of them than the page that was the end."""
        end, last = self._rows.end, self._check.total_last
        if end is None or not self._rows.may_reopen:
            return False
        return (rows > 0 and got > end) or (total is not None and last is not None and total > last)

    def take(self) -> Rows | None:
        """Return the items from the frontier on, without those that were delivered before. Raises ProtocolError."""
        while (due := self._rows.due()) is not None:
            _, seen, page = due
            came = self._check.issues
            if fresh := self._check.add(page.issues[seen:], page.ids[seen:]):
                return Rows(came, fresh)
        return None

    @property
    def total(self) -> int:
        """The largest count of any page; where there is none, how many rows have come."""
        return self._check.counted or self._furthest

    @property
    def is_estimate(self) -> bool:
        """Whether that is no count."""
        return not self._check.counted

    @property
    def finished(self) -> bool:
        """Whether the frontier has reached the end."""
        return self._rows.finished

    def outcome(self) -> Outcome:
        """Say how it ended, or how it stands; see `ListCheck.outcome`."""
        is_beyond = any(page.issues for page in self._rows.waiting) and not self._check.is_unpaged
        return self._check.outcome(self._rows.refetched, is_finished=self.finished, is_beyond=is_beyond)
