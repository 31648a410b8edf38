"""Seeded parts of an issue that have authors and times: comments, the work log, attachments, the history, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncjira.mock import prose
from asyncjira.mock.values import BASE, PROJECTS, named, person

if TYPE_CHECKING:
    from random import Random

__all__ = ["attachments", "changelog", "comments", "link", "worklog"]


def link(random: Random) -> dict[str, Any]:
    """Return one link to another issue."""
    key, number = f"{random.choice(PROJECTS)}-{random.randint(1, 99)}", random.randint(10000, 10999)
    other: dict[str, Any] = {"id": str(number), "key": key, "self": f"{BASE}/rest/api/2/issue/{number}"}
    kind = named("issueLinkType", 10000, "Blocks", inward="is blocked by", outward="blocks")
    where = f"{BASE}/rest/api/2/issueLink/{number}"
    other["fields"] = {"summary": prose.line(random)}
    return {"id": str(number), "self": where, "type": kind, "outwardIssue": other}


def _entry(random: Random, number: int, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "author": person(random), "created": "%(created)b", "updated": "%(updated)b", **more}


def comments(random: Random) -> dict[str, Any]:
    """Return the page of all comments that the field `comment` is."""
    found = [_entry(random, 20000 + n, body=prose.wiki(random, 200)) for n in range(random.choice([0, 0, 1, 2, 3]))]
    return {"comments": found, "maxResults": len(found), "total": len(found), "startAt": 0}


def worklog(random: Random) -> dict[str, Any]:
    """Return the first entries of the work log, with their number."""
    found = [_entry(random, 30000, timeSpent="1h", timeSpentSeconds=3600)] if random.random() < 0.2 else []
    return {"startAt": 0, "maxResults": 20, "total": len(found), "worklogs": found}


def attachments(random: Random) -> list[dict[str, Any]]:
    """Return what is known of each attached file."""
    more: dict[str, Any] = {"filename": "screen shot 1.png", "size": 48211, "mimeType": "image/png"}
    file = _entry(random, 40000, **more, content=f"{BASE}/secure/attachment/40000/x.png")
    return [file] if random.random() < 0.2 else []


def changelog(random: Random) -> dict[str, Any]:
    """Return the histories that `expand=changelog` adds."""
    item = {"field": "status", "from": "10000", "fromString": "To Do", "to": "10001", "toString": "Done"}
    histories = [_entry(random, 50000 + n, items=[item]) for n in range(random.randint(0, 2))]
    return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}
