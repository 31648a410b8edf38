"""One Jira: the door of the library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import anyio

from asyncjira import __version__
from asyncjira.errors import ConfigError, NotFound, StatusError, TransportError
from asyncjira.events import Listener
from asyncjira.jira.address import base_url, is_hosted
from asyncjira.jira.auth import Auth, BearerAuth
from asyncjira.jira.field import Field, field_catalogue
from asyncjira.jira.jql import bounded
from asyncjira.jira.search import Query, as_names, search
from asyncjira.jira.server import is_cloud
from asyncjira.jira.tenant import ATLASSIAN, Route
from asyncjira.jira.token_search import approximate_count
from asyncjira.manifest import Manifest
from asyncjira.net.access import Access
from asyncjira.net.asking import Tally
from asyncjira.net.client import Client
from asyncjira.net.shared import SharedLimits
from asyncjira.net.transport import Transport
from asyncjira.out.shape import Form
from asyncjira.plan.limits import Limits, RetryPolicy, Timeouts
from asyncjira.plan.overlap import SMALLEST_PAGE
from asyncjira.plan.state import State
from asyncjira.pull.deliver import deliver
from asyncjira.pull.incremental import Keeping, proving
from asyncjira.pull.pull import Pull
from asyncjira.pull.run import Run
from asyncjira.pull.wishes import Api, Proof, Wishes, check_choices, check_page_size, is_proven

if TYPE_CHECKING:
    import aiohttp

    from asyncjira.plan.admission import LoginKind
    from asyncjira.plan.checkup import Checkup
    from asyncjira.plan.forecast import Plan
    from asyncjira.pull.listing import Listing

__all__ = ["Jira"]


class Jira:
    """A client of one Jira. Use it as `async with Jira(url, auth=...) as jira`, or call `aclose()` at the end.

    `limits`, `timeouts` and `retry` hold for all pulls of this client together, `SharedLimits` for several clients. A
    `session` that is handed in is used and never closed. `on_event` is called with the values of `asyncjira.events`,
    in the event loop; what it raises ends no pull, and goes to the loop's exception handler. Raises ConfigError where
    the URL cannot be used, or would carry credentials over plain http to another machine (`allow_http` permits that).

    On Cloud, tokens with scopes and OAuth's work only by Atlassian's `gateway`, which knows the site by its `cloud_id`;
    "auto" asks the site for it at the first request, and is taken for BearerAuth at `*.atlassian.net`.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: Auth | None = None,
        api: Api = "auto",
        limits: Limits | SharedLimits | None = None,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        session: aiohttp.ClientSession | None = None,
        on_event: Listener | None = None,
        allow_http: bool = False,
        cloud_id: str | None = None,
        gateway: str = ATLASSIAN,
    ) -> None:
        if auth is not None and not isinstance(auth, Auth):
            raise ConfigError("auth is BasicAuth(email, token), BearerAuth(token), or None")
        if auth is not None and session is not None and session.auth is not None:
            raise ConfigError("the session has credentials of its own: create it without, or pass auth=None")
        logged_in = auth is not None or _has_credentials(session)
        self.url = base_url(url, credentials=logged_in, allow_http=allow_http)
        self._api: Api = "cloud" if api == "auto" and (cloud_id is not None or is_hosted(self.url)) else api
        self._is_visitor, self._has_quota = not logged_in, isinstance(auth, BearerAuth)
        self._login_kind: LoginKind = "none" if not logged_in else "bearer" if self._has_quota else "basic"
        gateway = base_url(gateway, credentials=logged_in, allow_http=allow_http, name="gateway")
        route = Route.to(self.url, auth, cloud_id=cloud_id, gateway=gateway)
        shared = limits if isinstance(limits, SharedLimits) else SharedLimits.of(limits or Limits())
        shared.join(self.url)
        self._limits, self._timeouts = shared.limits, timeouts or Timeouts()
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": f"asyncjira/{__version__}"}
        self._client = Client(
            Transport(headers, limits=self._limits, timeouts=self._timeouts, session=session),
            Access(route, auth, is_logged_in=logged_in),
            limits=shared,
            retry=retry or RetryPolicy(),
            on_event=on_event,
        )
        self._pulls: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Jira {self.url} {len(self._pulls)} pulls>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop every pull and close the connections. Any task may call it, also more than once."""
        for pull in (pulls := list(self._pulls)):
            pull.cancel()
        with anyio.CancelScope(shield=True):  # a timeout around the client must not leave its connections open
            await asyncio.gather(*pulls, return_exceptions=True)
            await self._client.aclose()

    def pull(
        self,
        jql: str = "",
        *,
        fields: str | Sequence[str] = "*all",
        expand: str | Sequence[str] = (),
        page_size: int | Literal["auto"] | None = None,
        api_version: str | None = None,
        proof: Proof = "auto",
        strategy: Literal["auto", "ids", "ranges"] = "auto",
        verify: Literal["ids"] | None = None,
        updates: bool = False,
        state: State | None = None,
        tombstones: bool = False,
        names: bool = False,
    ) -> Pull:
        """Pull every issue that `jql` matches; none means every issue that the user may see.

        `proof` "auto" proves that no issue is missing where the query has no ORDER BY of its own: then issues come by
        `created`, and `created` and `updated` are always among the fields. "on" does so for every query, "off" for
        none. With `updates`, issues that changed meanwhile are delivered again at the end; else they come once, as
        first read. `page_size` rows are asked for at a time; the server's own page size decides.
        "auto" tries a larger page, and keeps to that where it pays. Raises ConfigError.

        From a `state` on, as the same pull has left it before in its own `state`, only what changed since is pulled.
        With `tombstones` all ids are listed at the end: what came to match without a change is delivered as well, and
        of what is gone comes `{"id": ..., "deleted": true}`, or false with `"matches": false` where it still exists.

        With `names`, custom fields stand under their names instead of `customfield_10014` in `fields` and
        `renderedFields`; where names clash, also with those of other fields, under their ids. Values stay as they are.
        One request more asks for the names, before the first issue; `naming` of the pull tells them.
        """
        query = Query(jql, fields=as_names(fields), expand=as_names(expand), api_version=api_version or "2")
        if state is not None:
            state.check(url=self.url, jql=query.jql, fields=query.fields, expand=query.expand, names=names)
        if state is not None or tombstones:
            proof = proving(proof, query.jql)
        check_page_size(page_size, SMALLEST_PAGE if is_proven(proof, query.jql) else 1)
        check_choices(self._api, proof, strategy, verify)
        wishes = Wishes(
            api=self._api,
            way=strategy if strategy != "auto" else "ranges" if self._has_quota else "ids",
            proof=proof,
            api_version=api_version,
            page_size=page_size,
            concurrency=self._limits.concurrency,
            updates=updates,
            lists_again=verify == "ids",
            is_visitor=self._is_visitor,
            slowest=self._timeouts.read,
            state=state,
            tombstones=tombstones,
            names=names,
            has_quota=self._has_quota,
        )
        run = Run(self.url, query, self._client, wishes)
        return Pull(run, self._pulls)

    async def pull_to(
        self,
        path: str | os.PathLike[str],
        jql: str = "",
        *,
        fields: str | Sequence[str] = "*all",
        expand: str | Sequence[str] = (),
        page_size: int | Literal["auto"] | None = None,
        api_version: str | None = None,
        proof: Proof = "auto",
        strategy: Literal["auto", "ids", "ranges"] = "auto",
        verify: Literal["ids"] | None = None,
        form: Form | None = None,
        indent: bool = False,
        wide: bool = False,
        force: bool = False,
        resume: bool = False,
        manifest: str | os.PathLike[str] | None = None,
        state: str | os.PathLike[str] | None = None,
        tombstones: bool = False,
        append: bool = False,
        names: bool = False,
    ) -> Manifest:
        """Pull every issue that `jql` matches into the file at `path`, and write the manifest beside it.

        The suffix of `path` says how: `.json` one array, anything else one issue a line, a further `.gz` or `.zst`
        compressed; `form` overrides it, `indent` pretty-prints the array. With `.parquet`, `.csv`, `.duckdb`, `.sqlite`
        the lines in `PATH.part` become a table in the end, as by `asyncjira convert`; `wide` makes one column a field
        of it, and there are no `tombstones`, and nothing to `append` to. The manifest goes to `PATH.manifest.json`, or
        where `manifest` says. The file appears only when it is whole; with a proof, every issue is as new as when the
        catch-up began. `resume` goes on from what an interrupted pull of the same has left in `PATH.part`, proven over
        the pause, too; it begins afresh where nothing is there to go on from, as after pulls without a proof by
        offsets or in an order of the query's own. Raises ConfigError before the first request, also where `path` exists
        without `force`, or the interrupted pull was another one; OutputError; and what a pull raises.

        The file at `state` keeps the pull's state: where there is one, only what changed since is pulled, and it is
        replaced when the output has its name. With `append` the output is added to what `path` holds; there is nothing
        to `resume` then. With `names`, `PATH.fields.json` appears with the output, and tells by the id of each field
        its name, its key in the output, and its type. What goes on keeps the keys that it began with.
        """
        with Keeping(state, append=append) as keeping:
            pull = self.pull(
                jql,
                fields=fields,
                expand=expand,
                page_size=page_size,
                api_version=api_version,
                proof=keeping.proof(proof, jql),
                strategy=strategy,
                verify=verify,
                updates=True,
                state=keeping.state,
                tombstones=tombstones,
                names=names,
            )
            sink, beside = keeping.open_file(
                path,
                form,
                indent=indent,
                wide=wide,
                force=force,
                manifest=manifest,
                asked=pull.asked,
                resumes=resume,
            )
            return await keeping.keep(pull, await deliver(pull, sink, beside))

    def pages(
        self,
        path: str,
        *,
        key: str = "auto",
        params: Mapping[str, Any] | None = None,
        page_size: int | None = None,
    ) -> Listing:
        """Pull every item of a list that Jira pages by offset: projects, users, boards, sprints, comments and others.

        `path` begins with `/rest/`, below the context path; `params` are sent along, each one value or several. The
        items stand in the answer's array `key`; "auto" finds it, or takes an answer that is a bare list. `page_size`
        items are asked for at a time (100); the server's own page size decides. Raises ConfigError, also once the first
        answer shows that it has no such array, or is paged by token.

        What is checked depends on what Jira tells; `Listing` says it.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#pagination
        """
        from asyncjira.jira.resource import Resource  # a pull of issues need not load these
        from asyncjira.pull.listing import Listing, ListRun

        check_page_size(page_size, 1, may_be_auto=False)
        resource = Resource(path, params or {}, key)
        run = ListRun(self.url, resource, self._client, page_size=page_size, concurrency=self._limits.concurrency)
        return Listing(run, self._pulls)

    async def fields(self, *, api_version: str | None = None) -> list[Field]:
        """Return all fields that the user may see, as Jira lists them. Raises what a pull raises."""
        found = await self._client.send(field_catalogue(api_version or "2"), self._client.tally())
        return list(found)

    async def count(self, jql: str = "", *, api_version: str | None = None) -> int:
        """Return how many issues `jql` matches, by a request that delivers none; from Cloud that is an estimate.

        Raises what a pull raises.
        """
        return (await self.estimate(jql, api_version=api_version))[0]

    async def estimate(self, jql: str = "", *, api_version: str | None = None) -> tuple[int, bool]:
        """Return how many issues `jql` matches, and whether that is an estimate, as Cloud gives it."""
        tally, query = self._client.tally(), Query(jql, api_version=api_version or "2")
        if self._api == "offset" or (self._api == "auto" and not await self._is_cloud(tally)):
            try:
                return (await self._client.send(search(query, 0, 0), tally)).total, False
            except NotFound as error:
                if self._api == "offset" or error.status != 410:
                    raise
        return await self._client.send(approximate_count(api_version or "3", bounded(query.jql)), tally), True

    async def plan(
        self,
        jql: str = "",
        *,
        fields: str | Sequence[str] = "*all",
        expand: str | Sequence[str] = (),
        page_size: int | Literal["auto"] | None = None,
        api_version: str | None = None,
        proof: Proof = "auto",
        strategy: Literal["auto", "ids", "ranges"] = "auto",
        verify: Literal["ids"] | None = None,
    ) -> Plan:
        """Foretell what the pull with these arguments will take, by its first page and a count at most.

        Raises what a pull raises.
        """
        work = self.pull(
            jql,
            fields=fields,
            expand=expand,
            page_size=page_size,
            api_version=api_version,
            proof=proof,
            strategy=strategy,
            verify=verify,
        )
        return await work.plan()

    async def checkup(self, jql: str = "", *, api_version: str | None = None) -> Checkup:
        """Look what is wrong with the way to this Jira, the login, the query `jql`, and what it allows.

        By about a dozen requests, each once; after a refused login none that shows it. What is wrong is told by the
        value, and not raised. Raises ConfigError where the query cannot be sent.
        """
        from asyncjira.pull.examination import Examination  # which no pull needs

        work = Examination(self._client, self.url, api=self._api, api_version=api_version, kind=self._login_kind)
        return await work.of(jql)

    async def _is_cloud(self, tally: Tally) -> bool:
        try:
            return await self._client.send(is_cloud(), tally)
        except (StatusError, TransportError):
            return False  # some proxies let nobody in who shows no login; a Cloud behind one tells by a 410


def _has_credentials(session: aiohttp.ClientSession | None) -> bool:
    return session is not None and (session.auth is not None or "Authorization" in session.headers)
