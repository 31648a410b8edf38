"""The envelope: the same columns for every pull, whatever its issues hold, and all fields as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TypedDict

import msgspec

from asyncjira.convert.columns import FIELDS, FRONT, Row
from asyncjira.convert.issue import Issue
from asyncjira.jira.dates import milliseconds

__all__ = ["Envelope", "front", "moment_of"]

# How Cloud shows people, Data Center, and both where they are anonymised:
# https://developer.atlassian.com/cloud/jira/platform/deprecation-notice-user-privacy-api-migration-guide/
_PEOPLE = ("displayName", "name", "accountId", "key")
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999  # of the years 1 to 9999, in UTC


class _Known(TypedDict, total=False):
    project: Any
    issuetype: Any
    status: Any
    priority: Any
    assignee: Any
    reporter: Any
    created: Any
    updated: Any
    resolutiondate: Any
    labels: Any


_KNOWN = msgspec.json.Decoder(_Known)


class Envelope:
    """Rows of the envelope. `odd` counts values that are not what Jira documents, by column; these are null."""

    columns = (*FRONT, FIELDS)

    def __init__(self, odd: Counter[str]) -> None:
        self._odd = odd

    def row(self, issue: Issue) -> Row:
        """Return one value for each column."""
        return [*front(issue, self._odd), None if issue.fields is None else issue.fields.decode()]


def front(issue: Issue, odd: Counter[str]) -> Row:
    """Return the values of the columns before `fields`, and count those that are `odd`."""
    known = _known(issue.fields)

    def moment(column: str, field: str) -> int | None:
        value = known.get(field)
        found = moment_of(value) if isinstance(value, str) else None
        odd[column] += value is not None and found is None
        return found

    return [
        issue.id,
        issue.key,
        _text(known.get("project"), "key"),
        _text(known.get("issuetype"), "name"),
        _text(known.get("status"), "name"),
        _text(known.get("priority"), "name"),
        _text(known.get("assignee"), *_PEOPLE),
        _text(known.get("reporter"), *_PEOPLE),
        moment("created", "created"),
        moment("updated", "updated"),
        moment("resolved", "resolutiondate"),
        _labels(known.get("labels"), odd),
    ]


def moment_of(text: str) -> int | None:
    """Return a time as Jira writes it (`2021-03-04T05:06:07.000+0000`) in milliseconds since 1970; None: it is none."""
    try:
        found = milliseconds(text)
    except (ValueError, OverflowError):
        return None
    return found if _FIRST <= found <= _LAST else None


def _known(fields: bytes | None) -> dict[str, Any]:
    try:
        return dict(_KNOWN.decode(fields)) if fields else {}
    except msgspec.DecodeError:  # it is no object, or holds a number that msgspec refuses: 1e400
        found = json.loads(fields or b"null", parse_int=float)  # int() refuses thousands of digits; none is needed
        return found if isinstance(found, dict) else {}


def _text(value: object, *names: str) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in names if isinstance(value.get(name), str)), None)


def _labels(value: object, odd: Counter[str]) -> list[str] | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    odd["labels"] += value is not None
    return None
