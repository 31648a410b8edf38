"""A body is read as it comes: unpacked, measured, and left in the middle where there is no use in going on."""

from __future__ import annotations

from typing import Protocol

import anyio
from anyio.lowlevel import cancel_shielded_checkpoint

from asyncjira.net.inflate import STEP, Gzip, Plain
from asyncjira.plan.intake import Intake
from asyncjira.plan.limits import Timeouts

__all__ = ["Content", "read_body"]

# Then the loop gets a turn: a mebibyte of JSON takes isal half a millisecond, and zlib more than one.
_STEPS_A_TURN = 1024 * 1024 // STEP


class Content(Protocol):
    """What comes over the wire."""

    @property
    def total_raw_bytes(self) -> int:
        """How much has come."""

    def at_eof(self) -> bool:
        """Whether all of it was read."""

    async def readany(self) -> bytes:
        """Wait for more, and return what is there; nothing at the end."""


async def read_body(content: Content, packed: Plain | Gzip, intake: Intake, timeouts: Timeouts) -> bytes:
    """Return all of a body, unpacked. Raises Broken where `intake` says so, Garbled where `packed` does."""
    while not content.at_eof():
        # Looked at by the clock, not as chunks come: what drips may give none for minutes.
        with anyio.move_on_after(timeouts.speed_time) as window:
            while chunk := await content.readany():
                await _take(chunk, packed, intake)
        if window.cancelled_caught:
            intake.check_speed(content.total_raw_bytes, timeouts)
    packed.finish()
    return intake.body()


async def _take(chunk: bytes, packed: Plain | Gzip, intake: Intake) -> None:
    for step, piece in enumerate(packed.feed(chunk), 1):
        intake.take(piece, packed.used)
        if step % _STEPS_A_TURN == 0:  # shielded, as the window may end meanwhile: what is left of the chunk must not
            await cancel_shielded_checkpoint()
