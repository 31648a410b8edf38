"""Faults on order: which search request goes wrong, and how. `KIND[:ARGUMENT]@WHEN`, for example `429:2@3-5`.

WHEN counts search requests from 1: `7`, `3-5`, `10-` (from the tenth on), or `2.5%` of them, chosen by the seed and the
number of the request: the same requests in every run. Of several faults the first that fits strikes; a poisoned issue
besides, wherever its page would be answered.

On Cloud it counts requests of search/jql and of bulkfetch together. `429@jql:2`, `503@bulkfetch:3-5` and `500@count:1`
count those of one endpoint alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from asyncjira.errors import ConfigError, printable
from asyncjira.mock.cloud_kinds import CLOUD_KINDS, ENDPOINTS
from asyncjira.mock.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncjira.mock.kinds import Kind

__all__ = ["Fault", "Faults"]

_ARGUMENTS = {
    "WAIT": re.compile(r"\d{1,9}|none|date"),
    "SECONDS": re.compile(r"\d{1,9}(\.\d{1,6})?"),
    "COUNT": re.compile(r"[1-9]\d{0,5}"),
    "PERCENT": re.compile(r"\d{1,3}(\.\d{1,6})?"),
    "ID": re.compile(r"\d{1,19}"),
    "TEXT": re.compile(r"[^\r\n]+"),
}
_WHEN = re.compile(r"(?P<first>[1-9]\d*)(?P<range>-(?P<last>[1-9]\d*)?)?|(?P<percent>\d+(\.\d+)?)%")
_FOREVER = 1 << 62
_KINDS = {"dc": KINDS, "cloud": CLOUD_KINDS}
_NAMES = {"dc": "Data Center", "cloud": "Cloud"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and the search requests that it strikes."""

    kind: str
    argument: str | None = None
    first: int = 1
    last: int = _FOREVER
    percent: float = 100.0
    endpoint: str = ""

    @classmethod
    def parse(cls, spec: str, flavor: str = "dc") -> Fault:
        """Read `KIND[:ARGUMENT]@WHEN`. Raises ConfigError."""
        what, _, when = spec.rpartition("@")
        kind, colon, argument = what.partition(":")
        kinds = _KINDS[flavor]
        if kind not in kinds:
            raise _bad(spec, _unknown(kind, kinds))
        allowed = kinds[kind].argument
        if not colon and allowed in _ARGUMENTS:
            raise _bad(spec, f"{kind} needs an argument, {kind}:{allowed}")
        if colon and (not allowed or not _ARGUMENTS[allowed.strip("[]")].fullmatch(argument)):
            raise _bad(spec, f"{kind} takes no such argument, but {allowed or 'none'}")
        endpoint, _, when = when.rpartition(":")
        found = _WHEN.fullmatch(when)
        if not found or (endpoint and flavor != "cloud"):
            raise _bad(spec, "when is N, N-M, N- or P%, counted in search requests from 1")
        return cls(kind, argument if colon else None, *_span(spec, found), _endpoint(spec, endpoint, kinds[kind]))

    @property
    def is_poison(self) -> bool:
        """Whether it is in an issue, and strikes where that is on the page."""
        return self.kind in {"poison", "poison-deep"}

    @property
    def is_deep(self) -> bool:
        """Whether a poisoned issue cannot even be asked for its dates."""
        return self.kind == "poison-deep"

    def concerns(self, method: str) -> bool:
        """Whether a request of that method can go wrong so."""
        return method == "GET" or not self.kind.endswith("-get")

    def strikes(self, number: int, seed: int, endpoint: str = "", nth: int = 0) -> bool:
        """Whether the search request of that number goes wrong, the `nth` of its endpoint."""
        if self.endpoint:
            return self.endpoint == endpoint and self._falls_on(nth, seed)
        fits = not endpoint or CLOUD_KINDS[self.kind].endpoint in {"", endpoint}
        return fits and self._falls_on(number, seed)

    def _falls_on(self, number: int, seed: int) -> bool:
        if not self.first <= number <= self.last:
            return False
        return self.percent >= 100 or Random(f"{seed}/{self.kind}/{number}").random() * 100 < self.percent


class Faults:
    """The faults of a mock. Raises ConfigError for a specification that is none."""

    def __init__(self, specs: Sequence[str], seed: int = 0, flavor: str = "dc") -> None:
        if isinstance(specs, str):
            raise ConfigError("faults are a list of specifications, not one string")
        self.specs, self._seed = tuple(specs), seed
        self._faults = [Fault.parse(spec, flavor) for spec in specs]

    def choose(self, number: int, method: str = "GET", endpoint: str = "", nth: int = 0) -> Fault | None:
        """Return what goes wrong with the search request of that number, if anything but a poisoned issue."""
        struck = (fault for fault in self._faults if fault.strikes(number, self._seed, endpoint, nth))
        return next((fault for fault in struck if not fault.is_poison and fault.concerns(method)), None)

    def poison(self, number: int, endpoint: str = "", nth: int = 0) -> list[Fault]:
        """Return the poisoned issues that strike the search request of that number if they are on its page."""
        struck = (fault for fault in self._faults if fault.strikes(number, self._seed, endpoint, nth))
        return [fault for fault in struck if fault.is_poison]


def _unknown(kind: str, kinds: Mapping[str, Kind]) -> str:
    other = next((flavor for flavor in _KINDS if kind in _KINDS[flavor]), None)
    about = f"{kind} makes sense on {_NAMES[other]} alone; " if other else ""
    return f"{about}the kinds are {' '.join(kinds)}"


def _endpoint(spec: str, endpoint: str, kind: Kind) -> str:
    if endpoint and endpoint not in ENDPOINTS:
        raise _bad(spec, f"the endpoints of Cloud are {', '.join(ENDPOINTS)}")
    if endpoint and kind.endpoint not in {"", endpoint}:
        raise _bad(spec, f"that strikes {kind.endpoint} alone")
    return endpoint


def _span(spec: str, found: re.Match[str]) -> tuple[int, int, float]:
    if found["percent"]:
        if not 0 < float(found["percent"]) <= 100:
            raise _bad(spec, "a percentage is more than 0 and at most 100")
        return 1, _FOREVER, float(found["percent"])
    first = int(found["first"])
    last = int(found["last"]) if found["last"] else _FOREVER if found["range"] else first
    if last < first:
        raise _bad(spec, "the range is empty")
    return first, last, 100.0


def _bad(spec: str, why: str) -> ConfigError:
    return ConfigError(f"bad fault {printable(spec, 80)!r}: KIND[:ARGUMENT]@WHEN is wanted; {why}")
