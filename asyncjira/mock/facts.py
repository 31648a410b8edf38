"""What the mock says about itself and about who asks: `serverInfo` and `myself`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from asyncjira.mock.values import PROJECTS

__all__ = ["cloud_info", "myself", "projects", "server_info"]


def server_info(url: str) -> dict[str, Any]:
    """Return what Data Center answers to `GET serverInfo`; clients tell it from Cloud by `deploymentType`."""
    return _info(url, "Server", "10.3.2", [10, 3, 2], 10030002)


def cloud_info(url: str) -> dict[str, Any]:
    """Return what Cloud answers; it has said that version for years."""
    return _info(url, "Cloud", "1001.0.0-SNAPSHOT", [1001, 0, 0], 100291)


def _info(url: str, deployment: str, version: str, numbers: list[int], build: int) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "version": version,
        "versionNumbers": numbers,
        "deploymentType": deployment,
        "buildNumber": build,
        "buildDate": "2025-01-20T00:00:00.000+0000",
        "serverTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "scmInfo": "0" * 40,
        "serverTitle": "asyncjira mock",
    }


def projects(url: str, *, are_visible: bool) -> list[dict[str, Any]]:
    """Return what `GET project` answers: all of them, or none to who may see no issue."""
    numbered = enumerate(PROJECTS if are_visible else (), 10000)
    return [{"self": f"{url}/rest/api/2/project/{at}", "id": f"{at}", "key": key, "name": key} for at, key in numbered]


def myself(url: str, user: str) -> dict[str, Any]:
    """Return what `GET myself` answers to who has logged in as `user`."""
    return {
        "self": f"{url}/rest/api/2/user?username={user}",
        "key": "JIRAUSER10100",
        "name": user,
        "emailAddress": user if "@" in user else f"{user}@example.com",
        "displayName": "Mock User",
        "active": True,
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
    }
