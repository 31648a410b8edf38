"""Seeded issues: row i is computed when it is asked for, so a corpus of millions costs nothing.

Rows come in blocks of 256. What varies inside a block (gaps between ids, seconds, projects) is drawn once from the
seed; block n is block 0 moved on. The text of an issue comes from the shape of its place in the block.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import OrderedDict
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Protocol

from asyncjira.mock.cloud_shape import as_cloud
from asyncjira.mock.record import Record
from asyncjira.mock.shape import Shape, build_shape, encoded
from asyncjira.mock.template import compiled
from asyncjira.mock.values import PROJECTS, project

if TYPE_CHECKING:
    from asyncjira.mock.selection import Selection

__all__ = ["Corpus", "Rows"]

_BLOCK = 256  # rows; about 2 MB of templates for each selection of fields in use
_SELECTIONS_KEPT = 16
_FIRST_ID = 10000
_LONGEST_NUMBER = 19  # digits of an id or of a key: Java's long
_FIRST_SECOND = 1451894400  # 2016-01-04T08:00:00Z
_MINUTES = [b"%02d:%02d:" % divmod(minute, 60) for minute in range(1440)]
_SECONDS = [b"%02d.000+0000" % second for second in range(60)]
_NUMBERS = {key: number for number, key in enumerate(PROJECTS)}
_IN = tuple(b'"project":' + encoded(project(number)).replace(b"%%", b"%") for number in range(len(PROJECTS)))


class Rows(Protocol):
    """Issues in the order of their creation."""

    def __len__(self) -> int: ...

    def row(self, number: int, selection: Selection) -> bytes:
        """Return the JSON of one issue."""

    def created(self, number: int) -> int:
        """Return when an issue was created, in milliseconds since 1970."""

    def updated(self, number: int) -> int:
        """Return when an issue was updated, in milliseconds since 1970."""

    def issue_id(self, number: int) -> str:
        """Return the id of an issue."""

    def record(self, number: int) -> Record:
        """Return what is known of an issue without its text."""

    def find(self, name: str) -> int | None:
        """Return the row of the issue with that id or key."""


class Corpus:
    """`issues` seeded issues; see `Rows`. The same seed gives the same bytes, on every machine.

    `cloud` shows people as Cloud does.
    """

    def __init__(self, issues: int, seed: int, *, cloud: bool = False) -> None:
        self._issues, self._seed, self._cloud = issues, seed, cloud
        random = Random(f"{seed}/rows")
        self._ids = [0, *accumulate(random.choices([1, 2, 3, 11], [70, 20, 8, 2], k=_BLOCK))]
        self._seconds = [0, *accumulate(_steps(random))]
        self._projects = [0, *random.choices(range(len(PROJECTS)), [5, 4, 3, 2, 1], k=_BLOCK - 1)]
        self._ranks = [self._projects[:place].count(number) for place, number in enumerate(self._projects)]
        self._counts = [self._projects.count(number) for number in range(len(PROJECTS))]
        self._places = {
            name: [place for place, project in enumerate(self._projects) if PROJECTS[project] == name]
            for name in PROJECTS
        }
        ages = [(random.randint(0, 90 * 86400), random.random()) for _ in range(_BLOCK)]
        self._ages, self._parts = [age for age, _ in ages], [part for _, part in ages]
        self._latest: tuple[Selection | None, dict[int, bytes]] = None, {}
        self._templates: OrderedDict[Selection, dict[int, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return self._issues

    def row(self, number: int, selection: Selection) -> bytes:
        """Return the JSON of one issue."""
        return self.show(self.record(number), selection)

    def show(self, record: Record, selection: Selection) -> bytes:
        """Return the JSON of the issue that a record stands for, with the text of its row."""
        place = record.row % _BLOCK
        template = self._templates_of(selection).get(place) or self._compile(place, selection)
        updated, thousandths = divmod(record.updated, 1000)
        resolved = record.created + int((updated - record.created) * self._parts[place])
        body = template % {
            b"id": record.id.encode(),
            b"key": b"%b-%d" % (record.project.encode(), record.number),
            b"created": _stamp(record.created),
            b"updated": _stamp(updated, thousandths),
            b"resolved": _stamp(resolved),
            b"number": b"%d" % record.row,
        }
        shown = self._projects[place]
        return body if PROJECTS[shown] == record.project else body.replace(_IN[shown], _IN[_NUMBERS[record.project]], 1)

    def record(self, number: int) -> Record:
        """Return what is known of an issue without its text; also of one beyond the last."""
        block, place = divmod(number, _BLOCK)
        project, second = self._projects[place], self._second(number)
        rank = block * self._counts[project] + self._ranks[place] + 1
        issue_id = _FIRST_ID + block * self._ids[-1] + self._ids[place]
        return Record(second, PROJECTS[project], rank, str(issue_id), (second + self._ages[place]) * 1000, number)

    def created(self, number: int) -> int:
        """Return when an issue was created, in milliseconds since 1970."""
        return self._second(number) * 1000

    def updated(self, number: int) -> int:
        """Return when an issue was updated, in milliseconds since 1970."""
        return (self._second(number) + self._ages[number % _BLOCK]) * 1000

    def issue_id(self, number: int) -> str:
        """Return the id of an issue."""
        return self.record(number).id

    def find(self, name: str) -> int | None:
        """Return the row of the issue with that id or key."""
        project, _, digits = name.upper().rpartition("-")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > _LONGEST_NUMBER:
            return None
        row = self._row_of_key(project, int(digits) - 1) if project else self._row_of_id(int(digits) - _FIRST_ID)
        return row if row is not None and 0 <= row < self._issues else None

    def _row_of_id(self, distance: int) -> int | None:
        block, rest = divmod(distance, self._ids[-1])
        place = bisect_left(self._ids, rest)
        return block * _BLOCK + place if self._ids[place] == rest else None

    def _row_of_key(self, project: str, rank: int) -> int | None:
        places = self._places.get(project)
        if not places or rank < 0:
            return None
        block, rest = divmod(rank, len(places))
        return block * _BLOCK + places[rest]

    def _second(self, number: int) -> int:
        block, place = divmod(number, _BLOCK)
        return _FIRST_SECOND + block * self._seconds[-1] + self._seconds[place]

    def _templates_of(self, selection: Selection) -> dict[int, bytes]:
        latest = self._latest  # read once: `expected` and the server may ask from two threads
        if latest[0] is not selection:  # to look a selection up takes longer than to render a row
            latest = self._latest = selection, self._templates.setdefault(selection, {})
            self._templates.move_to_end(selection)
            if len(self._templates) > _SELECTIONS_KEPT:
                self._templates.popitem(last=False)
        return latest[1]

    def _compile(self, place: int, selection: Selection) -> bytes:
        shape = _shape(self._seed, place, self._projects[place], cloud=self._cloud)
        template = self._templates_of(selection)[place] = compiled(shape, selection)
        return template


@lru_cache(16 * _BLOCK)  # 50 MB at most: tests go over a dozen seeds again and again, for a Data Center and a Cloud
def _shape(seed: int, place: int, project: int, *, cloud: bool) -> Shape:
    shape = build_shape(seed, place, project)
    return as_cloud(shape) if cloud else shape


def _steps(random: Random) -> list[int]:
    """Return the seconds from each row of a block to the next: groups of 1 to 5 rows share a second."""
    steps: list[int] = []
    while len(steps) < _BLOCK:
        steps += [0] * random.choice([0, 0, 1, 2, 3, 4]) + [random.randint(1, 150)]
    return [*steps[: _BLOCK - 1], 60]


@lru_cache(4096)
def _day(day: int) -> bytes:
    return time.strftime("%Y-%m-%dT", time.gmtime(day * 86400)).encode()


def _stamp(second: int, thousandths: int = 0) -> bytes:
    """Return a time as Data Center writes it, for example 2021-03-04T05:06:07.000+0000."""
    day, rest = divmod(second, 86400)
    text = _day(day) + _MINUTES[rest // 60] + _SECONDS[rest % 60]
    return b"%b%03d+0000" % (text[:-8], thousandths) if thousandths else text
