"""`asyncjira pull`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.talk import Talk
from asyncjira.errors import ConfigError, JiraError, OutputError, printable

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget
    from asyncjira.pull.incremental import Keeping
    from asyncjira.pull.pull import Pull

__all__ = ["pull", "summary"]

_STDOUT = 1
_GO_ON = "the same command with --resume goes on from there"


def _page_size(value: str) -> int | str:
    try:
        return value if value == "auto" else int(value)
    except ValueError:
        raise click.BadParameter(f"{printable(repr(value))} is neither a number nor auto.") from None


class _Options(NamedTuple):
    fields: str
    expand: str
    page_size: int | Literal["auto"] | None
    proof: Literal["auto", "on", "off"]
    strategy: Literal["auto", "ids", "ranges"]
    verify: Literal["ids"] | None
    output: str
    form: Literal["ndjson", "json"] | None
    indent: bool
    force: bool
    resume: bool
    manifest: str | None
    state: str | None
    tombstones: bool
    append: bool


@click.command()
@click.argument("jql", default="")
@click.option(
    "-o",
    "--output",
    default="-",
    show_default=True,
    metavar="PATH",
    help="Where to: - is stdout; .json is one JSON array, anything else one issue a line; .gz and .zst compress.",
)
@click.option(
    "--fields",
    default="*all",
    show_default=True,
    metavar="a,b,-c",
    help="What of each issue; a proof needs, and delivers, created and updated too.",
)
@click.option("--expand", default="", metavar="a,b", help="More of each issue: renderedFields, changelog.")
@click.option(
    "--page-size",
    type=_page_size,
    metavar="N|auto",
    help="Issues asked for at a time; the server's own limit decides. A proof takes 4 or more; auto = larger pages, "
    "where one that is tried takes less time for each issue.  [default: 100; from Cloud up to 1000 by id]",
)
@click.option(
    "--proof",
    type=click.Choice(["auto", "on", "off"]),
    default="auto",
    show_default=True,
    help="Prove that no issue is missing: auto = where the query has no ORDER BY; on = always, delivered by created.",
)
@click.option(
    "--strategy",
    type=click.Choice(["auto", "ids", "ranges"]),
    default="auto",
    show_default=True,
    help="On Cloud: ids = list ids, fetch the issues beside it, fastest; ranges = pages of ranges of created, for half "
    "the points of an app's quota; auto = ranges for OAuth, else ids.",
)
@click.option("--verify", type=click.Choice(["ids"]), help="On Cloud: list all ids once more at the end, and compare.")
@click.option("--format", "form", type=click.Choice(["ndjson", "json"]), help="Override what the suffix says.")
@click.option("--indent", is_flag=True, help="Pretty-print the JSON array.")
@click.option("--force", is_flag=True, help="Replace an existing output.")
@click.option("--resume", is_flag=True, help="Go on from what an interrupted pull left in PATH.part.")
@click.option(
    "--manifest", metavar="PATH", help="Where the facts of the pull go.  [default: PATH.manifest.json; none for stdout]"
)
@click.option(
    "--state",
    metavar="FILE",
    help="Pull only what changed since the pull that has left FILE; FILE is replaced when the output has its name.",
)
@click.option(
    "--tombstones",
    is_flag=True,
    help="List all ids at the end: deliver what came to match unchanged, and a line for each issue that is gone.",
)
@click.option("--append", is_flag=True, help="Add the output to the archive PATH that belongs to --state FILE.")
@click.option(
    "--progress",
    type=click.Choice(["auto", "off", "json"]),
    default="auto",
    show_default=True,
    help="On stderr: auto moves a line on a terminal and ends in one line; off only ends in one; json is for machines.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say every retry and every pause.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@connection_options
def pull(jql: str, connection: Connection, progress: str, verbose: bool, quiet: bool, **options: Any) -> int:
    """Pull every issue that JQL matches, once, in order; without JQL every issue that you may see.

    The output appears under its own name only when the pull is complete (exit code 0); until then it is PATH.part. In a
    file every issue stands in its newest version, in order. On stdout issues come as first read, and new ones last.

    Who you are: --token-file, else --email with JIRA_API_TOKEN, else JIRA_PAT in the environment, else anonymous.

    \b
    Exit codes: 0 complete   1 failed   2 usage   3 incomplete, data in PATH.part   4 login or permission
                5 query rejected   6 output   75 rate limit, come back later   130/143/141 interrupted
    """  # fmt: skip
    to_stdout = options["output"] == "-"
    talk = Talk(progress, 1 if verbose else -1 if quiet else 0, stdout_is_output=to_stdout)
    return run_until_signal(_pull(jql, connection, _Options(**options), talk))


async def _pull(jql: str, connection: Connection, options: _Options, talk: Talk) -> int:
    from asyncjira.pull.incremental import Keeping

    if options.resume and options.output == "-":
        raise ConfigError("stdout cannot be resumed: --resume needs -o PATH")
    if options.append and options.output == "-":
        raise ConfigError("--append needs -o PATH, the archive to add to")
    async with connection.client(talk) as jira:
        with Keeping(options.state, append=options.append) as keeping:
            work = jira.pull(
                jql,
                fields=options.fields,
                expand=options.expand,
                page_size=options.page_size,
                api_version=connection.api_version,
                proof=keeping.proof(options.proof, jql),
                strategy=options.strategy,
                verify=options.verify,
                updates=options.output != "-",
                state=keeping.state,
                tombstones=options.tombstones,
            )
            sink, beside = _open(options, keeping, work)
            connection.warn_if_anonymous(talk)
            manifest = await keeping.keep(work, await _deliver(work, sink, beside, talk))
    for warning in manifest.warnings:
        talk.warn(f"asyncjira: {warning}")
    talk.warn(summary(manifest, "stdout" if options.output == "-" else options.output, talk.seconds))
    return 0


def _open(options: _Options, keeping: Keeping, work: Pull) -> tuple[Sink, FileTarget | None]:
    from asyncjira.out.output import open_stream
    from asyncjira.out.shape import Shape

    if options.output == "-":
        return open_stream(_STDOUT, Shape.of("", options.form, indent=options.indent), manifest=options.manifest)
    return keeping.open_file(
        options.output,
        Shape.of(options.output, options.form, indent=options.indent),
        force=options.force,
        manifest=options.manifest,
        asked=work.asked,
        resumes=options.resume,
    )


async def _deliver(work: Pull, sink: Sink, beside: FileTarget | None, talk: Talk) -> Manifest:
    from asyncjira.pull.deliver import deliver

    try:
        return await deliver(work, sink, beside)
    except asyncio.CancelledError:
        talk.line(f"asyncjira: interrupted; {_what_came(sink)}")
        raise
    except ConfigError:
        raise
    except OutputError as error:
        if sink.can_be_resumed:
            error.add_note(_GO_ON)
        raise
    except JiraError as error:
        error.add_note(_what_came(sink))
        raise
    finally:
        talk.clear()


def _what_came(sink: Sink) -> str:
    came = f"{sink.issues:,} issues came, into {sink.place}" if sink.issues else "no issue came"
    return f"{came}; {_GO_ON}" if sink.can_be_resumed else came


def summary(manifest: Manifest, where: str, seconds: float) -> str:
    """Return the one line that a complete pull ends with."""
    speed = f"{manifest.issues / seconds:,.0f}/s" if not manifest.resumed else f"run {manifest.resumed + 1}"
    size = f", {manifest.bytes / 1e6:,.1f} MB" if manifest.bytes is not None else ""
    since = f" changed since {manifest.updated_since}" if manifest.updated_since else ""
    gone = f" and {manifest.tombstones:,} gone" if manifest.tombstones else ""
    cost = f"({speed}{size}, {manifest.requests} requests)"
    return (
        f"{manifest.issues:,} issues{since}{gone} in {seconds:.1f} s {cost} -> {where}"
        f" | {manifest.guarantee}: {_checked(manifest)}"
    )


def _checked(manifest: Manifest) -> str:
    is_cloud = manifest.api == "cloud"
    if manifest.guarantee != "proven":
        return "every id that was listed came" if is_cloud else "ids distinct, count agrees with Jira's"
    covered = "every id that was listed came" if is_cloud else "every moment of `created` is covered"
    if not manifest.stale_ids:
        return f"{covered}, changes caught up with"
    return f"{covered}; {len(manifest.stale_ids):,} changed meanwhile and are older here (stale_ids in a --manifest)"
