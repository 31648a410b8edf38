"""The commands by their names: each is imported when it is run, so that `--help` waits for none of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "Commands"]

# What the help of each command begins with, in the file of that name; a test holds that.
COMMANDS = {
    "compact": "Keep the newest version of every issue in IN",
    "completion": "Print what teaches a shell to complete",
    "config": "Show the config file, and where each setting comes from",
    "count": "Print how many issues JQL matches",
    "demo": "Pull from a mock Jira in this process",
    "doctor": "Find out what is wrong with the way to a Jira",
    "fields": "List the fields of a Jira",
    "mock": "Serve a Jira to develop, test and measure against",
    "plan": "Foretell what a pull of JQL will take",
    "pull": "Pull every issue that JQL matches, once, in order",
    "report": "Tell how a pull went that was recorded",
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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete the name of a command, without importing any, or an option of the group."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of them into the help."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))
