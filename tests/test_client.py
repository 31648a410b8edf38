"""One client over a real socket: how it asks, whom Jira takes it for, and when it stops asking.

What it asks is an offset search, mostly, as nothing of this depends on which Jira it is.
"""

from typing import Any

import anyio
import pytest
from aiohttp import web

from asyncjira import (
    Answered,
    BasicAuth,
    Jira,
    Limits,
    NotFound,
    Refused,
    RetryPolicy,
    ServerError,
    StatusError,
    Throttled,
)
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, Odd, with_login

ANN = BasicAuth("ann@example.com", "token")
CAPTCHA = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}


def page(total: int = 0, **headers: str) -> web.Response:
    body = {"startAt": 0, "maxResults": 100, "total": total, "issues": []}
    return web.json_response(body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def is_login_check(request: web.BaseRequest) -> bool:
    return request.path.endswith("/myself")


async def issues(jira: Jira, **asked: Any) -> int:
    async with jira.pull(**asked) as pull:
        return len([issue async for issue in pull])


@pytest.mark.parametrize("status", [413, 414, 431])
async def test_an_address_that_is_too_long_is_asked_as_a_post_and_the_next_ones_at_once(status: int) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status) if request.method == "GET" else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", retry=RetryPolicy(attempts=1, budget=0)) as jira:
        assert [await jira.count(), await jira.count()] == [7, 7]
        assert [request.method for request in odd.seen] == ["GET", "POST", "POST"]


async def test_a_post_that_is_too_large_is_an_error() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=413)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", retry=SWIFT) as jira:
        with pytest.raises(ServerError, match="413"):
            await jira.count()
        assert [request.method for request in odd.seen] == ["GET", "POST"]


@pytest.mark.parametrize("headers", [{"X_AUSERNAME": "ann"}, {"X_AAccountId": "5b10a2844c20165700ede21g"}])
async def test_an_answer_that_names_who_asks_proves_the_login(headers: dict[str, str]) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return page(7, **headers)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        assert await jira.count() == 7
        assert len(odd.seen) == 1


async def test_an_answer_as_to_an_anonymous_visitor_is_a_refusal_also_in_the_middle() -> None:
    names = iter(["ann", "ann", "anonymous"])

    async def answer(_: web.BaseRequest) -> web.Response:
        return page(7, X_AUSERNAME=next(names))

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        assert [await jira.count(), await jira.count()] == [7, 7]
        with pytest.raises(Refused, match="anonymous visitor") as caught:
            await jira.count()
    assert caught.value.login


async def test_who_is_not_logged_in_may_be_an_anonymous_visitor() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return page(7, X_AUSERNAME="anonymous")

    async with Odd(answer) as odd, Jira(odd.url, api="offset") as jira:
        assert await jira.count() == 7
        assert len(odd.seen) == 1


async def test_where_no_answer_names_who_asks_jira_is_asked_once_and_nobody_gets_a_value_before() -> None:
    order: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        if not is_login_check(request):
            return page(7)
        await anyio.sleep(0.05)
        order.append("proven")
        return web.json_response({"name": "ann"})

    async def count(jira: Jira) -> None:
        await jira.count()
        order.append("counted")

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN, limits=UNLIMITED) as jira:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(count, jira)
        assert order == ["proven", *["counted"] * 5]
        assert [is_login_check(request) for request in odd.seen].count(True) == 1


async def test_a_login_check_that_is_answered_as_to_a_visitor_is_a_refusal() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.json_response({}, headers={"X-AUSERNAME": "anonymous"}) if is_login_check(request) else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        with pytest.raises(Refused, match="anonymous visitor"):
            await jira.count()


async def test_the_login_check_is_counted_like_any_request() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.json_response({"name": "ann"}) if is_login_check(request) else page(0)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        async with jira.pull() as pull:
            assert [issue async for issue in pull] == []
        assert pull.manifest.requests == len(odd.seen)


