"""How a pull is to be done, and what of that its output depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from asyncjira.jira.jql import split_order
from asyncjira.jira.search import Query
from asyncjira.plan.start import Start
from asyncjira.plan.state import State

if TYPE_CHECKING:
    from asyncjira.plan.cloud import Way

__all__ = ["Api", "Proof", "Wishes", "is_proven"]

Proof = Literal["auto", "on", "off"]
Api = Literal["auto", "offset", "cloud"]


def is_proven(proof: Proof, jql: str) -> bool:
    """Whether a pull of `jql` is proven: by default where the query has no ORDER BY of its own."""
    return proof == "on" or (proof == "auto" and not split_order(jql)[1])


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
