"""The limiter in a loop whose clock jumps: nothing here takes longer than it computes."""

import asyncio
import math
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.exchange import Answer
from asyncjira.mock.limits import Bucket
from asyncjira.net.limiter import Limiter, Paused


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


async def pass_through(limiter: Limiter, endpoint: str = "GET /a") -> float:
    await limiter.approach(endpoint)
    return await limiter.acquire(endpoint)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work())  # type: ignore[arg-type]


async def let_out(
    limiter: Limiter, count: int, workers: int, then: Callable[[int], Any] = lambda number: None
) -> list[float]:
    times: list[float] = []

    async def work() -> None:
        while len(times) < count:
            await pass_through(limiter)
            times.append(anyio.current_time())
            then(len(times))

    async with anyio.create_task_group() as tasks:
        for _ in range(workers):
            tasks.start_soon(work)
    return times


def most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= time < start + 1 for time in times) for start in times)


@settings(max_examples=30, deadline=None)
@given(st.floats(1, 200), st.integers(1, 50), st.sets(st.integers(1, 300)))
def test_no_second_sees_more_than_the_rate_and_one(rate: float, workers: int, refused: set[int]) -> None:
    async def work() -> list[float]:
        limiter = Limiter(rate)

        def answer(number: int) -> None:
            if number in refused:
                limiter.pause(0.1, sent_at=anyio.current_time())
            else:
                limiter.succeeded(None)

        return await let_out(limiter, 3 * int(rate) + 2, workers, answer)

    assert most_in_a_second(run(work)) <= rate + 1


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
                limiter.pause(2, sent_at=0)
                limiter.pause(1, sent_at=0)  # a shorter one does not cut a longer one

        return await let_out(limiter, 60, 8, pause), paused_at[0], limiter.paused_seconds

    times, paused_at, paused = run(work)
    assert not [time for time in times if paused_at < time < paused_at + 2]
    assert sum(time >= paused_at + 2 for time in times) >= 30
    assert paused == pytest.approx(2, abs=0.001)


def test_a_pause_may_be_made_longer() -> None:
    async def work() -> tuple[float, float]:
        limiter = Limiter(10)
        limiter.pause(1, sent_at=0)

        async def later() -> None:
            await anyio.sleep(0.5)
            limiter.pause(2, sent_at=0)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(later)
            await pass_through(limiter)
        return anyio.current_time(), limiter.paused_seconds

    ended, paused = run(work)
    assert ended >= 2.5
    assert paused == pytest.approx(2.5, abs=0.001)


def test_who_has_its_turn_already_when_a_pause_begins_waits_it_out() -> None:
    async def work() -> float:
        limiter = Limiter(1)
        await pass_through(limiter)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pass_through, limiter)
            await anyio.sleep(0.5)
            limiter.pause(2, sent_at=0)
        return anyio.current_time()

    assert run(work) >= 2.5


@pytest.mark.parametrize("rate", [0, 100])
def test_a_pause_does_not_end_with_a_herd(rate: float) -> None:
    async def work() -> list[float]:
        limiter = Limiter(rate)
        for _ in range(40):
            await pass_through(limiter)
            await anyio.sleep(0.02)
        limiter.pause(2, sent_at=anyio.current_time())
        return await let_out(limiter, 40, 16)

    times = run(work)
    assert max(sum(start <= time < start + 0.1 for time in times) for start in times) <= 8
    assert (len(times) - 1) / (times[-1] - times[0]) == pytest.approx(70 if rate else 35, rel=0.05)


def test_a_pause_for_one_endpoint_leaves_the_others_alone() -> None:
    async def work() -> tuple[list[float], float]:
        limiter, times = Limiter(10), []
        limiter.pause(5, sent_at=0, endpoint="GET /a")
        for endpoint in ("GET /b", "POST /a", "GET /a"):
            await pass_through(limiter, endpoint)
            times.append(anyio.current_time())
        return times, limiter.paused_seconds

    (*others, paused), seconds = run(work)
    assert (max(others) < 0.2, paused >= 5, seconds) == (True, True, 5)


