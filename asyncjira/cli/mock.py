"""`asyncjira mock`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from asyncjira.cli.loop import run_until_signal

__all__ = ["mock"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, default=0, show_default=True, help="0 = any free one.")
@click.option("--issues", type=int, default=1000, show_default=True, metavar="N", help="How many it has.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed serves the same bytes.")
@click.option(
    "--flavor", type=click.Choice(["dc", "cloud"]), default="dc", show_default=True, help="Data Center or Cloud."
)
@click.option("--latency", type=float, default=0.05, show_default=True, metavar="S", help="Seconds before each answer.")
@click.option("--jitter", type=float, default=0.0, show_default=True, metavar="S", help="Up to so much more.")
@click.option("--rate-limit", type=float, metavar="R", help="Requests a second, on Cloud at each endpoint; else 429.")
@click.option("--points", type=int, metavar="N", help="On Cloud: points an hour, else 429 until it ends.")
@click.option("--max-page", type=int, metavar="N", help="Most issues of one answer: 1000, and on Cloud 100 (5000 ids).")
@click.option("--result-window", type=int, metavar="N", help="Refuse rows beyond this one, as a search platform does.")
@click.option("--window-empty", is_flag=True, help="Leave rows beyond the window out instead.")
@click.option("--window-silent", is_flag=True, help="Tell nobody how large the window is, as before Jira 11.3.")
@click.option(
    "--mutate", type=float, default=0.0, metavar="R", help="Changes at each search; 0.5 is one at every second."
)
@click.option(
    "--kinds", metavar="A,B", help="Only by these of create, backdate, edit, move, delete, leave, enter, hide."
)
@click.option("--shuffle-ties", is_flag=True, help="Order what was created in the same second anew for each search.")
@click.option("--lag", type=int, default=0, metavar="N", help="Answer half of the searches as of N searches ago.")
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="At the end, write what a pull had to hold: ids, and `updated` in ms.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[:ARG]@WHEN",
    help="Go wrong: 503@7, reset-body@3-5, cap:50@9-, 500@5%. Repeat for more; --fault help lists the kinds.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", help="Serve the issues of an NDJSON file (.gz)."
)
@click.option("--gzip/--no-gzip", default=True, show_default=True, help="Compress for those who ask for it.")
@click.option("--email", metavar="E", help="With --token: ask for Basic auth as this user.")
@click.option("--token", metavar="T", help="Ask for this token; without, everybody is let in.")
@click.option(
    "--wrong-login",
    type=click.Choice(["401", "anonymous", "silent"]),
    default="401",
    show_default=True,
    help="Refuse a wrong login, or answer it as a visitor's who sees nothing: named in X-AUSERNAME, or in no header.",
)
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="A JSON line for every request.")
def mock(window_silent: bool, kinds: str | None, **options: Any) -> int:
    """Serve a Jira to develop, test and measure against, until SIGTERM or SIGINT.

    Its first line on stdout is `listening on http://HOST:PORT`. It reads little of a query: its syntax, bounds on
    created and updated, and ORDER BY; every other condition matches every issue. It serves some other lists, too:
    projects, users, boards, sprints, service desks, the comments and work log of an issue, and on Cloud labels.

    \b
    asyncjira mock --issues 10000 --port 8080                    a Data Center, http://127.0.0.1:8080
    asyncjira mock --flavor cloud --email ann --token s3cret     a Cloud that asks for a login
    asyncjira mock --mutate 0.5 --fault 503@5%                   one that changes, and fails at times
    asyncjira mock --fault help                                  all that can go wrong
    """  # fmt: skip
    from asyncjira.mock import MockJira
    from asyncjira.mock.cloud_kinds import CLOUD_KINDS
    from asyncjira.mock.kinds import KINDS

    if "help" in options["faults"]:
        width = 29 if options["flavor"] == "cloud" else 24  # as wide as the longest
        for name, kind in (CLOUD_KINDS if options["flavor"] == "cloud" else KINDS).items():
            click.echo(f"{name + (f'[:{kind.argument}]' if kind.argument else ''):{width}} {kind.meaning}")
        return 0

    if kinds is not None:
        options["kinds"] = kinds.split(",")

    async def serve() -> int:
        async with MockJira(window_told=not window_silent, **options) as server:
            click.echo(f"listening on {server.url}")
            await asyncio.Event().wait()
        return 0

    code = run_until_signal(serve())
    return 0 if code in (130, 143) else code
