# ruff: noqa: T201 - what this file prints as a program is searched by its tests
"""No token gets out: not by a message, a traceback, a log or a file, and not to anybody but the Jira that was named."""

from __future__ import annotations

import asyncio
import base64
import gzip
import logging
import os
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import aiohttp
import pytest
from aiohttp import web

from asyncjira import BasicAuth, BearerAuth, Jira, JiraError, RetryPolicy, Timeouts, TransportError
from asyncjira.cli import main
from asyncjira.jira.search import Query, search
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, Odd

EMAIL, TOKEN = "ann@example.com", "s3cr+t/=%"
ANN = BasicAuth(EMAIL, TOKEN)
FORMS = {
    TOKEN,
    quote(TOKEN, safe=""),
    quote_plus(TOKEN),
    base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode(),
    base64.b64encode(TOKEN.encode()).decode(),
}
FAULTS = [
    *("400", "401", "403", "captcha", "404", "410", "413", "414", "html", "redirect", "redirect:https://h/login"),
    *("visitor", "total:-1", "max:0", "start:7", "bomb:60", "control", "429:301", "429:none", "503:301"),
    *("500", "502", "503", "504", "reset", "reset-body", "truncate", "truncate-short", "truncate-none"),
    *("chunked-early", "chunked-cut", "gzip-cut", "empty", "object", "errors", "maintenance", "invalid-utf8", "hang:9"),
]
ONCE, QUICK = RetryPolicy(attempts=1, first=0.001), Timeouts(read=0.1)


def secrets_in(text: str) -> set[str]:
    return {form for form in FORMS if form in text}


