"""What a Cloud pull has found out about itself, and what may be said of it at its end."""

from __future__ import annotations

from collections.abc import Iterator, Set

import msgspec

from asyncjira.jira.dates import iso
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.source import Source
from asyncjira.plan.strategy import Outcome
from asyncjira.plan.tenant import Tenant

__all__ = ["Findings"]

_CONDITION = "Jira's page tokens are a correct cursor: each page goes on where the one before it ended"
_CONDITION_OF_TWO = "Jira's page tokens do not leave out the same issues twice"
_NAMED = 5  # ids in a message
_SHORT = 0.01  # of the estimate: what is missing beyond that, and beyond a few, is worth a second listing
_FEW = 20  # issues that may leave a small result while it is pulled, or be counted too many: our choice


class Findings(msgspec.Struct):
    """`obstacle` is why nothing can be proven, `stopped` why it ended early, `detour` why it went another way.

    `is_proven`: a proof is wanted, and `must_be` the only thing that is. `estimate` is Jira's own count. `still_listed`
    are ids that were left out, and that a second listing names; `caught_up_at` and `last_created` are seconds.
    """

    is_proven: bool
    must_be: bool
    obstacle: str = ""
    stopped: str = ""
    detour: str = ""
    estimate: int | None = None
    caught_up_at: float | None = None
    last_created: int = 0
    is_listed_twice: bool = False
    overlooked: int = 0
    still_listed: dict[str, None] = msgspec.field(default_factory=dict)

    def outcome(
        self,
        tenant: Tenant,
        delivery: Delivery,
        main: Source,
        late: Set[str],
        *,
        before: int,
        came: int,
        finished: bool,
        waiting: int,
    ) -> Outcome:
        """Return what can be said: `main` was listed first, and `before` it others; `waiting` rows were not taken.

        An interrupted pull had `came` as far as that many rows. `late` are ids of issues that changed meanwhile, and
        whose newer versions did not come.
        """
        unserved = sorted(self._unserved(tenant, finished=finished), key=lambda each: (len(each), each))
        missing = tuple(issue_id for issue_id in unserved if not delivery.has(issue_id))
        outdated = [issue_id for issue_id in unserved if delivery.has(issue_id) and issue_id in late]
        stale = tuple(dict.fromkeys([*delivery.stale, *outdated]))
        obstacles = [*self._obstacles(tenant)] if self.is_proven else []
        is_proven = self.is_proven and not obstacles
        collapse = self._collapse(delivery, main.listed, before) if finished else ""
        warnings = [f"Jira warns: {warning}" for warning in tenant.warnings]
        why = next((tenant.failed[each] for each in missing if each in tenant.failed), "")
        is_lossy = tenant.is_cut and tenant.is_unsorted
        doubts = (
            *(obstacles if self.must_be else ()),
            *(warnings if self.is_proven else ()),
            *self._doubts(collapse, missing, why, is_lossy=is_lossy, finished=finished),
        )
        rest = ((iso(self.last_created), "∞"),)
        return Outcome(
            guarantee="none" if doubts else "proven" if is_proven else "reconciled",
            condition=(_CONDITION_OF_TWO if self.is_listed_twice else _CONDITION) if is_proven else None,
            doubts=doubts,
            notes=(
                *(() if self.must_be else obstacles),
                *(() if self.is_proven else warnings),
                *self._notes(tenant, delivery, finished=finished),
            ),
            issues=len(delivery.ids),
            duplicates_dropped=tenant.duplicates + tenant.fetched + came - delivery.rows - waiting,
            refetched_pages=tenant.refetched,
            total_first=self.estimate,
            total_last=before + main.listed if main.is_listed else None,
            uncovered=rest if self.is_proven and not main.finished else (),
            missing_ids=missing,
            fresh=finished and is_proven and not doubts and not stale,
            stale_ids=stale,
            caught_up_at=None if self.caught_up_at is None else iso(self.caught_up_at),
        )

    def _unserved(self, tenant: Tenant, *, finished: bool) -> set[str]:
        silent = tenant.silent
        listed = silent.intersection(self.still_listed) if finished and not self.stopped else silent
        return {*listed, *tenant.failed}

    def _obstacles(self, tenant: Tenant) -> Iterator[str]:
        obstacle = "Jira does not tell when each issue was created" if tenant.is_undated else self.obstacle
        if obstacle:
            yield f"no proof was possible: {obstacle}"
        if self.overlooked:
            yield (
                f"no proof was possible: a second listing names {self.overlooked} old issues that the first one left "
                "out: Jira's page tokens are no correct cursor"
            )

    def falls_short(self, delivery: Delivery, main: Source, before: int) -> bool:
        """Whether Jira estimates more issues than came, by more than what may change or be counted wrongly.

        What came `before` the beginning of `main` is not in the estimate, and what is unchanged is.
        """
        came = len(delivery.ids) + len(delivery.unchanged) - before
        lacking = (self.estimate or 0) - max(came, main.listed)
        return lacking > max(_FEW, _SHORT * (self.estimate or 0))

    def _collapse(self, delivery: Delivery, listed: int, before: int) -> str:
        """Say so where fewer than half of the issues came that were listed, or estimated."""
        came = len(delivery.ids) + len(delivery.unchanged) - before
        seemed = max(listed, self.estimate or 0)
        if 2 * came >= seemed or seemed - came < _FEW:
            return ""
        return (
            f"{came} of about {seemed} issues came: a login, a permission or an index may have been lost meanwhile: "
            "pull it again"
        )

    def _doubts(
        self, collapse: str, missing: tuple[str, ...], why: str, *, is_lossy: bool, finished: bool
    ) -> Iterator[str]:
        if self.stopped:
            yield self.stopped
        elif not finished:
            yield "it was stopped before its end"
        elif collapse:
            yield collapse
        if is_lossy:
            yield "Jira does not list by `created`, and was asked in ranges of it: --strategy ids does without"
        if missing:
            more = ", …" if len(missing) > _NAMED else ""
            named = f"({len(missing)}): {', '.join(missing[:_NAMED])}{more}"
            yield f"Jira cannot serve the issues with these ids {named}{why and f' ({why})'}"

    def _notes(self, tenant: Tenant, delivery: Delivery, *, finished: bool) -> Iterator[str]:
        if self.detour:
            yield self.detour
        gone = sum(issue_id not in delivery.ids for issue_id in tenant.silent.difference(self.still_listed))
        if finished and gone:
            which = "1 issue was" if gone == 1 else f"{gone} issues were"
            yield f"{which} deleted, hidden or left the result after having been listed"
