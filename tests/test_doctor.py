"""`asyncjira doctor`, over a socket: the fault of each broken set-up is named, and no account gets locked."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from anyio.from_thread import start_blocking_portal

from asyncjira.cli import main

from .conftest import Odd

Capture = Any
SECRET = "s3cret-t0ken"
PAT = {"JIRA_PAT": SECRET}
BASIC = {"JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": SECRET}
HTML = "<html><head><title>{}</title></head><body>{}</body></html>"
CAPTCHA = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED", "X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"}

Answers = dict[str, Callable[[web.BaseRequest], web.Response]]


def told(body: object, status: int = 200, **headers: str) -> Callable[[web.BaseRequest], web.Response]:
    return lambda _: web.json_response(body, status=status, headers=headers)


def page(title: str, body: str = "", status: int = 200, **headers: str) -> Callable[[web.BaseRequest], web.Response]:
    return lambda _: web.Response(
        text=HTML.format(title, body), status=status, content_type="text/html", headers=headers
    )


def sent_to(location: str) -> Callable[[web.BaseRequest], web.Response]:
    return lambda _: web.Response(status=302, headers={"Location": location})


def about(version: str = "10.3.2", *, clock: float = 0, date: float = 0) -> Callable[[web.BaseRequest], web.Response]:
    """Answer what this Jira is; its own clock, and the one that writes the Date, are so many seconds ahead."""

    def answer(_: web.BaseRequest) -> web.Response:
        numbers = [int(number) for number in version.split(".")]
        served = datetime.fromtimestamp(time() + clock, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        body = {"version": version, "versionNumbers": numbers, "deploymentType": "Server", "serverTime": served}
        return web.json_response(body, headers={"Date": formatdate(time() + date, usegmt=True)})

    return answer


ANN = {"X-AUSERNAME": "ann"}


def a_jira(**other: Callable[[web.BaseRequest], web.Response]) -> Answers:
    """A Jira of one issue, in which some answers are other ones; by the last part of their address."""
    usual = {
        "serverInfo": about(),
        "myself": told({"name": "ann", "displayName": "Ann"}, **ANN),
        "search": told({"startAt": 0, "maxResults": 50, "total": 1, "issues": [{"id": "1", "fields": {}}]}, **ANN),
        "project": told([], **ANN),
    }
    return {**usual, **other}


class Broken(NamedTuple):
    """A set-up: what serves, and what the doctor must say. Mock settings, or answers, or an address."""

    serve: dict[str, Any] | Answers | str
    name: str
    says: str
    code: int
    login: dict[str, str] | None = None
    options: tuple[str, ...] = ()
    path: str = ""


BROKEN = {
    "wrong host": Broken("https://jira.invalid", "address", "host name is unknown: check --url", 1, PAT),
    "nobody listens": Broken("http://127.0.0.1:9", "address", "no connection .*check --url, and whether Jira is up", 1),
    "context path missing": Broken({"context": "/jira"}, "path", r"one at http://127.0.0.1:\d+/jira: put that", 2, PAT),
    "context path wrong": Broken({}, "path", r"one at http://127.0.0.1:\d+: put", 2, PAT, path="/browse/OPS-1"),
    "single sign-on elsewhere": Broken(
        dict.fromkeys(("serverInfo", "myself"), sent_to("https://sso.example.com/login?token=secret")),
        "redirects", "HTTP 302: sent on to sso.example.com, a single sign-on", 4, PAT,
    ),
    "a login page": Broken(
        dict.fromkeys(("serverInfo", "myself"), page("Sign in to Corp", '<input type="password">')),
        "path", r"a login page answers \(Sign in to Corp\): a single sign-on", 4, PAT,
    ),
    "moved": Broken(
        {"serverInfo": sent_to("https://127.0.0.1/jira/rest/api/2/serverInfo"), "myself": sent_to("/")},
        "redirects", "the address moved: put https://127.0.0.1/jira into --url", 2,
    ),
    "wrong token": Broken({"token": "other"}, "login", "HTTP 401: Jira did not accept the login: check", 4, PAT),
    "a token that makes a visitor": Broken(
        {"token": "other", "wrong_login": "anonymous"}, "login", "HTTP 401: Jira did not accept the login", 4, PAT
    ),
    "anonymous": Broken(
        {"token": "other", "wrong_login": "anonymous"}, "search", "anonymous visitor sees no issue: set JIRA_PAT", 4
    ),
    "anonymous, and not wanted": Broken({"token": "other"}, "search", "HTTP 401: .*no credentials were given", 4),
    "200, but as anonymous": Broken(
        a_jira(myself=told({}, **{"X-AUSERNAME": "anonymous"})), "login", "but as to an anonymous visitor", 4, PAT
    ),
    "200, but failed": Broken(
        a_jira(myself=told({}, **{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})), "login", "did not accept", 4, PAT
    ),
    "CAPTCHA": Broken(
        a_jira(myself=page("Forbidden (403)", status=403, **CAPTCHA)), "login", "CAPTCHA solved: log in by browser", 4,
        BASIC,
    ),
    "no browse permission": Broken(
        {"issues": 0}, "search", "login is fine, but no project can be browsed, .*Browse Projects", 4, PAT
    ),
    "no browse permission on Cloud": Broken(
        {"issues": 0, "flavor": "cloud"}, "search", "login is fine, but no project can be browsed", 4, BASIC
    ),
    "old version": Broken(
        a_jira(serverInfo=about("8.5.1"), myself=page("Unauthorized (401)", status=401)),
        "version", r"Jira 8\.5\.1 .*no personal access tokens, which came with 8\.14: log in by --email", 4, PAT,
    ),
    "ancient version": Broken(
        a_jira(serverInfo=about("4.4.5")), "version", r"Jira 4\.4\.5 .*too old: its search came with 5\.0", 1, BASIC
    ),
    "removed search": Broken(
        {"flavor": "cloud"}, "search", "HTTP 410: .*this is Jira Cloud.*--api cloud", 2, BASIC, ("--api", "offset")
    ),
    "Cloud's search on Data Center": Broken({}, "search", "HTTP 404: .*--api offset", 2, PAT, ("--api", "cloud")),
    "no cloud id": Broken({}, "search", "the site tells no cloud id: is --url a Jira", 1, None, ("--cloud-id", "auto")),
    "no cloud id now": Broken(
        a_jira(tenant_info=told({}, 503)), "search", "HTTP 503: Jira, or a proxy before it, failed", 1, None,
        ("--cloud-id", "auto"),
    ),
    "junk for a cloud id": Broken(
        a_jira(tenant_info=page("Hello")), "search", "no JSON came: the site tells no cloud id", 1, None,
        ("--cloud-id", "auto"),
    ),
    "a proxy's 502": Broken(
        {"serverInfo": page("502 Bad Gateway", status=502)},
        "path", r"HTTP 502: a page of HTML \(502 Bad Gateway\) by a proxy, not by Jira", 1, PAT,
    ),
    "a proxy's 503": Broken(
        {"serverInfo": page("Maintenance", status=503, **{"Retry-After": "120"})},
        "path", "HTTP 503: Jira asks to wait 120 s", 75, PAT,
    ),
    "a proxy's 200": Broken(
        {"serverInfo": page("Welcome to nginx!")},
        "path", r"HTTP 200: a page of HTML \(Welcome to nginx!\) by a proxy, not by Jira", 1,
    ),
    "a proxy's 200 for searches": Broken(
        a_jira(search=page("Be right back")), "search", "a page of HTML came in place of issues", 1, PAT
    ),
    "Jira's clock is wrong": Broken(
        a_jira(serverInfo=about(clock=3600, date=3600)), "clock",
        "Jira's clock is 60 min ahead of this machine's.*NTP", 3, PAT,
    ),
    "the proxy's clock is wrong": Broken(
        a_jira(serverInfo=about(date=3600)), "clock",
        "the Date of the answers is 60 min ahead of Jira's own clock, more than the two minutes that a proof allows", 3,
    ),
    "bad query": Broken(a_jira(search=told({"errorMessages": ["No field"]}, 400)), "search", "query: No field", 5, PAT),
    "limited": Broken(
        a_jira(search=told({}, 429, **{"Retry-After": "30"})), "search", "HTTP 429: Jira asks to wait 30 s", 75, PAT
    ),
}  # fmt: skip


@pytest.fixture
def served(mock_jira: Any) -> Iterator[Callable[[dict[str, Any] | Answers | str], tuple[str, Any]]]:
    """Return what starts a server: its address, and what has seen its requests."""
    with ExitStack() as running:

        def start(serve: dict[str, Any] | Answers | str) -> tuple[str, Any]:
            if isinstance(serve, str):
                return serve, None
            if not any(callable(each) for each in serve.values()):
                return (mock := mock_jira(**serve)).url.removesuffix(serve.get("context", "")), mock

            async def answer(request: web.BaseRequest) -> web.Response:
                usual = told({"errorMessages": ["not found"]}, 404)
                return serve.get(request.path.rpartition("/")[2], usual)(request)

            portal = running.enter_context(start_blocking_portal())
            odd = running.enter_context(portal.wrap_async_context_manager(Odd(answer)))
            return odd.url, odd

        yield start


def examined(capfd: Capture, *arguments: str) -> tuple[int, list[str]]:
    code = main(["doctor", *arguments])
    out, err = capfd.readouterr()
    assert err == ""
    assert all(line.isprintable() for line in out.splitlines())
    return code, out.splitlines()


@pytest.mark.parametrize("set_up", BROKEN)
def test_the_fault_of_a_broken_set_up_is_named(
    set_up: str, capfd: Capture, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BROKEN[set_up]
    for name, value in (broken.login or {}).items():
        monkeypatch.setenv(name, value)
    url, _ = served(broken.serve)
    code, lines = examined(capfd, "--url", url + broken.path, *broken.options)
    first = next(line for line in lines if line.startswith("FIX"))
    assert first[6:19].strip() == broken.name
    assert re.search(broken.says, first), first
    assert code == broken.code
    assert lines[-1].startswith(f"next: do what stands behind {broken.name}")
    assert SECRET not in "".join(lines)
    assert "secret" not in "".join(lines)


@pytest.mark.parametrize("set_up", [name for name, broken in BROKEN.items() if broken.name == "login"])
def test_after_a_refused_login_nothing_more_is_sent_with_it(
    set_up: str, capfd: Capture, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BROKEN[set_up]
    for name, value in (broken.login or {}).items():
        monkeypatch.setenv(name, value)
    url, server = served(broken.serve)
    _, lines = examined(capfd, "--url", url)
    seen = [entry["path"] for entry in server.wire] if hasattr(server, "wire") else [each.path for each in server.seen]
    assert seen == ["/rest/api/2/serverInfo", "/rest/api/2/myself"]
    assert sum("not asked: the login was refused" in line for line in lines) == 6


@pytest.mark.parametrize(("flavor", "login"), [("dc", {}), ("dc", PAT), ("cloud", BASIC)])
def test_a_healthy_jira_is_told_so(
    flavor: str, login: dict[str, str], capfd: Capture, mock_jira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in login.items():
        monkeypatch.setenv(name, value)
    mock = mock_jira(flavor=flavor, issues=120)
    code, lines = examined(capfd, "project = OPS", "--url", mock.url)
    assert (code, [line for line in lines if line.startswith("FIX")]) == (0, [])
    assert "120 issues match the query" in "".join(lines)
    assert lines[-1].startswith("next: asyncjira plan 'project = OPS' tells what a pull will take")
    assert len(mock.wire) <= 12


def test_json_says_the_same(capfd: Capture, mock_jira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mock = mock_jira(token="other")
    monkeypatch.setenv("JIRA_PAT", SECRET)
    code, lines = examined(capfd, "--url", mock.url, "--json")
    found = json.loads("".join(lines))
    assert (code, found["exit_code"], found["fault"], found["requests"]) == (4, 4, "login", 2)
    check = next(each for each in found["checks"] if each["name"] == "login")
    assert (check["state"], check["blame"]) == ("fault", "login")


@pytest.mark.parametrize(
    ("window", "options", "says"),
    [
        (2000, {}, "2,000 rows: longer results are pulled in ranges"),
        (10_000, {"window_told": False}, "10,000 rows: longer results are pulled in ranges"),
        (None, {}, "rows beyond 10,000 can be read"),
    ],
)
def test_the_result_window_is_told_or_found_out(
    window: int | None, options: dict[str, bool], says: str, capfd: Capture, mock_jira: Any
) -> None:
    mock = mock_jira(issues=10_500, result_window=window, max_page=40, rate_limit=500, **options)
    code, lines = examined(capfd, "--url", mock.url)
    assert code == 0
    shown = "\n".join(lines)
    assert says in shown
    assert "a page holds 40 issues at most" in shown
    assert "500 requests a second" in shown


@pytest.mark.parametrize("sent", [sent_to("https://sso.example.com/"), page("Sign in", '<input type="password">')])
def test_where_strangers_are_sent_elsewhere_a_login_may_pass(
    sent: Any, capfd: Capture, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_PAT", SECRET)
    none = {"startAt": 0, "maxResults": 50, "total": 0, "issues": []}
    url, _ = served(a_jira(serverInfo=sent, search=told(none, **ANN), project=told([{}], **ANN)))
    code, lines = examined(capfd, "--url", url)
    assert code == 0, lines
    assert "ok    redirects      strangers are sent elsewhere, this login is not" in lines
    assert any("no issue can be seen, though 1 projects can" in line for line in lines)


# X.509 as `openssl ca` makes it: only that lets a certificate of the past be made, with any version of openssl.
AUTHORITY = """
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""


