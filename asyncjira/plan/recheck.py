"""What a Cloud pull lists again at its end: all of it, or what is around ids that were left out in silence."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from msgspec.structs import replace

from asyncjira.jira.bulk import BATCH
from asyncjira.jira.jql import Part
from asyncjira.jira.token_search import MOST_RECONCILED
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.findings import Findings
from asyncjira.plan.shelf import Row
from asyncjira.plan.silence import merged
from asyncjira.plan.source import ById, Source
from asyncjira.plan.tenant import LISTED, Tenant

__all__ = ["CREATED", "Recheck", "numbers"]

CREATED = itemgetter(0)  # of a row
_LONG = 19  # digits of an id that no longer fits into 64 bits


class Recheck:
    """Compares what came with what Jira lists once more, where that `is_owed`: it is asked for, or something lacks.

    `sources` are the listings, which fetch what is new in them; what they name is told to `found`.
    """

    def __init__(
        self, tenant: Tenant, part: Part | None, delivery: Delivery, found: Findings, *, lists_again: bool
    ) -> None:
        self._tenant, self._part, self._delivery, self._found = tenant, part, delivery, found
        self._lists_again, self._looked_after = lists_again, 0  # silences
        self.sources: list[ById] = []

    def is_owed(self, main: Source, before: int) -> bool:
        """Whether anything is to be listed again, as far as is known."""
        is_short = main.is_listed and self._falls_short(main, before)
        return self._lists_again or is_short or len(self._tenant.silences) > self._looked_after

    def begin(self, main: Source, before: int) -> None:
        """Begin with what is owed; once more, where this brings new silences."""
        self._lists_again |= self._falls_short(main, before)
        self._found.is_listed_twice |= self._lists_again
        self.sources += [*self._listings(is_first=not self.sources)]
        self._looked_after, self._lists_again = len(self._tenant.silences), False

    def take(self) -> list[Row]:
        """Return issues that nobody had named before, by `created`; none where they have not come yet."""
        for source in self.sources:
            while rows := source.take():
                new = [row for row in sorted(rows, key=CREATED) if not self._delivery.knows(row)]
                self._found.overlooked += sum(0 < row[1] < self._delivery.since_ms for row in new)
                if new:
                    return new
        return []

    def _falls_short(self, main: Source, before: int) -> bool:
        return not self.sources and self._found.falls_short(self._delivery, main, before)

    def _listings(self, *, is_first: bool) -> Iterator[ById]:
        """Return what lists again: all where that is wanted or the order is not known, else around ids left out.

        Issues that nobody has named before are fetched the first time. Where those are left out, too, only that is
        looked after: a Jira in which issues come and go would be listed for ever.
        """
        if self._lists_again or self._part is None or self._tenant.is_unsorted:
            whole = replace(self._part or Part(), first=None)
            yield self._listing(whole, sorted(self._tenant.silent), is_first=is_first)
            return
        for silence in merged(self._tenant.silences[self._looked_after :], LISTED - BATCH):
            part = replace(silence.part, updated_since_ms=self._part.updated_since_ms)
            yield self._listing(part, silence.ids, is_first=is_first)

    def _listing(self, part: Part, silent: list[str], *, is_first: bool) -> ById:
        missed = frozenset({*self._tenant.silent, *self._tenant.failed})

        def is_wanted(issue_id: str) -> bool:
            if issue_id in missed:
                self._found.still_listed[issue_id] = None
            return is_first and issue_id not in missed and not self._delivery.has(issue_id)

        return ById(self._tenant, part, reconciled=numbers(silent[:MOST_RECONCILED]), is_wanted=is_wanted)


def numbers(ids: list[str]) -> list[int]:
    """Return those ids that are numbers as Jira's, of at most 64 bits."""
    return [int(issue_id) for issue_id in ids if issue_id.isascii() and issue_id.isdecimal() and len(issue_id) < _LONG]
