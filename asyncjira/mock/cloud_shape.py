"""Shapes of issues as Cloud shows them: people are accounts there, and what happened is not updated."""

from __future__ import annotations

import json
from typing import Any

from asyncjira.mock.cloud_facts import account_id
from asyncjira.mock.shape import Shape
from asyncjira.mock.values import BASE

__all__ = ["account", "as_cloud"]

_PERSON = b"JIRAUSER"  # how Data Center's keys of users begin: what holds none holds no person


def as_cloud(shape: Shape) -> Shape:
    """Return a shape of Data Center as Cloud would show it."""
    fields, rendered = ({name: _recast(text) for name, text in part.items()} for part in (shape.fields, shape.rendered))
    histories = json.loads(shape.changelog)
    for history in histories["histories"]:
        del history["updated"]
    return Shape(fields, rendered, _encoded(_accounts(histories)))


def _recast(template: bytes) -> bytes:
    return _encoded(_accounts(json.loads(template))) if _PERSON in template else template


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()  # a template already: no `%` to double


def _accounts(value: Any) -> Any:
    if isinstance(value, list):
        return [_accounts(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "displayName" in value:
        return account(value)
    return {name: _accounts(item) for name, item in value.items()}


def account(person: dict[str, Any]) -> dict[str, Any]:
    """Return a user of Data Center as Cloud would show one."""
    number = account_id(person["name"])
    kept = {name: person[name] for name in ("emailAddress", "avatarUrls", "displayName", "active", "timeZone")}
    where = f"{BASE}/rest/api/2/user?accountId={number}"
    return {"self": where, "accountId": number, **kept, "accountType": "atlassian"}
