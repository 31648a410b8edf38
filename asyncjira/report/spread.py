"""How times and sizes are spread, in memory that does not grow with them."""

from __future__ import annotations

from collections import Counter
from math import floor, log10

__all__ = ["Spread"]

_STEPS = 50  # of a decade: each is 4.7% wide, so a quantile is at most 2.4% beside the true one
_LEAST = 1e-6  # a microsecond, or less than a byte: below that nothing is told apart


class Spread:
    """Counts values from 0 on by their logarithm. `least`, `most` and `total` are exact."""

    def __init__(self) -> None:
        self.count, self.total = 0, 0.0
        self.least, self.most = 0.0, 0.0
        self._steps: Counter[int] = Counter()

    def add(self, value: float) -> None:
        """Count one value."""
        self.least = min(self.least, value) if self.count else value
        self.most = max(self.most, value)
        self.count, self.total = self.count + 1, self.total + value
        self._steps[floor(log10(max(value, _LEAST)) * _STEPS)] += 1

    def quantile(self, part: float) -> float:
        """Return the value that `part` (from 0 to 1) of all are not above, about; 0 where there is none."""
        passed = 0
        for step in sorted(self._steps):
            passed += self._steps[step]
            if passed >= part * self.count:
                return min(max(10 ** ((step + 0.5) / _STEPS), self.least), self.most)
        return 0.0

    def columns(self, to_a_decade: int = 10) -> list[tuple[float, float, int]]:
        """Return (from, to, count) for each column that is not empty; `to_a_decade` of them divide 50."""
        counts: Counter[int] = Counter()
        for step, count in self._steps.items():
            counts[step * to_a_decade // _STEPS] += count
        return [
            (10 ** (column / to_a_decade), 10 ** ((column + 1) / to_a_decade), counts[column])
            for column in sorted(counts)
        ]
