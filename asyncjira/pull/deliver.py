"""From a pull into a sink, with the manifest beside it: what `pull_to` and the command line do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio
from anyio import to_thread

from asyncjira.errors import IncompleteError, JiraError, OutputError
from asyncjira.manifest import Manifest
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget
from asyncjira.plan.naming import Naming
from asyncjira.plan.strategy import Rows
from asyncjira.pull.pull import Pull
from asyncjira.pull.threads import to_its_end
from asyncjira.pull.writer import Writer

__all__ = ["deliver"]

T = TypeVar("T")


async def deliver(pull: Pull, sink: Sink, beside: FileTarget | None) -> Manifest:
    """Write all issues of `pull` into `sink`, and the manifest into `beside`; return the manifest.

    Where the sink resumes, only what an earlier pull has left is asked for. Raises what the pull raises, ConfigError
    where another one had written there, or OutputError. Then nothing appears under the output's own name; what was
    written stays in its `.part` and can be read, and the manifest says that it is incomplete.
    """
    try:
        if sink.resumes and (proved := await _go_on(pull, sink)) is not None:
            await _in_thread(sink, partial(_appear, proved, sink, beside))
            return proved
        incomplete = await _drain(pull, sink)
        manifest = await _publish((incomplete or pull).manifest, sink, beside)
    except (JiraError, asyncio.CancelledError) as error:
        if sink.issues and not sink.is_over and not isinstance(error, OutputError) and not sink.has_failed:
            await _leave(pull, sink, beside, error)
        raise
    finally:
        sink.abandon()
        if beside is not None:
            beside.abandon()
    if incomplete:
        raise IncompleteError(str(incomplete), manifest=manifest)
    return manifest


async def _go_on(pull: Pull, sink: Sink) -> Manifest | None:
    """Let the pull begin where an earlier one was interrupted; return the manifest where that was at its end."""
    found = await _in_thread(sink, sink.recover)
    if isinstance(found, Manifest):
        return found
    pull.begin_with(found, sink.place, sink.naming)
    return None


async def _drain(pull: Pull, sink: Sink) -> IncompleteError | None:
    try:
        async with pull:
            if sink.may_block:
                async for rows in pull.rows():
                    await _write(sink, partial(_add, sink, pull.user, pull.naming, rows))
            else:
                async with Writer() as writer:
                    async for rows in pull.rows():
                        await writer.write(
                            partial(_add, sink, pull.user, pull.naming, rows), sum(map(len, rows.issues))
                        )
            sink.check_user(pull.user)
            sink.name(pull.naming)
    except IncompleteError as error:
        return error
    return None


def _add(sink: Sink, user: str | None, naming: Naming | None, rows: Rows) -> None:
    sink.check_user(user)
    sink.name(naming)
    sink.write(rows.issues, rows.place, rows.mark)


async def _leave(pull: Pull, sink: Sink, beside: FileTarget | None, error: BaseException) -> None:
    if sink.may_block:  # the reader of a pipe may be what was being waited for
        return
    why = str(error) if isinstance(error, JiraError) else "it was interrupted"
    sofar = pull.manifest
    manifest = replace(sofar, complete=False, guarantee="none", fresh=False, warnings=(*sofar.warnings, why))
    sink.leave_late()
    with anyio.CancelScope(shield=True):
        try:
            await _publish(manifest, sink, beside)
        except OutputError as second:  # what ended the pull counts
            error.add_note(str(second))


async def _publish(manifest: Manifest, sink: Sink, beside: FileTarget | None) -> Manifest:
    """Close the output and write the manifest; where that says so, let the output appear."""
    await _write(sink, sink.close)
    manifest = sink.describe(manifest)
    await _in_thread(sink, partial(_appear, manifest, sink, beside))
    return manifest


def _appear(manifest: Manifest, sink: Sink, beside: FileTarget | None) -> None:
    """Only when both the output and the manifest are safe, either of them appears; the journal goes last.

    Beside the output of another pull, what is said of an incomplete one stays in the manifest's own `.part`.
    """
    if manifest.complete:
        sink.prove(manifest)
    if beside is not None:
        beside.write(manifest.to_json())
    end = sink.finish if manifest.complete else sink.abandon
    end()
    if beside is not None and (manifest.complete or not sink.spares_another):
        beside.finish()
    if manifest.complete:
        sink.forget()


async def _write(sink: Sink, call: Callable[[], None]) -> None:
    if sink.may_block:  # a pipe may wait for its reader for ever: then a cancellation leaves the thread behind
        await to_thread.run_sync(call, abandon_on_cancel=True)
    else:
        await _in_thread(sink, call)


async def _in_thread(sink: Sink, call: Callable[[], T]) -> T:
    return await to_its_end(asyncio.create_task(to_thread.run_sync(call)), sink.leave_late)
