"""One issue of a set that changes, as a plain value, and the records that such a set begins with."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.values import PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncjira.mock.corpus import Corpus

__all__ = ["Record", "of_corpus", "of_seconds"]

_FIRST_ID = 10000
_SPARE = 20  # one more that does not match yet for so many that do


class Record(NamedTuple):
    """An issue at one moment. Records sort as a search returns them: by the second of their creation, then by key.

    `created` is in seconds and `updated` in milliseconds since 1970; `row` is the corpus row whose body it shows.
    """

    created: int
    project: str
    number: int
    id: str
    updated: int
    row: int
    matches: bool = True

    @property
    def key(self) -> str:
        """The issue's key, for example OPS-7."""
        return f"{self.project}-{self.number}"


def of_seconds(seconds: Iterable[int], seed: int = 0) -> list[Record]:
    """Return an issue for each second named, as often as it is named, and one in twenty that does not match yet."""
    times, random = sorted(seconds), Random(seed)
    spare = random.choices(times, k=len(times) // _SPARE + 1) if times else []
    return [
        Record(second, PROJECTS[0], row + 1, str(_FIRST_ID + row), second * 1000, row, row < len(times))
        for row, second in enumerate([*times, *spare])
    ]


def of_corpus(corpus: Corpus, seed: int = 0) -> list[Record]:
    """Return the issues of a corpus, and one in twenty that does not match yet, created somewhere among them."""
    records, random = [corpus.record(row) for row in range(len(corpus))], Random(f"{seed}/spare")
    spare = range(len(records), len(records) + len(records) // _SPARE + 1) if records else ()
    return records + [
        corpus.record(row)._replace(created=second, updated=second * 1000, matches=False)
        for row, second in ((row, random.choice(records).created) for row in spare)
    ]
