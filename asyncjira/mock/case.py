"""One request for issues of Cloud, and the fault that strikes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.cloud_refusal import CLOUD_REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncjira.mock.answer import Answer
    from asyncjira.mock.faults import Fault, Faults
    from asyncjira.mock.searching import Request
    from asyncjira.mock.selection import Selection

__all__ = ["Case"]

_LIGHT = {"created", "updated"}  # fields that a poisoned issue can be asked for


@dataclass(frozen=True, slots=True)
class Case:
    """A request, its entry in the wire log, and what goes wrong with it, if anything but a poisoned issue."""

    request: Request
    entry: dict[str, Any]
    fault: Fault | None
    poison: list[Fault]

    @classmethod
    def of(cls, request: Request, entry: dict[str, Any], faults: Faults) -> Case:
        """Find out what strikes a request, and note it in the wire log."""
        where = entry["endpoint"], entry["nth"]
        fault = faults.choose(entry["n"] or 0, request.method, *where)
        entry["fault"] = fault and fault.kind
        return cls(request, entry, fault, faults.poison(entry["n"] or 0, *where))

    @property
    def kind(self) -> str:
        """The kind of the fault; empty if there is none."""
        return self.fault.kind if self.fault else ""

    @property
    def argument(self) -> str:
        """The argument of the fault; empty if it has none."""
        return (self.fault and self.fault.argument) or ""

    def refusal(self) -> Answer | None:
        """Return what the request gets in place of any answer."""
        return CLOUD_REFUSALS[self.kind](self.argument or None) if self.kind in CLOUD_REFUSALS else None

    def is_visitor(self, *, has_login: bool) -> bool:
        """Whether the answer is that of a visitor who sees no issue."""
        return (has_login and self.request.user == ANONYMOUS) or self.kind == "visitor"

    def poisoned(self, selection: Selection, ids: Callable[[], Sequence[str]]) -> Answer | None:
        """Return the answer where a poisoned issue is among those due."""
        found = ids() if self.poison else ()
        light = {*selection.fields} <= _LIGHT and not selection.expand
        struck = (fault for fault in self.poison if fault.argument in found and (fault.is_deep or not light))
        fault = next(struck, None)
        if fault is None:
            return None
        self.entry["fault"] = fault.kind
        return CLOUD_REFUSALS["500"](None)
