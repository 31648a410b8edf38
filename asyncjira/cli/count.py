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
    """Print how many issues JQL matches. Of Jira Cloud that is an estimate, as stderr says then."""

    async def ask() -> int:
        talk = Talk("off", 0)
        async with connection.client(talk.hear) as jira:
            connection.warn_if_anonymous(talk)
            issues, is_estimate = await jira.estimate(jql, api_version=connection.api_version)
            click.echo(issues)
            if is_estimate:
                talk.warn("asyncjira: an estimate of Jira Cloud, without the latest changes; a pull counts exactly")
        return 0

    return run_until_signal(ask())