@pytest.mark.parametrize("body", ["", '{"errorMessages":["Login failed"]}', "<html>401</html>"])
async def test_credentials_that_jira_ignores_are_refused(body: str) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=401, text=body) if is_login_check(request) else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        with pytest.raises(Refused, match="not accepted: Jira answers as to an anonymous visitor"):
            await jira.count()
        with pytest.raises(Refused, match="not accepted: Jira answers as to an anonymous visitor"):
            await jira.count()
        assert len(odd.seen) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, ""), (404, ""), (410, ""), (401, '{"code":401,"message":"Unauthorized; scope does not match"}')],
)
async def test_where_jira_does_not_tell_who_asks_the_pull_goes_on(status: int, body: str) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text=body) if is_login_check(request) else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        assert [await jira.count(), await jira.count()] == [7, 7]
        assert len(odd.seen) == 3


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (500, {}, "", "HTTP 500"),
        (302, {"Location": "/login.jsp"}, "", "login page"),
        (200, {}, '<form id="login-form">', "login page"),
        (403, CAPTCHA, "", "CAPTCHA"),
    ],
)
async def test_a_login_check_that_fails_otherwise_is_a_failure(
    status: int, headers: dict[str, str], body: str, words: str
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status, headers=headers, text=body) if is_login_check(request) else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN, retry=SWIFT) as jira:
        with pytest.raises(StatusError, match=words):
            await jira.count()


@pytest.mark.parametrize("kind", ["401", "anonymous", "silent"])
async def test_a_wrong_login_never_looks_like_a_jira_without_issues(kind: str) -> None:
    async with MockJira(issues=90, email="ann@example.com", token="token", wrong_login=kind) as mock:
        async with Jira(mock.url, auth=BasicAuth("ann@example.com", "wrong")) as jira:
            with pytest.raises(Refused):
                await issues(jira)
        assert len(with_login(mock)) <= 2
        async with Jira(mock.url, auth=ANN) as jira:
            assert await issues(jira) == 90


async def test_a_session_that_expires_in_the_middle_ends_the_pull() -> None:
    async with MockJira(issues=290, faults=["visitor@4-"]) as mock, Jira(mock.url, auth=ANN) as jira:
        with pytest.raises(Refused, match="not any more"):
            await issues(jira, page_size=50)


@pytest.mark.parametrize("fault", ["captcha@20-", "401@20-"])
async def test_after_a_refused_login_nothing_more_is_sent_from_any_pull(fault: str) -> None:
    errors: list[str] = []

    async def pull(jira: Jira) -> None:
        with pytest.raises(Refused) as caught:
            await issues(jira, page_size=10)
        errors.append(str(caught.value))

    async with MockJira(issues=5000, latency=0.02, faults=[fault]) as mock:
        async with Jira(mock.url, auth=ANN, limits=UNLIMITED) as jira:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pull, jira)
                tasks.start_soon(pull, jira)
            with pytest.raises(Refused) as caught:
                await jira.count()
        refused = next(entry for entry in mock.wire if entry["fault"] is not None)
        # What was on its way before the answer came back may still arrive, within a tenth of a second on one machine.
        assert not [entry for entry in with_login(mock) if entry["t"] > refused["t"] + refused["seconds"] + 0.1]
        assert len(with_login(mock)) < 19 + 16 + 5
    assert {*errors, str(caught.value)} == {errors[0]}


async def test_who_waits_out_a_backoff_is_refused_at_once() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        if "startAt=0&maxResults=0" not in request.path_qs:
            return web.Response(status=429, headers={"Retry-After": "200"})
        await anyio.sleep(0.1)
        return web.Response(status=403, headers=CAPTCHA)

    async def pull(jira: Jira) -> None:
        with pytest.raises(Refused, match="CAPTCHA"):
            await issues(jira)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN) as jira:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pull, jira)
                with pytest.raises(Refused, match="CAPTCHA"):
                    await jira.count()
        assert len(odd.seen) == 2


