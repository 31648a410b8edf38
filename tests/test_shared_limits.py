"""Several clients of one site under one `SharedLimits`, over real sockets."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from aiohttp import web

from asyncjira import Answered, ClosedError, ConfigError, Jira, Limits, SharedLimits

from .conftest import Odd


def counting(total: int = 7) -> web.Response:
    return web.json_response({"startAt": 0, "maxResults": 0, "total": total, "issues": []})


async def ask(jira: Jira, times: int) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(times):
            tasks.start_soon(jira.count)


@asynccontextmanager
async def two(url: str, shared: SharedLimits, **options: Any) -> AsyncIterator[tuple[Jira, Jira]]:
    async with Jira(url, api="offset", limits=shared, **options) as one, Jira(url, api="offset", limits=shared) as two:
        yield one, two


async def test_two_clients_have_no_more_requests_in_flight_than_one_may() -> None:
    now, most = 0, 0

    async def answer(_: web.BaseRequest) -> web.Response:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await anyio.sleep(0.005)
        now -= 1
        return counting()

    async with Odd(answer) as odd, two(odd.url, SharedLimits(concurrency=3, rate=0)) as clients:
        async with anyio.create_task_group() as tasks:
            for jira in clients:
                tasks.start_soon(ask, jira, 10)
        assert (most, len(odd.seen)) == (3, 20)


async def test_two_clients_ask_no_faster_than_one_may(mock_jira: Any) -> None:
    mock, left = mock_jira(issues=1), []

    def hear(event: object) -> None:
        if isinstance(event, Answered):
            left.append(event.sent_at)

    shared = SharedLimits(rate=100)
    clients = [Jira(mock.url, api="offset", limits=shared, on_event=hear) for _ in range(2)]
    async with clients[0], clients[1], anyio.create_task_group() as tasks:
        for jira in clients:
            tasks.start_soon(ask, jira, 15)
    assert len(left) == 30
    assert max(left) - min(left) >= 29 / 100 - 0.02, "a late timer may be made up for"


async def test_a_pause_that_one_client_was_asked_for_holds_all_of_them_also_when_that_is_gone() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "100"}) if len(odd.seen) == 1 else counting()

    shared = SharedLimits()
    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=shared) as jira:
        with anyio.move_on_after(0.05):
            async with Jira(odd.url, api="offset", limits=shared) as first:
                await first.count()
        with anyio.move_on_after(0.05) as waiting:
            await jira.count()
        assert (waiting.cancelled_caught, len(odd.seen), shared.in_flight) == (True, 1, 0)
        async with Jira(odd.url, api="offset") as stranger:
            assert await stranger.count() == 7


async def test_closing_one_client_leaves_the_other_one_all_slots(mock_jira: Any, nothing_left: Any) -> None:
    mock, shared = mock_jira(issues=400, latency=0.005), SharedLimits(concurrency=4, rate=0)
    check = nothing_left(mock)
    async with two(mock.url, shared) as (one, other):
        async with one.pull(page_size=10) as left, other.pull(page_size=10) as whole:
            await anext(left)
            await anext(whole)
            await one.aclose()
            assert 1 + len([issue async for issue in whole]) == 400
        assert shared.in_flight == 0
    await check()


@pytest.mark.parametrize("work", [Jira.count, Jira.checkup])
async def test_who_is_closed_while_it_waits_for_its_turn_is_told_so(work: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return counting()

    shared = SharedLimits(rate=5)
    async with Odd(answer) as odd, two(odd.url, shared) as (one, other):
        await other.count()
        asking = asyncio.create_task(work(one))
        await asyncio.sleep(0.05)
        await one.aclose()
        with pytest.raises(ClosedError):
            await asking
        assert (shared.in_flight, len(odd.seen)) == (0, 1)


async def test_who_is_cancelled_while_it_waits_for_a_slot_leaves_none_taken() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        if len(odd.seen) == 1:
            await anyio.sleep_forever()
        return counting()

    shared = SharedLimits(concurrency=1, rate=0)
    async with Odd(answer) as odd, two(odd.url, shared) as (one, other), anyio.create_task_group() as tasks:
        tasks.start_soon(one.count)
        while not odd.seen:
            await anyio.sleep(0.001)
        with anyio.move_on_after(0.02) as waiting:
            await ask(other, 3)
        assert (waiting.cancelled_caught, shared.in_flight, len(odd.seen)) == (True, 1, 1)
        tasks.cancel_scope.cancel()
    assert shared.in_flight == 0


async def test_a_slot_that_is_handed_over_to_who_is_cancelled_in_that_moment_goes_on() -> None:
    shared = SharedLimits(concurrency=1)
    await shared.slots.acquire()
    waiting = asyncio.create_task(shared.slots.acquire())
    await asyncio.sleep(0)
    shared.slots.release()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert shared.in_flight == 0


async def test_they_are_those_of_one_site(mock_jira: Any) -> None:
    mock, shared = mock_jira(issues=1), SharedLimits()
    assert repr(shared) == "<SharedLimits of no site yet: 0 of 16 in flight>"
    for url in (mock.url, f"{mock.url}/"):
        async with Jira(url, limits=shared) as jira:
            assert await jira.count() == 1
    with pytest.raises(ConfigError, match=r"https://jira\.example\.com needs SharedLimits of its own"):
        Jira("https://jira.example.com", limits=shared)
    assert mock.url in repr(shared)


def test_a_loop_that_has_ended_leaves_them_to_the_next_one(mock_jira: Any) -> None:
    mock, shared = mock_jira(issues=5), SharedLimits(concurrency=2)

    async def count() -> int:
        async with Jira(mock.url, limits=shared) as jira:
            await ask(jira, 5)
            return await jira.count()

    assert [asyncio.run(count()), asyncio.run(count())] == [5, 5]


async def test_another_loop_is_refused_while_theirs_lives(mock_jira: Any) -> None:
    mock, shared = mock_jira(issues=5), SharedLimits()
    refused: list[str] = []

    async def pull() -> None:
        async with Jira(mock.url, limits=shared) as jira, jira.pull() as pull:
            await anext(pull)

    def elsewhere() -> None:
        try:
            asyncio.run(pull())
        except RuntimeError as error:
            refused.append(str(error))

    async with Jira(mock.url, limits=shared) as jira:
        await jira.count()
    asked = len(mock.wire)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    await anyio.to_thread.run_sync(thread.join)
    assert refused == ["these limits belong to another event loop: give each loop SharedLimits of its own"]
    assert len(mock.wire) == asked


async def test_clients_of_their_own_limits_share_nothing(mock_jira: Any) -> None:
    limits = Limits(concurrency=1, rate=0)
    mock = mock_jira(issues=5, faults=["hang@1"])
    async with Jira(mock.url, api="offset", limits=limits) as one, Jira(mock.url, api="offset", limits=limits) as other:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.count)
            while not mock.wire:
                await anyio.sleep(0.001)
            assert await other.count() == 5
            tasks.cancel_scope.cancel()


def test_impossible_ones_are_refused() -> None:
    with pytest.raises(ConfigError):
        SharedLimits(concurrency=0)
