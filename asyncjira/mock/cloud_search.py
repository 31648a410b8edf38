"""How a mock of Cloud answers for issues: a page of a search, a batch of a bulk fetch, an estimate of a count."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from asyncjira.mock.answer import Answer, Script, error, plain_json
from asyncjira.mock.batches import BATCH_FAULTS, Batches
from asyncjira.mock.bulk import BulkAsk, read_bulk
from asyncjira.mock.enhanced import counted_query
from asyncjira.mock.faults import Faults
from asyncjira.mock.list_search import ListSearch, bounded
from asyncjira.mock.query import EVERYTHING, BrokenQuery
from asyncjira.mock.rendering import Body, Rendering
from asyncjira.mock.search import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncjira.mock.case import Case
    from asyncjira.mock.issues import Issues
    from asyncjira.mock.settings import Settings

__all__ = ["CloudSearching"]


class CloudSearching:
    """Answers for `issues`, as far as the faults on order let it."""

    def __init__(self, issues: Issues, settings: Settings) -> None:
        self._issues, self._seed, self._estimate = issues, settings.seed, settings.estimate
        self._rendering = Rendering(keeps=issues.still)
        self.order(settings.faults)
        self._has_login = settings.token is not None
        self.listed = ListSearch(issues, self._rendering, settings).answer

    def order(self, specs: Sequence[str]) -> None:
        """Order these faults in place of those before, as if none had struck. Raises ConfigError."""
        self.faults = Faults(specs, self._seed, "cloud")
        self._batches = Batches(self._issues, self._seed)

    @property
    def has_issues(self) -> bool:
        """Whether there are any."""
        return self._issues.count(EVERYTHING) > 0

    def fetched(self, case: Case) -> Answer | Script:
        """Answer a bulk fetch."""
        try:
            ask = read_bulk(case.request.body)
        except BadRequest as bad:
            return case.refusal() or error(400, str(bad))
        case.entry["maxResults"] = len(ask.names)
        if refused := case.refusal() or self._batches.refusal(ask, case.fault):
            return refused
        if case.is_visitor(has_login=self._has_login):
            ask = ask._replace(names=())
        self._issues.turn()
        return case.poisoned(ask.selection, partial(self._batches.ids, ask)) or self._batch(ask, case)

    def counted(self, case: Case) -> Answer | Script:
        """Answer how many issues match, about."""
        try:
            bounds = bounded(counted_query(case.request.body))
        except (BadRequest, BrokenQuery) as bad:
            return case.refusal() or error(400, str(bad))
        if refused := case.refusal():
            return refused
        found = 0 if case.is_visitor(has_login=self._has_login) else self._issues.count(bounds)
        told = plain_json(200, {"count": round(found * self._estimate)})
        return self._rendering.answer(case, None, lambda: Body(told.body, 0))[0]

    def _batch(self, ask: BulkAsk, case: Case) -> Answer | Script:
        struck = case.fault if case.kind in BATCH_FAULTS else None
        batch = partial(self._batches.batch, ask, struck)
        return self._rendering.answer(case, None if struck else ask, lambda: Body(*batch()))[0]
