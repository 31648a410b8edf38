"""Plays a script of bytes into a connection, past aiohttp: its framing would never be wrong."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.answer import Script

__all__ = ["play"]

_LINGER_NOT = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends a reset, see socket(7)
_UNSENT = 1 << 18  # bytes that may wait in the connection, so that an endless body does not fill the memory
_LOOK_AGAIN = 0.001  # seconds


async def play(transport: asyncio.Transport, script: Script, finish: Callable[[int | None, int], None]) -> None:
    """Write a script and end the connection. `finish` is told status and size before the client can have it all."""
    if script.status is not None:
        finish(script.status, sum(len(step) for step in script.steps if isinstance(step, bytes)))
    sent = 0
    try:
        transport.write(script.head)
        for step in script.steps:
            if isinstance(step, bytes):
                transport.write(step)
                sent += len(step)
                await _drain(transport)
            else:
                await asyncio.sleep(step)
            if transport.is_closing():
                break
    finally:
        finish(script.status, sent)
    if script.end == "abort":
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
    else:
        transport.close()


async def _drain(transport: asyncio.Transport) -> None:
    await asyncio.sleep(0)  # an endless body must let others run
    while transport.get_write_buffer_size() > _UNSENT and not transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(_LOOK_AGAIN)
