"""The list of all ids of a Data Center, and what of it is wanted in whole."""

from __future__ import annotations

from collections.abc import Iterator

from asyncjira.jira.jql import Part
from asyncjira.plan.cover import Cover
from asyncjira.plan.idset import IdSet
from asyncjira.plan.roll import Roll
from asyncjira.plan.shelf import Row

__all__ = ["Calling", "Wanted"]


class Calling:
    """Notes who is listed. Those never delivered are to be asked for by when they were created."""

    def __init__(self, listing: Cover, roll: Roll, *, reach: int) -> None:
        self._listing, self._roll, self._reach = listing, roll, reach
        self._places: list[tuple[int, int]] = []  # (row, second)
        self._row = 0
        self.next = listing.next

    @property
    def finished(self) -> bool:
        """Whether all of the list was taken, or given up."""
        return self._listing.finished

    def take(self) -> list[Row]:
        """Note what has come; there is nothing to deliver of it."""
        while rows := self._listing.take():
            for second, _, issue_id, _ in rows:
                self._row += 1
                if self._roll.note(issue_id):
                    self._places.append((self._row, second))
        return []

    def parts(self) -> Iterator[Part]:
        """Return the parts of the line where these are: neighbours within half a page together."""
        first = last = None
        for place in self._places:
            if first is not None and last is not None and place[0] - first[0] > self._reach:
                yield Part(first[1], last[1] + 1)
                first = None
            first, last = first or place, place
        if first is not None and last is not None:
            yield Part(first[1], last[1] + 1)


class Wanted:
    """What is wanted of a part of the line."""

    def __init__(self, cover: Cover, wanted: IdSet) -> None:
        self._cover, self._wanted, self.next = cover, wanted, cover.next

    @property
    def finished(self) -> bool:
        """Whether all of it was taken, or given up."""
        return self._cover.finished

    def take(self) -> list[Row]:
        """Return the next rows that are wanted; none where they have not come yet."""
        while rows := self._cover.take():
            if found := [row for row in rows if row[2] in self._wanted]:
                return found
        return []
