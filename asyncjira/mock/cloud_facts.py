"""What a mock of Cloud says about itself and about who asks: `myself`, ids."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_DNS, uuid5

__all__ = ["account_id", "cloud_id", "myself"]


def cloud_id(seed: int) -> str:
    """Return the id of the site of a seed."""
    return str(uuid5(NAMESPACE_DNS, f"{seed}.asyncjira.example"))


def account_id(user: str) -> str:
    """Return the account id of a user."""
    return f"712020:{uuid5(NAMESPACE_DNS, user)}"


def myself(url: str, user: str) -> dict[str, Any]:
    """Return what `GET myself` answers to who has logged in as `user`."""
    return {
        "self": f"{url}/rest/api/3/user?accountId={account_id(user)}",
        "accountId": account_id(user),
        "accountType": "atlassian",
        "emailAddress": user if "@" in user else f"{user}@example.com",
        "displayName": "Mock User",
        "active": True,
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
    }
