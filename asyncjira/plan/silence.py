"""Ids that were listed, and then left out of every answer without a word: deleted, hidden, or lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from asyncjira.jira.jql import Part

__all__ = ["Silence", "merged"]


class Silence(msgspec.Struct):
    """Such ids of neighbouring batches; `low` and `high` are seconds around their `created`, None at an open end.

    `row` tells how many ids were listed before theirs.
    """

    ids: list[str]
    row: int
    low: int | None = None
    high: int | None = None

    @property
    def part(self) -> Part:
        """The part of the line in which they must be listed if they are still there."""
        return Part(self.low, None if self.high is None else self.high + 1)


def merged(silences: Iterable[Silence], rows: int) -> Iterator[Silence]:
    """Join those that stand within so many `rows` of a listing: one page then looks after all of them."""
    group: Silence | None = None
    for each in silences:
        if group is not None and 0 <= each.row - group.row < rows:
            low = None if group.low is None or each.low is None else min(group.low, each.low)
            high = None if group.high is None or each.high is None else max(group.high, each.high)
            group = Silence([*group.ids, *each.ids], group.row, low, high)
        else:
            if group is not None:
                yield group
            group = Silence(each.ids, each.row, each.low, each.high)
    if group is not None:
        yield group
