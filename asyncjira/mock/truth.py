"""What a complete pull of changing issues must hold: kept while the searches go on, told afterwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from asyncjira.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from asyncjira.mock.record import Record

__all__ = ["Ledger", "Truth", "write_truth"]


@dataclass(frozen=True, slots=True)
class Truth:
    """What was so from the first search on, by id.

    `throughout`: what matched in every view that any search could have been answered from. `ever`: what matched in one
    of them. `fresh`: of what matched in every such view since the first search with a bound on `updated`, the client's
    catch-up, `updated` (in milliseconds) as it was then; None before that search. `changes` counts what happened.
    """

    throughout: frozenset[str]
    ever: frozenset[str]
    fresh: Mapping[str, int] | None
    changes: int

    def to_json(self) -> bytes:
        """Return it as one JSON object, the ids in the order of their numbers."""
        whole = asdict(self)
        for name in ("throughout", "ever"):
            whole[name] = sorted(whole[name], key=int)
        return orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)


class Ledger:
    """Keeps the truth from one search to the next."""

    def __init__(self) -> None:
        self.changes = 0
        self._throughout: set[str] | None = None
        self._ever: set[str] = set()
        self._fresh: dict[str, int] | None = None

    def note(self, views: Sequence[list[Record]], gone: AbstractSet[str], come: AbstractSet[str]) -> None:
        """Note that a search is answered from one of `views`, oldest first; the newest lost `gone`, got `come`."""
        if self._throughout is None:
            self._throughout = _common(views)
            self._ever = {record.id for view in views for record in view}
        self._throughout -= gone
        self._ever |= come
        if self._fresh is not None:
            for issue_id in gone:
                self._fresh.pop(issue_id, None)

    def note_catch_up(self, views: Sequence[list[Record]]) -> None:
        """Note that this search, answered from one of `views`, has a bound on `updated`; the first one counts."""
        if self._fresh is None:
            common = _common(views)
            self._fresh = {record.id: record.updated for record in views[0] if record.id in common}

    def truth(self) -> Truth:
        """Return what is known by now."""
        throughout, fresh = self._throughout or (), self._fresh
        return Truth(frozenset(throughout), frozenset(self._ever), None if fresh is None else dict(fresh), self.changes)


def write_truth(path: Path | str | None, told: bytes) -> None:
    """Write what is told into a file, if there is a path. Raises ConfigError."""
    try:
        if path:
            Path(path).write_bytes(told)
    except OSError as error:
        raise ConfigError(f"cannot write the truth into {path}: {error.strerror}") from None


def _common(views: Sequence[list[Record]]) -> set[str]:
    """Return the ids that are in every view."""
    distinct = {id(view): view for view in views}.values()  # a view in which nothing changed is the one before it
    return set.intersection(*({record.id for record in view} for view in distinct))
