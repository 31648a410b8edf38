"""Bodies that were rendered once and are kept: a benchmark must measure the client, not the mock."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Kept"]

_KEPT = 256 << 20  # bytes of bodies kept: 4,000 pages of a hundred issues when gzip is asked for, 400 when not


class Kept:
    """Bodies by what was asked for; the ones not asked for the longest time go when there is no room."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def body(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """Return the body kept for `key`, or render it."""
        if (body := self._bodies.get(key)) is not None:
            self._bodies.move_to_end(key)
            return body
        body = self._bodies[key] = render()
        self._bytes += len(body)
        while self._bytes > _KEPT:
            self._bytes -= len(self._bodies.popitem(last=False)[1])
        return body
