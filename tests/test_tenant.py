"""Cloud's gateway: who must go by it, how its id of a site is found out, and that nothing is given away on the way."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from anyio.from_thread import start_blocking_portal

from asyncjira import (
    BasicAuth,
    BearerAuth,
    ConfigError,
    Jira,
    JiraError,
    NotFound,
    ProtocolError,
    Refused,
    ServerError,
    TransportError,
    fetch,
)
from asyncjira.cli import main
from asyncjira.jira.exchange import Answer, Unusable
from asyncjira.jira.tenant import ATLASSIAN, Route, tenant_info

from .conftest import SWIFT, UNLIMITED, Odd

ANN, APP = BasicAuth("ann@example.com", "token"), BearerAuth("token")
ID = "11223344-a1b2-3b33-c444-def123456789"
SITE = "https://acme.atlassian.net"


def route(url: str = SITE, auth: Any = ANN, cloud_id: str | None = None, gateway: str = ATLASSIAN) -> Route:
    return Route.to(url, auth, cloud_id=cloud_id, gateway=gateway)


@pytest.mark.parametrize(
    ("url", "auth", "cloud_id", "base"),
    [
        (SITE, ANN, None, SITE),
        (SITE, None, None, SITE),
        (SITE, ANN, "auto", ""),
        (SITE, APP, None, ""),
        ("https://ACME.Atlassian.NET.", APP, None, ""),
        ("https://acme.atlassian.net:8443", APP, None, ""),
        (SITE, APP, ID, f"{ATLASSIAN}/ex/jira/{ID}"),
        (SITE, ANN, ID, f"{ATLASSIAN}/ex/jira/{ID}"),
        ("https://jira.example.com/jira", APP, None, "https://jira.example.com/jira"),
        ("https://atlassian.net", APP, None, "https://atlassian.net"),
        ("https://acme-atlassian.net", APP, None, "https://acme-atlassian.net"),
        ("https://acme.atlassian.net.example.com", APP, None, "https://acme.atlassian.net.example.com"),
        (f"{ATLASSIAN}/ex/jira/{ID}", APP, None, f"{ATLASSIAN}/ex/jira/{ID}"),
        (f"{ATLASSIAN}/ex/jira/{ID}", ANN, "auto", f"{ATLASSIAN}/ex/jira/{ID}"),
    ],
)
def test_who_must_go_by_the_gateway_does(url: str, auth: Any, cloud_id: str | None, base: str) -> None:
    assert route(url, auth, cloud_id).base == base


def test_the_site_is_asked_where_it_stands_whatever_the_context_path() -> None:
    assert route(f"{SITE}/jira", APP).site == SITE
    assert route(f"{SITE}/jira", APP).known_as(ID) == f"{ATLASSIAN}/ex/jira/{ID}"


@pytest.mark.parametrize("cloud_id", ["", " ", "a/b", "..", "a.b", "a?b", "a#b", "é", "a\n", "x" * 65, "%2e%2e"])
def test_what_is_no_cloud_id_is_refused_before_the_first_request(cloud_id: str) -> None:
    with pytest.raises(ConfigError, match="cloud id"):
        Jira(SITE, auth=ANN, cloud_id=cloud_id)
    with pytest.raises(Unusable, match="--cloud-id ID"):
        tenant_info().read(Answer(200, {}, json.dumps({"cloudId": cloud_id}).encode()))


@pytest.mark.parametrize("cloud_id", [ID, "a", "x" * 64, "0"])
def test_what_is_a_cloud_id_is_taken(cloud_id: str) -> None:
    assert route(cloud_id=cloud_id).base.endswith(f"/ex/jira/{cloud_id}")
    assert tenant_info().read(Answer(200, {}, json.dumps({"cloudId": cloud_id, "x": 1}).encode())) == cloud_id


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        ("http://api.example.com", "readable"),
        ("https://u:hunter2@api.example.com", "the gateway holds a user name"),
        ("https://api.example.com/?x", "the gateway should end"),
        ("api.example.com", "is no Jira gateway"),
        ("https://[", "the gateway cannot be read"),
    ],
)
def test_a_gateway_obeys_the_rules_of_an_address(gateway: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Jira(SITE, auth=ANN, cloud_id=ID, gateway=gateway)
    assert "hunter2" not in str(caught.value)
    assert Jira(SITE, auth=ANN, cloud_id=ID, gateway="http://api.example.com", allow_http=True)


def page(total: int = 7) -> web.Response:
    body = {"startAt": 0, "maxResults": 100, "total": total, "issues": []}
    return web.json_response(body, headers={"X-AAccountId": "5b10"})


def told(**body: Any) -> web.Response:
    return web.json_response(body or {"cloudId": ID})


def cloud(tell: Callable[[], web.Response | Awaitable[web.Response]] = told, total: int = 7) -> Any:
    """Answer as a site and a gateway in one: `tell` answers for the tenant, which counts `total` and lists nothing."""
    behind_gateway = {
        f"/ex/jira/{ID}/rest/api/3/search/approximate-count": {"count": total},
        f"/ex/jira/{ID}/rest/api/3/search/jql": {"issues": [], "isLast": True},
    }

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if (body := behind_gateway.get(request.path)) is not None:
            return web.json_response(body, headers={"X-AAccountId": "5b10"})
        if request.path != "/_edge/tenant_info":
            return web.Response(status=404)
        answered = tell()
        return answered if isinstance(answered, web.StreamResponse) else await answered

    return answer


def asked(odd: Odd) -> list[tuple[str, bool]]:
    """Return what was asked, and whether it showed who asked."""
    return [(request.path, "Authorization" in request.headers) for request in odd.seen]


LOOKUP = ("/_edge/tenant_info", False)
COUNT, SEARCH = ((f"/ex/jira/{ID}/rest/api/3/search/{what}", True) for what in ("approximate-count", "jql"))


@pytest.mark.parametrize("auth", [ANN, APP])
async def test_the_site_tells_its_id_once_and_never_sees_who_asks(auth: Any) -> None:
    async with Odd(cloud()) as odd, Jira(odd.url, auth=auth, cloud_id="auto", gateway=odd.url) as jira:
        assert [await jira.count(), await jira.count()] == [7, 7]
        assert asked(odd) == [LOOKUP, COUNT, COUNT]
        assert jira.url == odd.url


async def test_a_known_id_needs_no_lookup() -> None:
    async with Odd(cloud()) as odd, Jira(SITE, auth=ANN, cloud_id=ID, gateway=odd.url) as jira:
        assert await jira.count() == 7
        assert asked(odd) == [COUNT]
        assert jira.url == SITE


async def test_an_address_of_the_gateway_works_as_it_is() -> None:
    async with Odd(cloud()) as odd, Jira(f"{odd.url}/ex/jira/{ID}", auth=APP, api="cloud") as jira:
        assert await jira.count() == 7
        assert asked(odd) == [COUNT]


async def test_the_synchronous_door_goes_by_the_gateway_too() -> None:
    async with Odd(cloud(total=0)) as odd:
        issues = await asyncio.to_thread(fetch, odd.url, auth=ANN, proof="off", cloud_id="auto", gateway=odd.url)
        assert issues == []
        assert asked(odd)[:2] == [LOOKUP, SEARCH]


async def test_many_pulls_at_once_look_it_up_once_and_the_first_pays_for_it() -> None:
    async def slowly() -> web.Response:
        await anyio.sleep(0.05)
        return told()

    requests: list[int] = []

    async def pull(jira: Jira) -> None:
        async with jira.pull(proof="off") as pull:
            assert [issue async for issue in pull] == []
        requests.append(pull.manifest.requests)

    async with (
        Odd(cloud(slowly, total=0)) as odd,
        Jira(odd.url, auth=ANN, cloud_id="auto", gateway=odd.url, limits=UNLIMITED) as jira,
    ):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(pull, jira)
        assert asked(odd).count(LOOKUP) == 1
        assert sum(requests) == len(odd.seen)
        assert max(requests) == min(requests) + 1


async def test_a_pull_that_is_cancelled_while_it_looks_leaves_the_looking_to_the_next() -> None:
    answers = iter([30.0, 0.0])

    async def slowly() -> web.Response:
        await anyio.sleep(next(answers))
        return told()

    async with Odd(cloud(slowly)) as odd, Jira(odd.url, auth=ANN, cloud_id="auto", gateway=odd.url) as jira:
        first = asyncio.create_task(jira.count())
        await anyio.sleep(0.05)
        second = asyncio.create_task(jira.count())
        await anyio.sleep(0.05)
        assert asked(odd) == [LOOKUP]
        first.cancel()
        with anyio.fail_after(10):
            assert await second == 7
        assert first.cancelled()
        assert asked(odd) == [LOOKUP, LOOKUP, COUNT]


async def test_a_lookup_is_tried_again_as_any_request() -> None:
    answers = iter([web.Response(status=503), web.Response(text=""), told()])
    async with Odd(cloud(lambda: next(answers))) as odd:
        async with Jira(odd.url, auth=ANN, cloud_id="auto", gateway=odd.url, retry=SWIFT) as jira:
            assert await jira.count() == 7
        assert asked(odd) == [LOOKUP, LOOKUP, LOOKUP, COUNT]


@pytest.mark.parametrize(
    ("tell", "error"),
    [
        (lambda: told(cloudId="../../x"), ProtocolError),
        (lambda: told(cloudId=7), ProtocolError),
        (lambda: told(other=ID), ProtocolError),
        (lambda: web.json_response([ID]), ProtocolError),
        (lambda: web.Response(text="<html>"), TransportError),
        (lambda: web.Response(status=404), NotFound),
        (lambda: web.Response(status=400), NotFound),
        (lambda: web.Response(status=302, headers={"Location": "/start"}), NotFound),
        (lambda: web.Response(status=302, headers={"Location": "/login"}), Refused),
        (lambda: web.Response(status=401), Refused),
    ],
)
async def test_a_site_that_does_not_tell_ends_it_with_what_to_do_and_without_a_login(
    tell: Callable[[], web.Response], error: type[JiraError]
) -> None:
    async with Odd(cloud(tell)) as odd, Jira(odd.url, auth=APP, cloud_id="auto", gateway=odd.url, retry=SWIFT) as jira:
        for _ in range(2):
            with pytest.raises(error, match="--cloud-id ID") as caught:
                await jira.count()
            assert not getattr(caught.value, "login", False)
        assert {what for what, _ in asked(odd)} == {"/_edge/tenant_info"}
        assert not any(shown for _, shown in asked(odd))


async def test_a_site_that_fails_says_no_more_than_that() -> None:
    async with Odd(cloud(lambda: web.Response(status=500))) as odd:
        async with Jira(odd.url, auth=APP, cloud_id="auto", gateway=odd.url, retry=SWIFT) as jira:
            with pytest.raises(ServerError, match="HTTP 500"):
                await jira.count()


async def _sign(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    request.headers["Authorization"] = "signed"
    return await send(request)


@pytest.mark.parametrize(
    "own", [{"headers": {"Authorization": "x"}}, {"headers": {"Authorization": "x"}, "middlewares": (_sign,)}]
)
async def test_the_credentials_of_a_session_that_was_handed_in_are_not_shown_to_the_site(own: dict[str, Any]) -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # of an address too
    async with Odd(cloud()) as odd, aiohttp.ClientSession(**own, cookie_jar=jar) as session:
        jar.update_cookies({"JSESSIONID": "secret"})
        async with Jira(odd.url, cloud_id="auto", gateway=odd.url, session=session) as jira:
            assert await jira.count() == 7
        assert asked(odd) == [LOOKUP, COUNT]
        assert ["Cookie" in request.headers for request in odd.seen] == [False, True]


class _Here(AbstractResolver):
    """Finds every host on this machine."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0),
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("status", [401, 404, 200])
@pytest.mark.parametrize(
    ("host", "auth", "cloud_id", "is_told"),
    [
        ("acme.atlassian.net", ANN, None, True),
        ("acme.atlassian.net", ANN, ID, False),
        ("acme.atlassian.net", APP, None, False),
        ("jira.example.com", ANN, None, False),
    ],
)
async def test_who_is_refused_at_a_cloud_site_hears_of_tokens_with_scopes(
    status: int, host: str, auth: Any, cloud_id: str | None, is_told: bool
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path.startswith("/_edge"):
            return told()
        return web.Response(status=401 if request.path.endswith("/myself") else status, body=page().body)

    async with Odd(answer) as odd, aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_Here())) as session:
        port = odd.url.rpartition(":")[2]
        options = {"allow_http": True, "session": session, "cloud_id": cloud_id, "gateway": odd.url}
        async with Jira(f"http://{host}:{port}", auth=auth, **options) as jira:
            for _ in range(2):
                with pytest.raises(Refused if status != 404 else NotFound) as caught:
                    await jira.count()
                assert str(caught.value).count("works only with --cloud-id auto") == is_told


