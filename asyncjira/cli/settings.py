"""The settings of a connection: what may stand for each of them in the config file, and what counts without."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["DEFAULTS", "OF_ALL_SITES", "OF_A_SITE", "SECRETS", "TOKEN_SOURCES", "Kind"]


class Kind(NamedTuple):
    """What a value may be: in words, and as a test."""

    words: str
    fits: Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _is_number(value: object) -> bool:
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and 0 <= value <= sys.float_info.max  # type: ignore[operator]  # a number by then


def _is_argv(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(word, str) for word in value) and bool(value[0])


def _one_of(*names: str) -> Kind:
    return Kind(", ".join(f'"{name}"' for name in names[:-1]) + f' or "{names[-1]}"', lambda value: value in names)


_TEXT = Kind("a text", _is_text)
_SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
_NUMBER = Kind("a number, 0 or more", _is_number)

OF_ALL_SITES = {
    "api": _one_of("auto", "offset", "cloud"),
    "api_version": _one_of("2", "3", "latest"),
    "concurrency": Kind("a whole number, 1 or more", lambda value: type(value) is int and value >= 1),
    "rate": _NUMBER,
    "max_retry_after": _NUMBER,
}
OF_A_SITE = {
    "url": _TEXT,
    "email": _TEXT,
    "cloud_id": _TEXT,
    "gateway": _TEXT,
    "token_file": _TEXT,
    "token_env": Kind("the name of an environment variable", _is_text),
    "token_command": Kind('a list of words, as ["pass", "show", "jira"]', _is_argv),
    "keyring": _SWITCH,
    "netrc": _SWITCH,
    "anonymous": _SWITCH,
    "allow_http": _SWITCH,
    **OF_ALL_SITES,
}
TOKEN_SOURCES = ("token_file", "token_env", "token_command", "keyring", "netrc", "anonymous")
# Under these names other tools' files keep tokens.
SECRETS = {"access_token", "api_token", "passwd", "password", "pat", "personal_access_token", "secret", "token"}
# Those of asyncjira.Limits and asyncjira.RetryPolicy, which a `--help` should not wait for; a test compares them.
DEFAULTS = {"api": "auto", "concurrency": 16, "rate": 50.0, "max_retry_after": 300.0, "allow_http": False}
