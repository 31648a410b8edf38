"""Issues by id and key, many at once: what Cloud's bulk fetch takes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.enhanced import object_of, strings
from asyncjira.mock.search import BadRequest
from asyncjira.mock.selection import Selection, select

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BulkAsk", "read_bulk", "too_many"]

_USUAL_BATCH = 100
_LARGEST_BATCH = 1000
_MOST_FIELDS = 100  # for more than the usual batch
_MANY_VALUED = {"comment", "worklog", "attachment"}
_HEAVY = {"changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations"}
_FIELDS = {"issueIdsOrKeys", "fields", "fieldsByKeys", "properties", "expand"}


class BulkAsk(NamedTuple):
    """A bulk fetch as asked for: ids and keys, what of each, and whether the conditions for a large batch hold."""

    names: tuple[str, ...]
    selection: Selection
    is_narrow: bool


@lru_cache(256)
def read_bulk(body: bytes) -> BulkAsk:
    """Read the body of a bulk fetch. Raises BadRequest."""
    asked = object_of(body, _FIELDS)
    names, fields, expand = (tuple(strings(asked, name)) for name in ("issueIdsOrKeys", "fields", "expand"))
    if not names:
        raise BadRequest("issueIdsOrKeys must hold at least one issue id or key.")
    if len(strings(asked, "properties")) > 5:
        raise BadRequest("At most 5 properties can be asked for.")
    return BulkAsk(names, select(fields, expand), _is_narrow(fields, expand))


def _is_narrow(fields: Iterable[str], expand: Iterable[str]) -> bool:
    names = {name.strip() for item in fields for name in item.split(",") if name.strip()}
    named = {name for name in names if not name.startswith("-")}
    explicit = bool(named) and not any(name.startswith("*") for name in named) and len(names) <= _MOST_FIELDS
    return explicit and not named & _MANY_VALUED and not {*expand} & _HEAVY


def too_many(ask: BulkAsk, *, strict: bool = False) -> str:
    """Return why a batch is too large, in Jira's manner; empty if it is not. `strict` knows no large batches."""
    most = _LARGEST_BATCH if ask.is_narrow and not strict else _USUAL_BATCH
    return f"The number of issues requested exceeds the limit of {most}." if len(ask.names) > most else ""
