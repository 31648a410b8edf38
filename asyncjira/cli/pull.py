"""`asyncjira pull`."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import click

from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.loop import run_until_signal
from asyncjira.cli.pull_options import Options, takes_options
from asyncjira.cli.talk import Talk
from asyncjira.cli.verdict import summary
from asyncjira.errors import ConfigError, JiraError, OutputError

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget
    from asyncjira.pull.incremental import Keeping
    from asyncjira.pull.pull import Pull
    from asyncjira.report.recorder import Recorder

__all__ = ["pull"]

_STDOUT = 1
_GO_ON = "the same command with --resume goes on from there"


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
@connection_options
def pull(jql: str, connection: Connection, progress: str, verbose: bool, quiet: bool, options: Options) -> int:
    """Pull every issue that JQL matches, once, in order; without JQL every issue that you may see.

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
    Exit codes: 0 complete   1 failed   2 usage   3 incomplete, data in PATH.part   4 login or permission
                5 query rejected   6 output   75 rate limit, come back later   130/143/141 interrupted
    """  # fmt: skip
    to_stdout = options.output == "-"
    talk = Talk(progress, 1 if verbose else -1 if quiet else 0, stdout_is_output=to_stdout)
    work = _pull if options.record is None else _record
    return run_until_signal(work(jql, connection, options, talk))


async def _record(jql: str, connection: Connection, options: Options, talk: Talk) -> int:
    from asyncjira.report.recorder import Recorder

    with Recorder(_record_path(options), force=options.force) as recorder:
        return await _pull(jql, connection, options, talk, recorder)


def _record_path(options: Options) -> str:
    path, manifest = options.record or "", options.manifest or f"{options.output}.manifest.json"
    fields = f"{options.output}.fields.json"  # of --names
    others = [other for other in (options.output, manifest, fields, options.state) if other is not None]
    if os.path.realpath(path) in map(os.path.realpath, others):
        raise ConfigError("the record needs a file of its own: --record names one that is written otherwise")
    return path


async def _pull(
    jql: str, connection: Connection, options: Options, talk: Talk, recorder: Recorder | None = None
) -> int:
    from asyncjira.pull.incremental import Keeping

    if options.resume and options.output == "-":
        raise ConfigError("stdout cannot be resumed: --resume needs -o PATH")
    if options.wide and options.output == "-":
        raise ConfigError("--wide is for tables: it needs -o PATH that ends with .parquet, .csv, .duckdb or .sqlite")
    if options.append and options.output == "-":
        raise ConfigError("--append needs -o PATH, the archive to add to")
    async with connection.client(talk, recorder) as jira:
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
            async with talk.shown():
                manifest = await keeping.keep(work, await _deliver(work, sink, beside, talk))
    for warning in manifest.warnings:
        talk.warn(f"asyncjira: {warning}")
    talk.warn(summary(manifest, "stdout" if options.output == "-" else options.output, talk.seconds))
    return 0


def _open(options: Options, keeping: Keeping, work: Pull) -> tuple[Sink, FileTarget | None]:
    from asyncjira.out.output import open_stream
    from asyncjira.out.shape import Shape

    if options.output == "-":
        return open_stream(_STDOUT, Shape.of("", options.form, indent=options.indent), manifest=options.manifest)
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


def _what_came(sink: Sink) -> str:
    came = f"{sink.issues:,} issues came, into {sink.place}" if sink.issues else "no issue came"
    return f"{came}; {_GO_ON}" if sink.can_be_resumed else came
