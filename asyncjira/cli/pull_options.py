"""The options of `asyncjira pull`: what to ask for, and where it goes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import click

from asyncjira.cli.completing import files
from asyncjira.errors import ConfigError, printable

__all__ = ["Options", "takes_options"]


def _page_size(value: str) -> int | str:
    try:
        return value if value == "auto" else int(value)
    except ValueError:
        raise click.BadParameter(f"{printable(repr(value))} is neither a number nor auto.") from None


_SITE = "{site}"


class Options(NamedTuple):
    """The values of the options."""

    fields: str
    expand: str
    page_size: int | Literal["auto"] | None
    proof: Literal["auto", "on", "off"]
    strategy: Literal["auto", "ids", "ranges"]
    verify: Literal["ids"] | None
    output: str
    form: Literal["ndjson", "json"] | None
    indent: bool
    wide: bool
    force: bool
    resume: bool
    manifest: str | None
    record: str | None
    state: str | None
    tombstones: bool
    append: bool
    names: bool

    @property
    def paths(self) -> dict[str, str]:
        """The paths that were given, by the names of their options."""
        given = {name: getattr(self, name) for name in ("output", "manifest", "record", "state")}
        return {name: path for name, path in given.items() if path is not None}

    def of_site(self, site: str) -> Options:
        """Return the options with the name of the site in the paths, where these say `{site}`."""
        own: dict[str, Any] = {name: path.replace(_SITE, site) for name, path in self.paths.items()}
        return self._replace(**own)

    def check_several(self) -> None:
        """Make sure that several sites write no file together. Raises ConfigError."""
        for name, path in self.paths.items():
            if _SITE not in path:
                raise ConfigError(f"several sites need files of their own: put {_SITE}, its name, into --{name}")


_OPTIONS = (
    click.option(
        "-o",
        "--output",
        default="-",
        show_default=True,
        metavar="PATH",
        shell_complete=files,
        help="Where to: - is stdout; .json is one JSON array; .parquet, .csv, .duckdb, .sqlite a table; anything else "
        "one issue a line; .gz and .zst compress.",
    ),
    click.option(
        "--fields",
        default="*all",
        show_default=True,
        metavar="a,b,-c",
        help="What of each issue; a proof needs, and delivers, created and updated too.",
    ),
    click.option("--expand", default="", metavar="a,b", help="More of each issue: renderedFields, changelog."),
    click.option(
        "--page-size",
        type=_page_size,
        metavar="N|auto",
        help="Issues asked for at a time; the server's own limit decides. A proof takes 4 or more; auto = larger "
        "pages, where one that is tried takes less time for each issue.  [default: 100; from Cloud up to 1000 by id]",
    ),
    click.option(
        "--proof",
        type=click.Choice(["auto", "on", "off"]),
        default="auto",
        show_default=True,
        help="Prove that no issue is missing: auto = where the query has no ORDER BY; on = always, delivered by "
        "created.",
    ),
    click.option(
        "--strategy",
        type=click.Choice(["auto", "ids", "ranges"]),
        default="auto",
        show_default=True,
        help="On Cloud: ids = list ids, fetch the issues beside it, fastest; ranges = pages of ranges of created, for "
        "half the points of an app's quota; auto = ranges for OAuth, else ids.",
    ),
    click.option(
        "--verify", type=click.Choice(["ids"]), help="On Cloud: list all ids once more at the end, and compare."
    ),
    click.option("--format", "form", type=click.Choice(["ndjson", "json"]), help="Override what the suffix says."),
    click.option("--indent", is_flag=True, help="Pretty-print the JSON array."),
    click.option("--wide", is_flag=True, help="In a table: one column a field.  [default: all fields in one, as JSON]"),
    click.option("--force", is_flag=True, help="Replace an existing output, and an existing record."),
    click.option("--resume", is_flag=True, help="Go on from what an interrupted pull left in PATH.part."),
    click.option(
        "--manifest",
        metavar="PATH",
        shell_complete=files,
        help="Where the facts of the pull go.  [default: PATH.manifest.json; none for stdout]",
    ),
    click.option(
        "--record",
        metavar="FILE",
        shell_complete=files,
        help="Write down what happens and when, one JSON object a line, for `asyncjira report FILE`: it holds the URL, "
        "the query, times and sizes of requests, and what the manifest holds; no issue and no token.",
    ),
    click.option(
        "--state",
        metavar="FILE",
        shell_complete=files,
        help="Pull only what changed since the pull that has left FILE; FILE is replaced when the output has its name.",
    ),
    click.option(
        "--tombstones",
        is_flag=True,
        help="List all ids at the end: deliver what came to match unchanged, and a line for each issue that is gone.",
    ),
    click.option("--append", is_flag=True, help="Add the output to the archive PATH that belongs to --state FILE."),
    click.option(
        "--names",
        is_flag=True,
        help="Custom fields under their names instead of customfield_10014, but for names that clash; "
        "PATH.fields.json tells which is which.",
    ),
)


def takes_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these options, as one argument `options`."""

    @functools.wraps(command)
    def with_options(**values: Any) -> int:
        own = {name: values.pop(name) for name in Options._fields}
        return command(options=Options(**own), **values)

    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), with_options)
