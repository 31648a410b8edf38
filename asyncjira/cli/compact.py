"""`asyncjira compact`."""

from __future__ import annotations

import click

from asyncjira.cli import garbage
from asyncjira.cli.completing import files
from asyncjira.cli.stderr import say

__all__ = ["compact"]


@click.command()
@click.argument("source", metavar="IN", shell_complete=files)
@click.argument("output", metavar="[OUT]", required=False, shell_complete=files)
@click.option("--force", is_flag=True, help="Replace an existing output; without OUT that is IN itself.")
@click.option(
    "--state",
    metavar="FILE",
    shell_complete=files,
    help="The state that IN belongs to: only what it knows to be whole is read, and in place it learns of the new "
    "archive, which further pulls can then be added to.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def compact(source: str, output: str | None, *, force: bool, state: str | None, quiet: bool) -> int:
    """Keep the newest version of every issue in IN, what pulls were put into one after another, and leave out the rest.

    Newest is what was updated last, and of two updated at the same time what comes later. Issues whose last line is a
    tombstone are left out. They come by when they were created. The suffixes .gz and .zst count for both files.
    """
    from asyncjira.out import compact as archive

    garbage.collect()
    path = output or source
    if state is None:
        told = archive.compact(source, path, force=force)
    else:
        told = archive.compact_kept(source, path, state, force=force)
    if not quiet:
        gone = f", {told.tombstones:,} of them tombstones" if told.tombstones else ""
        say(f"{told.issues:,} issues of {told.lines:,} lines{gone} -> {path}")
    return 0
