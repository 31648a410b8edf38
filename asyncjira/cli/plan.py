"""`asyncjira plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.pull import pull
from asyncjira.cli.stdout import print_json
from asyncjira.cli.talk import Talk
from asyncjira.report.quantities import time

if TYPE_CHECKING:
    from asyncjira.plan.forecast import Plan

__all__ = ["plan"]

_THAT_MATTER = ("fields", "expand", "page_size", "proof", "strategy", "verify")
_ALL = ("jql", *_THAT_MATTER, "api_version")


@click.command()
@click.argument("jql", default="")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
@connection_options
def plan(jql: str, connection: Connection, as_json: bool, **wishes: Any) -> int:
    """Foretell what a pull of JQL will take: how, pages, requests, seconds and points, and why.

    It asks for the first page, how many issues there are, and little more. Give it the options of the pull to come.
    The seconds are the least that latency and the rates allow, in a Jira that does not change meanwhile.

    \b
    asyncjira plan "project = OPS"
    asyncjira plan "project = OPS" --page-size 1000 --rate 0
    asyncjira plan --json | jq .requests

    Exit codes are those of a pull.
    """  # fmt: skip
    return run_until_signal(_foretell(jql, connection, wishes, as_json=as_json))


plan.params += [option for option in pull.params if option.name in _THAT_MATTER]


async def _foretell(jql: str, connection: Connection, wishes: dict[str, Any], *, as_json: bool) -> int:
    talk = Talk("off", 0)
    async with connection.client(talk.hear) as jira:
        connection.warn_if_anonymous(talk)
        found = await jira.plan(jql, api_version=connection.api_version, **wishes)
    if as_json:
        print_json(found)
    else:
        click.echo(_lines(found), nl=False)
    return 0


def _lines(found: Plan) -> str:
    about = "about " if found.is_estimate else ""
    facts = {
        "issues": f"{about}{found.issues:,}",
        "strategy": found.strategy,
        "pages": f"{about}{found.pages:,}, of up to {found.page_size:,} issues",
        "requests": f"{about}{found.requests:,}",
        "time": f"{time(found.seconds)} or more",
        "points": "none, only apps on Cloud pay by them" if found.points is None else f"{about}{found.points:,}",
    }
    lines = [f"{name:9} {value}" for name, value in facts.items()]
    return "".join(f"{line}\n" for line in [*lines, *(f"why       {reason}" for reason in found.why)])
