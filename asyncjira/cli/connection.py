"""The options that say which Jira, as whom, and how hard: shared by every command that asks one."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from asyncjira.errors import ConfigError, printable

if TYPE_CHECKING:
    from asyncjira.cli.talk import Talk
    from asyncjira.events import Listener
    from asyncjira.jira.auth import Auth
    from asyncjira.pull.site import Jira

__all__ = ["Connection", "connection_options"]

_OPTIONS = (
    click.option("--url", envvar=["JIRA_URL", "JIRA_BASE_URL"], metavar="URL",
                 help="Base URL, with its context path (https://host/jira).  [env: JIRA_URL]"),
    click.option("--email", envvar=["JIRA_EMAIL", "JIRA_USERNAME", "JIRA_USER"], metavar="E",
                 help="User of Basic auth; its token or password stands in JIRA_API_TOKEN.  [env: JIRA_EMAIL]"),
    click.option("--token-file", type=click.Path(path_type=Path), metavar="PATH",
                 help="Read the token from a file of mode 0600: with --email for Basic auth, else a PAT."),
    click.option("--cloud-id", envvar="JIRA_CLOUD_ID", metavar="ID|auto",
                 help="Go by Atlassian's gateway, as API tokens with scopes, service accounts and OAuth must: the id "
                      "of the Cloud site, or auto to ask the site for it.  [env: JIRA_CLOUD_ID]"),
    click.option("--gateway", envvar="JIRA_GATEWAY", metavar="URL",
                 help="Another gateway than https://api.atlassian.com, for Atlassian Government Cloud.  "
                      "[env: JIRA_GATEWAY]"),
    click.option("--api", type=click.Choice(["auto", "offset", "cloud"]), default="auto", show_default=True,
                 help="Which search: offset = Data Center and Server; cloud = Jira Cloud; auto asks which it is."),
    click.option("--api-version", type=click.Choice(["2", "3", "latest"]),
                 help="Which /rest/api/... is used.  [default: 2; 3 on Cloud]"),
    click.option("--concurrency", type=int, default=16, show_default=True, metavar="N",
                 help="Requests in flight at most."),
    click.option("--rate", type=float, default=50.0, show_default=True, metavar="R",
                 help="Requests a second at most; 0 = no ceiling."),
    click.option("--max-retry-after", type=float, default=300.0, show_default=True, metavar="S",
                 help="Stop with exit code 75 where Jira asks to wait longer."),
    click.option("--allow-http", is_flag=True, help="Permit credentials over plain http to another machine."),
)  # fmt: skip


class Connection(NamedTuple):
    """The values of the connection options."""

    url: str | None
    email: str | None
    token_file: Path | None
    cloud_id: str | None
    gateway: str | None
    api: Literal["auto", "offset", "cloud"]
    api_version: str | None
    concurrency: int
    rate: float
    max_retry_after: float
    allow_http: bool

    def auth(self) -> Auth | None:
        """Find the credentials: --token-file, then JIRA_API_TOKEN with an e-mail, then JIRA_PAT, then none.

        Raises ConfigError where half of them is missing, or others can read the file.
        """
        from asyncjira.jira.auth import BasicAuth, BearerAuth

        token = _read_token(self.token_file) if self.token_file else os.environ.get("JIRA_API_TOKEN", "")
        pat = os.environ.get("JIRA_PAT") or os.environ.get("JIRA_PERSONAL_ACCESS_TOKEN") or ""
        if self.email and token:
            return BasicAuth(self.email, token)
        if self.token_file:
            return BearerAuth(token)
        if pat:
            return BearerAuth(pat)
        if token or self.email:
            has, lacks = ("a token", "--email or JIRA_EMAIL") if token else ("an e-mail", "JIRA_API_TOKEN")
            raise ConfigError(f"there is {has} but no {lacks}; a personal access token goes into JIRA_PAT")
        return None

    def warn_if_anonymous(self, talk: Talk) -> None:
        """Say that nobody is logged in. To be called when nothing else can be wrong before the first request."""
        if self.auth() is None:
            talk.warn("asyncjira: no credentials: Jira shows what an anonymous visitor may see")

    @asynccontextmanager
    async def client(self, talk: Talk, also: Listener | None = None) -> AsyncIterator[Jira]:
        """Open the client for a command; `also` hears what `talk` does.

        Raises ConfigError, and adds to a refusal that nobody had logged in.
        """
        from asyncjira.errors import Refused
        from asyncjira.events import both
        from asyncjira.jira.tenant import ATLASSIAN
        from asyncjira.plan.limits import Limits, RetryPolicy
        from asyncjira.pull.site import Jira

        if not self.url:
            raise ConfigError("which Jira? give --url https://jira.example.com, or set JIRA_URL")
        auth = self.auth()
        jira = Jira(
            self.url,
            auth=auth,
            api=self.api,
            limits=Limits(concurrency=self.concurrency, rate=self.rate),
            retry=RetryPolicy(max_retry_after=self.max_retry_after),
            allow_http=self.allow_http,
            cloud_id=self.cloud_id or ("auto" if self.gateway else None),
            gateway=self.gateway or ATLASSIAN,
            on_event=talk.hear if also is None else both(talk.hear, also),
        )
        try:
            async with jira:
                yield jira
        except Refused as error:
            if auth is None:
                error.add_note("no credentials were given: set JIRA_PAT, or JIRA_EMAIL and JIRA_API_TOKEN")
            raise


def connection_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the connection options, as one argument `connection`."""

    @functools.wraps(command)
    def with_connection(**values: Any) -> int:
        own = {name: values.pop(name) for name in Connection._fields}
        return command(connection=Connection(**own), **values)

    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), with_connection)


def _read_token(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{printable(str(path))} is no regular file")
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(f"others may read {printable(str(path))}: chmod 600 it")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the token file: {getattr(error, 'strerror', 'it is not text')}") from None
