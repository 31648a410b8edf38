"""Under which key each field is delivered where names are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

import msgspec
import orjson

from asyncjira.jira.field import Field

__all__ = ["Naming"]

_OF_CUSTOM_FIELDS = "customfield_"  # what their ids begin with
# A key of sub-tasks, which not every Jira lists among its fields.
_UNLISTED = ("parent",)


class Naming(msgspec.Struct, frozen=True):
    """The `fields` of a Jira by id, and the `keys` of all custom ones: their names, or their ids where names clash.

    Fields of the system keep their ids.
    """

    fields: tuple[Field, ...]
    keys: dict[str, str]

    @classmethod
    def of(cls, fields: Iterable[Field], before: Mapping[str, str] | None = None) -> Self:
        """Name the custom ones of `fields`; those that had a key `before` keep it, whatever they are called now.

        A name is a key where nothing else is called so, but for upper and lower case, which databases and JQL do not
        tell apart: no id, no name of another field, and no key of before. Else all that it belongs to keep their ids.
        """
        fields, before = tuple(sorted(fields, key=lambda field: (field.id, field.name))), before or {}
        called = Counter(word.casefold() for field in fields for word in (field.id, field.name))
        called.update(word.casefold() for word in (*before.values(), *_UNLISTED))
        keys = {field.id: _key(field, called) for field in fields if field.id.startswith(_OF_CUSTOM_FIELDS)}
        return cls(fields, {**keys, **before})

    def to_json(self) -> bytes:
        """Return what stands beside an output: by the id of each field its name, its key there, and its type."""
        told = {
            field.id: {
                "name": field.name,
                "key": self.keys.get(field.id, field.id),
                "type": field.type,
                "items": field.items,
            }
            for field in self.fields
        }
        return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _key(field: Field, called: Counter[str]) -> str:
    name = field.name.casefold()
    is_clear = called[name] == 1 and called[field.id.casefold()] == 1
    is_telling = name.strip() and not name.startswith(_OF_CUSTOM_FIELDS)
    return field.name if is_clear and is_telling else field.id
