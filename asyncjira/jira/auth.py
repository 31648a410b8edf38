"""Credentials, and the one header they become."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from asyncjira.errors import ConfigError

__all__ = ["Auth", "BasicAuth", "BearerAuth"]


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """An e-mail address with an API token (Cloud), or a user name with a password (Data Center).

    https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/
    Raises ConfigError where either is empty or cannot stand in a header. Its repr hides both.
    """

    email: str = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        _check(self.email, "the e-mail or user name")
        _check(self.token, "the API token")
        if ":" in self.email:
            raise ConfigError("the e-mail or user name holds a colon, which Basic auth cannot carry")

    def header(self) -> str:
        """Return the value of the Authorization header."""
        return "Basic " + base64.b64encode(f"{self.email}:{self.token}".encode()).decode()


@dataclass(frozen=True, slots=True)
class BearerAuth:
    """A personal access token (Data Center 8.14 or later), or an OAuth access token.

    https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
    `refresh` is awaited for the next token when Jira accepts this one no more, once however many requests meet that;
    and again when the next one has worked and expires, too. Where it raises, the pull ends with Refused.
    Raises ConfigError where the token is empty or cannot stand in a header. Its repr hides all.
    """

    token: str = field(repr=False)
    refresh: Callable[[], Awaitable[str]] | None = field(default=None, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        _check(self.token, "the access token")
        if not self.token.isascii() or " " in self.token:
            raise ConfigError("the access token holds a space or a character outside ASCII: was it copied whole?")

    def header(self) -> str:
        """Return the value of the Authorization header."""
        return "Bearer " + self.token


Auth = BasicAuth | BearerAuth


def _check(secret: str, name: str) -> None:
    if not isinstance(secret, str) or not secret.strip():
        raise ConfigError(f"{name} is empty")
    if not secret.isprintable():
        raise ConfigError(f"{name} holds a line break or another control character: was it copied whole?")
