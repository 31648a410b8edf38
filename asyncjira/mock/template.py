"""From the shape of an issue to one template of its JSON, with the fields that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncjira.mock.shape import encoded
from asyncjira.mock.values import BASE

if TYPE_CHECKING:
    from asyncjira.mock.selection import Selection
    from asyncjira.mock.shape import Shape

__all__ = ["compiled"]

_HEAD = f'{{"expand":"operations,versionedRepresentations,editmeta,changelog,renderedFields","id":"%(id)b",\
"self":"{BASE}/rest/api/2/issue/%(id)b","key":"%(key)b"'.encode()


def compiled(shape: Shape, selection: Selection) -> bytes:
    """Return a template for bytes `%`."""
    parts = [_HEAD]
    if selection.fields:  # Jira leaves the key `fields` out where no field is asked for
        parts.append(b',"fields":' + _members(shape.fields, selection.fields))
    if "renderedFields" in selection.expand:
        parts.append(b',"renderedFields":' + _members(shape.rendered, selection.fields))
    if "changelog" in selection.expand:
        parts.append(b',"changelog":' + shape.changelog)
    return b"".join([*parts, b"}"])


def _members(values: dict[str, bytes], names: tuple[str, ...]) -> bytes:
    return b"{" + b",".join(encoded(name) + b":" + values[name] for name in names if name in values) + b"}"
