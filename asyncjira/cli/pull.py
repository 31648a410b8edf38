"""`asyncjira pull`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from asyncjira.cli.connection import Connection, connections_options
from asyncjira.cli.delivery import STDOUT, deliver
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.pull_options import Options, takes_options
from asyncjira.cli.several import pull_several
from asyncjira.cli.talk import Talk
from asyncjira.cli.verdict import tell
from asyncjira.errors import ConfigError

if TYPE_CHECKING:
    from asyncjira.cli.several import PullSite
    from asyncjira.events import Listener
    from asyncjira.manifest import Manifest
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget
    from asyncjira.pull.incremental import Keeping
    from asyncjira.pull.pull import Pull

__all__ = ["pull"]


@click.command()
@click.argument("jql", default="")
@takes_options
@click.option(
    "--progress",
    type=click.Choice(["auto", "off", "json"]),
    default="auto",
    show_default=True,
    help="On stderr: auto shows a bar on a terminal, and ends in one line; off only ends in one; json is for machines.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say every retry and every pause.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@connections_options
def pull(jql: str, connections: list[Connection], progress: str, verbose: bool, quiet: bool, options: Options) -> int:
    """Pull every issue that JQL matches, once, in order; without JQL every issue that you may see.

    \b
    asyncjira pull "project = OPS" -o ops.ndjson.gz                  as Jira sent it, an issue a line
    asyncjira pull "project = OPS" -o ops.ndjson.gz --resume         go on where one was interrupted
    asyncjira pull "project = OPS" -o ops.parquet                    a table
    asyncjira pull "project = OPS" --fields summary -o ops.json      less of each issue, as one array
    asyncjira pull "project = OPS" --state ops.state -o new.json     what changed since the last time
    asyncjira pull "project = OPS" | jq -r .key                      into another program

    The output appears under its own name only when the pull is complete (exit code 0); until then it is PATH.part. In a
    file every issue stands in its newest version, in order. On stdout issues come as first read, and new ones last.
    A .parquet, .csv, .duckdb or .sqlite is pulled as lines, which become a table in the end: asyncjira convert --help.

    --progress json writes one object a line to stderr. In each: event (PageFetched, Retried, Throttled, Resumed,
    PullFinished), issues_so_far, total, is_estimate (whether total is one), rate (issues a second, lately),
    eta_seconds, bytes (of answers, inflated), in_flight, retries, paused_seconds; and what belongs to the event:
    start_at and issues of a page; label, reason, seconds; place; manifest. What is not known is null. An error is a
    line of text.

    Who you are: --token-file, --netrc or --keyring, else --email with JIRA_API_TOKEN, else JIRA_PAT in the environment,
    else what the config file says of the site (`asyncjira config --help`), else anonymous.

    \b
    Exit codes: 0 complete   1 failed   2 usage   3 incomplete, in PATH.part   4 login or permission
                5 query rejected   6 output   75 rate limit, come back later   130/143/141 interrupted
    """  # fmt: skip
    to_stdout = options.output == "-"
    talk = Talk(progress, 1 if verbose else -1 if quiet else 0, stdout_is_output=to_stdout)
    one = partial(_pull, jql)
    work = pull_several if len(connections) > 1 else _pull_one
    return run_until_signal(work(one, connections, options, talk))


async def _pull_one(one: PullSite, connections: list[Connection], options: Options, talk: Talk) -> int:
    connection = connections[0]
    if connection.site is not None:
        options = options.of_site(connection.site)
    async with talk.shown():
        manifest = await one(connection, options, talk, talk.hear)
    tell(manifest, options.output, talk)
    return 0


def _record_path(options: Options) -> str:
    path, manifest = options.record or "", options.manifest or f"{options.output}.manifest.json"
    fields = f"{options.output}.fields.json"  # of --names
    others = [other for other in (options.output, manifest, fields, options.state) if other is not None]
    if os.path.realpath(path) in map(os.path.realpath, others):
        raise ConfigError("the record needs a file of its own: --record names one that is written otherwise")
    return path


async def _pull(jql: str, connection: Connection, options: Options, talk: Talk, hear: Listener) -> Manifest:
    _check(options)
    if options.record is None:
        return await _recorded(jql, connection, options, talk, hear)
    from asyncjira.events import both
    from asyncjira.report.recorder import Recorder

    with Recorder(_record_path(options), force=options.force) as recorder:
        return await _recorded(jql, connection, options, talk, both(hear, recorder))


def _check(options: Options) -> None:
    if options.resume and options.output == "-":
        raise ConfigError("stdout cannot be resumed: --resume needs -o PATH")
    if options.wide and options.output == "-":
        raise ConfigError("--wide is for tables: it needs -o PATH that ends with .parquet, .csv, .duckdb or .sqlite")
    if options.append and options.output == "-":
        raise ConfigError("--append needs -o PATH, the archive to add to")


async def _recorded(jql: str, connection: Connection, options: Options, talk: Talk, hear: Listener) -> Manifest:
    from asyncjira.pull.incremental import Keeping

    async with connection.client(hear) as jira:
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
                names=options.names,
            )
            sink, beside = _open(options, keeping, work)
            connection.warn_if_anonymous(talk)
            return await keeping.keep(work, await deliver(work, sink, beside, talk))


def _open(options: Options, keeping: Keeping, work: Pull) -> tuple[Sink, FileTarget | None]:
    from asyncjira.out.output import open_stream
    from asyncjira.out.shape import Shape

    if options.output == "-":
        return open_stream(STDOUT, Shape.of("", options.form, indent=options.indent), manifest=options.manifest)
    return keeping.open_file(
        options.output,
        options.form,
        indent=options.indent,
        wide=options.wide,
        force=options.force,
        manifest=options.manifest,
        asked=work.asked,
        resumes=options.resume,
    )
