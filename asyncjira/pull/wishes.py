"""How a pull is to be done, and what of that its output depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from asyncjira.errors import ConfigError, printable
from asyncjira.jira.jql import split_order
from asyncjira.jira.search import Query
from asyncjira.plan.start import Start
from asyncjira.plan.state import State

if TYPE_CHECKING:
    from asyncjira.plan.cloud import Way

__all__ = ["Api", "Proof", "Wishes", "check_choices", "check_page_size", "is_proven"]

_LARGEST_PAGE = 2**31 - 1  # an int of Java, which maxResults is

Proof = Literal["auto", "on", "off"]
Api = Literal["auto", "offset", "cloud"]


def is_proven(proof: Proof, jql: str) -> bool:
    """Whether a pull of `jql` is proven: by default where the query has no ORDER BY of its own."""
    return proof == "on" or (proof == "auto" and not split_order(jql)[1])


def check_page_size(size: object, least: int, *, may_be_auto: bool = True) -> None:
    """Raise ConfigError where so many rows, at `least` so many, cannot be asked for at a time; None is the usual."""
    if size is None or (may_be_auto and size == "auto"):
        return
    if not isinstance(size, int) or not least <= size <= _LARGEST_PAGE:
        auto = "auto, or " if may_be_auto else ""
        raise ConfigError(f"page size must be {auto}between {least} and {_LARGEST_PAGE}")


def check_choices(api: Api, proof: object, strategy: object, verify: object) -> None:
    """Raise ConfigError where one of them is no choice, or none for this `api`."""
    _check(proof, ("auto", "on", "off"), "proof")
    _check(strategy, ("auto", "ids", "ranges"), "strategy")
    _check(verify, (None, "ids"), "verify")
    if api == "offset" and (verify is not None or strategy != "auto"):
        raise ConfigError("strategy and verify are for Jira Cloud, and api is offset")


def _check(value: object, allowed: Sequence[str | None], name: str) -> None:
    if value not in allowed:
        raise ConfigError(f"{name} is one of {', '.join(map(str, allowed))}, not {printable(str(value))}")


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a pull is to be done; `Jira` and `Jira.pull` say what each means.

    `way` is how Cloud is pulled; `slowest` are the seconds that an answer may take to begin; `start` is where an
    interrupted pull goes on. From a `state` on only what changed is pulled; with `tombstones` it is looked at the end
    who is gone. With `names`, custom fields are delivered under theirs. `has_quota`: the login is an app's, which pays
    by points on Cloud.
    """

    api: Api
    way: Way
    proof: Proof
    api_version: str | None
    page_size: int | Literal["auto"] | None
    concurrency: int
    updates: bool
    lists_again: bool
    is_visitor: bool
    slowest: float
    start: Start | None = None
    state: State | None = None
    tombstones: bool = False
    names: bool = False
    has_quota: bool = False

    def asked(self, url: str, query: Query) -> dict[str, Any]:
        """Return what two pulls must have in common so that one can go on with the output of the other."""
        optional = {
            "state": self.state and self.state.taken_at,
            "tombstones": self.tombstones or None,
            "names": self.names or None,
        }
        return {
            "url": url,
            "jql": query.jql,
            "fields": list(query.fields),
            "expand": list(query.expand),
            "api": self.api,
            "api_version": self.api_version,
            "proof": self.proof,
            **{name: value for name, value in optional.items() if value is not None},
        }
