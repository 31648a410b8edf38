"""What was rendered once and is kept: a benchmark must measure the client, not the mock."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Kept"]

T = TypeVar("T")
_KEPT = 256 << 20  # bytes of bodies kept: 4,000 pages of a hundred issues when gzip is asked for, 400 when not


class Kept(Generic[T]):
    """Rendered things by what was asked for. The ones not asked for the longest time go when there is no room.

    `size` counts the bytes of one.
    """

    def __init__(self, size: Callable[[T], int]) -> None:
        self._size, self._bytes = size, 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], T]) -> T:
        """Return what is kept for `key`, or render it."""
        if (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return found
        found = self._kept[key] = render()
        self._bytes += self._size(found)
        while self._bytes > _KEPT:
            self._bytes -= self._size(self._kept.popitem(last=False)[1])
        return found
