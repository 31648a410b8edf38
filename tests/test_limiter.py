"""The limiter in a loop whose clock jumps: nothing here takes longer than it computes."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira.net.limiter import Limiter


class _Jump(selectors.SelectSelector):
    """Waits by moving the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += (timeout or 0.0) + 1e-6  # computing takes time too
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work())  # type: ignore[arg-type]


async def let_out(
    limiter: Limiter, count: int, workers: int, then: Callable[[int], Any] = lambda number: None
) -> list[float]:
    times: list[float] = []

    async def work() -> None:
        while len(times) < count:
            await limiter.acquire()
            times.append(anyio.current_time())
            then(len(times))

    async with anyio.create_task_group() as tasks:
        for _ in range(workers):
            tasks.start_soon(work)
    return times


def most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= time < start + 1 for time in times) for start in times)


@settings(max_examples=30, deadline=None)
@given(st.floats(1, 200), st.integers(1, 50))
def test_no_second_sees_more_than_the_rate_and_one(rate: float, workers: int) -> None:
    times = run(lambda: let_out(Limiter(rate), 3 * int(rate) + 2, workers))
    assert most_in_a_second(times) <= rate + 1


def test_the_rate_is_used() -> None:
    times = run(lambda: let_out(Limiter(50), 500, 16))
    assert times[-1] - times[0] < 500 / 50 * 1.05


def test_no_ceiling_means_no_waiting() -> None:
    assert run(lambda: let_out(Limiter(0), 100, 8))[-1] < 0.001


@pytest.mark.parametrize("rate", [0, 100])
def test_nothing_goes_out_during_a_pause_and_all_of_it_after(rate: float) -> None:
    async def work() -> tuple[list[float], float, float]:
        limiter = Limiter(rate)
        paused_at: list[float] = []

        def pause(number: int) -> None:
            if number == 20:
                paused_at.append(anyio.current_time())
                limiter.pause(2)
                limiter.pause(1)  # a shorter one does not cut a longer one

        return await let_out(limiter, 60, 8, pause), paused_at[0], limiter.paused_seconds

    times, paused_at, paused = run(work)
    assert not [time for time in times if paused_at < time < paused_at + 2]
    assert sum(time >= paused_at + 2 for time in times) >= 30
    assert paused == pytest.approx(2, abs=0.001)


def test_a_pause_may_be_made_longer() -> None:
    async def work() -> tuple[float, float]:
        limiter = Limiter(10)
        limiter.pause(1)

        async def later() -> None:
            await anyio.sleep(0.5)
            limiter.pause(2)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(later)
            await limiter.acquire()
        return anyio.current_time(), limiter.paused_seconds

    ended, paused = run(work)
    assert ended >= 2.5
    assert paused == pytest.approx(2.5, abs=0.001)
