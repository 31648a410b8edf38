"""`asyncjira count`."""

from __future__ import annotations

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.talk import Talk

__all__ = ["count"]


@click.command()
@click.argument("jql", default="")
@connection_options
def count(jql: str, connection: Connection) -> int:
    """Print how many issues JQL matches."""

    async def ask() -> int:
        talk = Talk("off", 0)
        async with connection.client(talk) as jira:
            connection.warn_if_anonymous(talk)
            click.echo(await jira.count(jql, api_version=connection.api_version))
        return 0

    return run_until_signal(ask())
