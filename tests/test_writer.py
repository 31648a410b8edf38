"""The thread that writes beside what fetches: in order, not far behind, and over when its `async with` is."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from asyncjira.pull import writer
from asyncjira.pull.writer import Writer


class Slow:
    """Calls that wait until they may go on."""

    def __init__(self) -> None:
        self.may_go_on, self.has_begun = threading.Event(), threading.Event()
        self.written: list[int] = []

    def call(self, number: int) -> Callable[[], None]:
        def write() -> None:
            self.has_begun.set()
            assert self.may_go_on.wait(10)
            self.written.append(number)

        return write


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    monkeypatch.setattr(writer, "_BEHIND", 100)
    return Slow()


async def test_calls_run_in_order_and_all_before_the_end(slow: Slow) -> None:
    slow.may_go_on.set()
    async with Writer() as writes:
        for number in range(50):
            await writes.write(slow.call(number), 30)
    assert slow.written == [*range(50)]


async def test_no_more_bytes_wait_than_may(slow: Slow) -> None:
    async with Writer() as writes:
        for number in range(3):
            await writes.write(slow.call(number), 30)
        waiting = asyncio.create_task(writes.write(slow.call(3), 30))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not waiting.done()
        slow.may_go_on.set()
        await waiting
        assert slow.written[:1] == [0]
    assert slow.written == [0, 1, 2, 3]


async def test_after_a_call_that_fails_none_runs_and_its_error_is_raised(slow: Slow) -> None:
    slow.may_go_on.set()

    def fails() -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        async with Writer() as writes:
            await writes.write(slow.call(0), 30)
            await writes.write(fails, 30)
            await writes.write(slow.call(1), 100)
    assert slow.written == [0]


async def test_an_error_of_the_body_does_not_hide_behind_one_of_a_call(slow: Slow) -> None:
    slow.may_go_on.set()
    with pytest.raises(ValueError, match="bad page"):
        async with Writer() as writes:
            await writes.write(slow.call(0), 30)
            raise ValueError("bad page")
    assert slow.written == [0]


async def test_cancelled_while_it_leaves_with_an_error_the_cancellation_counts(slow: Slow) -> None:
    async def fails() -> None:
        async with Writer() as writes:
            await writes.write(slow.call(0), 30)
            raise ValueError("bad page")

    task = asyncio.create_task(fails())
    await asyncio.to_thread(slow.has_begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    slow.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.written == [0]


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelled_it_waits_for_one_call_and_leaves_the_others(slow: Slow, times: int) -> None:
    async def writes_much() -> None:
        async with Writer() as writes:
            for number in range(9):
                await writes.write(slow.call(number), 30)

    task = asyncio.create_task(writes_much())
    await asyncio.to_thread(slow.has_begun.wait, 10)
    for _ in range(times):
        task.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
    assert not task.done()
    slow.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.written == [0]


@pytest.mark.parametrize("fails", [False, True])
async def test_cancelled_while_it_ends_that_counts_whatever_else_went_wrong(slow: Slow, *, fails: bool) -> None:
    async def writes() -> None:
        async with Writer() as writes:
            await writes.write(slow.call(0), 30)
            await writes.write(slow.call(1), 30)
            if fails:
                raise ValueError("bad page")

    task = asyncio.create_task(writes())
    await asyncio.to_thread(slow.has_begun.wait, 10)
    task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    slow.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.written == [0]
