"""`asyncjira report`."""

from __future__ import annotations

import os
import shutil
import sys

import click

from asyncjira.cli import garbage
from asyncjira.cli.completing import files
from asyncjira.cli.stderr import say
from asyncjira.errors import ConfigError

__all__ = ["report"]


@click.command()
@click.argument("record", metavar="RECORD", shell_complete=files)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    shell_complete=files,
    help="Write a page, too: one HTML file that needs nothing else.",
)
@click.option("--force", is_flag=True, help="Replace an existing page.")
def report(record: str, output: str | None, *, force: bool) -> int:
    """Tell how a pull went that was recorded by `asyncjira pull --record RECORD`.

    How many issues came in what time, how long answers took, what failed and was asked again, where Jira wanted a
    pause, and what was checked. It may be one that failed, or that still runs.

    \b
    asyncjira pull "project = OPS" -o ops.ndjson.gz --record ops.record
    asyncjira report ops.record                     the summary, on stdout
    asyncjira report ops.record -o ops.html         and a page with charts, of every request

    The page loads nothing from anywhere and holds what the record holds: the URL, the query, times, sizes, and ids that
    are missing or old. It needs `pip install 'asyncjira[report]'`.
    """  # fmt: skip
    from asyncjira.out.target import FileTarget
    from asyncjira.report.facts import gather
    from asyncjira.report.record import read
    from asyncjira.report.terminal import told

    garbage.collect()
    if output == "-":
        raise ConfigError("the summary goes to stdout, the page into a file: -o PATH names it")
    if output is not None and os.path.realpath(output) == os.path.realpath(record):
        raise ConfigError("the page would replace the record: name another file")
    target = None if output is None else FileTarget(output, force=force)
    try:
        facts = gather(read(record))
        text = told(facts, shutil.get_terminal_size((100, 0)).columns)
        click.echo(text.encode(sys.stdout.encoding, "replace"), nl=False)
        if target is not None:
            from asyncjira.report.page import page

            content = page(facts).encode()
            target.write(content)
            target.finish()
            say(f"{len(content) / 1e6:.1f} MB -> {output}")
    finally:
        if target is not None:
            target.abandon()
    return 0
