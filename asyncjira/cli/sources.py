"""Which value of a setting counts: flags over the environment over the config file over the defaults.

A token is for one Jira. So for a site of the file the environment counts only where JIRA_URL names the same Jira: then
all of its variables do, else none. With --url, who types says for which Jira it is; but where JIRA_URL names another
Jira, its cloud id and gateway lead there, and do not count. The file's default site does not count where --url or
JIRA_URL names another Jira.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from asyncjira.cli.config_file import Config
from asyncjira.cli.settings import DEFAULTS, TOKEN_SOURCES
from asyncjira.errors import ConfigError, printable
from asyncjira.jira.address import is_same

__all__ = ["API_TOKEN", "PATS", "Settings", "Token", "decide"]

_VARIABLES = {
    "url": ("JIRA_URL", "JIRA_BASE_URL"),
    "email": ("JIRA_EMAIL", "JIRA_USERNAME", "JIRA_USER"),
    "cloud_id": ("JIRA_CLOUD_ID",),
    "gateway": ("JIRA_GATEWAY",),
}
API_TOKEN, PATS = "JIRA_API_TOKEN", ("JIRA_PAT", "JIRA_PERSONAL_ACCESS_TOKEN")


class Token(NamedTuple):
    """Where the token is, and never the token: `source` is one of TOKEN_SOURCES.

    `place` is the file, the name of the variable or the words of the command, True where the source needs no more.
    """

    source: str
    place: Any
    origin: str


class Settings(NamedTuple):
    """What was decided, and where it comes from.

    `origins` has for each name a flag (`--url`), an environment variable, a file with its table (`FILE [site.NAME]`),
    or `default`. `ignored` are the variables that are set and speak of another Jira.
    """

    file: Path
    site: str | None
    url: str | None
    email: str | None
    token: Token | None
    cloud_id: str | None
    gateway: str | None
    api: Literal["auto", "offset", "cloud"]
    api_version: str | None
    concurrency: int
    rate: float
    max_retry_after: float
    allow_http: bool
    origins: Mapping[str, str]
    ignored: tuple[str, ...]


class _Sourced(NamedTuple):
    value: Any
    origin: str


_Layer = dict[str, _Sourced]
_WAY = ("cloud_id", "gateway")
_SOURCED = [name for name in Settings._fields if name not in ("file", "token", "origins", "ignored")]
_NOTHING = _Sourced(None, "")


def decide(flags: Mapping[str, Any], environment: Mapping[str, str], config: Config) -> Settings:
    """Return what counts; a flag that is None, False or not there was not given.

    Raises ConfigError where `site` is unknown, or --url names another Jira than it; where flags contradict each other.
    """
    flag = {
        name: _Sourced(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None and value is not False
    }
    told = {
        name: _Sourced(environment[variable], variable)
        for name, variables in _VARIABLES.items()
        for variable in reversed(variables)
        if environment.get(variable)
    }
    tokens = [variable for variable in (API_TOKEN, *PATS) if environment.get(variable)]
    named = _site_of(flag, told, config)
    site: _Layer = {}
    if named is not None:
        site = _layer(config.site(named), f"{config.path} [site.{named}]")
        site["site"] = _Sourced(named, f"{config.path} default")
    aside = _is_aside(told, site)
    counting = {} if aside else _without_another_way(told, flag)
    everywhere = _layer(config.defaults, f"{config.path} [defaults]")
    chosen = ChainMap(flag, counting, site, everywhere, _layer(DEFAULTS, "default"))
    values = {name: chosen.get(name, _NOTHING) for name in _SOURCED}
    unused = [sourced.origin for name, sourced in told.items() if name not in counting] + (tokens if aside else [])
    token = _token_of(flag, [] if aside else tokens, site, config.path, has_email=bool(values["email"].value))
    return Settings(
        file=config.path,
        token=token,
        origins={name: sourced.origin for name, sourced in values.items() if sourced.origin},
        ignored=tuple(variable for variable in unused if token is None or variable != token.place),
        **{name: sourced.value for name, sourced in values.items()},
    )


def _layer(settings: Mapping[str, Any], origin: str) -> _Layer:
    return {name: _Sourced(value, origin) for name, value in settings.items()}


def _site_of(flag: _Layer, told: _Layer, config: Config) -> str | None:
    url = flag.get("url") or told.get("url")
    if "site" in flag:
        name = str(flag["site"].value)
        if "url" in flag and not is_same(flag["url"].value, config.site(name)["url"]):
            raise ConfigError(f"--url names another Jira than site {printable(name)} does: give one of them")
        return name
    if config.default and (url is None or is_same(url.value, config.site(config.default)["url"])):
        return config.default
    return None


def _is_aside(told: _Layer, site: _Layer) -> bool:
    """Whether the file has the site, and the environment speaks of another Jira, or of none."""
    return "url" in site and not ("url" in told and is_same(told["url"].value, site["url"].value))


def _without_another_way(told: _Layer, flag: _Layer) -> _Layer:
    """Return what the environment tells, without a way by the gateway that leads to another Jira than --url says."""
    if "url" not in flag or "url" not in told or is_same(told["url"].value, flag["url"].value):
        return told
    return {name: sourced for name, sourced in told.items() if name not in _WAY}


def _token_of(flag: _Layer, variables: list[str], site: _Layer, file: Path, *, has_email: bool) -> Token | None:
    given = [source for source in TOKEN_SOURCES if source in flag]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(flag[source].origin for source in given)}: give one place of the token")
    if given:
        return Token(given[0], flag[given[0]].value, flag[given[0]].origin)
    if variables:
        pats = [variable for variable in variables if variable in PATS]
        counts = variables[0] if has_email or not pats else pats[0]
        return Token("token_env", counts, counts)
    for source in TOKEN_SOURCES:
        if source in site and site[source].value:
            value, origin = site[source]
            place = file.parent / os.path.expanduser(value) if source == "token_file" else value
            return Token(source, place, origin)
    return None
