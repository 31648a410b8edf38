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
    """Keep the newest version of every issue in IN, an archive to which pulls were added, and leave out the rest.

    Newest is what was updated last, and of two updated at the same time what comes later. Issues whose last line is a
    tombstone are left out. What is kept is in the order of creation. The suffixes .gz and .zst count for both files.

    \b
    asyncjira pull "project = OPS" --state ops.state --append -o ops.ndjson    again and again
    asyncjira compact ops.ndjson --state ops.state --force                     in place
    asyncjira compact ops.ndjson newest.ndjson.gz --state ops.state            into another file

    \b
    Exit codes: 0 done   2 usage, OUT exists, IN is damaged   6 output: unwritable, disk full
    """  # fmt: skip
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
