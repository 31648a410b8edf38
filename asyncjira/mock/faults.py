"""Faults on order: which search request goes wrong, and how. `KIND[:ARGUMENT]@WHEN`, for example `429:2@3-5`.

WHEN counts search requests from 1: `7`, `3-5`, `10-` (from the tenth on), or `2.5%` of them, chosen by the seed and the
number of the request: the same requests in every run. Of several faults the first that fits strikes; a poisoned issue
besides, wherever its page would be answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from asyncjira.errors import ConfigError, printable
from asyncjira.mock.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Fault", "Faults"]

_ARGUMENTS = {
    "WAIT": re.compile(r"\d{1,9}|none|date"),
    "SECONDS": re.compile(r"\d{1,9}(\.\d{1,6})?"),
    "COUNT": re.compile(r"[1-9]\d{0,5}"),
    "ID": re.compile(r"\d{1,19}"),
    "TEXT": re.compile(r"[^\r\n]+"),
}
_WHEN = re.compile(r"(?P<first>[1-9]\d*)(?P<range>-(?P<last>[1-9]\d*)?)?|(?P<percent>\d+(\.\d+)?)%")
_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and the search requests that it strikes."""

    kind: str
    argument: str | None = None
    first: int = 1
    last: int = _FOREVER
    percent: float = 100.0

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """Read `KIND[:ARGUMENT]@WHEN`. Raises ConfigError."""
        what, _, when = spec.rpartition("@")
        kind, colon, argument = what.partition(":")
        if kind not in KINDS:
            raise _bad(spec, f"the kinds are {' '.join(KINDS)}")
        allowed = KINDS[kind].argument
        if not colon and allowed in _ARGUMENTS:
            raise _bad(spec, f"{kind} needs an argument, {kind}:{allowed}")
        if colon and (not allowed or not _ARGUMENTS[allowed.strip("[]")].fullmatch(argument)):
            raise _bad(spec, f"{kind} takes no such argument, but {allowed or 'none'}")
        found = _WHEN.fullmatch(when)
        if not found:
            raise _bad(spec, "when is N, N-M, N- or P%, counted in search requests from 1")
        return cls(kind, argument if colon else None, *_span(spec, found))

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

    def strikes(self, number: int, seed: int) -> bool:
        """Whether the search request of that number goes wrong."""
        if not self.first <= number <= self.last:
            return False
        return self.percent >= 100 or Random(f"{seed}/{self.kind}/{number}").random() * 100 < self.percent


class Faults:
    """The faults of a mock. Raises ConfigError for a specification that is none."""

    def __init__(self, specs: Sequence[str], seed: int = 0) -> None:
        if isinstance(specs, str):
            raise ConfigError("faults are a list of specifications, not one string")
        self.specs, self._seed = tuple(specs), seed
        self._faults = [Fault.parse(spec) for spec in specs]

    def choose(self, number: int, method: str = "GET") -> Fault | None:
        """Return what goes wrong with the search request of that number, if anything but a poisoned issue."""
        struck = (fault for fault in self._faults if fault.strikes(number, self._seed))
        return next((fault for fault in struck if not fault.is_poison and fault.concerns(method)), None)

    def poison(self, number: int) -> list[Fault]:
        """Return the poisoned issues that strike the search request of that number if they are on its page."""
        return [fault for fault in self._faults if fault.is_poison and fault.strikes(number, self._seed)]


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
