"""Where to look for what is missing between two pages, and when to stop looking."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import msgspec

from asyncjira.plan.line import Gap

__all__ = ["Repair"]

_TRIES = 16  # pages for one gap: steps that double reach 2 ** 8 pages to either side, and halving finds the row


class Repair(msgspec.Struct):
    """The search for the rows of one gap, in a list that moves meanwhile.

    It begins with a page of `size` rows centred on the gap, `overlap` rows before it where there is no page behind it.
    """

    size: int
    overlap: int
    tries: int = 0
    hopeless: bool = False
    _shift: int = 0
    _step: int = 0  # with its sign: to the left or to the right
    _turned: bool = False
    _half: int = 0  # of its first page

    def __post_init__(self) -> None:
        self._half = self.size // 2

    def start(self, gap: Gap) -> int:
        """Return the first row to ask for: beside the neighbour that was seen last, moved by what was learnt since."""
        left, right = gap.left, gap.right
        if gap.low == -inf:
            return 0
        if right is not None and (left is None or right.arrival > left.arrival):
            edge = right.start - self._half
        elif left is not None:
            edge = left.stop - (self._half if right is not None else self.overlap)
        else:
            edge = 0
        return max(0, edge + self._shift)

    def missed(self, gap: Gap, created: Sequence[int], most: int) -> None:
        """Learn that a page, its rows `created` then, `most` of them at most, did not narrow the gap."""
        is_capped = most < self.size
        self.size = min(self.size, most)
        fills_page = bool(created) and created[0] == created[-1] == gap.low
        if fills_page or (gap.low == gap.high and self._turned):
            # Only a page that begins before that second and ends behind it proves that all of its issues are there.
            self.hopeless |= is_capped and fills_page
            self.size = self.size if is_capped else self.size * 2
        self.hopeless |= self.tries >= _TRIES
        self._move(-1 if not created or created[0] >= gap.low else 1)

    def _move(self, side: int) -> None:
        if self._step * side < 0:
            self._turned = True
            self._step = side * max(1, abs(self._step) // 2)
        elif not self._turned:
            self._step = side * max(1, abs(self._step) * 2 or self._half)
        self._shift += self._step
