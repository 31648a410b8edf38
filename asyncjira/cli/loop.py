"""Runs what a command does in an event loop, and ends it on a signal."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

from asyncjira.cli import garbage
from asyncjira.cli.stderr import say

__all__ = ["run_until_signal"]

_READER_GONE = 141  # 128 + SIGPIPE: what a shell reports for `yes | head`
_ENDING = (signal.SIGINT, signal.SIGTERM)


def run_until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Return the exit code of `work`, or 128 + the signal that ended it: 130 for SIGINT, 143 for SIGTERM.

    The first signal cancels the work, the second ends the process at once. 141 where nobody reads stdout any more.
    """
    try:
        return asyncio.run(_watched(work))
    except BrokenPipeError:
        # The flush at exit must not fail again: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _READER_GONE


async def _watched(work: Coroutine[Any, Any, int]) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    caught: list[int] = []

    def catch(number: int, _: object) -> None:
        if caught:
            os._exit(128 + number)
        caught.append(number)

    loop.set_exception_handler(_complain)
    for number in _ENDING:
        loop.add_signal_handler(number, task.cancel)
        signal.signal(number, catch)  # in place of what the loop has put there: it may wait for who reads stderr
    loop.call_soon(garbage.collect)  # when the work waits for the first time, it has imported what it needs
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)


def _complain(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say in a line what nobody has caught, as where a listener fails; asyncio would print its traceback."""
    error = context.get("exception")
    why = f" ({type(error).__name__}: {error})" if error else ""
    say(f"asyncjira: a bug in asyncjira, please report it: {context['message']}{why}")
