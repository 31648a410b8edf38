"""A Cloud pull in disjoint ranges of `created`, each a chain of pages of its own, several of them side by side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec
from msgspec.structs import replace

from asyncjira.jira.jql import Part
from asyncjira.plan.errand import Errand
from asyncjira.plan.shelf import Row
from asyncjira.plan.source import ByPage
from asyncjira.plan.tenant import Tenant

__all__ = ["EVEN", "PAGES", "PARTS", "Ranges"]

# Pages that a range should hold. More would wait longer for the ranges before them, and all that waits is in memory;
# fewer would leave more of the last pages half empty, and take more counts.
PAGES = 3
_PAGES_AHEAD = 2  # pages asked or waiting for each request that may be in flight, as everywhere
EVEN = 4  # times as many issues are cut into equal times without counting each: the chains even it out
_COUNTS = 100  # beyond two for each page that came: cutting 50,000 issues of one hour out of ten years takes 80
PARTS = 16  # into which one range is cut at most, before its parts are counted


class _Range(msgspec.Struct, eq=False):
    """Created at second `low` or later, before second `high`; `is_open` where later ones belong to it, too.

    `expected` is how many issues it seems to hold, None until that was asked.
    """

    low: int
    high: int
    is_open: bool
    rest: Part = msgspec.field(default_factory=Part)  # its other bounds
    expected: int | None = None
    is_counting: bool = False
    pages: ByPage | None = None

    @property
    def part(self) -> Part:
        return replace(self.rest, first=self.low, before=None if self.is_open else self.high)

    def cut(self, parts: int, expected: int | None) -> Iterator[_Range]:
        """Cut it into ranges of equal time."""
        parts = max(1, min(parts, self.high - self.low))
        bounds = [self.low + (self.high - self.low) * at // parts for at in range(parts + 1)]
        for at in range(parts):
            yield _Range(bounds[at], bounds[at + 1], self.is_open and at == parts - 1, self.rest, expected)


class Ranges:
    """Pulls `part` in ranges that begin with the second page; `until` is a second behind the last issue.

    The first page tells when the first issue was created, and `tell` how many there seem to be: then the rest is cut.
    """

    def __init__(self, tenant: Tenant, part: Part) -> None:
        self._tenant, self._part = tenant, part
        self._ranges = [_Range(0, 0, is_open=True, pages=ByPage(tenant, part))]
        self._cut_into, self._until = 0, 0
        self._listed = self._counts = 0

    def tell(self, expected: int, until: int) -> None:
        """Learn about how many issues there are."""
        if expected > 2 * PAGES * self._tenant.page:
            self._cut_into, self._until = expected, until

    def next(self) -> Errand | None:
        """Return what the first range asks that may ask something."""
        if self._cut_into and self._ranges:  # the first page may have been the last, whatever was estimated
            self._cut_rest()
        held = 0
        for at, each in enumerate(self._ranges):
            held += each.pages.load if each.pages is not None else 1
            if at and held > _PAGES_AHEAD * self._tenant.concurrency:
                return None
            if (errand := self._of(at, each)) is not None:
                return errand
        return None

    def _of(self, at: int, each: _Range) -> Errand | None:
        if each.pages is None and each.expected is None and not each.is_counting:
            self._counts += 1
            if self._counts > _COUNTS + 2 * self.listed // self._tenant.page:
                self._stop_counting()
        if each.pages is None and each.expected is None and not each.is_counting:
            each.is_counting = True
            told, failed = partial(self._counted, each), lambda _: self._counted(each, 0)
            return Errand(self._tenant.count(each.part), 0, 0, taken=told, failed=failed)
        if each.pages is None and each.expected is not None:
            self._merge(at, each)
            each.pages = ByPage(self._tenant, each.part)
        return each.pages.next() if each.pages is not None else None

    def _stop_counting(self) -> None:
        """Take all ranges that were not counted for one: the counts do not fit what comes."""
        for each in self._ranges:
            if each.expected is None and not each.is_counting:
                each.expected = 0

    def _cut_rest(self) -> None:
        """Cut what lies behind the first page into ranges, as soon as that is known."""
        first = self._ranges[0]
        begin = first.pages.leave() if first.pages is not None else None
        if begin is not None:
            self._tenant.is_cut = True
            rest = _Range(begin, max(begin + 1, self._until), is_open=True, rest=self._part)
            self._ranges.append(rest)
            self._counted(rest, self._cut_into)
            self._cut_into = 0

    def _counted(self, each: _Range, expected: int) -> None:
        """Start a range that is short enough, cut one that is not."""
        target, at = PAGES * self._tenant.page, self._ranges.index(each)
        parts = -(-expected // target)
        if expected <= 2 * target or each.high - each.low <= 1:
            each.expected = expected
        elif parts <= EVEN:
            self._ranges[at : at + 1] = each.cut(parts, expected // parts)
        else:
            self._ranges[at : at + 1] = each.cut(min(parts, PARTS), None)

    def _merge(self, at: int, each: _Range) -> None:
        """Take in the next ranges as long as that stays short enough: one that is empty costs a request, too."""
        while at + 1 < len(self._ranges):
            behind = self._ranges[at + 1]
            both = (each.expected or 0) + (behind.expected or 0)
            if behind.pages is not None or behind.expected is None or both > PAGES * self._tenant.page:
                return
            each.high, each.is_open, each.expected = behind.high, behind.is_open, both
            del self._ranges[at + 1]

    def take(self) -> list[Row]:
        """Return the next issues of the first range."""
        while self._ranges and (pages := self._ranges[0].pages) is not None:
            rows = pages.take()
            if pages.finished:
                self._listed += pages.listed
                self._ranges.pop(0)
            if rows or not pages.finished:
                return rows
        return []

    @property
    def listed(self) -> int:
        """How many issues have come, or are known to be there."""
        return self._listed + sum(each.pages.listed for each in self._ranges if each.pages is not None)

    @property
    def waiting(self) -> int:
        """How many issues have come and wait for their turn."""
        return sum(each.pages.waiting for each in self._ranges if each.pages is not None)

    @property
    def is_listed(self) -> bool:
        """Whether `listed` is all of them."""
        return all(each.pages is not None and each.pages.is_listed for each in self._ranges)

    @property
    def is_asked(self) -> bool:
        """Whether all of them were asked for."""
        return all(each.pages is not None and each.pages.is_asked for each in self._ranges)

    @property
    def finished(self) -> bool:
        """Whether all of them were taken."""
        return not self._ranges
