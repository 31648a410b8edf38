"""`asyncjira demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.talk import Talk
from asyncjira.cli.verdict import summary

__all__ = ["demo"]


@click.command()
@click.option("--issues", type=int, default=5000, show_default=True, metavar="N", help="How many the mock has.")
def demo(issues: int) -> int:
    """Pull from a mock Jira in this process, over a real socket into a real file, and show what was checked.

    \b
    asyncjira demo
    asyncjira demo --issues 100000

    It leaves nothing behind. To try other commands: asyncjira mock --help.
    """
    return run_until_signal(_demo(issues))


async def _demo(issues: int) -> int:
    from asyncjira.mock import MockJira
    from asyncjira.pull.site import Jira

    talk = Talk("auto", 0)
    latency = 0.05
    with tempfile.TemporaryDirectory(prefix="asyncjira-demo-") as folder:
        path = Path(folder) / "issues.ndjson.gz"
        async with MockJira(issues=issues, latency=latency) as mock, Jira(mock.url, on_event=talk.hear) as jira:
            click.echo(f"a mock Jira with {mock.total:,} issues at {mock.url}, {latency * 1000:.0f} ms away")
            click.echo(f"$ asyncjira pull --url {mock.url} -o {path.name}")
            async with talk.shown():
                manifest = await jira.pull_to(path)
        click.echo(summary(manifest, path.name, talk.seconds))
        click.echo(
            f"the manifest beside it (both were in a temporary folder):\n{manifest.to_json().decode()}", nl=False
        )
    return 0
