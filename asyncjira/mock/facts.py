"""What the mock says about itself and about who asks: `serverInfo` and `myself`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

__all__ = ["myself", "server_info"]

_VERSION = [10, 3, 2]


def server_info(url: str) -> dict[str, Any]:
    """Return what `GET serverInfo` answers; clients tell Data Center from Cloud by `deploymentType`."""
    return {
        "baseUrl": url,
        "version": ".".join(map(str, _VERSION)),
        "versionNumbers": _VERSION,
        "deploymentType": "Server",
        "buildNumber": 10030002,
        "buildDate": "2025-01-20T00:00:00.000+0000",
        "serverTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "scmInfo": "0" * 40,
        "serverTitle": "asyncjira mock",
    }


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
