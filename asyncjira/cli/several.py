"""Pulls from several sites at once: a file for each, one picture of all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from asyncjira.cli.connection import Connection
from asyncjira.cli.failure import failed
from asyncjira.cli.pull_options import Options
from asyncjira.cli.talk import Talk
from asyncjira.cli.verdict import tell

if TYPE_CHECKING:
    from asyncjira.events import Listener
    from asyncjira.manifest import Manifest

__all__ = ["PullSite", "pull_several"]

PullSite = Callable[[Connection, Options, Talk, "Listener"], Awaitable["Manifest"]]
"""Pulls one site with its options, says what should be known, and lets a listener hear."""


async def pull_several(one: PullSite, connections: list[Connection], options: Options, talk: Talk) -> int:
    """Let each site be pulled by `one`; what fails at one of them ends none of the others.

    Return the exit code of the first that failed, in their order, else 0. Raises ConfigError where they would write
    one file.
    """
    options.check_several()
    async with talk.shown():
        codes = await asyncio.gather(*[_pull(one, connection, options, talk) for connection in connections])
    if failures := [code for code in codes if code]:
        talk.line(f"asyncjira: {len(failures)} of {len(codes)} sites failed")
        return failures[0]
    return 0


async def _pull(one: PullSite, connection: Connection, options: Options, talk: Talk) -> int:
    site = connection.site or ""
    own = options.of_site(site)
    try:
        manifest = await one(connection, own, talk, talk.row(site))
    except Exception as error:
        code, line = failed(error)
        talk.line(f"asyncjira: {site}: {line}")
        return code
    tell(manifest, own.output, talk, site)
    return 0
