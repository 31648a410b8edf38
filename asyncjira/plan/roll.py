"""The ids that are listed now, against those that were delivered, by this pull or by earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from asyncjira.plan.delivery import Delivery
from asyncjira.plan.idset import IdSet

__all__ = ["Roll"]

_FEW = 100  # issues that may be gone without a doubt about all: a page, and a project that was cleared up


class Roll:
    """`known` are the ids that earlier pulls had delivered, None where nobody has noted them; `delivery` is this one's.

    `unknown` are ids that are listed and were never delivered, `waiting` those that are not listed and may yet be.
    """

    def __init__(self, delivery: Delivery, known: IdSet | None) -> None:
        self._delivery, self._known = delivery, known
        self._listed, self.unknown, self.waiting = IdSet(), IdSet(), IdSet()
        self.recent = delivery.versions()

    def note(self, issue_id: str) -> bool:
        """Note that an id is listed. True where it was never delivered."""
        if not self._listed.add(issue_id) or self._known is None or self._is_delivered(issue_id):
            return False
        self.unknown.add(issue_id)
        return True

    def _is_delivered(self, issue_id: str) -> bool:
        delivery = self._delivery
        known = self._known is not None and issue_id in self._known
        return known or issue_id in delivery.ids or issue_id in delivery.unchanged

    def __len__(self) -> int:
        """Return how many are listed."""
        return len(self._listed)

    def absent(self) -> Iterator[str]:
        """Iterate over the ids that were delivered and are not listed. Nothing may be delivered meanwhile."""
        known = self._known if self._known is not None else IdSet()
        new = (issue_id for issue_id in chain(self._delivery.ids, self._delivery.unchanged) if issue_id not in known)
        return (issue_id for issue_id in chain(known, new) if issue_id not in self._listed)

    @property
    def collapse(self) -> str:
        """Say so where more than half of the issues are not listed: for all that is known, a login got lost."""
        known = max(len(self._known or ()), len(self._delivery.ids))
        if known - len(self._listed) <= max(_FEW, known // 2):
            return ""
        return (
            f"Jira lists {len(self._listed)} issues where there were {known}: whether a login, a permission or an "
            "index got lost cannot be told; if they are gone, begin anew without the state"
        )

    def ids(self) -> IdSet:
        """Return the ids that the next pull has to look for: delivered, and listed now or perhaps again."""
        left = IdSet()
        left.update(each for each in self._listed if each not in self.unknown or each in self._delivery.ids)
        left.update(self.waiting)
        return left
