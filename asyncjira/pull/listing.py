"""One run over a list that is none of issues, and what its consumer sees of it: the same as of a pull."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asyncjira import __version__
from asyncjira.errors import ConfigError
from asyncjira.events import Delivered, PullFinished, PullStarted
from asyncjira.jira.issue import to_value
from asyncjira.jira.resource import Resource
from asyncjira.manifest import Manifest
from asyncjira.net.client import Client
from asyncjira.net.clock import now
from asyncjira.plan.listing import ListStrategy
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Start
from asyncjira.plan.strategy import Rows
from asyncjira.pull.engine import run
from asyncjira.pull.pull import Flow

__all__ = ["ListRun", "Listing"]

_PAGES_AHEAD = 2  # as in a pull: pages asked or waiting for each request that may be in flight
_PAGE = 100  # items asked for at a time: what most of Jira's lists allow, and all others cut down to what they do


class ListRun:
    """Pulls the list `resource` from the Jira at `url` once."""

    state = None  # the next pull of a list begins anew
    naming: Naming | None = None  # and what it brings keeps its keys

    def __init__(
        self, url: str, resource: Resource, client: Client, *, page_size: int | None, concurrency: int
    ) -> None:
        self._url, self._resource, self._client, self._concurrency = url, resource, client, concurrency
        window = _PAGES_AHEAD * concurrency
        self._strategy = ListStrategy(resource, page_size=page_size or _PAGE, window=window)
        self._tally = client.tally()
        self._started_at, self._paused, self._delivered = "", 0.0, 0

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for."""
        return {"url": self._url, "path": self._resource.address, "key": self._resource.key}

    @property
    def user(self) -> str | None:
        """As whom Jira knows this client."""
        return self._client.user

    def begin_with(self, start: Start | None, place: str, naming: Naming | None) -> None:
        """Begin; a list cannot be gone on with, as nothing tells its rows of before from those of now.

        Raises ConfigError.
        """
        if start is not None:
            raise ConfigError(f"{place} cannot be gone on with: the rows of a list are counted, and may have moved")

    async def pull(self, deliver: Callable[[Rows], Awaitable[None]]) -> Manifest:
        """Await `deliver` for all items in order, then return the manifest. Raises what a request raises."""
        self._started_at, self._paused = now(), self._client.limiter.paused_seconds
        self._client.tell(PullStarted(self._url, ""))

        async def counted(rows: Rows) -> None:
            items = len(rows.issues)  # the list is the user's from now on
            await deliver(rows)
            self._delivered += items
            self._client.tell(Delivered(self._delivered))

        await run(self._strategy, self._client, self._tally, counted, concurrency=self._concurrency)
        manifest = self.manifest()
        self._client.tell(PullFinished(manifest))
        return manifest

    def manifest(self) -> Manifest:
        """Say how the run ended, or how it stands."""
        outcome, key = self._strategy.outcome(), self._strategy.key
        return Manifest(
            version=__version__,
            url=self._url,
            path=self._resource.address,
            key=None if key == "auto" else key,
            jql="",
            api="list",
            fields=(),
            expand=(),
            started_at=self._started_at,
            finished_at=now(),
            complete=not outcome.doubts,
            guarantee=outcome.guarantee,
            condition=outcome.condition,
            issues=self._delivered,
            duplicates_dropped=outcome.duplicates_dropped,
            refetched_pages=outcome.refetched_pages,
            requests=self._tally.requests,
            retries=self._tally.retries,
            throttled_seconds=round(self._client.limiter.paused_seconds - self._paused, 3),
            total_first=outcome.total_first,
            total_last=outcome.total_last,
            warnings=(*outcome.doubts, *outcome.notes),
        )


class Listing(Flow):
    """Every item of a list, in Jira's order: `async with jira.pages(path) as items: async for item in items`.

    It iterates, raises and ends as `Pull` does; `page.issues` are the bytes of items. In the manifest, `guarantee` is
    "reconciled" where Jira counts the list: every item has an id of its own, there are as many as the last page counts,
    no page counted fewer than one before it or more than the last, and none had rows beyond the end. Where one item
    enters and another leaves between two pages, and no page counts the difference, a third may still slip from page to
    page unseen. It is "none" where Jira does not count, and `condition` says what was looked at: all pages came, up to
    the one that Jira calls the last, or to an empty one with none behind it. What Jira counts and does not send ends
    with IncompleteError.
    """

    async def __anext__(self) -> Any:
        return to_value(await self._next_issue())
