"""How a body is read, from a place that has all of it at once. What crosses the wire stands in test_faults.py."""

import asyncio
import gzip

import anyio
import anyio.lowlevel
import pytest

from asyncjira import Timeouts
from asyncjira.jira.exchange import Broken
from asyncjira.net.inflate import STEP, Garbled, Gzip, Plain
from asyncjira.net.reading import read_body
from asyncjira.plan.intake import Intake

MEBIBYTE = 1024 * 1024
ROUGH = b"".join(n.to_bytes(4, "big") for n in range(2 * MEBIBYTE))  # 8 MiB, which gzip packs 4 times


class Chunks:
    """What has come over the wire, a chunk at a time."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks, self.total_raw_bytes = list(chunks), 0

    def at_eof(self) -> bool:
        return not self._chunks

    async def readany(self) -> bytes:
        chunk = self._chunks.pop(0) if self._chunks else b""
        self.total_raw_bytes += len(chunk)
        return chunk


async def read(*chunks: bytes, limit: int = 64 * MEBIBYTE, speed_time: float = 30.0) -> bytes:
    timeouts = Timeouts(speed_time=speed_time, speed_limit=0)
    return await read_body(Chunks(*chunks), Gzip(), Intake(limit), timeouts)


async def test_one_large_body_leaves_the_loop_to_others_again_and_again() -> None:
    turns, steps = 0, len(ROUGH) // STEP

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        assert await read(gzip.compress(ROUGH, 1)) == ROUGH
        tasks.cancel_scope.cancel()
    assert turns >= steps // 4, "once a mebibyte"


async def test_a_page_is_read_without_a_turn_of_the_loop() -> None:
    seen: list[str] = []

    async def look() -> None:
        seen.append("a turn")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        assert await read(gzip.compress(bytes(3 * STEP - 1))) == bytes(3 * STEP - 1)
        assert seen == []


async def test_looking_at_the_speed_in_the_middle_of_a_chunk_loses_nothing_of_it() -> None:
    assert await read(gzip.compress(ROUGH, 1), speed_time=1e-9) == ROUGH


async def test_a_task_that_is_cancelled_is_cancelled_in_the_middle_of_a_body() -> None:
    reading = asyncio.create_task(read(gzip.compress(ROUGH, 1)))
    await anyio.lowlevel.checkpoint()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_bomb_is_left_a_step_after_the_limit() -> None:
    intake = Intake(64 * MEBIBYTE)
    bomb = gzip.compress(bytes(100 * MEBIBYTE), 9)
    with pytest.raises(Broken, match="inflates to more than 200 times"):
        await read_body(Chunks(bomb), Gzip(), intake, Timeouts())
    assert len(intake.body()) <= MEBIBYTE


@pytest.mark.parametrize("size", [1_000_000, 3_000_000])
async def test_what_is_too_large_is_left_a_step_after_the_limit(size: int) -> None:
    intake = Intake(size)
    with pytest.raises(Broken, match=f"larger than {size} bytes"):
        await read_body(Chunks(gzip.compress(ROUGH, 1)), Gzip(), intake, Timeouts())
    assert size - STEP <= len(intake.body()) <= size


async def test_gzip_that_goes_on_and_becomes_nothing_is_left_at_the_limit() -> None:
    nothing = gzip.compress(b"", mtime=0)
    with pytest.raises(Broken, match="larger than 1000 bytes"):
        await read(*[nothing] * 100, limit=1000)


async def test_the_end_of_what_came_must_be_the_end_of_the_gzip() -> None:
    with pytest.raises(Garbled, match="cut short"):
        await read(gzip.compress(b"{}")[:-1])


async def test_a_plain_body_of_one_chunk_is_not_copied() -> None:
    chunk = b"[]" * 1000
    assert await read_body(Chunks(chunk), Plain(), Intake(MEBIBYTE), Timeouts()) is chunk
