"""The credentials that settings speak of: read where they are kept, for the one Jira that they are for."""

from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from asyncjira.cli.sources import API_TOKEN, PATS, Settings
from asyncjira.errors import ConfigError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncjira.jira.auth import Auth

__all__ = ["KEYRING", "auth_at_hand", "keyring_user", "log_in"]

KEYRING = "asyncjira"  # the service, as the keyring calls it
_LONGEST_COMMAND = 60.0  # seconds: somebody may have to unlock a vault first


async def log_in(settings: Settings) -> Auth | None:
    """Return the credentials, None for nobody. Raises ConfigError where they are missing, or others can read them.

    A command that prints access tokens is run again when Jira accepts the one before no more.
    """
    import anyio.to_thread

    from asyncjira.jira.auth import BearerAuth

    token = settings.token
    if token is not None and token.source == "token_command":
        fresh = partial(_run, token.place)
        secret = await fresh()
        return _auth(settings.email, secret) if settings.email else BearerAuth(secret, refresh=fresh)
    if token is not None and token.source == "keyring":  # which may ask its owner to unlock it
        secret = await anyio.to_thread.run_sync(_of_keyring, keyring_user(settings), abandon_on_cancel=True)
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
        return _of_netrc(settings.url or "", settings.email)
    if token.source == "token_file":
        return _auth(settings.email, _of_file(token.place, "token file").strip())
    return _of_variable(token.place, settings.email)


def keyring_user(settings: Settings) -> str:
    """Return under which name the keyring keeps the token: the URL of its Jira, so that it is sent to no other."""
    return (settings.url or "").strip().rstrip("/")


def _auth(email: str | None, secret: str) -> Auth:
    from asyncjira.jira.auth import BasicAuth, BearerAuth

    return BasicAuth(email, secret) if email else BearerAuth(secret)


def _check_nothing_is_left_over(settings: Settings) -> None:
    """Do not take for a visitor who has a token, but none that is known to be for this Jira."""
    tokens = [variable for variable in settings.ignored if variable in (API_TOKEN, *PATS)]
    if tokens and settings.site:
        raise ConfigError(
            f'{tokens[0]} is set, but not known to be for site {settings.site}: put token_env = "{tokens[0]}" into '
            f"[site.{settings.site}] of {printable(str(settings.file))} (or anonymous = true), or set JIRA_URL to its url"
        )
    if tokens:
        raise ConfigError(
            f"{tokens[0]} is for the Jira of JIRA_URL, and --url names another: set JIRA_URL, or unset both"
        )
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


def _of_file(path: Path, name: str) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{printable(str(path))} is no regular file")
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(f"others may read {printable(str(path))}: chmod 600 it")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the {name}: {getattr(error, 'strerror', 'it is not text')}") from None


def _of_netrc(url: str, email: str | None) -> Auth:
    import netrc

    path = Path(os.path.expanduser(os.environ.get("NETRC") or "~/.netrc"))
    _of_file(path, ".netrc")
    file, host = printable(str(path)), urlsplit(url).hostname or ""
    try:
        hosts = netrc.netrc(str(path)).hosts
    except netrc.NetrcParseError as error:  # its message may quote a password
        raise ConfigError(f"{file} cannot be read: line {error.lineno} is not as a .netrc should be") from None
    entry = next((entry for name, entry in hosts.items() if name.lower() == host != "default"), None)
    if entry is None:
        raise ConfigError(
            f"{file} has no entry `machine {printable(host)}`; its `default` is for no Jira in particular"
        )
    login, _, password = entry
    if email and login and login != email:
        raise ConfigError(f"{file} has a login for {printable(host)} that is not the --email or JIRA_EMAIL given")
    return _auth(login or email, password)


def _of_keyring(user: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise ConfigError("there is no keyring here: pip install 'asyncjira[keyring]'") from None
    try:
        secret = keyring.get_password(KEYRING, user)
    except keyring.errors.KeyringError as error:
        raise ConfigError(f"the keyring does not open: {printable(type(error).__name__)}") from None
    if not secret:
        raise ConfigError(f"the keyring has no token for this Jira: keyring set {KEYRING} {printable(user)}")
    return secret


async def _run(words: Sequence[str]) -> str:
    """Return what a command prints. What it says on stderr is shown to nobody: it may hold a secret."""
    from subprocess import DEVNULL

    import anyio

    name = f"the token_command {printable(words[0])}"
    try:
        with anyio.fail_after(_LONGEST_COMMAND):
            done = await anyio.run_process(list(words), stdin=DEVNULL, stderr=DEVNULL, check=False)
    except TimeoutError:
        raise ConfigError(f"{name} has not ended after {_LONGEST_COMMAND:.0f} s: run it by hand") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name} cannot be run: {getattr(error, 'strerror', 'NUL in its words')}") from None
    if done.returncode:
        raise ConfigError(f"{name} ended with exit code {done.returncode}: run it by hand to see why")
    try:
        return done.stdout.decode().strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{name} printed what is not text") from None
