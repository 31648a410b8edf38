"""From a pull into a sink, with the manifest beside it: what `pull_to` and the command line do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import anyio
from anyio import to_thread

from asyncjira.errors import IncompleteError, JiraError, OutputError
from asyncjira.manifest import Manifest
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget
from asyncjira.pull.pull import Pull

__all__ = ["deliver"]


async def deliver(pull: Pull, sink: Sink, beside: FileTarget | None) -> Manifest:
    """Write all issues of `pull` into `sink`, and the manifest into `beside`; return the manifest.

    Raises what the pull raises, or OutputError. Then nothing appears under the output's own name; what was written
    stays in its `.part` and can be read, and the manifest says that it is incomplete.
    """
    try:
        async with pull:
            async for rows in pull.rows():
                await _in_thread(sink, partial(sink.write, rows.issues))
        return await _publish(pull.manifest, sink, beside, sink.finish)
    except IncompleteError as error:
        manifest = await _publish(error.manifest, sink, beside, sink.abandon)
        raise IncompleteError(str(error), manifest=manifest) from None
    except (JiraError, asyncio.CancelledError) as error:
        if sink.issues and not isinstance(error, OutputError):
            why = str(error) if isinstance(error, JiraError) else "it was interrupted"
            await _leave(pull, sink, beside, why)
        raise
    finally:
        sink.abandon()
        if beside is not None:
            beside.abandon()


async def _leave(pull: Pull, sink: Sink, beside: FileTarget | None, why: str) -> None:
    manifest = replace(pull.manifest, issues=sink.issues, warnings=(*pull.manifest.warnings, why))
    if not sink.may_block:  # the reader of a pipe may be what was being waited for
        with anyio.CancelScope(shield=True):
            await _publish(manifest, sink, beside, sink.abandon)


async def _publish(manifest: Manifest, sink: Sink, beside: FileTarget | None, end: Callable[[], None]) -> Manifest:
    """Close the output and write the manifest; only when both are safe, `end` decides what becomes of the output."""
    await _in_thread(sink, sink.close)
    manifest = replace(manifest, bytes=sink.bytes, sha256=sink.sha256)
    if beside is not None:
        await to_thread.run_sync(beside.write, manifest.to_json())
    await to_thread.run_sync(end)
    if beside is not None:
        await to_thread.run_sync(beside.finish)
    return manifest


async def _in_thread(sink: Sink, call: Callable[[], None]) -> None:
    # A write to a pipe may wait for its reader for ever: then a cancellation leaves the thread behind.
    await to_thread.run_sync(call, abandon_on_cancel=sink.may_block)
