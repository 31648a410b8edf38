"""`asyncjira convert`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from asyncjira.cli import garbage
from asyncjira.cli.completing import files
from asyncjira.cli.stderr import say

if TYPE_CHECKING:
    from asyncjira.convert.form import TableForm

__all__ = ["convert"]


@click.command()
@click.argument("source", metavar="IN", shell_complete=files)
@click.argument("output", metavar="OUT", shell_complete=files)
@click.option("--wide", is_flag=True, help="One column a field, of the type that fits all of its values.")
@click.option("--force", is_flag=True, help="Replace an existing output.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "duckdb", "sqlite"]),
    help="Override what the suffix of OUT says.",
)
@click.option(
    "--memory", metavar="SIZE", default="1GB", show_default=True, help="What DuckDB may take, before it uses the disk."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def convert(
    source: str, output: str, *, wide: bool, force: bool, form: TableForm | None, memory: str, quiet: bool
) -> int:
    """Make a table of IN, what a pull has written: a row for each issue, in the same order.

    IN holds an issue a line, or is a .json array as a pull writes it; also .gz and .zst. OUT is by its suffix Parquet
    (.parquet), CSV (.csv, .csv.gz), a DuckDB database (.duckdb) or one of SQLite (.sqlite, .sqlite3), with a table
    `issues` in it. It appears only when it is whole. Parquet and DuckDB take pip install 'asyncjira[parquet]'.

    \b
    The columns, for every pull the same (- is null where a field was not pulled, or has no value):
      id, key                          text; no id is missing
      project                          its key
      type, status, priority           their names
      assignee, reporter               the name that Jira shows; else the login or account id
      created, updated, resolved       times, in UTC
      labels                           a list; in CSV and SQLite as JSON
      fields                           all of the fields, in JSON as Jira wrote it

    With --wide there is a column for each field instead of `fields`, sorted by name: times, dates, numbers, true or
    false, or text, where all values are of that type; JSON where they are not, or are objects. A field whose name is
    taken is called fields_NAME: `status` holds the name, fields_status all of it. What stands beside the fields
    (changelog, renderedFields) gets a column as well.

    A value that is not what Jira writes (a created that is no time) is null in its column, and counted on stderr.
    Issues that stand in IN twice, and the versions of an archive, all become rows: asyncjira compact keeps the newest.
    Tombstones have no row. In CSV a text that a spreadsheet would take for a formula begins with a '.

    \b
    asyncjira convert ops.ndjson.gz ops.parquet
    asyncjira convert ops.ndjson.gz ops.csv --wide
    duckdb -c "SELECT status, count(*) FROM 'ops.parquet' GROUP BY 1"
    duckdb -c "SELECT fields->>'$.assignee.accountId' FROM 'ops.parquet'"

    \b
    Exit codes: 0 done   2 usage, OUT exists, IN is damaged   6 output: unwritable, disk full
    """  # fmt: skip
    from asyncjira.convert import convert as tables

    garbage.collect()
    made = tables.convert(source, output, form=form, wide=wide, force=force, memory=memory)
    if not quiet:
        for note in made.notes:
            say(f"asyncjira: {note}")
        kind = "wide" if wide else "envelope"
        say(f"{made.issues:,} issues -> {output} ({kind}, {made.columns} columns, {made.bytes / 1e6:,.1f} MB)")
    return 0
