"""What a Cloud pull has found out about itself, and what may be said of it at its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from asyncjira.jira.dates import iso
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.source import Source
from asyncjira.plan.strategy import Outcome
from asyncjira.plan.tenant import Tenant

__all__ = ["Findings"]

_CONDITION = "Jira's page tokens are a correct cursor: each page goes on where the one before it ended"
_NAMED = 5  # ids in a message


@dataclass(slots=True)
class Findings:
    """`obstacle` is why nothing can be proven, `stopped` why it ended early, `detour` why it went another way.

    `is_proven`: a proof is wanted, and `must_be` the only thing that is. `estimate` is Jira's own count. `still_listed`
    are ids that a second listing names and that have not come; `caught_up_at` and `last_created` are seconds.
    """

    is_proven: bool
    must_be: bool
    obstacle: str = ""
    stopped: str = ""
    detour: str = ""
    estimate: int | None = None
    caught_up_at: float | None = None
    last_created: int = 0
    still_listed: dict[str, None] = field(default_factory=dict)

    def outcome(
        self, tenant: Tenant, delivery: Delivery, main: Source, *, before: int, finished: bool, waiting: int
    ) -> Outcome:
        """Return what can be said: `main` was listed first, `before` it so many came, `waiting` wait to be taken."""
        missing = tuple(sorted(self._missing(tenant, delivery, finished=finished), key=lambda each: (len(each), each)))
        obstacles = [*self._obstacles(tenant)] if self.is_proven else []
        is_proven = self.is_proven and not obstacles
        collapse = self._collapse(delivery, main.listed) if finished else ""
        doubts = (*(obstacles if self.must_be else ()), *self._doubts(collapse, missing, finished=finished))
        rest = ((iso(self.last_created), "∞"),)
        return Outcome(
            guarantee="none" if doubts else "proven" if is_proven else "reconciled",
            condition=_CONDITION if is_proven else None,
            doubts=doubts,
            notes=(*(() if self.must_be else obstacles), *self._notes(tenant, finished=finished)),
            issues=len(delivery.ids),
            duplicates_dropped=tenant.duplicates + tenant.fetched + before - delivery.rows - waiting,
            refetched_pages=tenant.refetched,
            total_first=self.estimate,
            total_last=before + main.listed if main.is_listed else None,
            uncovered=rest if self.is_proven and not main.finished else (),
            missing_ids=missing,
            fresh=finished and is_proven and not doubts and not delivery.stale,
            stale_ids=tuple(delivery.stale),
            caught_up_at=None if self.caught_up_at is None else iso(self.caught_up_at),
        )

    def _missing(self, tenant: Tenant, delivery: Delivery, *, finished: bool) -> set[str]:
        silent = tenant.silent
        listed = silent.intersection(self.still_listed) if finished and not self.stopped else silent
        return {issue_id for issue_id in {*listed, *tenant.failed} if issue_id not in delivery.ids}

    def _obstacles(self, tenant: Tenant) -> Iterator[str]:
        obstacle = "Jira does not tell when each issue was created" if tenant.is_undated else self.obstacle
        if obstacle:
            yield f"no proof was possible: {obstacle}"
        if tenant.warnings:
            yield "no proof was possible: Jira warns about the result"

    def _collapse(self, delivery: Delivery, listed: int) -> str:
        """Say so where fewer than half of the issues came that were listed, or estimated."""
        came, seemed = len(delivery.ids) + len(delivery.unchanged), max(listed, self.estimate or 0)
        if 2 * came >= seemed:
            return ""
        return (
            f"{came} issues came, and there were about {seemed}: whether a login, a permission or an index got lost "
            "meanwhile cannot be told: pull it again"
        )

    def _doubts(self, collapse: str, missing: tuple[str, ...], *, finished: bool) -> Iterator[str]:
        if self.stopped:
            yield f"{self.stopped}: --proof off pulls without a proof"
        elif not finished:
            yield "it was stopped before its end"
        elif collapse:
            yield collapse
        if missing:
            more = ", …" if len(missing) > _NAMED else ""
            yield f"Jira cannot serve the issues with these ids ({len(missing)}): {', '.join(missing[:_NAMED])}{more}"

    def _notes(self, tenant: Tenant, *, finished: bool) -> Iterator[str]:
        if self.detour:
            yield self.detour
        yield from (f"Jira warns: {warning}" for warning in tenant.warnings)
        gone = len(tenant.silent.difference(self.still_listed))
        if finished and gone:
            yield f"{gone} issues were deleted, hidden or left the result after they had been listed"
