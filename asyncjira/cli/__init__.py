"""The command line: flags become one call of the library; what it returns or raises becomes words and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from asyncjira import __version__
from asyncjira.cli import garbage
from asyncjira.cli.advice import with_advice
from asyncjira.cli.commands import Commands
from asyncjira.cli.failure import failed
from asyncjira.cli.stderr import say

__all__ = ["main"]

_ENDED_BY_SIGNAL = (130, 143)


@click.group(
    "asyncjira", cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="asyncjira")
def group() -> None:
    """Pull every issue that a JQL query matches out of Jira, fast, and say whether it is whole.

    \b
    asyncjira demo                                       a pull from a mock, to see how it looks
    asyncjira doctor                                     is all well, and if not, what to do
    asyncjira count "status = Open"                      how many there are
    asyncjira plan "project = OPS"                       what a pull will take
    asyncjira pull "project = OPS" -o ops.ndjson.gz      every issue of a project
    asyncjira convert ops.ndjson.gz ops.parquet          a table: Parquet, CSV, DuckDB, SQLite
    asyncjira compact ops.ndjson.gz --force              the newest of every issue in an archive
    asyncjira pages /rest/agile/1.0/board -o b.ndjson    any other list that Jira serves by pages

    Where and who: --url, --email, and JIRA_API_TOKEN or JIRA_PAT in the environment; or --site, a name for all of it in
    a config file (`asyncjira config --help`).
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; without `argv`, run that of this process and exit."""
    _occupy_closed_descriptors()
    if argv is not None:
        return _run(argv)
    garbage.leave()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # what is half made is removed then
    code = _run(argv)
    if code in _ENDED_BY_SIGNAL:
        os._exit(code)  # a thread may still wait for the reader of a pipe, and Python would wait for the thread
    sys.exit(code)


def _run(argv: Sequence[str] | None) -> int:
    try:
        return int(group.main(argv, prog_name="asyncjira", standalone_mode=False) or 0)
    except click.ClickException as error:
        with suppress(OSError):
            with_advice(error).show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        code, line = failed(error)
        say(f"asyncjira: {line}")
        return code


def _occupy_closed_descriptors() -> None:
    """Keep what is opened later from becoming stdin, stdout or stderr where the caller has closed these.

    A closed stdout becomes a pipe that nobody reads, so that the first write to it ends like `| head` does.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            if name == "stdout":
                reading, writing = os.pipe()
                os.dup2(writing, number)
                os.close(reading)
                os.close(writing)
            if name != "stdin":
                setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - stays open
