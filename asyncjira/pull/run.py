"""One run of one query: the strategy it follows, what it costs, and what can be said about it at any time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from asyncjira import __version__
from asyncjira.events import PullFinished
from asyncjira.jira.jql import changing, split_order
from asyncjira.jira.search import Query, with_dates
from asyncjira.manifest import Manifest
from asyncjira.net.client import Client
from asyncjira.plan.offsets import OffsetStrategy
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.strategy import Rows, Strategy
from asyncjira.pull.engine import run

__all__ = ["Proof", "Run", "is_proven"]

Proof = Literal["auto", "on", "off"]

_PAGES_AHEAD = 2  # pages asked or waiting for each request that may be in flight: enough to ride out one slow page


def is_proven(proof: Proof, jql: str) -> bool:
    """Whether a pull of `jql` is proven: by default where the query has no ORDER BY of its own."""
    return proof == "on" or (proof == "auto" and not split_order(jql)[1])


class Run:
    """Pulls `query` from the Jira at `url` once."""

    def __init__(
        self,
        url: str,
        query: Query,
        client: Client,
        *,
        page_size: int,
        concurrency: int,
        slowest: float,
        proof: Proof,
        updates: bool,
    ) -> None:
        self._url, self._query, self._client, self._concurrency = url, query, client, concurrency
        self._plain = OffsetStrategy(query, page_size=page_size, window=_PAGES_AHEAD * concurrency)
        self._strategy: Strategy = self._plain
        self._proof: ProofStrategy | None = None
        self._may_do_without, self._obstacle = proof == "auto", ""
        if is_proven(proof, query.jql):
            dated = replace(query, fields=with_dates(query.fields))
            self._strategy = self._proof = ProofStrategy(
                dated, page_size=page_size, window=_PAGES_AHEAD * concurrency, updates=updates, slowest=slowest
            )
        self._tally = client.tally()
        self._started_at, self._paused = "", 0.0
        self._delivered = 0

    async def pull(self, deliver: Callable[[Rows], Awaitable[None]]) -> Manifest:
        """Await `deliver` for all rows in order, then return the manifest. Raises what a request raises."""
        self._started_at, self._paused = _now(), self._client.limiter.paused_seconds

        async def counted(rows: Rows) -> None:
            await deliver(rows)
            self._delivered += len(rows.issues) * (rows.place != "replace")

        await run(self._strategy, self._client, self._tally, counted, concurrency=self._concurrency)
        if self._proof is not None and self._may_do_without and (reason := self._proof.obstacle):
            self._strategy, self._obstacle = self._plain, f"no proof was possible: {reason}"
            await run(self._strategy, self._client, self._tally, counted, concurrency=self._concurrency)
        manifest = self.manifest()
        self._client.tell(PullFinished(manifest))
        return manifest

    def manifest(self) -> Manifest:
        """Say how the run ended, or how it stands."""
        outcome = self._strategy.outcome()
        return Manifest(
            version=__version__,
            url=self._url,
            jql=self._query.jql,
            api="offset",
            fields=self._query.fields if self._strategy is self._plain else with_dates(self._query.fields),
            expand=self._query.expand,
            started_at=self._started_at,
            finished_at=_now(),
            complete=not outcome.doubts,
            guarantee=outcome.guarantee,
            issues=self._delivered,
            duplicates_dropped=outcome.duplicates_dropped,
            refetched_pages=outcome.refetched_pages,
            requests=self._tally.requests,
            retries=self._tally.retries,
            throttled_seconds=round(self._client.limiter.paused_seconds - self._paused, 3),
            total_first=outcome.total_first,
            total_last=outcome.total_last,
            uncovered=outcome.uncovered,
            missing_ids=outcome.missing_ids,
            fresh=outcome.fresh,
            stale_ids=outcome.stale_ids,
            caught_up_at=outcome.caught_up_at,
            warnings=(*outcome.doubts, *outcome.notes, *_notes(self._query.jql, self._obstacle)),
        )


def _notes(jql: str, obstacle: str) -> list[str]:
    names = ", ".join(changing(jql))
    moving = f"what this query matches can change while no issue does ({names}): such changes may be missed"
    return [note for note in (obstacle, names and moving) if note]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
