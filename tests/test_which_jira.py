"""Which search a Jira has, over a socket: it is found out whatever is in the way, and finding out costs nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from asyncjira import (
    Answered,
    BasicAuth,
    BearerAuth,
    Delivered,
    Jira,
    Limits,
    Manifest,
    PageFetched,
    ProtocolError,
    PullFinished,
    PullStarted,
    Refused,
    RetryPolicy,
    StatusError,
    Timeouts,
)
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, Odd

ANN = BasicAuth("ann@example.com", "token")
NOON = "2001-01-01T12:00:00.000+0000"
ISSUE = {"id": "1", "key": "A-1", "fields": {"created": NOON, "updated": NOON}}
Telling = Callable[[], Awaitable[web.Response]]


def page(*issues: dict[str, Any]) -> web.Response:
    body = {"startAt": 0, "maxResults": 100, "total": len(issues), "issues": issues}
    return web.json_response(body, headers={"X-AUSERNAME": "ann"})


def tells(*, status: int = 200, text: str = "", seconds: float = 0.0) -> Telling:
    async def answer() -> web.Response:
        await anyio.sleep(seconds)
        return web.Response(status=status, text=text)

    return answer


SERVER, CLOUD = '{"deploymentType":"Server"}', '{"deploymentType":"Cloud"}'
HANGS = tells(seconds=600)
TOLD = {
    "refused": tells(status=401),
    "a CAPTCHA": tells(status=403),
    "not there": tells(status=404),
    "broken": tells(status=500),
    "a login page": tells(text='<form id="login-form">'),
    "nonsense": tells(text='{"deploymentType":[]}'),
    "late": HANGS,
}


def is_question(request: web.BaseRequest) -> bool:
    return request.path.endswith("/rest/api/2/serverInfo")


def shows_login(odd: Odd) -> list[str]:
    return [request.path for request in odd.seen if "Authorization" in request.headers]


@asynccontextmanager
async def behind(mock: MockJira, tell: Telling) -> AsyncIterator[Odd]:
    """Stand before the mock as a proxy that answers itself what this Jira is."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def answer(request: web.BaseRequest) -> web.Response:
            if is_question(request):
                return await tell()
            headers = {"Content-Type": "application/json"} if request.method == "POST" else {}
            body = await request.read()
            async with session.request(request.method, mock.url + request.path_qs, data=body, headers=headers) as found:
                kept = {name: value for name, value in found.headers.items() if name in {"Content-Encoding", "Date"}}
                return web.Response(status=found.status, body=await found.read(), headers=kept)

        async with Odd(answer) as odd:
            yield odd


async def pulled(url: str, **options: Any) -> tuple[list[bytes], Manifest]:
    found: list[bytes] = []
    proof = options.pop("proof", "auto")
    async with Jira(url, **{"limits": UNLIMITED, "retry": SWIFT, **options}) as jira, jira.pull(proof=proof) as pull:
        async for each in pull.pages():
            found += each.issues
    return found, pull.manifest


@pytest.mark.parametrize("told", ["as it is", *TOLD])
@pytest.mark.parametrize(("flavor", "api"), [("dc", "offset"), ("cloud", "cloud")])
async def test_a_jira_is_known_for_what_it_is_whatever_its_server_info_says(flavor: str, api: str, told: str) -> None:
    text = CLOUD if flavor == "cloud" else SERVER
    async with MockJira(flavor=flavor, issues=250) as mock, behind(mock, TOLD.get(told, tells(text=text))) as odd:
        with anyio.fail_after(30):
            issues, manifest = await pulled(odd.url)
        assert sorted(issues) == sorted(mock.expected("*all"))
    assert (manifest.api, manifest.guarantee, manifest.issues) == (api, "proven", 250)


@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {"Retry-After": "200"}), (429, {"Retry-After": "0"}), (429, {}), (503, {"Retry-After": "200"}), (500, {})],
)
@pytest.mark.parametrize("budget", [0, 500])
async def test_a_jira_that_limits_strangers_holds_up_nobody(
    status: int, headers: dict[str, str], concurrency: int, budget: int
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status, headers=headers) if is_question(request) else page(ISSUE)

    heard: list[object] = []
    limits, retry = Limits(concurrency=concurrency), RetryPolicy(budget=budget)
    async with Odd(answer) as odd, Jira(odd.url, limits=limits, retry=retry, on_event=heard.append) as jira:
        with anyio.fail_after(10):
            async with jira.pull(proof="off") as pull:
                assert [issue async for issue in pull] == [ISSUE]
            assert await jira.count() == 1
        assert (pull.manifest.requests, pull.manifest.retries, pull.manifest.throttled_seconds) == (2, 0, 0)
        assert jira._client.limiter.rate == Limits().rate
    assert [type(event) for event in heard if not isinstance(event, Answered)] == [
        PullStarted,
        PageFetched,
        Delivered,
        PullFinished,
    ]


async def test_what_strangers_are_allowed_is_not_taken_for_what_the_login_is() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        limited = {"X-RateLimit-FillRate": "1", "X-RateLimit-Interval-Seconds": "60", "X-RateLimit-Remaining": "0"}
        return web.Response(text=SERVER, headers=limited) if is_question(request) else page(ISSUE)

    async with Odd(answer) as odd, Jira(odd.url, auth=ANN) as jira:
        with anyio.fail_after(10):
            assert [await jira.count() for _ in range(3)] == [1, 1, 1]
        assert jira._client.limiter.rate == Limits().rate


