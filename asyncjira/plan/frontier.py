"""The rows of one list, counted by offset: what is taken, waits for its turn, is missing, or lies past the end."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

__all__ = ["Frontier"]

_REOPENINGS = 100  # of the end in one pull: a set that grows is followed, a server that counts at random is not

P = TypeVar("P")


class Frontier(Generic[P]):
    """Pages `P` by offset, `window` pages of `page_size` rows at most asked or waiting at a time.

    Of the offsets below `planned`, each is at any time in exactly one of these places: taken (below `at`), waiting for
    its turn, asked, a gap to be asked again, or past the `end`. `stride` is how many rows a page may hold, `refetched`
    how many gaps were asked again.
    """

    def __init__(self, page_size: int, window: int) -> None:
        self.stride, self._usual, self._window = page_size, page_size, window
        self._gaps: list[tuple[int, int]] = []  # a heap of (start, size)
        self._waiting: list[tuple[int, int, int, P]] = []  # a heap of (start, arrival, rows, page)
        self._past_end: list[tuple[int, int]] = []  # (start, size) not asked again unless rows turn up beyond
        self.at = self.planned = self.refetched = 0
        self.end: int | None = None
        self._arrivals = self._reopened = 0

    @property
    def limit(self) -> int:
        """The first offset that may not be asked yet."""
        return self.at + self._window * min(self.stride, self._usual)

    def gap(self) -> tuple[int, int] | None:
        """Return the first missing rows within the window, as (start, size), to be asked now."""
        if not self._gaps or self._gaps[0][0] >= self.limit:
            return None
        start, size = heappop(self._gaps)
        if size > self.stride:
            heappush(self._gaps, (start + self.stride, size - self.stride))
        self.refetched += 1
        return start, min(size, self.stride)

    def plan(self, size: int) -> int:
        """Plan so many rows more; return the first of them."""
        self.planned += size
        return self.planned - size

    def unplan(self, start: int, size: int) -> bool:
        """Plan the last so many rows again, in pages as they are now; False where others are planned behind them."""
        is_last = start + size == self.planned
        if is_last:
            self.planned = start
        return is_last

    def keep(self, start: int, rows: int, page: P) -> None:
        """Keep a page that accounts for so many rows for its turn."""
        self._arrivals += 1
        heappush(self._waiting, (start, self._arrivals, rows, page))

    def miss(self, start: int, size: int) -> None:
        """Let rows be asked again."""
        heappush(self._gaps, (start, size))

    def end_at(self, start: int, size: int) -> bool:
        """Take so many rows from `start` on for past the end; True where that is the first end, or an earlier one."""
        if size > 0:
            self._past_end.append((start, size))
        is_news = self.end is None or start < self.end
        if is_news:
            self.end = start
        return is_news

    @property
    def may_reopen(self) -> bool:
        """Whether there is an end that may turn out to be none."""
        return self.end is not None and self._reopened < _REOPENINGS

    def reopen(self) -> None:
        """Ask again what lies past the end: it is not the end any more."""
        self.end = None
        self._reopened += 1
        for gap in self._past_end:
            heappush(self._gaps, gap)
        self._past_end.clear()

    def due(self) -> tuple[int, int, P] | None:
        """Return the next page whose turn has come: its first row, how many rows were taken before, and the page."""
        while self._waiting and self._waiting[0][0] <= self.at:
            start, _, rows, page = heappop(self._waiting)
            seen = self.at - start
            if seen < rows:
                self.at = start + rows
                return start, seen, page
        return None

    @property
    def waiting(self) -> Iterator[P]:
        """The pages whose turn has not come."""
        return (page for _, _, _, page in self._waiting)

    @property
    def finished(self) -> bool:
        """Whether all rows up to the end were taken."""
        return self.end is not None and self.at >= self.end
