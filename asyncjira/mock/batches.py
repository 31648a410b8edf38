"""Answers to Cloud's bulk fetch: issues by ascending id, and what faults leave out of them or put in their place."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import orjson

from asyncjira.mock.answer import error
from asyncjira.mock.bulk import BulkAsk, too_many
from asyncjira.mock.list_edits import out_of_order
from asyncjira.mock.pages import names_and_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncjira.mock.answer import Answer
    from asyncjira.mock.faults import Fault
    from asyncjira.mock.issues import Issues
    from asyncjira.mock.record import Record

__all__ = ["BATCH_FAULTS", "Batches"]

BATCH_FAULTS = {
    *("batch-400", "forbidden-bulk", "cap", "no-issues", "short", "unsorted"),
    *("issue-errors", "issue-errors-always", "omit", "omit-always"),
}
_PASSES = "The issue could not be loaded in time. Try again."


class Batches:
    """Renders batches of `issues`; what a fault strikes once for each issue, it remembers."""

    def __init__(self, issues: Issues, seed: int) -> None:
        self._issues, self._seed = issues, seed
        self._struck: set[tuple[Fault, str]] = set()

    def refusal(self, ask: BulkAsk, fault: Fault | None) -> Answer | None:
        """Return why a batch is refused as a whole, if it is."""
        if fault and fault.kind == "forbidden-bulk":
            return error(403, "You do not have the permission for bulk operations.")
        why = too_many(ask, strict=fault is not None and fault.kind == "batch-400")
        return error(400, why) if why else None

    def records(self, ask: BulkAsk) -> list[Record]:
        """Return the issues that there are of those asked for, each once, by ascending id."""
        found = {record.id: record for record in map(self._issues.find, ask.names) if record is not None}
        return sorted(found.values(), key=lambda record: int(record.id))

    def ids(self, ask: BulkAsk) -> list[str]:
        """Return the ids of the issues of a batch."""
        return [record.id for record in self.records(ask)]

    def batch(self, ask: BulkAsk, fault: Fault | None) -> tuple[bytes, int]:
        """Return the bytes of an answer, and how many issues it holds."""
        records, errors = self.records(ask), []
        if fault and fault.kind.startswith(("issue-errors", "omit")):
            lost = self._lost(records, fault)
            errors = [] if fault.kind.startswith("omit") else [_error(record) for record in records if record in lost]
            records = [record for record in records if record not in lost]
        issues = self._shown(records, ask)
        if fault and fault.kind in {"cap", "no-issues", "short", "unsorted"}:
            issues = _edited(issues, fault)
        return b'{"issueErrors":[%b],"issues":[%b]}' % (b",".join(errors), b",".join(issues)), len(issues)

    def _shown(self, records: Sequence[Record], ask: BulkAsk) -> list[bytes]:
        """Return the JSON of issues; names and schema stand in each."""
        rest = names_and_schema(ask.selection)
        found = [self._issues.show(record, ask.selection) for record in records]
        return [b"%b%b}" % (issue[:-1], rest) for issue in found] if rest else found

    def _lost(self, records: Sequence[Record], fault: Fault) -> list[Record]:
        kind, always = fault.kind.removesuffix("-always"), fault.kind.endswith("-always")
        share = float(fault.argument or 100)
        drawn = (record for record in records if Random(f"{self._seed}/{kind}/{record.id}").random() * 100 < share)
        lost = [record for record in drawn if always or (fault, record.id) not in self._struck]
        self._struck |= {(fault, record.id) for record in lost}
        return lost


def _error(record: Record) -> bytes:
    return orjson.dumps({"id": record.id, "errorMessage": _PASSES})


def _edited(issues: list[bytes], fault: Fault) -> list[bytes]:
    match fault.kind:
        case "cap":
            return issues[: int(fault.argument or 0)]
        case "short":
            return issues[: max(0, len(issues) - int(fault.argument or 1))]
        case "unsorted":
            return out_of_order(issues, len(issues))
        case _:
            return []
