"""Which fields and expansions a search asks for: Jira's `fields` and `expand` parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from asyncjira.mock.catalogue import CATALOGUE

__all__ = ["Selection", "select"]

_EXPANSIONS = ("renderedFields", "changelog", "names", "schema")  # others are ignored, as unknown fields are
_ALL = tuple(CATALOGUE)
_NAVIGABLE = tuple(field.id for field in CATALOGUE.values() if field.navigable)


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids of the fields wanted, in the order of an issue's JSON, and the expansions known to the mock."""

    fields: tuple[str, ...]
    expand: tuple[str, ...]
    only_id: bool = False  # not even the key: how Cloud lists issues if nothing is asked for


@lru_cache(256)
def select(fields: tuple[str, ...], expand: tuple[str, ...] = ()) -> Selection:
    """Read `fields` and `expand`; each item may itself be a list with commas.

    No field named means `*navigable`, also where something is only excluded (`-comment`). An unknown name is ignored.
    """
    names = [name.strip() for item in fields for name in item.split(",") if name.strip()]
    wanted = {name for name in names if not name.startswith("-")} or {"*navigable"}
    wanted |= {*_ALL} if "*all" in wanted else {*_NAVIGABLE} if "*navigable" in wanted else set()
    wanted -= {name[1:] for name in names if name.startswith("-")}
    asked = {name.strip() for item in expand for name in item.split(",")}
    chosen = tuple(name for name in _ALL if name in wanted)
    return Selection(chosen, tuple(name for name in _EXPANSIONS if name in asked))