def show(error: BaseException) -> None:
    """Print all that a log or a collector of crashes might: the chain, its frames with their locals, the reprs."""
    traceback.print_exception(error)
    print("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    chain: BaseException | None = error
    while chain is not None:
        print(repr(chain), chain, vars(chain))
        chain = chain.__context__ or chain.__cause__


async def fails(what: str, work: Callable[[], Awaitable[Any]]) -> None:
    try:
        await work()
    except JiraError as error:
        print("CASE", what, type(error).__name__)
        show(error)
        logging.getLogger("user").exception("it failed", exc_info=error)
    else:
        print("NO ERROR", what)


def jira_at(url: str, auth: Any = ANN, **options: Any) -> Jira:
    return Jira(url, auth=auth, **{"limits": UNLIMITED, "retry": ONCE, "timeouts": QUICK, **options})


async def pull_to(url: str, path: str, **options: Any) -> None:
    async with jira_at(url, on_event=print, **options) as jira:
        await jira.pull_to(path, page_size=50, force=True)


async def count(url: str) -> int:
    async with jira_at(url) as jira:
        return await jira.count()


async def faults_and_logins(folder: Path) -> None:
    async with MockJira(issues=290, email=EMAIL, token=TOKEN) as mock:
        start, whole = mock.url, str(folder / "whole")
        await pull_to(start, whole)
        for fault in FAULTS:
            mock.faults = [f"{fault}@{len([1 for entry in mock.wire if entry['n']]) + 3}-"]
            await fails(fault, lambda: pull_to(start, str(folder / "broken")))
        mock.faults = []
        await fails("output", lambda: pull_to(start, "/dev/full"))
        await fails("no folder", lambda: pull_to(start, str(folder / "none" / "out")))
        await fails("https to a plain port", lambda: count(start.replace("http", "https")))
        await closed(mock)
    for kind in ("401", "anonymous", "silent"):
        async with MockJira(issues=9, email=EMAIL, token="another", wrong_login=kind) as mock:
            for auth in (ANN, BearerAuth(TOKEN)):
                await fails(f"wrong login {kind}", lambda m=mock, a=auth: pull_to(m.url, str(folder / "x"), auth=a))


async def gateway_and_refresh() -> None:
    """Meet every end of a lookup of the cloud id, and of a renewal: the old token and the new one are secret."""
    tells: dict[str, Callable[[], web.Response]] = {
        "found": lambda: web.json_response({"cloudId": "a-1"}),
        "odd": lambda: web.json_response({"cloudId": "../x"}),
        "moved": lambda: web.Response(status=302, headers={"Location": "/somewhere"}),
        "not there": lambda: web.Response(status=404),
    }

    async def broken() -> str:
        raise RuntimeError(f"cannot refresh {TOKEN}") from ValueError(TOKEN)

    async def odd_token() -> str:
        return f"{TOKEN} {TOKEN}"

    async def fresh_token() -> str:
        return f"fresh.{TOKEN}"

    for name, tell in tells.items():

        async def answer(request: web.BaseRequest, tell: Callable[[], web.Response] = tell) -> web.Response:
            return tell() if request.path == "/_edge/tenant_info" else web.Response(status=401)

        async with Odd(answer) as odd:
            for auth in (ANN, *(BearerAuth(TOKEN, refresh=hook) for hook in (broken, odd_token, fresh_token))):
                async with jira_at(odd.url, auth, cloud_id="auto", gateway=odd.url, on_event=print) as jira:
                    await fails(f"gateway {name}", jira.count)
                    print(auth, vars(jira._client), vars(jira._client._access), jira._client._access.credential)


async def closed(mock: MockJira) -> None:
    jira = jira_at(mock.url)
    request = search(Query("key = OPS-1"), 0, 1)
    async with jira.pull(page_size=10) as pull:
        await pull.__anext__()
        print(
            jira, pull, vars(jira), vars(pull), vars(pull._run), vars(jira._client), request, [ANN, BearerAuth(TOKEN)]
        )
        print(repr(jira._client._transport), jira._client, list(asyncio.all_tasks()))
        await jira.aclose()

        async def rest() -> None:
            async for _ in pull:
                pass

        await fails("closed meanwhile", rest)
    await fails("closed before", jira.count)


async def nobody_talks_http() -> None:
    for url in ("http://127.0.0.1:1", "https://no-such-host.invalid"):
        await fails(url, lambda url=url: count(url))
    with saying(b"HTTP/1.1 nonsense\r\n\r\n") as url:  # aiohttp's own error about that holds the headers that were sent
        await fails("no HTTP", lambda: count(url))


def impossible() -> None:
    for name, work in {
        "user info": lambda: Jira(f"https://ann:{quote(TOKEN, safe='')}@jira.example.com"),
        "raw user info": lambda: Jira(f"https://ann:{TOKEN}@jira.example.com"),
        "plain http": lambda: Jira("http://jira.example.com", auth=ANN),
        "line break": lambda: BasicAuth(EMAIL, TOKEN + "\n"),
        "colon": lambda: BasicAuth("a:" + EMAIL, TOKEN),
        "space": lambda: BearerAuth(TOKEN + " "),
        "no auth": lambda: Jira("https://jira.example.com", auth=(EMAIL, TOKEN)),  # type: ignore[arg-type]
    }.items():
        try:
            work()
        except JiraError as error:
            traceback.print_exception(error)
            print(repr(error))
        else:
            print("NO ERROR", name)


async def everything() -> None:
    logging.basicConfig(level=logging.DEBUG)
    with tempfile.TemporaryDirectory() as folder:
        await faults_and_logins(Path(folder))
        await nobody_talks_http()
        await gateway_and_refresh()
        impossible()
        for path in sorted(Path(folder).iterdir()):
            print("FILE", path.name, path.stat().st_size)
            print(path.read_text(errors="replace"))


def test_nothing_that_a_failure_prints_holds_the_token() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "tests.test_secrets"],
        env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stdout[-3000:]
    assert "NO ERROR" not in shown.stdout
    assert shown.stdout.count("CASE") == len(FAULTS) + 14 + 4 * 4
    assert "ResourceWarning" not in shown.stdout
    assert "FILE broken.part" in shown.stdout
    assert "FILE whole.manifest.json" in shown.stdout
    assert secrets_in(shown.stdout) == set()


@pytest.mark.parametrize("options", [["-v"], ["--progress", "json"], ["-q"]])
@pytest.mark.parametrize("fault", ["401@1", "500@2-3", "redirect@2", "reset@2-"])
def test_the_command_line_shows_no_token(
    fault: str, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIRA_EMAIL", EMAIL)
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)
    monkeypatch.setattr("random.random", lambda: 0.0)  # no backoff
    with MockJira(issues=90, email=EMAIL, token=TOKEN, faults=[fault]) as mock:
        main(["pull", "--url", mock.url, "--page-size", "20", "--rate", "0", "-o", str(tmp_path / "out"), *options])
    files = "".join(path.read_text(errors="replace") for path in tmp_path.iterdir())
    assert secrets_in("".join(capfd.readouterr()) + files) == set()


