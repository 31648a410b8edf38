"""How many rows neighbouring pages should share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

__all__ = ["SMALLEST_PAGE", "cheapest_overlap", "failing"]

SMALLEST_PAGE = 4  # rows: two that are shared with each neighbour

_LEAST = 3  # rows: two to prove that the pages meet, one for a row that leaves in between


def cheapest_overlap(created: Sequence[int], size: int) -> int:
    """Return the overlap that asks the fewest requests for pages of `size` rows, judged by the first page's `created`.

    Pages meet where the rows that they share were created in more than one second. Of an overlap of k rows that fails
    at the share p(k) of all places, those inside of k or more rows of one second, and costs one more request there: the
    requests for each row are (1 + p(k)) / (size - k).
    """
    groups = _groups(created)
    most = max(1, min(size // 2, max([_LEAST, *(rows + 1 for rows in groups)])))  # from there on none fails

    def cost(overlap: int) -> float:
        return (1 + _failing(groups, overlap)) / (size - overlap)

    return min(range(min(_LEAST, most), most + 1), key=cost)


def failing(created: Sequence[int], overlap: int) -> float:
    """Return the share p(`overlap`) of places where pages that share so many rows do not meet."""
    return _failing(_groups(created), overlap)


def _groups(created: Sequence[int]) -> list[int]:
    return [len(list(group)) for _, group in groupby(created)]


def _failing(groups: Sequence[int], overlap: int) -> float:
    return sum(max(0, rows - overlap + 1) for rows in groups) / max(1, sum(groups))
