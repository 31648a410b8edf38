"""`asyncjira fields`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.stdout import print_json
from asyncjira.cli.talk import Talk
from asyncjira.errors import printable

if TYPE_CHECKING:
    from asyncjira.jira.field import Field

__all__ = ["fields"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array of objects, for machines.")
@connection_options
def fields(connection: Connection, *, as_json: bool) -> int:
    """List the fields of a Jira: id, name and type; of custom ones also of which kind they are there.

    Those of the system come first, then the custom ones, each by name. With --json every field has the members id,
    name, type, items (of an array), custom (true or false) and custom_type (app and kind); null is what Jira does not
    tell.

    \b
    asyncjira fields                                            a table
    asyncjira fields | grep -i sprint                           which id has it?
    asyncjira fields --json | jq -r '.[] | select(.custom).id'  the ids of all custom fields
    asyncjira pull --names -o ops.ndjson                        names in place of these ids
    """

    async def ask() -> int:
        talk = Talk("off", 0)
        async with connection.client(talk.hear) as jira:
            connection.warn_if_anonymous(talk)
            found = sorted(await jira.fields(api_version=connection.api_version), key=_place)
        if as_json:
            print_json(found)
        else:
            click.echo("\n".join(_table(found)))
        return 0

    return run_until_signal(ask())


def _place(field: Field) -> tuple[bool, str, str]:
    return field.custom, field.name.casefold(), field.id


def _table(found: Iterable[Field]) -> Iterator[str]:
    """Yield lines whose columns stand below each other, also behind signs that are two columns wide."""
    from rich.cells import cell_len, set_cell_size

    rows = [["ID", "NAME", "TYPE", "CUSTOM"], *map(_row, found)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(set_cell_size, row, widths)).rstrip()


def _row(field: Field) -> list[str]:
    kind = (field.custom_type or "").rpartition(":")[2] or "yes"
    return [printable(text) for text in (field.id, field.name, _type(field), kind if field.custom else "")]


def _type(field: Field) -> str:
    return f"{field.type} of {field.items}" if field.items else field.type or "-"