@pytest.mark.parametrize("mode", [0o644, 0o600])
@pytest.mark.parametrize("content", [TOKEN, f"{TOKEN}\nsecond line", f"{TOKEN} \x1b"])
def test_a_token_file_that_cannot_be_used_is_not_quoted(
    mode: int, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    file.chmod(mode)
    monkeypatch.setenv("JIRA_API_TOKEN", TOKEN)  # without an e-mail: half a login
    assert main(["count", "--url", "http://127.0.0.1:1", "--token-file", str(file), "--email", "a:b"]) == 2
    assert main(["count", "--url", "http://127.0.0.1:1"]) == 2
    assert main(["count", "--url", f"http://{quote(TOKEN, safe='')}@127.0.0.1:1"]) == 2
    said = "".join(capfd.readouterr())
    assert said.count("asyncjira: ") == 3
    assert secrets_in(said) == set()


def test_the_search_for_secrets_finds_them() -> None:
    assert secrets_in(f"Authorization: {ANN.header()}") == {ANN.header().removeprefix("Basic ")}
    assert secrets_in(f"https://h/?token={quote(TOKEN, safe='')}")


@asynccontextmanager
async def trap() -> AsyncIterator[tuple[str, list[int]]]:
    """Listen where nobody should come; yield the address and a list that grows with each connection."""
    came: list[int] = []

    def on_connection(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(1)
        writer.close()

    async with await asyncio.start_server(on_connection, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_where_a_redirection_leads_nobody_knocks(status: int) -> None:
    async with trap() as (elsewhere, came):

        async def answer(_: web.BaseRequest) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{elsewhere}/rest/api/2/search"})

        async with Odd(answer) as odd, Jira(odd.url, auth=ANN, retry=SWIFT) as jira:
            with pytest.raises(JiraError, match="moved to"):
                await jira.count()
        assert came == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("auth", [ANN, BearerAuth(TOKEN)])
async def test_where_the_way_to_the_cloud_id_leads_nobody_knocks_and_nothing_is_shown(auth: Any, status: int) -> None:
    async with trap() as (elsewhere, came):

        async def answer(_: web.BaseRequest) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{elsewhere}/_edge/tenant_info"})

        async with Odd(answer) as odd, Jira(odd.url, auth=auth, cloud_id="auto", gateway=elsewhere) as jira:
            with pytest.raises(JiraError, match="--cloud-id ID"):
                await jira.count()
        assert came == []
        assert not any(secrets_in(str(request.headers)) for request in odd.seen)


async def test_no_address_in_a_body_is_asked() -> None:
    async with trap() as (elsewhere, came):

        async def answer(request: web.BaseRequest) -> web.Response:
            if request.path.endswith("/myself"):
                return web.json_response({"self": f"{elsewhere}/rest/api/2/user?username=ann"})
            issue = {"id": "1", "key": "A-1", "self": f"{elsewhere}/1", "fields": {"avatar": f"{elsewhere}/a.png"}}
            links = {"self": elsewhere, "nextPage": f"{elsewhere}/2", "next": f"{elsewhere}/3"}
            page = {"startAt": 0, "maxResults": 50, "total": 1, "issues": [issue], "_links": links, **links}
            return web.json_response(page)

        async with Odd(answer) as odd, Jira(odd.url, auth=ANN) as jira, jira.pull() as pull:
            assert len([issue async for issue in pull]) == 1
        assert came == []


async def test_no_proxy_and_no_netrc_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login ann password {TOKEN}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with trap() as (proxy, came), MockJira(issues=9) as mock:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        seen: list[str | None] = []

        async def answer(request: web.BaseRequest) -> web.Response:
            seen.append(request.headers.get("Authorization"))
            return web.json_response({"startAt": 0, "maxResults": 0, "total": 7, "issues": []})

        async with Odd(answer) as odd:
            for url in (odd.url, mock.url):
                async with Jira(url) as jira:
                    assert await jira.count() in (7, 9)
        assert (came, seen) == ([], [None, None]), "the server info, and the count"


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """Answer every request with these bytes, from a thread of its own."""

    class Raw(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Raw) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


EVIL = "\x1b[31m\x9b2J\u202e\x07"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("302 Found", f"Location: http://h/{EVIL}", ""),
        ("302 Found", f"Location: http://{EVIL}/login", ""),
        ("302 Found", "Location: http://h/%1b[31m\x1b", ""),
        ("401 No", f"X-Seraph-LoginReason: AUTHENTICATION_DENIED {EVIL}", ""),
        ("403 No", f"X-Authentication-Denied-Reason: {EVIL}", ""),
        ("200 OK", f"X-AUSERNAME: {EVIL}", f'{{"errorMessages":["{EVIL}"]}}'),
        ("429 Slow", f"Retry-After: {EVIL}\r\nRateLimit-Reason: burst {EVIL}", ""),
        ("429 Slow", f"Retry-After: Mon, 23 Nov 2026 10:00:00 {EVIL}\r\nDate: {EVIL}", ""),
        (f"500 {EVIL}", f"X-{EVIL}: x", ""),
        ("400 Bad", f"Content-Type: {EVIL}", '{"errors":{"\\u001b[31mfield\\u009b":"\\u001b[31m\\u202e"}}'),
        ("200 OK", "X: y", '{"startAt":0,"maxResults":"\\u001b[31m","total":0,"issues":[]}'),
        ("200 OK", f"Content-Encoding: {EVIL}", "{}"),
    ],
)
def test_no_control_character_of_a_server_reaches_the_terminal(
    status: str, headers: str, body: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIRA_PAT", TOKEN)
    monkeypatch.setattr("random.random", lambda: 0.0)  # no backoff
    answer = (
        f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}"
    )
    with saying(answer.encode()) as url:
        assert main(["count", "--url", url]) != 0
        with pytest.raises(JiraError) as caught:
            asyncio.run(count(url))
    assert str(caught.value).isprintable()
    said = "".join(capfd.readouterr())
    assert said.startswith("asyncjira: ")
    assert [char for char in said if not char.isprintable()] == ["\n"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = str(folder / "key"), str(folder / "cert")
    kind = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=127.0.0.1",
    ]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", cert], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl here to make a certificate")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


