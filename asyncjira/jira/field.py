"""The fields of a Jira: what each is called, and what it holds.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get
https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-field/
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from asyncjira.jira.body import check_text, unlike
from asyncjira.jira.exchange import Answer, Fault, Request, Unusable

__all__ = ["Field", "field_catalogue"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of issues: `id` is its key in their JSON, `name` what people call it, in the language of who asks.

    `type` is that of its value, as Jira's schema says it (`string`, `number`, `option`, `array`), `items` that of the
    elements of an array; None where Jira does not tell. Of a `custom` field `custom_type` is the app and the kind that
    it has there, such as `com.pyxis.greenhopper.jira:gh-sprint`. Names are not unique; ids are.
    """

    id: str
    name: str
    type: str | None = None
    items: str | None = None
    custom: bool = False
    custom_type: str | None = None


class _Schema(msgspec.Struct):
    type: str | None = None
    items: str | None = None
    custom: str | None = None


class _Entry(msgspec.Struct):
    id: str
    name: str
    custom: bool = False
    schema: _Schema | None = None


_ENTRIES = msgspec.json.Decoder(list[_Entry])


def field_catalogue(api_version: str) -> Request[tuple[Field, ...]]:
    """Build the request for all fields that the user may see: one answer, in no order that means anything."""
    return Request("GET", f"/rest/api/{api_version}/field", _read, "list of fields")


def _read(answer: Answer) -> tuple[Field, ...]:
    check_text(answer.body)
    try:
        return tuple(map(_field, _entries(answer.body)))
    except msgspec.ValidationError as error:
        raise unlike("list of fields", str(error)) from None
    except (ValueError, RecursionError):
        raise Unusable("the list of fields is damaged", Fault.DAMAGED) from None


def _entries(body: bytes) -> list[_Entry]:
    """Read the body; half a surrogate pair in a name, which is legal JSON and no text, becomes a question mark."""
    try:
        return _ENTRIES.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        text = json.dumps(json.loads(body), ensure_ascii=False)
        return _ENTRIES.decode(text.encode(errors="replace"))


def _field(entry: _Entry) -> Field:
    schema = entry.schema or _Schema()
    return Field(entry.id, entry.name, schema.type, schema.items, entry.custom, schema.custom)
