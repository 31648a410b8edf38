"""The synchronous door: for scripts, and for notebooks whose event loop is running already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from anyio.from_thread import start_blocking_portal

from asyncjira.jira.auth import Auth
from asyncjira.jira.tenant import ATLASSIAN
from asyncjira.plan.limits import Limits
from asyncjira.pull.site import Jira
from asyncjira.pull.wishes import Proof

__all__ = ["fetch"]


def fetch(
    url: str,
    jql: str = "",
    *,
    auth: Auth | None = None,
    fields: str | Sequence[str] = "*all",
    expand: str | Sequence[str] = (),
    page_size: int | Literal["auto"] | None = None,
    api_version: str | None = None,
    proof: Proof = "auto",
    names: bool = False,
    limits: Limits | None = None,
    allow_http: bool = False,
    cloud_id: str | None = None,
    gateway: str = ATLASSIAN,
) -> list[dict[str, Any]]:
    """Return every issue that `jql` matches as a list of objects, pulled in an event loop of its own thread.

    All of them are held in memory: for more than some ten thousand use `Jira.pull` or `Jira.pull_to`. Raises what they
    raise.
    """

    async def collect() -> list[dict[str, Any]]:
        async with Jira(
            url, auth=auth, limits=limits, allow_http=allow_http, cloud_id=cloud_id, gateway=gateway
        ) as jira:
            pull = jira.pull(
                jql,
                fields=fields,
                expand=expand,
                page_size=page_size,
                api_version=api_version,
                proof=proof,
                names=names,
            )
            async with pull:
                return [issue async for issue in pull]

    with start_blocking_portal() as portal:
        return portal.call(collect)
