"""One run of one query: the strategy it follows, what it costs, and what can be said about it at any time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, cast

import anyio
import msgspec

from asyncjira import __version__
from asyncjira.events import Delivered, PullFinished, PullStarted, Resumed
from asyncjira.jira.dates import iso
from asyncjira.jira.jql import changing, moves, split_order
from asyncjira.jira.renaming import Renaming
from asyncjira.jira.search import Query, with_dates
from asyncjira.manifest import Manifest
from asyncjira.net.client import Client
from asyncjira.net.clock import now
from asyncjira.plan.choice import Choice
from asyncjira.plan.idset import IdSet
from asyncjira.plan.naming import Naming
from asyncjira.plan.offsets import OffsetStrategy
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.sizing import Sizing
from asyncjira.plan.start import Start
from asyncjira.plan.state import ANONYMOUS, SOMEBODY, State
from asyncjira.plan.strategy import Outcome, Rows, Strategy
from asyncjira.pull.engine import run
from asyncjira.pull.names import ask_names, renamed
from asyncjira.pull.wishes import Wishes, is_proven

if TYPE_CHECKING:
    from asyncjira.plan.census import Census
    from asyncjira.plan.cloud import CloudStrategy
    from asyncjira.plan.forecast import Plan

__all__ = ["Run"]

_PAGES_AHEAD = 2  # pages asked or waiting for each request that may be in flight: enough to ride out one slow page
_OFFSET_PAGE = 100  # issues asked for at a time: a tenth of what Data Center allows by default
_VERSION_OF = {"offset": "2", "cloud": "3"}  # of the API, unless told otherwise: each is what its vendor documents


class Run:
    """Pulls `query` from the Jira at `url` once."""

    def __init__(self, url: str, query: Query, client: Client, wishes: Wishes) -> None:
        self._url, self._query, self._client, self._wishes = url, query, client, wishes
        self._strategy: Strategy
        self._choice: Choice | None = None
        self._choose()
        self._obstacle = ""
        self._tally = client.tally()
        self._started_at, self._paused = "", 0.0
        self._delivered = 0
        self._outcome: Outcome | None = None
        self._census: Census | None = None
        self._ended: Manifest | None = None
        self.naming: Naming | None = None

    def _choose(self) -> None:
        if self._wishes.api == "auto":
            self._strategy = self._choice = Choice(self._by_offset, self._of_cloud)
        else:
            self._strategy = self._by_offset() if self._wishes.api == "offset" else self._of_cloud()

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for, and how; but for what only makes it faster."""
        return self._wishes.asked(self._url, self._query)

    @property
    def user(self) -> str | None:
        """As whom Jira knows this client."""
        return self._client.user

    def begin_with(self, start: Start | None, place: str, naming: Naming | None) -> None:
        """Go on from `start`, which an earlier run with that `naming` has left in `place`; None: from the beginning."""
        self.naming = naming
        self._wishes = msgspec.structs.replace(self._wishes, start=start)
        self._choose()
        self._delivered = 0 if start is None else start.rows
        self._client.tell(Resumed(place, self._delivered))

    async def plan(self) -> Plan:
        """Foretell what the pull will take, by its first page alone. Raises what a pull raises."""
        from asyncjira.pull.prospect import Prospect  # which no pull needs

        offset, cloud = self._of_version("offset", dated=self._is_proven), self._as_sent_to_cloud()
        return await Prospect(self._client, self._wishes, offset=offset, cloud=cloud, page=self._pages()[0]).plan()

    @property
    def _is_proven(self) -> bool:
        return is_proven(self._wishes.proof, self._query.jql)

    @property
    def _in_own_order(self) -> bool:
        return not self._is_proven and bool(split_order(self._query.jql)[1])

    def _as_sent_to_cloud(self) -> Query:
        dated = self._is_proven or (self._wishes.way == "ranges" and not self._in_own_order)
        return self._of_version("cloud", dated=dated)

    def _of_version(self, api: str, *, dated: bool) -> Query:
        fields = with_dates(self._query.fields) if dated else self._query.fields
        return replace(self._query, fields=fields, api_version=self._wishes.api_version or _VERSION_OF[api])

    def _by_offset(self) -> Strategy:
        if not self._is_proven:
            return self._plain()
        size, window, sizing = self._pages()
        return ProofStrategy(
            self._of_version("offset", dated=True),
            page_size=size,
            window=window,
            sizing=sizing,
            updates=self._wishes.updates,
            slowest=self._wishes.slowest,
            start=self._start(),
        )

    def _plain(self) -> Strategy:
        size, window, sizing = self._pages()
        query = self._of_version("offset", dated=False)
        return OffsetStrategy(query, page_size=size, window=window, sizing=sizing)

    def _pages(self) -> tuple[int, int, Sizing | None]:
        """Return how many rows to ask for at a time, how many of these pages at most, and what may find more better."""
        asked, window = self._wishes.page_size, _PAGES_AHEAD * self._wishes.concurrency
        if asked == "auto":
            return _OFFSET_PAGE, window, Sizing(_OFFSET_PAGE, window, anyio.current_time)
        return asked or _OFFSET_PAGE, window, None

    def _of_cloud(self) -> Strategy:
        from asyncjira.plan.cloud import CloudStrategy  # a quarter of all that decides, and for Cloud only

        wishes, jql = self._wishes, self._query.jql
        return CloudStrategy(
            self._as_sent_to_cloud(),
            way=wishes.way,
            page_size=None if wishes.page_size == "auto" else wishes.page_size,  # by id, larger ones are usual there
            concurrency=wishes.concurrency,
            is_proven=self._is_proven,
            must_prove=wishes.proof == "on",
            in_own_order=self._in_own_order,
            updates=wishes.updates,
            lists_again=wishes.lists_again or (self._in_own_order and moves(jql)),  # who moves forward passes a cursor
            is_visitor=wishes.is_visitor,
            slowest=wishes.slowest,
            start=self._start(),
        )

    def _start(self) -> Start | None:
        wishes = self._wishes
        return wishes.start if wishes.state is None else wishes.state.start(wishes.start)

    @property
    def _chosen(self) -> Strategy:
        return self._strategy if self._choice is None else self._choice.chosen

    @property
    def _is_cloud(self) -> bool:
        return self._wishes.api == "cloud" if self._choice is None else self._choice.is_cloud

    @property
    def _dated(self) -> ProofStrategy | CloudStrategy | None:
        """The strategy, where it knows what was delivered by when that was created and updated."""
        chosen = self._chosen
        return None if isinstance(chosen, OffsetStrategy) else cast("ProofStrategy | CloudStrategy", chosen)

    async def pull(self, deliver: Callable[[Rows], Awaitable[None]]) -> Manifest:
        """Await `deliver` for all rows in order, then return the manifest. Raises what a request raises."""
        self._started_at, self._paused = now(), self._client.limiter.paused_seconds
        self._client.tell(PullStarted(self._url, self._query.jql))
        renaming = await self._renaming() if self._wishes.names else None

        async def counted(rows: Rows) -> None:
            new = len(rows.issues) if rows.place not in ("replace", "last") else 0  # the list is the user's from now on
            await deliver(rows if renaming is None else await renamed(rows, renaming))
            self._delivered += new
            self._client.tell(Delivered(self._delivered))

        at_once = self._wishes.concurrency
        opens = at_once - 1 if self._wishes.state is None else 0  # of what changed there is little
        await run(self._strategy, self._client, self._tally, counted, concurrency=at_once, opens=opens)
        chosen = self._chosen
        if isinstance(chosen, ProofStrategy) and self._wishes.proof == "auto" and chosen.obstacle:
            self._obstacle = f"no proof was possible: {chosen.obstacle}"
            self._strategy, self._choice = self._plain(), None
            await run(self._strategy, self._client, self._tally, counted, concurrency=at_once)
        self._outcome = self._chosen.outcome()
        if self._wishes.tombstones and (dated := self._dated) is not None and not self._doubts():
            self._census = dated.census(IdSet() if self._wishes.state is None else self._wishes.state.ids)
            await run(self._census, self._client, self._tally, counted, concurrency=at_once)
        manifest = self.manifest()
        self._ended = manifest
        self._client.tell(PullFinished(manifest))
        return manifest

    async def _renaming(self) -> Renaming:
        """Ask what the fields are called, unless an earlier run has told. Raises what a request raises."""
        if self.naming is None:
            fields = await ask_names(self._client, self._tally, self._wishes.api_version)
            self.naming = Naming.of(fields, None if self._wishes.state is None else self._wishes.state.keys)
        return Renaming(self.naming.keys)

    def manifest(self) -> Manifest:
        """Say how the run ended, or how it stands."""
        strategy, outcome = self._chosen, self._outcome or self._chosen.outcome()
        wishes, doubts = self._wishes, self._doubts()
        return Manifest(
            version=__version__,
            url=self._url,
            jql=self._query.jql,
            api="cloud" if self._is_cloud else "offset",
            fields=strategy.query.fields,
            expand=self._query.expand,
            started_at=self._started_at,
            finished_at=now(),
            complete=not doubts,
            guarantee="none" if doubts else outcome.guarantee,
            condition=outcome.condition,
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
            fresh=outcome.fresh and not doubts,
            stale_ids=outcome.stale_ids,
            caught_up_at=outcome.caught_up_at,
            updated_since=iso(wishes.state.since_ms / 1000) if wishes.state is not None else None,
            tombstones=self._census.tombstones if self._census is not None else 0,
            warnings=(*doubts, *outcome.notes, *_notes(self._query.jql, self._obstacle, wishes), *self._unused()),
        )

    def _doubts(self) -> list[str]:
        """Say why the pull cannot be called whole, as far as is known."""
        dated, state = self._dated, self._wishes.state
        doubts = [*(self._outcome or self._chosen.outcome()).doubts]
        if state is not None and dated is not None and dated.delivery.since_ms < inf:
            doubts += filter(None, [state.stranger(self._who), state.doubt(int(dated.delivery.since_ms))])
        if self._census is not None:
            doubts += self._census.doubts if self._census.finished else ["it was stopped before its end"]
        return doubts

    @property
    def state(self) -> State | None:
        """What it leaves for the next one, once it has ended, and was complete and proven; made when asked for."""
        manifest, dated, before = self._ended, self._dated, self._wishes.state
        if manifest is None or dated is None or not manifest.complete or manifest.guarantee != "proven":
            return None
        query = self._query
        return State.after(
            dated.delivery,
            None if self._census is None else self._census.roll,
            before,
            url=self._url,
            jql=query.jql,
            fields=query.fields,
            expand=query.expand,
            taken_at=manifest.finished_at,
            user=self._who,
            keys=None if self.naming is None else self.naming.keys,
        )

    @property
    def _who(self) -> str:
        return ANONYMOUS if self._wishes.is_visitor else self._client.user or SOMEBODY

    def _unused(self) -> Iterator[str]:
        if self._wishes.lists_again and not self._is_cloud:
            yield "--verify ids is for Jira Cloud, and this is none: nothing was listed again"


def _notes(jql: str, obstacle: str, wishes: Wishes) -> list[str]:
    names = ", ".join(changing(jql))
    moving = f"what this query matches can change while no issue does ({names}): such changes may be missed"
    if wishes.state is not None and not wishes.tombstones:
        moving += ", and all since the last pull are: --tombstones finds them"
    return [note for note in (obstacle, names and moving) if note]
