"""How many rows to ask for at a time, where nobody has said so: one larger page is tried, and kept to where it pays."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from asyncjira.jira.page import SearchPage
from asyncjira.plan.strategy import Ask

__all__ = ["Sizing", "largest_useful", "pays"]

_MOST = 1000  # rows of a page of Data Center, unless told otherwise (jira.search.views.default.max)
_PAGES = 4  # that the window holds at least: of fewer, a slow one would hold up all others
_GAIN = 0.75  # of the time for each row: what gains less is not worth pages that are lost, and asked again, as a whole


def largest_useful(total: int, *, usual: int, window: int) -> int:
    """Return the largest page for `total` rows that keeps all requests busy, and as few rows waiting as before.

    Before that were `window` pages of `usual` rows, half of them in flight.
    """
    return max(usual, min(_MOST, 2 * total // window, window * usual // _PAGES))


def pays(*, usual: float, large: float) -> bool:
    """Whether larger pages pay that take `large` seconds for each row, where the usual ones take `usual`."""
    return large <= _GAIN * usual


class Sizing:
    """How many rows to ask for at a time: the `usual` ones, or after one larger page has paid as many as that.

    The first page tells how many there are, then one is tried. `clock` returns seconds.
    """

    def __init__(self, usual: int, window: int, clock: Callable[[], float]) -> None:
        self._rows, self._usual, self._window, self._clock = usual, usual, window, clock
        self._sent: dict[Ask, float] = {}
        self._target: int | None = None
        self._is_tried = self._is_decided = False
        self._for_each = inf  # seconds, of the quickest usual page

    def next(self) -> int:
        """Return how many rows the next page should ask for."""
        if self._target is None or self._is_tried:
            return self._rows
        self._is_tried = True
        return self._target

    def sent(self, ask: Ask) -> None:
        """Learn that a page is asked for now."""
        self._sent[ask] = self._clock()

    def came(self, ask: Ask, page: SearchPage) -> None:
        """Learn what came."""
        seconds, rows = self._clock() - self._sent.pop(ask, -inf), len(page.issues)
        if self._target is None:
            self._target = largest_useful(page.total, usual=self._usual, window=self._window)
            self._is_tried = self._target == self._usual or page.max_results < ask.size
        if rows and ask.size <= self._usual:
            self._for_each = min(self._for_each, seconds / rows)
        elif rows and ask.size == self._target and not self._is_decided:
            self._is_decided = True
            if pays(usual=self._for_each, large=seconds / rows):
                self._rows = self._target
        if page.max_results < ask.size:
            self._rows = min(self._rows, page.max_results)

    def failed(self, ask: Ask) -> None:
        """Learn that no page came; a large one is then no more asked for."""
        self._sent.pop(ask, None)
        if ask.size > self._usual:
            self._rows, self._is_decided = min(self._rows, self._usual), True
