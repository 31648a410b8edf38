"""Seeded values of an issue's fields, shaped as Jira Data Center shapes them.

A value is a Python object, or bytes where the exact JSON text matters. `%(created)b` and its like in a string stand
for what differs from row to row; `corpus.py` fills them in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncjira.mock import prose

if TYPE_CHECKING:
    from random import Random

__all__ = ["BASE", "PROJECTS", "custom_value", "named", "person", "project", "user"]

BASE = "https://jira.example.com"  # fixed, so that the bytes do not depend on the mock's port
PROJECTS = ("OPS", "WEB", "PAY", "DATA", "MOBILE")
_PROJECT_NAMES = ("Operations", "Web Shop", "Payments & Billing", "データ基盤", "Mobile")
_PEOPLE = (
    "Ada Nakamura", "Bjørn Håkansson", "Chiara D'Angelo", "Dmitri Волков", "Elif Şahin", "Farid الأمين", "Grace O'Neil",
    "Hana 佐藤", "Ines Müller-Lüdenscheidt", "José Ñandú", "Kofi Mensah", "李雷", "Maya כהן", "Noor", "Olu (Ops) 🛠",
)  # fmt: skip
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Etc/UTC", "Asia/Kolkata")
_NUMBERS = (b"3.0", b"1.10", b"0", b"-2.5", b"12345678901234567890123", b"8.0", b"1e3", b"0.1", b"13", b"99.999")
_OPTIONS = ("Low", "Medium", "High", "None of these", "EU & UK", "Größe <L>", "高", "n/a")


def person(random: Random) -> dict[str, Any]:
    """Return a user as Data Center shows one: name, key and e-mail, four avatars, a time zone."""
    return user(random.randrange(len(_PEOPLE)))


def user(number: int) -> dict[str, Any]:
    """Return the user of that number; the first ones have issues, and names of their own."""
    again, place = divmod(number, len(_PEOPLE))
    name = _PEOPLE[place] + (f" {again + 1}" if again else "")
    avatar = f"{BASE}/secure/useravatar?ownerId=JIRAUSER{10100 + number}&avatarId={10500 + number}"
    sizes = {"48x48": "", "24x24": "&size=small", "16x16": "&size=xsmall", "32x32": "&size=medium"}
    return {
        "self": f"{BASE}/rest/api/2/user?username=user{number}",
        "name": f"user{number}",
        "key": f"JIRAUSER{10100 + number}",
        "emailAddress": f"user{number}@example.com",
        "avatarUrls": {size: avatar + query for size, query in sizes.items()},
        "displayName": name,
        "active": number != 5,
        "timeZone": _ZONES[number % len(_ZONES)],
    }


def project(number: int) -> dict[str, Any]:
    """Return the project of that number in PROJECTS."""
    avatar = f"{BASE}/secure/projectavatar?pid={10000 + number}&avatarId={10320 + number}"
    return {
        "self": f"{BASE}/rest/api/2/project/{10000 + number}",
        "id": str(10000 + number),
        "key": PROJECTS[number],
        "name": _PROJECT_NAMES[number],
        "projectTypeKey": "software",
        "avatarUrls": {"48x48": avatar, "24x24": avatar + "&size=small"},
    }


def named(kind: str, number: int, name: str, **more: Any) -> dict[str, Any]:
    """Return a small resource of Jira: a version, a component, a priority."""
    return {"self": f"{BASE}/rest/api/2/{kind}/{number}", "id": str(number), "name": name, **more}


def _option(random: Random) -> dict[str, Any]:
    number = random.randrange(len(_OPTIONS))
    where = f"{BASE}/rest/api/2/customFieldOption/{10200 + number}"
    return {"self": where, "value": _OPTIONS[number], "id": str(10200 + number), "disabled": False}


def _sprint(random: Random) -> str:
    number = random.randint(1, 90)
    return (
        f"com.atlassian.greenhopper.service.sprint.Sprint@{random.getrandbits(31):x}[id={number},rapidViewId=7,"
        f"state=CLOSED,name=Sprint {number},startDate=%(created)b,endDate=%(updated)b,completeDate=<null>,"
        f"sequence={number}]"
    )


def custom_value(kind: str, random: Random) -> Any:
    """Return a value of a custom field of that kind, or bytes that are its JSON."""
    match kind:
        case "number":
            return random.choice(_NUMBERS)
        case "option":
            return _option(random)
        case "options":
            return [_option(random) for _ in range(random.randint(1, 2))]
        case "user":
            return person(random)
        case "users":
            return [person(random)]
        case "cascade":
            return _option(random) | {"child": _option(random)}
        case "date":
            return f"20{random.randint(16, 27)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        case "datetime":
            return "%(updated)b"
        case "labels":
            return random.sample(["infra", "tier-1", "c++", "büro", "50%", "夜間"], k=random.randint(1, 3))
        case "sprint":
            return [_sprint(random) for _ in range(random.randint(1, 2))]
        case _:
            return _text_value(kind, random)


def _text_value(kind: str, random: Random) -> str:
    match kind:
        case "rank":
            return f"0|i{random.getrandbits(28):06x}:"
        case "epic":
            return f"{random.choice(PROJECTS)}-{random.randint(1, 99)}"
        case "url":
            return f"https://wiki.example.com/x/{random.getrandbits(24):x}?a=1&b=%20"
        case "text":
            return prose.wiki(random, 150)
        case _:
            return prose.line(random)
