"""How a pull is to be done, and what of that its output depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from asyncjira.jira.jql import split_order
from asyncjira.jira.search import Query
from asyncjira.plan.cloud import Way
from asyncjira.plan.start import Start

__all__ = ["Api", "Proof", "Wishes", "is_proven"]

Proof = Literal["auto", "on", "off"]
Api = Literal["auto", "offset", "cloud"]


def is_proven(proof: Proof, jql: str) -> bool:
    """Whether a pull of `jql` is proven: by default where the query has no ORDER BY of its own."""
    return proof == "on" or (proof == "auto" and not split_order(jql)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a pull is to be done; `Jira` and `Jira.pull` say what each means.

    `way` is how Cloud is pulled; `slowest` are the seconds that an answer may take to begin; `start` is where an
    interrupted pull goes on.
    """

    api: Api
    way: Way
    proof: Proof
    api_version: str | None
    page_size: int | None
    concurrency: int
    updates: bool
    lists_again: bool
    is_visitor: bool
    slowest: float
    start: Start | None = None

    def asked(self, url: str, query: Query) -> dict[str, Any]:
        """Return what two pulls must have in common so that one can go on with the output of the other."""
        return {
            "url": url,
            "jql": query.jql,
            "fields": list(query.fields),
            "expand": list(query.expand),
            "api": self.api,
            "api_version": self.api_version,
            "proof": self.proof,
        }
