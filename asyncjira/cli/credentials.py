"""The credentials that settings speak of: read where they are kept, for the one Jira that they are for."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from asyncjira.cli.sources import API_TOKEN, PATS, Settings
from asyncjira.cli.token_places import of_command, of_file, of_keyring, of_netrc
from asyncjira.errors import ConfigError, printable
from asyncjira.jira.address import base_url

if TYPE_CHECKING:
    from asyncjira.jira.auth import Auth

__all__ = ["auth_at_hand", "keyring_user", "log_in"]


async def log_in(settings: Settings) -> Auth | None:
    """Return the credentials, None for nobody. Raises ConfigError where they are missing, or others can read them.

    A command that prints access tokens is run again when Jira accepts the one before no more.
    """
    import anyio.to_thread

    from asyncjira.jira.auth import BearerAuth

    token = settings.token
    if token is not None and token.source == "token_command":
        fresh = partial(of_command, token.place)
        secret = await fresh()
        return _auth(settings.email, secret) if settings.email else BearerAuth(secret, refresh=fresh)
    if token is not None and token.source == "keyring":  # which may ask its owner to unlock it
        secret = await anyio.to_thread.run_sync(of_keyring, keyring_user(settings), abandon_on_cancel=True)
        return _auth(settings.email, secret)
    return auth_at_hand(settings)


def auth_at_hand(settings: Settings) -> Auth | None:
    """Return the credentials that an environment variable, a token file or a .netrc holds; None for nobody.

    Raises ConfigError.
    """
    token = settings.token
    if token is None:
        _check_nothing_is_left_over(settings)
        return None
    if token.source == "anonymous":
        return None
    if token.source == "netrc":
        login, password = of_netrc(_checked_url(settings))
        if settings.email and login and login != settings.email:
            raise ConfigError("the .netrc has another login for this host than the e-mail given")
        return _auth(login or settings.email, password)
    if token.source == "token_file":
        return _auth(settings.email, of_file(token.place, "token file").strip())
    return _of_variable(token.place, settings.email)


def keyring_user(settings: Settings) -> str:
    """Return under which name the keyring keeps the token: the URL of its Jira, so that it is sent to no other."""
    return _checked_url(settings)


def _checked_url(settings: Settings) -> str:
    return base_url(settings.url or "", credentials=False)


def _auth(email: str | None, secret: str) -> Auth:
    from asyncjira.jira.auth import BasicAuth, BearerAuth

    return BasicAuth(email, secret) if email else BearerAuth(secret)


def _check_nothing_is_left_over(settings: Settings) -> None:
    """Do not take for a visitor who has a token, but none that is known to be for this Jira."""
    tokens = [variable for variable in settings.ignored if variable in (API_TOKEN, *PATS)]
    if tokens:
        file, site = printable(str(settings.file)), settings.site
        advice = f'put token_env = "{tokens[0]}" (or anonymous = true) there, or set JIRA_URL to its url'
        raise ConfigError(f"{tokens[0]} is set, but not known to be for [site.{site}] of {file}: {advice}")
    if settings.email:
        raise ConfigError(_half("an e-mail", API_TOKEN))


def _half(has: str, lacks: str) -> str:
    return f"there is {has} but no {lacks}; a personal access token goes into JIRA_PAT"


def _of_variable(variable: str, email: str | None) -> Auth:
    secret = os.environ.get(variable, "")
    if not secret:
        raise ConfigError(f"token_env: the environment variable {printable(variable)} is empty or not set")
    if variable == API_TOKEN and not email:
        raise ConfigError(_half("a token", "--email or JIRA_EMAIL"))
    return _auth(None if variable in PATS else email, secret)
