"""Where the issues of one part of a Cloud pull come from: listed and fetched by id, or in pages of one chain."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from asyncjira.errors import JiraError, ProtocolError, ServerError, TransportError
from asyncjira.jira.jql import Part
from asyncjira.jira.token_search import TokenPage
from asyncjira.plan.batches import Batches
from asyncjira.plan.chain import Chain
from asyncjira.plan.errand import Errand
from asyncjira.plan.shelf import Row
from asyncjira.plan.tenant import Tenant

__all__ = ["LISTED_AHEAD", "ById", "ByPage", "Source"]

LISTED_AHEAD = 10_000  # ids that may wait to be fetched: two pages of them, so that the listing is always ahead
_HELD = 4  # pages of a chain that may wait for their turn: enough for a range, and no more than a handful of megabytes


class Source(Protocol):
    """Asks for issues and gives them out in order. None of its methods waits."""

    def next(self) -> Errand | None:
        """Return what to ask now; None where nothing may be asked yet."""

    def take(self) -> list[Row]:
        """Return the next issues in order; none where they have not come yet."""

    @property
    def listed(self) -> int:
        """How many issues are known to be there."""

    @property
    def waiting(self) -> int:
        """How many issues have come and wait for their turn."""

    @property
    def is_listed(self) -> bool:
        """Whether `listed` is all of them."""

    @property
    def is_asked(self) -> bool:
        """Whether all of them were asked for."""

    @property
    def finished(self) -> bool:
        """Whether all of them were taken, or given up."""


class ById:
    """Lists the ids of `part`, and fetches the issues meanwhile, in batches side by side. Those `is_wanted`, that is.

    The search respects the latest state of the issues `reconciled`.
    """

    def __init__(
        self,
        tenant: Tenant,
        part: Part | None,
        *,
        reconciled: Sequence[int] = (),
        is_wanted: Callable[[str], bool] = lambda issue_id: True,
    ) -> None:
        self._tenant, self._is_wanted = tenant, is_wanted
        self._chain = Chain(part, partial(tenant.ids, reconciled), self._list, dates=tenant.dates)
        self._batches = Batches(tenant)

    def next(self) -> Errand | None:
        """Return what to ask now; None where nothing may be asked yet."""
        if self._batches.unasked < LISTED_AHEAD and (errand := self._chain.next()) is not None:
            return errand
        return self._batches.next()

    def take(self) -> list[Row]:
        """Return the next issues in order; none where they have not come yet."""
        return self._batches.take()

    @property
    def listed(self) -> int:
        """How many issues are known to be there."""
        return self._chain.listed

    @property
    def waiting(self) -> int:
        """How many issues have come and wait for their turn."""
        return self._batches.waiting

    @property
    def is_listed(self) -> bool:
        """Whether `listed` is all of them."""
        return self._chain.finished

    @property
    def is_asked(self) -> bool:
        """Whether all of them were asked for."""
        return self._batches.is_asked

    @property
    def finished(self) -> bool:
        """Whether all of them were taken, or given up."""
        return self._batches.finished

    @property
    def given_up(self) -> set[str]:
        """Ids that were listed and whose issues do not come."""
        return self._batches.given_up

    def _list(self, page: TokenPage, fresh: list[int]) -> None:
        self._tenant.warnings.update(dict.fromkeys(page.warnings))
        self._tenant.duplicates += len(page.ids) - len(fresh)
        self._batches.add(page.ids[at] for at in fresh if self._is_wanted(page.ids[at]))
        self._batches.is_last = self._chain.finished


class ByPage:
    """Asks for the pages of `part` one after another. What Jira cannot serve as a page is fetched by id."""

    def __init__(self, tenant: Tenant, part: Part | None) -> None:
        self._tenant = tenant
        self._chain = Chain(part, tenant.issues, self._keep, dates=tenant.dates, size=tenant.page)
        self._pages: deque[list[Row]] = deque()
        self._rest: ById | None = None
        self._overlap = 0  # issues that who goes on lists again

    def next(self) -> Errand | None:
        """Return what to ask now; None where nothing may be asked yet."""
        if self._rest is not None:
            return self._rest.next()
        errand = self._chain.next() if len(self._pages) < _HELD else None
        return errand and replace(errand, failed=partial(self._failed, errand))

    def leave(self) -> int | None:
        """End before the next page, and return the second from which on others must go on; None where it cannot."""
        second = self._chain.leave() if self._rest is None else None
        self._overlap = self._chain.overlap if second is not None else self._overlap
        return second

    def take(self) -> list[Row]:
        """Return the next issues in order; none where they have not come yet."""
        if self._pages:
            return self._pages.popleft()
        return self._rest.take() if self._rest is not None else []

    @property
    def listed(self) -> int:
        """How many issues are known to be there."""
        return self._chain.listed - self._overlap + (self._rest.listed if self._rest is not None else 0)

    @property
    def load(self) -> int:
        """How many pages are under way or wait for their turn."""
        return len(self._pages) + (self._chain.is_busy if self._rest is None else 1)

    @property
    def waiting(self) -> int:
        """How many issues have come and wait for their turn."""
        return sum(len(page) for page in self._pages) + (self._rest.waiting if self._rest is not None else 0)

    @property
    def is_listed(self) -> bool:
        """Whether `listed` is all of them."""
        return self._chain.finished if self._rest is None else self._rest.is_listed

    @property
    def is_asked(self) -> bool:
        """Whether all of them were asked for."""
        return self._chain.finished if self._rest is None else self._rest.is_asked

    @property
    def finished(self) -> bool:
        """Whether all of them were taken, or given up."""
        return not self._pages and (self._chain.finished if self._rest is None else self._rest.finished)

    @property
    def given_up(self) -> set[str]:
        """Ids that were listed and whose issues do not come."""
        return self._rest.given_up if self._rest is not None else set()

    def _keep(self, page: TokenPage, fresh: list[int]) -> None:
        self._tenant.warnings.update(dict.fromkeys(page.warnings))
        self._check_bounds(page)
        rows = self._tenant.rows(page.issues, page.ids, page.dates)
        if fresh:
            self._pages.append([rows[at] for at in fresh])

    def _check_bounds(self, page: TokenPage) -> None:
        part, created = self._chain.part, page.dates.created if page.dates is not None else ()
        if part is None or not created:
            return
        first = min(created) if part.first is None else part.first
        if min(created) < first or (part.before is not None and max(created) >= part.before):
            raise ProtocolError("Jira ignores the bounds on `created`: --strategy ids does without them")

    def _failed(self, errand: Errand, error: JiraError) -> None:
        if not isinstance(error, ServerError | TransportError):
            errand.failed(error)
            return
        self._overlap = self._chain.overlap
        self._chain.restart()
        self._rest = ById(self._tenant, self._chain.part)
