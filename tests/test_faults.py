"""Faults on the way of a page, over a real socket: a complete file, or an error and no file. Never a short file."""

import gzip
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web

from asyncjira import (
    Jira,
    Limits,
    NotFound,
    Refused,
    Retried,
    RetryPolicy,
    ServerError,
    Throttled,
    Timeouts,
    TransportError,
)
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, WHICH_JIRA, Odd, requests_of_a_proof, with_login

ISSUES, PAGE = 290, 50


async def pull_to(path: Path, faults: list[str], *, proof: Any = "auto", **options: Any) -> list[dict[str, Any]]:
    """Pull into `path` from a mock with `faults`; return its wire log. What completes is checked to be exact."""
    async with MockJira(issues=ISSUES, faults=faults) as mock:
        settings = {"limits": UNLIMITED, "retry": SWIFT, **options}
        async with Jira(mock.url, **settings) as jira:
            await jira.pull_to(path, page_size=PAGE, proof=proof)
        assert path.read_bytes() == b"".join(issue + b"\n" for issue in mock.expected("*all"))
        return list(mock.wire)


def all_requests(proof: str) -> int:
    """Count what a pull takes that nothing goes wrong with."""
    return WHICH_JIRA + (6 if proof == "off" else requests_of_a_proof(MockJira(issues=ISSUES), PAGE))


@pytest.mark.parametrize("kind", ["413-get", "414-get"])
async def test_where_gets_are_refused_for_their_size_everything_is_asked_by_post(kind: str, tmp_path: Path) -> None:
    wire = await pull_to(tmp_path / "out", [f"{kind}@1-"], retry=RetryPolicy(attempts=1, budget=0))
    searches = [entry["method"] for entry in wire if entry["n"] is not None]
    assert searches == ["GET", *["POST"] * (all_requests("auto") - WHICH_JIRA)]


@pytest.mark.parametrize("kind", ["newline", "surrogate"])
async def test_legal_json_that_is_awkward_stays_one_issue_a_line(kind: str, tmp_path: Path) -> None:
    async with MockJira(issues=ISSUES, faults=[f"{kind}@1-"]) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        manifest = await jira.pull_to(tmp_path / "out", page_size=PAGE)
    lines = (tmp_path / "out").read_bytes().split(b"\n")
    assert (len(lines), lines.pop()) == (ISSUES + 1, b"")
    assert all(line.startswith(b"{") and line.endswith(b"}") for line in lines)
    assert manifest.retries == 0


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_a_hung_server_is_left_and_asked_again(proof: str, tmp_path: Path) -> None:
    wire = await pull_to(tmp_path / "out", ["hang@3"], proof=proof, timeouts=Timeouts(read=0.2))
    assert len(wire) == all_requests(proof) + 1


@pytest.mark.parametrize("timeouts", [Timeouts(read=0.1), Timeouts(attempt=0.1)])
async def test_a_time_out_takes_twice_as_much_from_the_budget(timeouts: Timeouts) -> None:
    policy = RetryPolicy(first=0.001, budget=15)
    async with MockJira(faults=["hang@1-"]) as mock, Jira(mock.url, retry=policy, timeouts=timeouts) as jira:
        with pytest.raises(TransportError, match="budget") as caught:
            await jira.count()
    assert caught.value.attempts == 2


async def test_a_body_that_drips_is_left_at_the_deadline(tmp_path: Path) -> None:
    await pull_to(tmp_path / "out", ["drip@3"], timeouts=Timeouts(attempt=0.5))


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_body_that_comes_too_slowly_is_left_before_the_deadline(coding: str) -> None:
    slow = iter([True, False])

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": coding})
        body = b'{"startAt":0,"maxResults":1,"total":7,"issues":[]}'
        packed = gzip.compress(body) if coding == "gzip" else body
        await response.prepare(request)
        drips = next(slow)
        for at in range(len(packed)):
            await response.write(packed[at : at + 1])
            await anyio.sleep(0.05 if drips else 0)
        return response

    heard: list[object] = []
    timeouts = Timeouts(speed_limit=100, speed_time=0.3)
    async with (
        Odd(answer) as odd,
        Jira(odd.url, api="offset", retry=SWIFT, timeouts=timeouts, on_event=heard.append) as jira,
    ):
        assert await jira.count() == 7
    assert [event.reason for event in heard if isinstance(event, Retried)] == [
        "the answer came at less than 100 bytes a second for 0.3 s"
    ]


async def test_looking_at_the_speed_of_a_body_loses_nothing_of_it() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in (b'{"startAt":0,"max', b'Results":1,"tot', b'al":7,"issu', b'es":[]}'):
            await response.write(piece)
            await anyio.sleep(0.02)
        return response

    timeouts = Timeouts(speed_limit=0, speed_time=0.001)
    async with Odd(answer) as odd, Jira(odd.url, api="offset", timeouts=timeouts) as jira:
        assert await jira.count() == 7
        assert len(odd.seen) == 1


