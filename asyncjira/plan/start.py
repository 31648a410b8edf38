"""Where a pull begins: at the beginning, where another one was interrupted, or with what changed since one ended."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import msgspec

from asyncjira.jira.jql import Part
from asyncjira.plan.idset import IdSet
from asyncjira.plan.silence import Silence
from asyncjira.plan.versions import Version, Versions

__all__ = ["Mark", "Start"]


class Mark(msgspec.Struct, frozen=True):
    """How far a pull has come with the rows that carry it: every issue that was created before second `first` came.

    But for those of `silences`. Changes must be asked for from `since_ms` on.
    """

    first: int
    since_ms: int
    silences: tuple[Silence, ...] = ()


class Start(msgspec.Struct):
    """What to pull, and what was delivered before.

    `part` is what is left of it, or what changed. Of an interrupted pull, `since_ms` and `silences` are those of its
    last mark; `ids`, `rows` and `last_created` (seconds) describe what it delivered, with the `versions` of issues that
    were updated since; `before` of the rows were created before `part`. `known` are versions that an earlier pull
    delivered: they are not delivered again.
    """

    part: Part = msgspec.field(default_factory=Part)
    since_ms: float = inf
    silences: tuple[Silence, ...] = ()
    ids: IdSet = msgspec.field(default_factory=IdSet)
    rows: int = 0
    before: int = 0
    last_created: float = -inf
    versions: Versions = msgspec.field(default_factory=Versions)
    known: Mapping[str, Version] = msgspec.field(default_factory=dict)