async def test_a_missing_permission_does_not_stop_other_pulls() -> None:
    answers = iter([web.Response(status=403), web.Response(status=404), page(7, X_AUSERNAME="ann")])

    async def answer(_: web.BaseRequest) -> web.Response:
        return next(answers)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", auth=ANN, limits=Limits(rate=0)) as jira:
        with pytest.raises(Refused):
            await jira.count()
        with pytest.raises(NotFound):
            await jira.count()
        assert await jira.count() == 7


async def test_a_burst_that_was_too_much_for_one_endpoint_pauses_only_that() -> None:
    limited = {"Retry-After": "100", "RateLimit-Reason": "jira-burst-based"}
    heard: list[object] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path.startswith("/rest/api/3/"):
            return web.Response(status=429, headers=limited)
        return page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=UNLIMITED, on_event=heard.append) as jira:
        with anyio.move_on_after(0.3) as waiting:
            await jira.count(api_version="3")
        assert waiting.cancelled_caught
        with anyio.fail_after(5):
            assert await jira.count() == 7
        assert [request.path for request in odd.seen] == ["/rest/api/3/search", "/rest/api/2/search"]
    assert [type(event) for event in heard if not isinstance(event, Answered)] == [Throttled]


@pytest.mark.parametrize("rate", [0, 20])
async def test_who_waits_for_one_endpoint_takes_no_place_from_the_others(rate: float) -> None:
    limited = {"Retry-After": "100", "RateLimit-Reason": "jira-burst-based"}

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers=limited) if "/3/" in request.path else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=Limits(concurrency=2, rate=rate)) as jira:
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(lambda: jira.count(api_version="3"))
            await anyio.sleep(0.3)
            asked = len(odd.seen)
            with anyio.fail_after(5):
                assert [await jira.count() for _ in range(3)] == [7] * 3
            tasks.cancel_scope.cancel()
        assert asked <= 2  # of those that are limited, what was under way already
        assert len(odd.seen) == asked + 3


async def test_each_throttle_that_comes_after_the_last_one_slows_down_more() -> None:
    statuses = iter([429, 429, 200])

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status) if (status := next(statuses)) == 429 else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=Limits(rate=50), retry=SWIFT) as jira:
        assert await jira.count() == 7
        assert jira._client.limiter.rate == pytest.approx(50 * 0.7 * 0.7 + 0.02)


async def test_a_post_is_limited_by_itself() -> None:
    long = "summary ~ x or " * 500 + "summary ~ x"  # too long for an address
    limited = {"Retry-After": "100", "RateLimit-Reason": "jira-burst-based"}

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers=limited) if request.method == "POST" else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=UNLIMITED) as jira:
        with anyio.move_on_after(0.2) as waiting:
            await jira.count(long)
        assert waiting.cancelled_caught
        assert [await jira.count(), await jira.count()] == [7, 7]


async def test_a_limit_without_a_wait_is_waited_for_until_its_reset_by_the_clock_of_jira() -> None:
    heard: list[Any] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        headers = {"X-RateLimit-Reset": "2001-01-01T00:02Z", "Date": "Mon, 01 Jan 2001 00:00:00 GMT"}
        return web.Response(status=429, headers=headers, text="<html>429</html>")

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=UNLIMITED, on_event=heard.append) as jira:
        with anyio.move_on_after(0.2):
            await jira.count()
        assert len(odd.seen) == 1
    told = [(type(event), event.reason) for event in heard if not isinstance(event, Answered)]
    assert told == [(Throttled, "HTTP 429, reset in 120 s")]


@pytest.mark.parametrize("reason", ["jira-quota-tenant-based", None])
async def test_any_other_throttle_pauses_all(reason: str | None) -> None:
    limited = {"Retry-After": "100"} | ({"RateLimit-Reason": reason} if reason else {})

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers=limited) if "/3/" in request.path else page(7)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=UNLIMITED) as jira:
        for version in ("3", "2"):
            with anyio.move_on_after(0.2) as waiting:
                await jira.count(api_version=version)
            assert waiting.cancelled_caught
        assert len(odd.seen) == 1
