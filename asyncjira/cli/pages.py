"""`asyncjira pages`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from asyncjira.cli.completing import files
from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.delivery import STDOUT, deliver
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.pull import pull
from asyncjira.cli.talk import Talk
from asyncjira.cli.verdict import tell
from asyncjira.errors import printable

if TYPE_CHECKING:
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget
    from asyncjira.pull.listing import Listing

__all__ = ["pages"]

_AS_IN_PULL = ("form", "indent", "manifest", "progress", "verbose", "quiet")


def _params(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{printable(repr(text))} is no name=value.")
        found.setdefault(name, []).append(value)
    return found


@click.command()
@click.argument("path")
@click.option(
    "--key",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="The array of the answer that holds the items: values, comments, worklogs; auto finds it.",
)
@click.option(
    "--param", "params", multiple=True, callback=_params, metavar="NAME=VALUE", help="Sent along; repeat for more."
)
@click.option(
    "--page-size",
    type=int,
    metavar="N",
    help="Items asked for at a time; the server's own limit decides.  [default: 100]",
)
@click.option(
    "-o",
    "--output",
    default="-",
    show_default=True,
    metavar="PATH",
    shell_complete=files,
    help="Where to: - is stdout; .json is one JSON array, anything else one item a line; .gz and .zst compress.",
)
@click.option("--force", is_flag=True, help="Replace an existing output.")
@connection_options
def pages(
    path: str,
    connection: Connection,
    key: str,
    params: dict[str, list[str]],
    page_size: int | None,
    output: str,
    form: Literal["ndjson", "json"] | None,
    indent: bool,
    force: bool,
    manifest: str | None,
    progress: str,
    verbose: bool,
    quiet: bool,
) -> int:
    """Pull every item of a list of Jira's that is paged by offset: concurrently, in order, and counted.

    PATH begins with /rest/, below --url. The items are written as Jira sends them. A list without pages comes once; one
    that is paged by token is refused.

    \b
    asyncjira pages /rest/api/3/project/search -o projects.ndjson         projects of Cloud
    asyncjira pages /rest/api/2/project                                   of Data Center: one answer
    asyncjira pages /rest/api/3/users/search -o users.ndjson.gz           users of Cloud
    asyncjira pages /rest/api/2/user/search --param username=. -o u.json  of Data Center
    asyncjira pages /rest/agile/1.0/board --param type=scrum -o b.json    boards
    asyncjira pages /rest/agile/1.0/board/1/sprint --key values           the sprints of one
    asyncjira pages /rest/api/2/issue/OPS-1/comment                       the comments of an issue
    asyncjira pages /rest/servicedeskapi/request                          of Service Management

    Where Jira counts the list, exit code 0 means that as many different items came ("reconciled" in the manifest).
    Where it does not, as with users and sprints, all pages came, up to the end, and nothing can be held against it
    ("none"; the manifest's `condition` says what was looked at).

    \b
    Exit codes: 0 complete   1 failed   2 usage, or --key names no array
                3 Jira counts more or other items than came, data in PATH.part   4 login, permission
                5 a parameter was rejected   6 output   75 rate limit, come back later
                130/143/141 interrupted
    """  # fmt: skip
    talk = Talk(progress, 1 if verbose else -1 if quiet else 0, stdout_is_output=output == "-")

    async def work() -> int:
        async with connection.client(talk.hear) as jira:
            items = jira.pages(path, key=key, params=params, page_size=page_size)
            sink, beside = _open(items, output, form, indent=indent, force=force, manifest=manifest)
            connection.warn_if_anonymous(talk)
            async with talk.shown():
                facts = await deliver(items, sink, beside, talk)
        tell(facts, output, talk)
        return 0

    return run_until_signal(work())


_BEHIND_OWN = 1 + [option.name for option in pages.params].index("force")
pages.params[_BEHIND_OWN:_BEHIND_OWN] = [option for option in pull.params if option.name in _AS_IN_PULL]


def _open(
    items: Listing,
    output: str,
    form: Literal["ndjson", "json"] | None,
    *,
    indent: bool,
    force: bool,
    manifest: str | None,
) -> tuple[Sink, FileTarget | None]:
    from asyncjira.out.output import open_file, open_stream
    from asyncjira.out.shape import Shape

    if output == "-":
        return open_stream(STDOUT, Shape.of("", form, indent=indent), manifest=manifest)
    shape = Shape.of(output, form, indent=indent)
    return open_file(output, shape, force=force, manifest=manifest, asked=items.asked)
