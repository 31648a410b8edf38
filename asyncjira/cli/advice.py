"""What to do instead, for mistakes in typing of which click can only say that they are some."""

from __future__ import annotations

import click

__all__ = ["with_advice"]

_SECRET = ("--token", "--api-token", "--pat", "--password")
_PLACES = "a token is never an argument: set JIRA_PAT, or JIRA_API_TOKEN with --email, or give --token-file"
_QUOTES = 'put the query into quotes, as in "project = OPS"'


def with_advice(error: click.ClickException) -> click.ClickException:
    """Return what to show for an error of click's."""
    if isinstance(error, click.NoSuchOption) and error.option_name in _SECRET:
        return click.NoSuchOption(error.option_name, f"No such option '{error.option_name}': {_PLACES}.", ctx=error.ctx)
    if isinstance(error, click.UsageError) and "unexpected extra argument" in error.message and _takes_query(error.ctx):
        return click.UsageError(f"{error.message}: {_QUOTES}.", error.ctx)
    return error


def _takes_query(context: click.Context | None) -> bool:
    return context is not None and any(parameter.name == "jql" for parameter in context.command.params)
