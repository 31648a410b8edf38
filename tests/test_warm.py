"""Connections that are opened beside the first page, seen from the sockets of this process."""

from typing import Any
from urllib.parse import urlsplit

import aiohttp
import anyio
import pytest
from aiohttp import web

from asyncjira import Jira, Limits, SharedLimits, State, TransportError
from asyncjira.mock import MockJira

from .conftest import SWIFT, Odd, sockets_to

AT_ONCE = 6


async def most_sockets(
    session: aiohttp.ClientSession | None = None, *, is_incremental: bool = False, taken: int = 0, patience: int = 500
) -> tuple[int, int]:
    """Pull nothing from a server that holds the first page back until all sockets are open, or its patience ends.

    Return how many were open then, and how many requests came.
    """
    seen = 0

    async def answer(request: web.BaseRequest) -> web.Response:
        nonlocal seen
        if "startAt" not in request.query:
            return web.json_response({"deploymentType": "Server"})
        for _ in range(patience if seen < AT_ONCE and len(odd.seen) <= 2 else 0):
            if (seen := sockets_to(urlsplit(odd.url).port or 0)) == AT_ONCE:
                break
            await anyio.sleep(0.01)
        return web.json_response({"startAt": 0, "maxResults": 100, "total": 0, "issues": []})

    async with Odd(answer) as odd:
        limits = SharedLimits(rate=0, concurrency=AT_ONCE)
        for _ in range(taken):
            limits.slots.acquire_nowait()
        state = State(
            url=odd.url, jql="", fields=("*all",), expand=(), since_ms=0, taken_at="", versions={}, user="anonymous"
        )
        wish: dict[str, Any] = {"state": state} if is_incremental else {"proof": "off"}
        async with Jira(odd.url, limits=limits, session=session) as jira, jira.pull(**wish) as pull:
            assert [issue async for issue in pull] == []
        assert pull.manifest.requests == len(odd.seen)
    return seen, len(odd.seen)


async def test_all_connections_are_open_before_the_first_page_has_come_and_nothing_is_sent_on_them() -> None:
    assert await most_sockets() == (AT_ONCE, 2)


async def test_in_a_session_that_was_handed_in_no_more_is_opened_than_is_asked() -> None:
    async with aiohttp.ClientSession() as session:
        assert await most_sockets(session, patience=20) == (2, 2)


async def test_for_what_changed_no_more_is_opened_than_is_asked() -> None:
    assert await most_sockets(is_incremental=True, patience=20) == (2, 3)


async def test_for_slots_that_others_have_taken_none_is_opened() -> None:
    assert await most_sockets(taken=3, patience=20) == (AT_ONCE - 3, 2)


async def test_they_are_used() -> None:
    limits = Limits(rate=0, concurrency=AT_ONCE)
    async with MockJira(issues=500, latency=0.05) as mock, Jira(mock.url, limits=limits) as jira:
        async with jira.pull(page_size=10) as pull:
            assert len([issue async for issue in pull]) == 500
            assert sockets_to(urlsplit(mock.url).port or 0) == AT_ONCE


async def test_where_nobody_listens_the_requests_tell() -> None:
    async with MockJira(issues=1) as mock:
        url = mock.url
    async with Jira(url, retry=SWIFT) as jira:
        with pytest.raises(TransportError, match="no connection"):
            async with jira.pull() as pull:
                await anext(pull)
