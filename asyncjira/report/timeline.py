"""What came when, in as many bins of time as a chart can show, however long the pull took."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bin", "Timeline"]

_NARROWEST = 0.1  # seconds: five requests at the default rate
_MOST = 60  # bins: they fit beside their name in a terminal


@dataclass(slots=True)
class Bin:
    """What came in `seconds` from `begin` on, and how many requests were under way at most."""

    begin: float
    seconds: float
    issues: int = 0
    bytes: int = 0
    in_flight: int = 0


class Timeline:
    """Adds up by time; where there would be more than 60 bins, each two become one."""

    def __init__(self) -> None:
        self.width = _NARROWEST
        self._bins: list[Bin] = []

    def add(self, at: float, *, issues: int = 0, size: int = 0, in_flight: int = 0) -> None:
        """Add what came `at` so many seconds after the begin."""
        while at >= self.width * _MOST:
            self._join()
        number = int(at / self.width)
        while len(self._bins) <= number:
            self._bins.append(Bin(len(self._bins) * self.width, self.width))
        found = self._bins[number]
        found.issues, found.bytes = found.issues + issues, found.bytes + size
        found.in_flight = max(found.in_flight, in_flight)

    def bins(self, end: float) -> list[Bin]:
        """Return the bins up to `end`. A last one that it cuts to less than half is part of the one before it."""
        bins = [*self._bins]
        if not bins:
            return []
        rest = end - bins[-1].begin
        if rest < self.width / 2 and len(bins) > 1:
            last = bins.pop()
            bins[-1] = _sum(bins[-1], last, self.width + max(rest, 0.0))
        elif 0 < rest < self.width:
            bins[-1] = _sum(bins[-1], Bin(0.0, 0.0), rest)
        return bins

    def _join(self) -> None:
        self.width *= 2
        pairs = zip(self._bins[::2], [*self._bins[1::2], Bin(0.0, 0.0)], strict=False)
        self._bins = [_sum(one, other, self.width) for one, other in pairs]


def _sum(one: Bin, other: Bin, seconds: float) -> Bin:
    in_flight = max(one.in_flight, other.in_flight)
    return Bin(one.begin, seconds, one.issues + other.issues, one.bytes + other.bytes, in_flight)
