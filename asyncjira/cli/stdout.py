"""Writing JSON to stdout, for machines."""

from __future__ import annotations

import click

__all__ = ["print_json"]


def print_json(value: object) -> None:
    """Print one value over several lines: plain values, dataclasses, and msgspec's structs as objects."""
    import msgspec
    import orjson

    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    click.echo(orjson.dumps(value, default=msgspec.structs.asdict, option=option), nl=False)
