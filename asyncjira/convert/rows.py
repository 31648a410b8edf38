"""From issues to rows, some at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from asyncjira.convert.columns import Column, Row
from asyncjira.convert.envelope import Envelope
from asyncjira.convert.issue import Issue
from asyncjira.convert.wide import Wide
from asyncjira.errors import OutputError, printable

__all__ = ["Rows", "Source"]

_BATCH = 4 << 20  # bytes of issues at a time: some thousands to a statement of DuckDB, and little memory
_CELLS = 1 << 20  # of a batch, too: DuckDB takes 120 bytes to be handed one, and 3,000 columns may hold nothing
_MOST_NAMES = 10  # of what has no column, in a note


class Source(Protocol):
    """Issues, with the size of each in bytes, as often as they are asked for; and how many lines were tombstones."""

    tombstones: int

    def __iter__(self) -> Iterator[tuple[Issue, int]]:
        """Begin with the first one."""


class Rows:
    """The rows of all issues in `source`, in the envelope, or `wide`; iterate over them once, batch by batch.

    `columns` are known at once: for a wide table all issues are looked at before. Afterwards `issues` says how many
    there were, and `notes` what of them is not in the table. Raises OutputError as soon as `is_hurried()`.
    """

    def __init__(self, source: Source, *, wide: bool = False, is_hurried: Callable[[], bool] = lambda: False) -> None:
        self._source, self._is_wide, self._is_hurried = source, wide, is_hurried
        self._odd, self._beside, self._mended = Counter[str](), Counter[str](), 0
        self.issues = 0
        self._layout = self._wide() if wide else Envelope(self._odd)
        self.columns: tuple[Column, ...] = self._layout.columns

    def _wide(self) -> Wide:
        layout = Wide(self._odd)
        for batch in self._batches(1):
            for issue in batch:
                layout.see(issue)
        layout.settle()
        return layout

    def __iter__(self) -> Iterator[list[Row]]:
        for batch in self._batches(len(self.columns)):
            yield [self._layout.row(issue) for issue in batch]
            self.issues += len(batch)
            for issue in batch:
                self._beside.update(issue.beside)
                self._mended += issue.is_mended

    def _batches(self, columns: int) -> Iterator[list[Issue]]:
        batch, waiting, longest = list[Issue](), 0, max(1, _CELLS // columns)
        for issue, size in self._source:
            batch.append(issue)
            waiting += size
            if waiting >= _BATCH or len(batch) == longest:
                self._look()
                yield batch
                batch, waiting = [], 0
        self._look()
        if batch:
            yield batch

    def _look(self) -> None:
        if self._is_hurried():
            raise OutputError("no table was made: it was interrupted")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of, a sentence each."""
        odd = sorted((name, number) for name, number in self._odd.items() if number)
        notes = [f"{number:,} values of {name} are null here: not as Jira writes them" for name, number in odd]
        if gone := self._source.tombstones:
            notes.append(f"{gone:,} tombstones have no row: asyncjira compact leaves out the issues that are gone")
        if self._beside and not self._is_wide:
            names = ", ".join(printable(name, 50) for name in sorted(self._beside)[:_MOST_NAMES])
            notes.append(f"what stands beside the fields has no column: {names} (--wide makes one for each)")
        if self._mended:
            notes.append(f"{self._mended:,} issues held half a character (an unpaired surrogate), which is U+FFFD here")
        return tuple(notes)
