"""What `asyncjira config show` tells of a connection: values and their origins, and of a token its kind alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from asyncjira.cli.config_file import Config
from asyncjira.cli.credentials import auth_at_hand, keyring_user
from asyncjira.cli.sources import PATS, Settings, Token
from asyncjira.cli.token_places import KEYRING
from asyncjira.errors import ConfigError, printable
from asyncjira.jira.address import base_url

__all__ = ["facts", "lines"]

_SHOWN = ("site", "url", "email", "cloud_id", "gateway", "api", "api_version", "concurrency", "rate",
          "max_retry_after", "allow_http")  # fmt: skip
_UNKNOWN = ("token_command", "keyring")  # to look there may run programs, and ask somebody for a password


def facts(settings: Settings, config: Config) -> dict[str, Any]:
    """Return all as it stands in the JSON.

    Raises ConfigError where a URL cannot be used, which may be one with a password in it.
    """
    for name, url in (("URL", settings.url), ("gateway", settings.gateway)):
        if url:
            base_url(url, credentials=False, name=name)
    values = {name: {"value": getattr(settings, name), "origin": settings.origins.get(name)} for name in _SHOWN}
    return {
        "file": os.fspath(config.path),
        "file_exists": config.exists,
        "sites": list(config.sites),
        "settings": {**values, "login": _login(settings)},
        "ignored": list(settings.ignored),
    }


def lines(shown: dict[str, Any]) -> Iterator[str]:
    """Yield them for people: name, value, origin."""
    width = max(len(name) for name in shown["settings"]) + 2
    yield f"{'file':{width}}{printable(shown['file'])}{'' if shown['file_exists'] else ' (not there)'}"
    yield f"{'sites':{width}}{', '.join(shown['sites']) or 'none'}"
    texts = {name: _text(setting["value"]) for name, setting in shown["settings"].items()}
    column = max(len(text) for name, text in texts.items() if name != "login") + 2
    for name, setting in shown["settings"].items():
        origin = printable(setting["origin"] or "")
        yield f"{name:{width}}{texts[name]:{column}}{'  ' if len(texts[name]) >= column else ''}{origin}".rstrip()
    if shown["ignored"]:
        yield f"{'ignored':{width}}{', '.join(shown['ignored'])}: set, but for another Jira (JIRA_URL), or none"


def _text(value: object) -> str:
    if value is None:
        return "-"
    return ("no", "yes")[value] if isinstance(value, bool) else printable(str(value))


def _login(settings: Settings) -> dict[str, Any]:
    """Return what kind of login there is; where it cannot be used, why."""
    token, fault = settings.token, None
    kind = "anonymous" if token is None or token.source == "anonymous" else _kind(settings, token)
    try:
        if token is None or token.source not in _UNKNOWN:
            auth_at_hand(settings)
    except ConfigError as error:
        kind, fault = f"cannot be used: {error}", str(error)
    return {"value": kind, "origin": _place(settings, token) if token else None, "usable": fault is None}


def _kind(settings: Settings, token: Token) -> str:
    if token.source == "netrc":
        return "login and password"
    is_basic = settings.email and token.place not in PATS
    return "API token or password, with the e-mail" if is_basic else "PAT or OAuth access token"


def _place(settings: Settings, token: Token) -> str:
    """Return which flag, variable or line says where it is, and where that is."""
    if token.source == "anonymous" or token.place == token.origin:
        return token.origin
    places = {"token_file": f"file {token.place}", "token_env": f"variable {token.place}"}
    if token.source == "token_command":
        place = f"command {token.place[0]} ..."
    elif token.source == "keyring":
        place = f"keyring {KEYRING} {keyring_user(settings)}"
    else:
        place = places.get(token.source, f"file {os.environ.get('NETRC') or '~/.netrc'}")
    return f"{token.origin}: {place}"