def certificate(folder: Path, names: str, start: str, end: str) -> Path:
    (folder / "own.cnf").write_text(AUTHORITY.format(names=names))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=jira"]
    signing = ["-batch", "-notext", "-selfsign", "-config", "own.cnf", "-in", "csr", "-keyfile", "key", "-out", "cert"]
    try:
        for command in (["req", "-new", *key, "-keyout", "key", "-out", "csr"],
                        ["ca", *signing, "-startdate", start, "-enddate", end]):  # fmt: skip
            subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl here to make a certificate")
    return folder / "cert"


HERE, PAST, FUTURE = "IP:127.0.0.1", ("20200101000000Z", "20200201000000Z"), "20450101000000Z"


@pytest.mark.parametrize(
    ("names", "start", "end", "is_trusted", "says"),
    [
        (HERE, *PAST, True, r"it has expired: who runs the server must renew it.*\(certificate has expired\)"),
        (HERE, FUTURE, "20460101000000Z", True, "it is not valid yet: check the date of this machine"),
        (HERE, PAST[0], FUTURE, False, "nobody that this machine trusts has signed it: .*SSL_CERT_FILE"),
        ("DNS:other.example.com", PAST[0], FUTURE, True, "it is made out to another host: put the name"),
    ],
    ids=["expired", "not yet", "self-signed", "another host"],
)
def test_what_is_wrong_with_a_certificate_is_named(
    names: str, start: str, end: str, is_trusted: bool, says: str, tmp_path: Path
) -> None:
    cert = certificate(tmp_path, names, start, end)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, tmp_path / "key")

    async def answer(_: web.BaseRequest) -> web.Response:
        raise AssertionError("a request came through")

    trusted = {"SSL_CERT_FILE": str(cert)} if is_trusted else {}
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Odd(answer, tls)) as odd:
        command = [sys.executable, "-m", "asyncjira", "doctor", "--url", odd.url]
        environment = {**os.environ, **PAT, **trusted}
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    fix = next(line for line in run.stdout.splitlines() if line.startswith("FIX"))
    assert re.fullmatch(rf"FIX   TLS            the server's TLS certificate is not valid: {says}.*", fix)
    assert (run.returncode, run.stderr, odd.seen) == (1, "", [])