async def test_gzip_comes_through_tls_as_it_does_without(certificate: ssl.SSLContext) -> None:
    page = b'{"startAt":0,"maxResults":1,"total":7,"issues":[]}'

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=gzip.compress(page), headers={"Content-Encoding": "gzip"})

    async with (
        Odd(answer, certificate) as odd,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session,
        Jira(odd.url, api="offset", session=session) as jira,
    ):
        assert await jira.count() == 7


async def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(certificate: ssl.SSLContext) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        raise AssertionError("a request came through")

    async with Odd(answer, certificate) as odd, Jira(odd.url, auth=ANN) as jira:
        with pytest.raises(TransportError, match="TLS certificate is not valid") as caught:
            await jira.count()
        assert (caught.value.attempts, odd.seen) == (1, [])


if __name__ == "__main__":
    asyncio.run(everything())


async def test_a_server_that_sends_the_credential_back_does_not_get_it_shown() -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.json_response({"errorMessages": [f"saw {request.headers['Authorization']}"]}, status=400)

    async with Odd(answer) as odd, Jira(odd.url, auth=ANN, api="cloud") as jira:
        with pytest.raises(JiraError) as caught:
            await jira.count()
    assert str(caught.value) == "Jira rejected the query: saw Basic ***"


@pytest.mark.parametrize("key", ["errorMessages", None])
async def test_nor_does_one_that_answers_with_it_in_place_of_issues(key: str | None) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        said = request.headers["Authorization"]
        return web.json_response({key or said: [said], "total": 5})

    heard: list[object] = []
    async with Odd(answer) as odd, Jira(odd.url, auth=ANN, retry=SWIFT, on_event=heard.append) as jira:
        with pytest.raises(JiraError) as caught:
            await jira.count()
        heard += caught.value, await jira.checkup()
        with pytest.raises(JiraError) as caught:
            async with jira.pages("/rest/api/2/x", key="values") as items:
                await anext(items)
    assert ANN.header().rpartition(" ")[2] not in f"{heard} {caught.value}"
    assert key is None or "***" in str(caught.value)
