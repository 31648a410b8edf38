"""Who asks: the mock's one account, and the names that Jira puts into `X-AUSERNAME`."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

__all__ = ["ANONYMOUS", "Account"]

ANONYMOUS = "anonymous"
_TOKEN_USER = "token-user"  # noqa: S105 - a name, for who comes with a Bearer token


class Account:
    """Says who comes with an Authorization header. Without a token of its own it lets everybody in.

    Who has the wrong login is refused, or where `wrong` is not `401` taken for a visitor.
    """

    def __init__(self, email: str | None, token: str | None, wrong: str = "401") -> None:
        self._email, self._token, self._stranger = email, token, None if wrong == "401" else ANONYMOUS

    def user(self, authorization: str | None) -> str | None:
        """Return the user's name, safe for a header; None for a login that is refused."""
        scheme, _, secret = (authorization or "").partition(" ")
        name, word = _basic(secret) if scheme.lower() == "basic" else (None, secret)
        if self._token is None:
            return quote(name or "", safe="@") or (_TOKEN_USER if secret else ANONYMOUS)
        if word != self._token or (scheme.lower(), name) not in {("basic", self._email), ("bearer", None)}:
            return self._stranger
        return quote(self._email or _TOKEN_USER, safe="@")


def _basic(secret: str) -> tuple[str, str]:
    try:
        name, _, word = base64.b64decode(secret).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, word