@pytest.mark.parametrize("concurrency", [1, 16])
async def test_a_server_info_that_never_comes_is_asked_for_once(concurrency: int) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return await HANGS() if is_question(request) else page(ISSUE)

    timeouts, limits = Timeouts(read=0.1), Limits(concurrency=concurrency)
    async with Odd(answer) as odd, Jira(odd.url, timeouts=timeouts, limits=limits) as jira:
        with anyio.fail_after(10):
            async with jira.pull(proof="off") as pull:
                assert [issue async for issue in pull] == [ISSUE]
            assert await jira.count() == 1
        assert [is_question(request) for request in odd.seen].count(True) == 2, "one by each"


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_a_server_info_that_hangs_is_not_waited_for(proof: str) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return await HANGS() if is_question(request) else page() if "updated" in request.query["jql"] else page(ISSUE)

    async with Odd(answer) as odd:
        with anyio.fail_after(10):
            issues, manifest = await pulled(odd.url, proof=proof)
        assert [json.loads(issue) for issue in issues] == [ISSUE]
        assert manifest.requests == len(odd.seen)


@pytest.mark.parametrize("context", ["", "/jira"])
async def test_the_question_goes_where_the_jira_is(context: str) -> None:
    async with MockJira(issues=50, context=context) as mock:
        issues, manifest = await pulled(mock.url)
        assert issues == list(mock.expected("*all"))
        paths = [entry["path"] for entry in mock.wire]
    assert paths[0] == f"{context}/rest/api/2/serverInfo"
    assert {*paths[1:]} == {f"{context}/rest/api/2/search"}
    assert manifest.requests == len(paths)


@pytest.mark.parametrize("told", ["at once", "later", *TOLD])
@pytest.mark.parametrize("auth", [ANN, BearerAuth("x")])
async def test_a_wrong_login_is_shown_once_whatever_the_server_info_says(auth: Any, told: str) -> None:
    tell = TOLD.get(told, tells(text=SERVER, seconds=0.05 * (told == "later")))

    async def answer(request: web.BaseRequest) -> web.Response:
        return await tell() if is_question(request) else web.Response(status=401)

    async with Odd(answer) as odd:
        with anyio.fail_after(10), pytest.raises(Refused, match="401") as caught:
            await pulled(odd.url, auth=auth)
        assert shows_login(odd) == ["/rest/api/2/search"]
    assert caught.value.login


@pytest.mark.parametrize("told", ["at once", *(each for each in TOLD if each != "late")])
async def test_a_count_shows_a_wrong_login_once_too(told: str) -> None:
    tell = TOLD.get(told, tells(text=SERVER))

    async def answer(request: web.BaseRequest) -> web.Response:
        return await tell() if is_question(request) else web.Response(status=401)

    async with Odd(answer) as odd, Jira(odd.url, auth=ANN, retry=SWIFT) as jira:
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                await jira.count()
            assert caught.value.login
        assert shows_login(odd) == ["/rest/api/2/search"]


@pytest.mark.parametrize(
    "headers", [{}, {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, {"X-AUSERNAME": "anonymous"}]
)
@pytest.mark.parametrize("status", [200, 401, 403])
async def test_how_a_stranger_is_answered_is_no_refusal_of_the_login(status: int, headers: dict[str, str]) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text=SERVER, headers=headers) if is_question(request) else page()

    async with Odd(answer) as odd, Jira(odd.url, auth=ANN, limits=Limits(concurrency=1)) as jira:
        async with jira.pull(proof="off") as pull:  # one at a time: the question is answered first
            assert [issue async for issue in pull] == []
        assert await jira.count() == 0
        assert "/rest/api/2/serverInfo" not in shows_login(odd)
        assert [is_question(request) for request in odd.seen] == [True, False, True, False]


async def test_a_jira_that_calls_itself_cloud_and_answers_as_data_center_is_pulled_as_that() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        if is_question(request):
            return web.Response(text=CLOUD)
        if request.method == "GET":
            await anyio.sleep(0.05)
        elif not request.path.endswith("/search/jql"):
            return web.Response(status=404)
        return page() if "updated" in request.query.get("jql", "") else page(ISSUE)

    async with Odd(answer) as odd:
        issues, manifest = await pulled(odd.url)
    assert [json.loads(issue) for issue in issues] == [ISSUE]
    assert (manifest.api, manifest.guarantee) == ("offset", "proven")


async def test_a_jira_that_answers_neither_search_says_so() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        if is_question(request):
            return web.Response(status=404)
        return web.Response(status=410) if request.method == "GET" else page(ISSUE)

    async with Odd(answer) as odd:
        with pytest.raises(ProtocolError, match="neither as Cloud nor as Data Center"):
            await pulled(odd.url, retry=RetryPolicy(attempts=1))


@pytest.mark.parametrize("told", ["as it is", *TOLD])
@pytest.mark.parametrize(("flavor", "is_estimate"), [("dc", False), ("cloud", True)])
async def test_a_count_knows_a_jira_too(flavor: str, is_estimate: bool, told: str) -> None:
    text = CLOUD if flavor == "cloud" else SERVER
    async with MockJira(flavor=flavor, issues=50) as mock, behind(mock, TOLD.get(told, tells(text=text))) as odd:
        async with Jira(odd.url, limits=UNLIMITED, retry=SWIFT, timeouts=Timeouts(read=0.5)) as jira:
            assert await jira.estimate() == (50, is_estimate)


@pytest.mark.parametrize(("api", "status"), [("offset", 410), ("auto", 404), ("auto", 400), ("auto", 403)])
async def test_only_a_410_makes_a_count_ask_cloud_and_only_where_nobody_said_what_it_is(api: Any, status: int) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=404 if is_question(request) else status)

    async with Odd(answer) as odd, Jira(odd.url, api=api, retry=SWIFT) as jira:
        with pytest.raises(StatusError) as caught:
            await jira.count()
        assert [request.path for request in odd.seen if not is_question(request)] == ["/rest/api/2/search"]
    assert caught.value.status == status
