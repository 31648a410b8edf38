"""Waiting for what runs in a thread, which nobody can stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import anyio

__all__ = ["to_its_end"]

T = TypeVar("T")


async def to_its_end(work: asyncio.Future[T], hurry: Callable[[], None]) -> T:
    """Await `work`, to its end also where that is cancelled: nothing may touch a file that a thread still writes.

    Where it is cancelled, `hurry()` is called, and the cancellation is raised in the end, whatever `work` raised.
    """
    try:
        await asyncio.wait({work})
    except asyncio.CancelledError:
        hurry()
        with anyio.CancelScope(shield=True):
            while not work.done():
                with suppress(asyncio.CancelledError):  # the first one is raised below
                    await asyncio.wait({work})
        _ = work.cancelled() or work.exception()  # asked, so that asyncio does not complain: the cancellation counts
        raise
    return work.result()
