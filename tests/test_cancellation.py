"""Every way to leave a pull early: the right exception, and no task, no socket, no complaint left behind."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import anyio
import pytest

from asyncjira import ClosedError, Jira, Limits, OutputError, ServerError
from asyncjira.out.output import open_stream
from asyncjira.out.shape import Shape
from asyncjira.pull.deliver import deliver

from .conftest import SWIFT

LIMITS = Limits(concurrency=4, rate=0)


@pytest.fixture
def mock(mock_jira: Any) -> Any:
    return mock_jira(issues=2000, latency=0.005)


async def first_issues(jira: Jira, count: int) -> AsyncIterator[Any]:
    async with jira.pull(page_size=10) as pull:
        async for issue in pull:
            yield issue
            count -= 1
            if not count:
                break


async def leave_by_break(jira: Jira) -> None:
    async with jira.pull(page_size=10) as pull:
        async for _ in pull:
            break


async def leave_without_a_look(jira: Jira) -> None:
    async with jira.pull(page_size=10):
        pass


async def leave_by_an_exception(jira: Jira) -> None:
    with pytest.raises(ZeroDivisionError):
        async with jira.pull(page_size=10) as pull:
            async for _ in pull:
                raise ZeroDivisionError


async def leave_by_an_anyio_timeout(jira: Jira) -> None:
    with anyio.move_on_after(0.05) as scope:
        async with jira.pull(page_size=10) as pull:
            async for _ in pull:
                await anyio.sleep(0.02)
    assert scope.cancelled_caught


async def leave_by_an_asyncio_timeout(jira: Jira) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), jira.pull(page_size=10) as pull:
            async for _ in pull:
                await asyncio.sleep(0.02)


async def leave_by_cancellation(jira: Jira) -> None:
    started = asyncio.Event()

    async def consume() -> None:
        async with jira.pull(page_size=10) as pull:
            async for _ in pull:
                started.set()
                await asyncio.sleep(0.02)

    task = asyncio.create_task(consume())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def leave_a_generator_to_the_collector(jira: Jira) -> None:
    async for _ in first_issues(jira, 100):
        break
    gc.collect()
    await asyncio.sleep(0)


async def close_a_generator_from_another_task(jira: Jira) -> None:
    generator = first_issues(jira, 100)
    await anext(generator)
    await asyncio.create_task(generator.aclose())  # type: ignore[attr-defined]


async def leave_inside_of_a_task_group(jira: Jira) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as tasks:

            async def consume() -> None:
                async with jira.pull(page_size=10) as pull:
                    async for _ in pull:
                        raise ZeroDivisionError

            tasks.create_task(consume())
            tasks.create_task(leave_by_break(jira))
    assert caught.group_contains(ZeroDivisionError)


async def share_between_consumers(jira: Jira) -> None:
    async with jira.pull(page_size=10) as pull, asyncio.TaskGroup() as tasks:

        async def consume() -> int:
            return len([issue async for issue in pull])

        counts = [tasks.create_task(consume()) for _ in range(3)]
    assert sum(task.result() for task in counts) == 2000


async def leave_one_of_two(jira: Jira) -> None:
    async with jira.pull(page_size=10) as whole:
        await anext(whole)
        await leave_by_break(jira)
        assert len([issue async for issue in whole]) == 1999


SITUATIONS: list[Callable[[Jira], Awaitable[None]]] = [
    leave_by_break,
    leave_without_a_look,
    leave_by_an_exception,
    leave_by_an_anyio_timeout,
    leave_by_an_asyncio_timeout,
    leave_by_cancellation,
    leave_a_generator_to_the_collector,
    close_a_generator_from_another_task,
    leave_inside_of_a_task_group,
    share_between_consumers,
    leave_one_of_two,
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
async def test_nothing_is_left(situation: Callable[[Jira], Awaitable[None]], mock: Any, nothing_left: Any) -> None:
    check = nothing_left(mock)
    async with Jira(mock.url, limits=LIMITS) as jira:
        await situation(jira)
    await check()


async def test_leaving_a_pull_stops_its_requests_while_the_client_lives_on(mock: Any) -> None:
    async with Jira(mock.url, limits=LIMITS) as jira:
        await leave_by_break(jira)
        await anyio.sleep(0.05)
        asked = len(mock.wire)
        await anyio.sleep(0.05)
        assert len(mock.wire) == asked < 30
        assert "0 pulls" in repr(jira)
        assert await jira.count() == 2000


async def test_leaving_a_pull_stops_requests_that_are_never_answered(mock_jira: Any) -> None:
    mock = mock_jira(issues=2000, faults=["hang@2-"])
    async with Jira(mock.url, limits=LIMITS) as jira:
        async with jira.pull(page_size=10) as pull:
            await anext(pull)
        await anyio.sleep(0.05)
        assert "0 pulls" in repr(jira)


async def test_a_closed_client_has_no_task_left(mock: Any) -> None:
    async with aiohttp.ClientSession() as session:
        jira = Jira(mock.url, limits=LIMITS, session=session)
        async with jira.pull(page_size=10) as pull:
            await anext(pull)
        await jira.aclose()
        assert "asyncjira-pull" not in {task.get_name() for task in asyncio.all_tasks()}


@pytest.mark.parametrize("seconds", [0.001, 0.005])
async def test_a_timeout_around_one_step_loses_no_issue(mock: Any, seconds: float) -> None:
    found = []
    async with Jira(mock.url, limits=LIMITS) as jira, jira.pull(page_size=100) as pull:
        while True:
            try:
                found.append(await asyncio.wait_for(anext(pull), seconds))
            except TimeoutError:
                await asyncio.sleep(0)
            except StopAsyncIteration:
                break
    assert len(found) == pull.manifest.issues == 2000


async def test_closing_the_client_from_another_task_is_no_quiet_end(mock: Any, nothing_left: Any) -> None:
    check = nothing_left(mock)
    jira = Jira(mock.url, limits=LIMITS)
    async with jira.pull(page_size=10) as pull:
        await anext(pull)
        await asyncio.create_task(jira.aclose())
        with pytest.raises(ClosedError):
            while True:
                await anext(pull)
    await jira.aclose()
    await check()


async def test_a_pull_that_was_left_does_not_end_quietly_for_those_who_still_read(mock: Any) -> None:
    async with Jira(mock.url, limits=LIMITS) as jira:
        async with jira.pull(page_size=10) as pull:
            await anext(pull)
        await anyio.sleep(0.05)
        with pytest.raises(ClosedError):
            while True:
                await anext(pull)


async def test_an_error_of_a_request_keeps_its_type_and_ends_the_others(mock_jira: Any, nothing_left: Any) -> None:
    mock = mock_jira(issues=2000, latency=0.005, faults=["500@20-"])
    check = nothing_left(mock)
    async with Jira(mock.url, limits=LIMITS, retry=SWIFT) as jira:
        with pytest.raises(ServerError):
            async with jira.pull(page_size=10) as pull:
                async for _ in pull:
                    pass
    await check()


async def test_a_hung_server_does_not_hold_a_cancellation_up(mock_jira: Any, nothing_left: Any) -> None:
    mock = mock_jira(issues=100, faults=["hang@1-"])
    check = nothing_left(mock)
    with anyio.move_on_after(0.05):
        async with Jira(mock.url) as jira, jira.pull() as pull:
            await anext(pull)
    await check()


async def test_a_write_that_fails_stops_the_requests(mock: Any, nothing_left: Any) -> None:
    check = nothing_left(mock)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        async with Jira(mock.url, limits=LIMITS) as jira:
            with pytest.raises(OutputError):
                await deliver(jira.pull(page_size=10), *open_stream(full, Shape(), manifest=None))
            await check()
    finally:
        os.close(full)
    assert len(mock.wire) < 30


async def test_a_session_that_is_closed_between_two_reads_of_a_body_is_told_so(
    mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with aiohttp.ClientSession() as session, Jira(mock.url, session=session) as jira:

        async def read_body(*_: object) -> bytes:
            await session.close()
            raise RuntimeError("Connection closed.")  # as aiohttp's StreamReader, in the moment before it hears of it

        monkeypatch.setattr("asyncjira.net.transport.read_body", read_body)
        with pytest.raises(ClosedError):
            await jira.count("project = OPS")
