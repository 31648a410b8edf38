"""The names of fields: asked for before the first issue, and put into the rows of a pull on their way out."""

from __future__ import annotations

from dataclasses import replace

from anyio import to_thread

from asyncjira.errors import JiraError
from asyncjira.jira.field import Field, field_catalogue
from asyncjira.jira.renaming import Renaming
from asyncjira.net.asking import Tally
from asyncjira.net.client import Client
from asyncjira.plan.strategy import Rows

__all__ = ["ask_names", "renamed"]


async def ask_names(client: Client, tally: Tally, api_version: str | None) -> tuple[Field, ...]:
    """Return all fields, on account of a pull. Raises what a request raises."""
    try:
        return await client.send(field_catalogue(api_version or "2"), tally)
    except JiraError as error:
        error.add_note("that was the list of fields, which tells their names: no issue was asked for yet")
        raise


async def renamed(rows: Rows, renaming: Renaming) -> Rows:
    """Return `rows` with other keys in their issues, made in a thread: a page takes some milliseconds."""
    return replace(rows, issues=await to_thread.run_sync(lambda: [renaming.issue(issue) for issue in rows.issues]))
