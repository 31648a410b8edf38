"""What a shell may put in for a word that was begun; `asyncjira completion` teaches it to ask."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

__all__ = ["files", "sites"]


def files(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Leave it to the shell, which knows its files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def sites(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Return the sites of the config file."""
    from asyncjira.cli.config_file import site_names

    return [name for name in site_names(os.environ) if name.startswith(begun)]
