"""How the documentation is built: `sphinx-build -W docs OUT`."""

from typing import Any

import click

import asyncjira
from asyncjira.cli import group
from asyncjira.cli.commands import COMMANDS

project, author = "asyncjira", "The asyncjira authors"
copyright = "2026, The asyncjira authors"  # noqa: A001 - the name that Sphinx wants
version = release = asyncjira.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
html_theme = "furo"
html_title = "asyncjira"
html_theme_options = {"light_css_variables": {"code-font-size": "75%"}}  # then 100 columns of help fit
highlight_language = "none"
myst_heading_anchors = 3
default_role = "code"  # what our docstrings mean by `x`
smartquotes = False  # the texts of the commands hold options and quoted queries
autodoc_member_order = "groupwise"
autodoc_typehints = "description"
autodoc_typehints_format = "short"

# They are imported when they are run, and sphinx_click runs none of them.
group.commands.update(
    {name: command for name in COMMANDS if (command := group.get_command(click.Context(group), name))}
)


def _keep_columns(app: Any, context: click.Context, lines: list[str]) -> None:
    """Leave examples and tables in a help text as they stand: sphinx_click begins each of their lines with a bar."""
    kept: list[str] = []
    for line in lines:
        if line.startswith("| "):
            kept += [] if kept and kept[-1].startswith("   ") else [".. code-block:: text", ""]
            kept.append(f"   {line[2:]}")
        else:
            kept.append(line)
    lines[:] = kept


def setup(app: Any) -> None:
    """Let Sphinx call what is defined here."""
    app.connect("sphinx-click-process-description", _keep_columns)