def test_an_endpoint_that_was_throttled_alone_is_slower_alone() -> None:
    async def work() -> tuple[float, float]:
        limiter = Limiter(10)
        limiter.pause(0, sent_at=0, endpoint="GET /a")
        await pass_through(limiter, "GET /a")
        began = anyio.current_time()
        for _ in range(7):
            await pass_through(limiter, "GET /a")
        slow = anyio.current_time() - began
        for _ in range(10):
            await pass_through(limiter, "GET /b")
        return slow, anyio.current_time() - began - slow

    assert run(work) == (pytest.approx(1, abs=0.2), pytest.approx(1, abs=0.2))


def test_who_waits_for_the_turn_of_all_while_its_endpoint_is_paused_gives_the_turn_back() -> None:
    async def work() -> float:
        limiter = Limiter(1)
        await pass_through(limiter, "GET /a")
        async with anyio.create_task_group() as tasks:

            async def refused() -> None:
                await limiter.approach("GET /a")
                with pytest.raises(Paused):
                    await limiter.acquire("GET /a")

            tasks.start_soon(refused)
            await anyio.sleep(0.5)
            limiter.pause(100, sent_at=0, endpoint="GET /a")
        return await pass_through(limiter, "GET /b")

    assert run(work) < 3


def test_without_a_ceiling_an_endpoint_is_slowed_down_from_what_it_alone_was_asked() -> None:
    async def work() -> float:
        limiter = Limiter(0)
        for number in range(100):
            await pass_through(limiter, "GET /b" if number % 5 else "GET /a")
            await anyio.sleep(0.01)
        limiter.pause(0, sent_at=anyio.current_time(), endpoint="GET /a")
        began = anyio.current_time()
        for _ in range(15):
            await pass_through(limiter, "GET /a")
        return 15 / (anyio.current_time() - began)

    assert run(work) == pytest.approx(0.7 * 20, rel=0.1)


async def ask(limiter: Limiter, bucket: Bucket, *, seconds: float, workers: int, told: bool) -> tuple[int, int]:
    """Ask a server that has a bucket and answers after 50 ms; return how often it granted and refused."""
    granted = refused = 0

    async def work(most: float = math.inf) -> None:
        nonlocal granted, refused
        while anyio.current_time() < seconds and granted < most:
            sent_at = await pass_through(limiter)
            await anyio.sleep(0.02)
            took = bucket.take(anyio.current_time())
            headers = bucket.headers(granted=took) if told else {}
            await anyio.sleep(0.03)
            granted, refused = granted + took, refused + (not took)
            if took:
                limiter.succeeded(read_allowance(Answer(200, headers, b"")))
            else:
                limiter.pause(1, sent_at=sent_at)

    await work(1)  # a pull asks for its first page alone
    async with anyio.create_task_group() as tasks:
        for _ in range(workers):
            tasks.start_soon(work)
    return granted, refused


@pytest.mark.parametrize("ceiling", [0, 50, 200])
@pytest.mark.parametrize("limit", [0.5, 5, 15, 40, 100])
def test_a_limit_that_is_told_is_used_and_hardly_ever_met(limit: float, ceiling: float) -> None:
    granted, refused = run(lambda: ask(Limiter(ceiling), Bucket(limit), seconds=60, workers=16, told=True))
    assert refused == 0
    assert granted >= 0.9 * 60 * min(limit, ceiling or limit)


@pytest.mark.parametrize(
    ("limit", "ceiling"),
    [(limit, ceiling) for limit in (5, 15, 40) for ceiling in (0, 50, 200) if limit > ceiling / 20],
)
def test_a_limit_that_nobody_tells_is_found(limit: float, ceiling: float) -> None:
    granted, refused = run(lambda: ask(Limiter(ceiling), Bucket(limit), seconds=120, workers=16, told=False))
    assert refused <= 0.06 * granted
    assert granted >= 0.9 * 120 * limit
