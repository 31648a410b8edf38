"""The connection to one Jira: decided from flags, environment and config file, then opened for a command."""

from __future__ import annotations

import functools
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from asyncjira.cli.config_file import read_config
from asyncjira.cli.connection_flags import FLAGS, OPTIONS, SITE, SITES
from asyncjira.cli.credentials import log_in
from asyncjira.cli.sources import Settings, decide
from asyncjira.errors import ConfigError, printable

if TYPE_CHECKING:
    from asyncjira.cli.talk import Talk
    from asyncjira.events import Listener
    from asyncjira.jira.auth import Auth
    from asyncjira.pull.site import Jira

__all__ = ["Connection", "connect", "connection_options", "connections_options"]

_Option = Callable[[Callable[..., int]], Callable[..., int]]


class Connection(Settings):
    """The settings of one connection, and what to do with them."""

    async def auth(self) -> Auth | None:
        """Find the credentials, None for an anonymous visitor. Raises ConfigError."""
        return await log_in(self)

    def warn_if_anonymous(self, talk: Talk) -> None:
        """Say that nobody is logged in. To be called when nothing else can be wrong before the first request."""
        if self.token is None:
            site = f"{self.site}: " if self.site else ""
            talk.warn(f"asyncjira: {site}no credentials: Jira shows what an anonymous visitor may see")

    @asynccontextmanager
    async def client(self, hear: Listener) -> AsyncIterator[Jira]:
        """Open the client for a command; `hear` is its listener.

        Raises ConfigError, and adds to a refusal that nobody had logged in.
        """
        from asyncjira.errors import Refused
        from asyncjira.jira.tenant import ATLASSIAN
        from asyncjira.plan.limits import Limits, RetryPolicy
        from asyncjira.pull.site import Jira

        if not self.url:
            file = printable(str(self.file))
            raise ConfigError(
                f"which Jira? give --url https://jira.example.com, or set JIRA_URL, or name a --site of {file}"
            )
        auth = await self.auth()
        jira = Jira(
            self.url,
            auth=auth,
            api=self.api,
            limits=Limits(concurrency=self.concurrency, rate=self.rate),
            retry=RetryPolicy(max_retry_after=self.max_retry_after),
            allow_http=self.allow_http,
            cloud_id=self.cloud_id or ("auto" if self.gateway else None),
            gateway=self.gateway or ATLASSIAN,
            on_event=hear,
        )
        try:
            async with jira:
                yield jira
        except Refused as error:
            if auth is None:
                error.add_note("no credentials were given: set JIRA_PAT, or JIRA_EMAIL and JIRA_API_TOKEN")
            raise


def connect(flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Connection:
    """Decide on a connection: `connect({"site": "work"})` is the one of a site of the config file.

    `flags` are those of `connection_options` by their names (`max_retry_after`), None or not there where not given.
    Reads the config file. Raises ConfigError.
    """
    return Connection(*decide(flags, environment, read_config(environment)))


def connection_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a connection, and what they decide as one argument `connection`."""
    return _with_options(command, SITE, lambda flags: {"connection": connect(flags)})


def connections_options(command: Callable[..., int]) -> Callable[..., int]:
    """Do the same for a command that asks several sites: its argument is the list `connections`."""

    def each(flags: dict[str, Any]) -> dict[str, Any]:
        sites = flags.pop("site") or (None,)
        if len(set(sites)) < len(sites):
            raise ConfigError("a --site is named twice")
        return {"connections": [connect({**flags, "site": site}) for site in sites]}

    return _with_options(command, SITES, each)


def _with_options(
    command: Callable[..., int], site: _Option, decided: Callable[[dict[str, Any]], dict[str, Any]]
) -> Callable[..., int]:
    @functools.wraps(command)
    def with_connection(**values: Any) -> int:
        flags = {name: values.pop(name) for name in FLAGS}
        return command(**decided(flags), **values)

    wrapped: Callable[..., int] = with_connection
    for option in reversed((site, *OPTIONS)):
        wrapped = option(wrapped)
    return wrapped
