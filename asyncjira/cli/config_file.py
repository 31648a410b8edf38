"""The config file: named sites, and what holds for all of them. It never holds a token."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from asyncjira.cli.settings import OF_A_SITE, OF_ALL_SITES, SECRETS, TOKEN_SOURCES, Kind
from asyncjira.errors import ConfigError, printable

__all__ = ["Config", "config_path", "near", "parse_config", "read_config", "site_names"]

_WRITABLE_BY_ALL = 0o002
_TOP = ("default", "defaults", "site")
_SITE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")  # it may become part of a file's name


class Config(NamedTuple):
    """What a config file says: settings by their names, for all sites and for each of them by its own name."""

    path: Path
    exists: bool = False
    default: str | None = None
    defaults: Mapping[str, Any] = {}
    sites: Mapping[str, Mapping[str, Any]] = {}

    def site(self, name: str) -> Mapping[str, Any]:
        """Return the settings of a site. Raises ConfigError, with the names that are like it."""
        if name not in self.sites:
            file = printable(str(self.path))
            known = f"there are {', '.join(self.sites)}" if self.sites else "`asyncjira config example` shows how"
            advice = near(name, self.sites) or known
            raise ConfigError(f"no site {printable(name)} in {file}{'' if self.exists else ' (not there)'}: {advice}")
        return self.sites[name]


def config_path(environment: Mapping[str, str]) -> Path:
    """Return where the file is, or would be: ASYNCJIRA_CONFIG, or asyncjira/config.toml in XDG_CONFIG_HOME, ~/.config.

    https://specifications.freedesktop.org/basedir-spec/latest/: what is no absolute path does not count.
    """
    if named := environment.get("ASYNCJIRA_CONFIG"):
        return Path(os.path.expanduser(named))
    home = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(home) if os.path.isabs(home) else Path(os.path.expanduser("~/.config"))
    return folder / "asyncjira" / "config.toml"


def read_config(environment: Mapping[str, str]) -> Config:
    """Read the file; where there is none, and none is named, it says nothing. Raises ConfigError."""
    path = config_path(environment)
    try:
        if path.stat().st_mode & _WRITABLE_BY_ALL:
            raise ConfigError(f"anybody may write {printable(str(path))}, which says who gets your token: chmod 600 it")
        content = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):  # as with a HOME of /dev/null
        if environment.get("ASYNCJIRA_CONFIG"):
            raise ConfigError(f"there is no {printable(str(path))}, which ASYNCJIRA_CONFIG names") from None
        return Config(path)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is not UTF-8")
        raise ConfigError(f"cannot read {printable(str(path))}: {why}") from None
    return parse_config(content, path)


def parse_config(content: str, path: Path) -> Config:
    """Return what a file says. Raises ConfigError, which names file and key and never quotes a value."""
    import tomllib

    file = printable(str(path))
    try:
        found = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is no TOML: {printable(str(error))}") from None
    except (RecursionError, ValueError):  # what is deeper, or a number longer, than Python reads
        raise ConfigError(f"{file} is no TOML that can be read: it nests too deep, or a number is too long") from None
    _check_names(found, _TOP, file)
    for name in ("site", "defaults"):
        if not isinstance(found.get(name, {}), dict):
            raise ConfigError(f"{file}: {name} must be a table, [{'site.NAME' if name == 'site' else name}]")
    default, sites = found.get("default"), found.get("site", {})
    _check_table(found.get("defaults", {}), OF_ALL_SITES, f"{file} [defaults]")
    for name, table in sites.items():
        _check_site(name, table, file)
    config = Config(path, True, default, found.get("defaults", {}), sites)
    if default is not None and not isinstance(default, str):
        raise ConfigError(f"{file}: default must be the name of a site")
    if default is not None:
        config.site(default)
    return config


def site_names(environment: Mapping[str, str]) -> list[str]:
    """Return the names of all sites, none where the file cannot be used: for a shell that completes words."""
    try:
        return sorted(read_config(environment).sites)
    except ConfigError:
        return []


def near(name: str, names: Iterable[str]) -> str:
    """Return what may have been meant by `name`; empty where nothing is like it."""
    import difflib

    found = difflib.get_close_matches(name, names)
    return f"did you mean {' or '.join(found)}?" if found else ""


def _check_site(name: str, table: Any, file: str) -> None:
    from asyncjira.jira.address import base_url

    if not _SITE_NAME.fullmatch(name):
        raise ConfigError(f"{file}: {printable(repr(name))} is no name of a site: use letters, digits, dot, - and _")
    where = f"{file} [site.{name}]"
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: site.{name} must be a table, [site.{name}]")
    _check_table(table, OF_A_SITE, where)
    if "url" not in table:
        raise ConfigError(f"{where} has no url")
    for key in ("url", "gateway"):
        if key in table:
            try:
                base_url(table[key], credentials=False, name=key)
            except ConfigError as error:
                raise ConfigError(f"{where}: {error}") from None
    if len(sources := [source for source in TOKEN_SOURCES if table.get(source)]) > 1:
        raise ConfigError(f"{where} says {' and '.join(sources)}: keep the one that the token is to come from")


def _check_table(table: Mapping[str, Any], kinds: Mapping[str, Kind], where: str) -> None:
    _check_names(table, kinds, where)
    for name, value in table.items():
        if not kinds[name].fits(value):
            raise ConfigError(f"{where}: {name} must be {kinds[name].words}")


def _check_names(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name in table:
        if name in known:
            continue
        if name.lower() in SECRETS:
            advice = "take it out, and use token_file, token_env, token_command, keyring or netrc of a site"
            raise ConfigError(f"{where}: {name} has no place in this file, which is not secret: {advice}")
        elsewhere = " (it belongs to a site)" if name in OF_A_SITE else ""
        advice = near(name, known) or f"there are {', '.join(known)}"
        raise ConfigError(f"{where}: there is no setting {printable(name)}{elsewhere}; {advice}")