async def test_a_body_that_announces_too_many_bytes_is_not_read_at_all() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "64000001"})
        await response.prepare(request)
        await anyio.sleep_forever()
        return response

    async with Odd(answer) as odd, Jira(odd.url, api="offset", limits=Limits(body=64_000_000)) as jira:
        with anyio.fail_after(5), pytest.raises(TransportError, match="larger than 64000000 bytes"):
            await jira.count()


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("bomb:60", 64_000_000, "inflates to more than 200 times"),
        ("bomb:60", 1_000_000, "larger than 1000000 bytes"),
        ("endless", 8_000_000, "larger than 8000000 bytes"),
    ],
)
async def test_a_body_without_end_is_left_at_the_cap(kind: str, body: int, words: str, tmp_path: Path) -> None:
    limits = Limits(rate=0, body=body)
    with pytest.raises(TransportError, match=words) as caught:
        await pull_to(tmp_path / "out", [f"{kind}@3"], limits=limits, proof="off")
    assert (caught.value.too_large, caught.value.attempts) == (True, 1)
    wire = await pull_to(tmp_path / "out", [f"{kind}@3"], limits=limits)
    assert len(wire) == all_requests("auto") + 3, "the halves of what was too large, and its dates"


async def test_a_refused_login_is_not_tried_again(tmp_path: Path) -> None:
    async with MockJira(faults=["captcha@1-"]) as mock:
        async with Jira(mock.url, retry=SWIFT) as jira:
            with pytest.raises(Refused, match="CAPTCHA"):
                await jira.pull_to(tmp_path / "out")
        assert len(with_login(mock)) == 1


async def test_a_redirection_is_not_followed(tmp_path: Path) -> None:
    async with MockJira() as elsewhere, MockJira(faults=[f"redirect:{elsewhere.url}/rest/api/2/search@1-"]) as mock:
        async with Jira(mock.url) as jira:
            with pytest.raises(NotFound, match="moved to"):
                await jira.pull_to(tmp_path / "out")
        assert (len(with_login(mock)), len(elsewhere.wire)) == (1, 0)


async def test_a_named_pause_holds_for_every_request() -> None:
    heard = []
    async with MockJira(issues=400, latency=0.01, faults=["429:1@5"]) as mock:
        async with Jira(mock.url, limits=Limits(concurrency=8, rate=500), on_event=heard.append) as jira:
            async with jira.pull(page_size=10) as pull:
                assert len([issue async for issue in pull]) == 400
        (refused,) = [entry for entry in mock.wire if entry["status"] == 429]
        answered = refused["t"] + refused["seconds"]
        # What was on its way before the answer came back may still arrive, within a tenth of a second on one machine.
        assert not [entry for entry in mock.wire if answered + 0.1 < entry["t"] < answered + 1]
    assert pull.manifest.throttled_seconds >= 1
    assert [event.seconds >= 1 for event in heard if isinstance(event, Throttled)] == [True]


async def test_an_honest_rate_limit_is_lived_with() -> None:
    async with MockJira(issues=200, rate_limit=15) as mock:
        async with Jira(mock.url, limits=Limits(concurrency=8, rate=0)) as jira, jira.pull(page_size=10) as pull:
            assert len([issue async for issue in pull]) == 200
        assert [entry["status"] for entry in mock.wire].count(429) <= 1, "Jira tells what it would take"
    assert pull.manifest.retries <= 1


async def test_the_retries_of_a_whole_pull_are_bounded() -> None:
    policy = RetryPolicy(first=0.0001, attempts=1000, budget=100)
    async with MockJira(issues=2000, faults=["500@20-"]) as mock:
        async with Jira(mock.url, limits=UNLIMITED, retry=policy) as jira:
            with pytest.raises(ServerError, match="retry budget"):
                async with jira.pull(page_size=20) as pull:
                    async for _ in pull:
                        pass
        assert len(mock.wire) < 20 + 20 + 16 + 5


async def test_a_hidden_repetition_of_the_http_library_is_counted_and_limited() -> None:
    async with MockJira(issues=90, faults=["reset@1"]) as mock, Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        async with jira.pull() as pull:
            assert len([issue async for issue in pull]) == 90
        assert pull.manifest.requests == len(mock.wire) == requests_of_a_proof(mock, 100) + WHICH_JIRA + 1


async def test_waiting_for_the_limiter_is_no_part_of_an_attempt() -> None:
    timeouts, limits = Timeouts(attempt=0.15), Limits(rate=5)
    async with MockJira(issues=9, faults=["reset@1"]) as mock, Jira(mock.url, limits=limits, timeouts=timeouts) as jira:
        async with jira.pull() as pull:
            assert len([issue async for issue in pull]) == 9
        assert (pull.manifest.requests, pull.manifest.retries) == (requests_of_a_proof(mock, 100) + WHICH_JIRA + 1, 0)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1", r"127\.0\.0\.1:1: no connection"),
        ("http://[::1]:1", r"\[::1\]:1: no connection"),
        ("http://no-such-host.invalid", "host name is unknown"),
    ],
)
async def test_nobody_there(url: str, words: str) -> None:
    async with Jira(url, retry=SWIFT) as jira:
        with pytest.raises(TransportError, match=words) as caught:
            await jira.count()
    assert caught.value.attempts == 3


async def test_https_to_a_plain_port_is_named() -> None:
    async with MockJira() as mock, Jira(mock.url.replace("http:", "https:"), retry=SWIFT) as jira:
        with pytest.raises(TransportError, match="is this an https port"):
            await jira.count()
