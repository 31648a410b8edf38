"""The shapes of the mock's issues: everything about an issue but what differs from row to row."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any

from asyncjira.mock import activity, prose
from asyncjira.mock.catalogue import CATALOGUE, CUSTOM
from asyncjira.mock.values import BASE, custom_value, named, person, project

__all__ = ["Shape", "build_shape", "encoded"]

# The bytes of one issue with *navigable: lowest, highest, most frequent. A description fills what other fields leave.
_SIZES = (4300, 7600, 6000)
_FRAME = 300 + sum(len(name) + 4 for name in CATALOGUE)  # the names of the fields, and id, key, self and expand
_STATUSES = (("To Do", "new", "blue-gray"), ("In Progress", "indeterminate", "yellow"), ("Done", "done", "green"))
_PLACEHOLDER = re.compile(r"%(?!\((?:id|key|created|updated|resolved|number)\)b)")


@dataclass(frozen=True, slots=True)
class Shape:
    """Templates for bytes `%`: one for each field, for each rendered field, and for the changelog."""

    fields: dict[str, bytes]
    rendered: dict[str, bytes]
    changelog: bytes


def encoded(value: Any, *, ascii_only: bool = False) -> bytes:
    """Return compact JSON as a template: every `%` is doubled but those of a row's own values."""
    if isinstance(value, bytes):
        return value
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    return _PLACEHOLDER.sub("%%", text).encode()


def build_shape(seed: int, slot: int, project_number: int) -> Shape:
    """Return the shape of that slot; the slot also decides which oddities it has, so that few issues hold them all."""
    random = Random(f"{seed}/{slot}")  # a string is hashed by SHA-512: the same everywhere, whatever PYTHONHASHSEED is
    fields = _system(random, slot, project_number)
    templates = {name: encoded(value) for name, value in fields.items()}
    templates["summary"] = encoded(fields["summary"], ascii_only=slot % 8 == 5)  # \ud83d\ude80 in place of raw UTF-8
    room = int(random.triangular(*_SIZES)) - _FRAME - sum(map(len, templates.values()))
    templates |= (custom := _custom(random, room - 400))
    description = _oddities(prose.wiki(random, room - sum(map(len, custom.values()))), slot)
    templates["description"] = encoded(description)
    late = {
        "attachment": activity.attachments(random),
        "comment": activity.comments(random),
        "worklog": activity.worklog(random),
    }
    templates |= {name: encoded(value) for name, value in late.items()}
    return Shape(
        {name: templates[name] for name in CATALOGUE},
        _rendered(fields, description, late),
        encoded(activity.changelog(random)),
    )


def _custom(random: Random, room: int) -> dict[str, bytes]:
    """Return all custom fields: null, but for some that are drawn until their bytes fill the room."""
    templates = {field.id: b"null" for field in CUSTOM}
    for field in random.sample(CUSTOM, k=len(CUSTOM) // 3):
        value = encoded(custom_value(field.kind, random))
        if len(value) < room:
            templates[field.id], room = value, room - len(value)
    return templates


def _oddities(text: str, slot: int) -> str:
    if slot % 32 == 7:
        text = "A raw line separator\u2028and a paragraph separator\u2029stand here. " + text
    return "NUL\x00 and BEL\x07 came with a paste. " + text if slot % 32 == 11 else text


def _system(random: Random, slot: int, project_number: int) -> dict[str, Any]:
    number = random.randrange(3)
    name, category, colour = _STATUSES[number]
    done, spent = number == 2, random.choice([None, 3600, 5400])
    kind = random.choice(["Bug", "Task", "Story", "Incident"])
    versions = [
        named("version", 10400 + n, f"{n}.{random.randint(0, 9)}", archived=False, released=True) for n in (1, 2)
    ]
    return {
        "issuetype": named(
            "issuetype", 10001 + len(kind), kind, iconUrl=f"{BASE}/images/icons/{kind}.svg", subtask=False
        ),
        "timespent": spent,
        "project": project(project_number),
        "fixVersions": versions[: random.choice([0, 0, 1, 2])],
        "aggregatetimespent": spent,
        "resolution": named("resolution", 10000, "Done", description="Work is complete.") if done else None,
        "resolutiondate": "%(resolved)b" if done else None,
        "workratio": -1,
        "lastViewed": None,
        "watches": {"self": f"{BASE}/rest/api/2/issue/%(key)b/watchers", "watchCount": slot % 7, "isWatching": False},
        "created": "%(created)b",
        "priority": named("priority", 3, "Medium", iconUrl=f"{BASE}/images/icons/priorities/medium.svg"),
        "labels": random.sample(
            ["backend", "customer", "regression", "ünïcode", "日本語"], k=random.choice([0, 0, 1, 2])
        ),
        "versions": [],
        "issuelinks": [activity.link(random)] if random.random() < 0.15 else [],
        "assignee": None if slot % 6 == 4 else person(random),
        "updated": "%(updated)b",
        "status": _status(number, name, category, colour),
        "components": [named("component", 10300, "Back end & API")] if random.random() < 0.4 else [],
        "timeoriginalestimate": None,
        "timetracking": {"timeSpent": "1h", "timeSpentSeconds": spent} if spent else {},
        "summary": f"{prose.line(random)}{' 🚀' if slot % 8 == 5 else ''} (%(number)b)",
        "creator": (creator := person(random)),
        "subtasks": [],
        "reporter": creator if random.random() < 0.7 else person(random),
        "environment": "Production, <b>node 7</b>" if random.random() < 0.3 else None,
        "duedate": custom_value("date", random) if random.random() < 0.3 else None,
        "progress": {"progress": spent or 0, "total": spent or 0, **({"percent": 100} if spent else {})},
        "votes": {"self": f"{BASE}/rest/api/2/issue/%(key)b/votes", "votes": slot % 3, "hasVoted": False},
    }


def _status(number: int, name: str, category: str, colour: str) -> dict[str, Any]:
    kind = named("statuscategory", number + 2, name, key=category, colorName=colour) | {"id": number + 2}
    icon = f"{BASE}/images/icons/statuses/{category}.png"
    return named("status", 10000 + number, name, description="", iconUrl=icon, statusCategory=kind)


def _rendered(fields: dict[str, Any], description: str, late: dict[str, Any]) -> dict[str, bytes]:
    comments = [entry | {"body": prose.html(entry["body"])} for entry in late["comment"]["comments"]]
    return {
        "description": encoded(prose.html(description)),
        "environment": encoded(fields["environment"] and prose.html(fields["environment"])),
        "comment": encoded(late["comment"] | {"comments": comments}),
    }