@pytest.mark.parametrize("status", [200, 401, 404])
def test_only_what_a_token_with_scopes_meets_leads_to_that_advice(status: int) -> None:
    assert route().advice(Refused("as to an anonymous visitor", status=status))
    assert not route("https://jira.example.com").advice(Refused("no", status=status))
    for other in (400, 403, 410, 429, 500):
        assert not route().advice(ServerError("no", status=other))


@pytest.mark.parametrize("by", ["options", "environment"])
def test_the_command_line_goes_by_the_gateway(
    by: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIRA_EMAIL", "ann@example.com")
    monkeypatch.setenv("JIRA_API_TOKEN", "token")

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Odd(cloud())) as odd:
        arguments = ["count", "--url", odd.url]
        if by == "options":
            arguments += ["--cloud-id", "auto", "--gateway", odd.url]
        else:
            monkeypatch.setenv("JIRA_CLOUD_ID", "auto")
            monkeypatch.setenv("JIRA_GATEWAY", odd.url)
        assert main(arguments) == 0
    assert asked(odd) == [LOOKUP, COUNT]
    assert capfd.readouterr().out == "7\n"


def test_a_cloud_id_that_is_none_is_a_usage_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "--url", SITE, "--cloud-id", "a/b"]) == 2
    assert "cloud id" in capfd.readouterr().err
