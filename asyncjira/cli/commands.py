"""The commands by their names: each is imported when it is run, so that `--help` waits for none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

import click

__all__ = ["COMMANDS", "Commands"]

# What the help of each command begins with, in the file of that name; a test holds that.
COMMANDS = {
    "compact": "Keep the newest version of every issue in IN",
    "count": "Print how many issues JQL matches",
    "demo": "Pull from a mock Jira in this process",
    "mock": "Serve a Jira to develop, test and measure against",
    "pages": "Pull every item of a list of Jira's that is paged by offset",
    "pull": "Pull every issue that JQL matches, once, in order",
}


class Commands(click.Group):
    """A group whose commands are those of `COMMANDS`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, commands=[click.Command(name) for name in COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one of them; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        return cast(click.Command, getattr(import_module(f"asyncjira.cli.{cmd_name}"), cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of them into the help."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))
