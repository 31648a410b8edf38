"""`asyncjira doctor`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.stdout import print_json
from asyncjira.cli.talk import Talk
from asyncjira.errors import printable

if TYPE_CHECKING:
    from asyncjira.plan.checkup import Check, Checkup

__all__ = ["doctor"]

_EXIT_CODES = {"usage": 2, "server": 1, "login": 4, "query": 5, "proof": 3, "later": 75}
_SHOWN = {"ok": ("ok", "green"), "look": ("note", "yellow"), "fault": ("FIX", "red"), "unasked": ("-", "bright_black")}
_WIDTH = 13  # of the longest name, "result window"


@click.command()
@click.argument("jql", default="")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
@connection_options
def doctor(jql: str, connection: Connection, as_json: bool) -> int:
    """Find out what is wrong with the way to a Jira, the login, the query or the clock, and what to do.

    It sends about a dozen small requests, each of them once. After a refused login it sends nothing more with it, so
    that no account gets locked. One line on stdout for each check: ok; note, good to know; FIX, and what to do; - for
    what could not be asked, and why. The last line is the next step.

    \b
    asyncjira doctor --url https://jira.example.com/jira
    asyncjira doctor "project = OPS"                    also whether the query works
    asyncjira doctor --json | jq .fault

    \b
    Exit codes: 0 nothing to fix, or that of the first fault:
                1 network, server or proxy   2 URL, context path, --api   3 clocks: no sure proof
                4 login, permission, SSO     5 query                      75 rate limit: later
    """  # fmt: skip
    return run_until_signal(_examine(jql, connection, as_json=as_json))


async def _examine(jql: str, connection: Connection, *, as_json: bool) -> int:
    async with connection.client(Talk("off", 0).hear) as jira:
        found = await jira.checkup(jql, api_version=connection.api_version)
    code = _EXIT_CODES[found.fault.blame] if found.fault is not None and found.fault.blame else 0
    if as_json:
        print_json(_facts(found, code))
        return code
    for check in found.checks:
        click.echo(_line(check))
    click.echo(f"next: {_next_step(found, jql)}")
    return code


def _line(check: Check) -> str:
    word, color = _SHOWN[check.state]
    return f"{click.style(f'{word:4}', fg=color)}  {check.name:{_WIDTH}}  {check.says}"


def _next_step(found: Checkup, jql: str) -> str:
    if found.fault is not None:
        whose = " (asyncjira config show tells which token it takes)" if found.fault.name == "login" else ""
        return f"do what stands behind {found.fault.name}, the first FIX{whose}, then run asyncjira doctor again"
    query = f" {printable(shlex.quote(jql))}" if jql else ""
    return f"asyncjira plan{query} tells what a pull will take; asyncjira pull{query} -o issues.ndjson.gz is the pull"


def _facts(found: Checkup, code: int) -> dict[str, object]:
    return {
        "url": found.url,
        "exit_code": code,
        "fault": found.fault and found.fault.name,
        "requests": found.requests,
        "checks": found.checks,
    }
