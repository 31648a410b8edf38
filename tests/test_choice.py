"""Which search a Jira has: what tells it first decides, what was decided stays, and finding out costs nothing.

First without an event loop, then over a socket.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import (
    BasicAuth,
    BearerAuth,
    Jira,
    JiraError,
    Limits,
    Manifest,
    NotFound,
    PageFetched,
    ProtocolError,
    PullFinished,
    Refused,
    RetryPolicy,
    ServerError,
    StatusError,
    Timeouts,
    TransportError,
)
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.search import Query
from asyncjira.jira.server import is_cloud
from asyncjira.mock import MockJira
from asyncjira.plan.chain import NoTokens
from asyncjira.plan.choice import Choice
from asyncjira.plan.strategy import Ask, Outcome, Rows

from .conftest import SWIFT, UNLIMITED, Odd

GONE, ABSENT, HUNG = NotFound("gone", status=410), NotFound("absent", status=404), TransportError("hung")
REFUSED, BROKEN = Refused("refused", status=401), ServerError("broken", status=500)
OLD = NoTokens("counted, and without a token")


class Fake:
    """Asks for pages, and remembers what it hears of them. `refuses` is what the next answer shows it."""

    def __init__(self, kind: str) -> None:
        self.kind, self.query, self.total, self.finished = kind, Query(), 7, False
        self.refuses: JiraError | None = None
        self.asked: list[Ask] = []
        self.sent: list[Ask] = []
        self.heard: list[Any] = []

    def next(self) -> Ask:
        self.asked.append(Ask(Request("GET", f"/rest/{self.kind}", lambda _: None, self.kind), 0, 100))
        return self.asked[-1]

    def on_sent(self, ask: Ask) -> None:
        self.sent.append(ask)

    def on_answer(self, ask: Ask, answer: Any) -> None:
        assert ask in self.asked
        refuses, self.refuses = self.refuses, None
        if refuses is not None:
            raise refuses
        self.heard.append(answer)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        assert ask in self.asked
        self.heard.append(error)
        raise error

    def take(self) -> Rows | None:
        return Rows(0, [])

    def outcome(self) -> Outcome:
        raise NotImplementedError


class Began:
    """A choice whose question and first page are under way. `made` are the strategies that it has followed."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.choice = Choice(lambda: self._make("offset"), lambda: self._make("cloud"))
        question = self.choice.next()
        assert question is not None
        self.question, self.page = question, self.ask()

    def _make(self, kind: str) -> Fake:
        self.made.append(Fake(kind))
        return self.made[-1]

    def ask(self) -> Ask:
        ask = self.choice.next()
        assert ask is not None
        return ask

    def hear(self, of: Ask, said: Any) -> None:
        """Let an answer, or an error, come."""
        if isinstance(said, JiraError):
            self.choice.on_failure(of, said)
        else:
            self.choice.on_answer(of, said)

    def hear_old_shape(self) -> None:
        """Let the next page of Cloud's search be one of an offset search."""
        ask = self.ask()
        self.made[-1].refuses = OLD
        self.choice.on_answer(ask, "page")

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.made]


def test_the_server_info_is_asked_for_beside_the_first_page_and_once() -> None:
    began = Began()
    assert (began.question.request.path, began.question.request.is_public) == ("/rest/api/2/serverInfo", True)
    assert began.question.size == 0, "no page: nobody is told of one"
    assert [began.page, began.ask(), began.ask()] == began.made[0].asked


@pytest.mark.parametrize(
    ("info", "page", "kinds"),
    [
        (False, "page", ["offset"]),
        (True, "page", ["offset", "cloud"]),
        (False, GONE, ["offset", "cloud"]),
        (True, GONE, ["offset", "cloud"]),
        (True, ABSENT, ["offset", "cloud"]),
        (True, REFUSED, ["offset", "cloud"]),
        *[(error, "page", ["offset"]) for error in (REFUSED, ABSENT, GONE, BROKEN, HUNG)],
        *[(error, GONE, ["offset", "cloud"]) for error in (REFUSED, ABSENT, GONE, BROKEN, HUNG)],
    ],
)
def test_where_the_server_info_comes_first(info: Any, page: Any, kinds: list[str]) -> None:
    began = Began()
    began.hear(began.question, info)
    assert began.choice.is_cloud == (info is True)
    began.hear(began.page, page)
    assert (began.kinds, began.choice.is_cloud) == (kinds, kinds[-1] == "cloud")
    assert began.choice.chosen is began.made[-1]
    assert began.made[0].heard == ([page] if kinds == ["offset"] else []), "none of what it was left for"


@pytest.mark.parametrize("info", [False, True, REFUSED, ABSENT, GONE, BROKEN, HUNG])
@pytest.mark.parametrize(("page", "kinds"), [("page", ["offset"]), (GONE, ["offset", "cloud"])])
def test_where_the_first_page_comes_first_the_server_info_changes_nothing(
    page: Any, kinds: list[str], info: Any
) -> None:
    began = Began()
    began.hear(began.page, page)
    assert began.kinds == kinds
    began.hear(began.question, info)
    assert (began.kinds, began.choice.is_cloud) == (kinds, kinds[-1] == "cloud")


@pytest.mark.parametrize("info", [None, False, REFUSED])
@pytest.mark.parametrize("error", [ABSENT, REFUSED, BROKEN, HUNG, ServerError("late", status=410)])
def test_any_failure_but_a_410_is_the_offset_searchs_own(error: JiraError, info: Any) -> None:
    began = Began()
    if info is not None:
        began.hear(began.question, info)
    with pytest.raises(type(error)) as caught:
        began.hear(began.page, error)
    assert caught.value is error
    assert (began.kinds, began.made[0].heard) == (["offset"], [error])


def test_the_server_info_alone_settles_nothing() -> None:
    began = Began()
    began.hear(began.question, False)
    began.hear(began.page, GONE)
    assert began.choice.is_cloud


def test_after_a_page_nothing_is_changed_any_more() -> None:
    began = Began()
    further = began.ask()
    began.hear(began.page, "page")
    with pytest.raises(NotFound):
        began.hear(further, GONE)
    began.hear(began.question, True)
    assert began.kinds == ["offset"]


def test_what_is_no_page_settles_nothing() -> None:
    began = Began()
    time = Ask(began.page.request, 0, 0)
    began.made[0].next = lambda: began.made[0].asked.append(time) or time  # type: ignore[func-returns-value, method-assign]
    began.hear(began.ask(), "it is noon")
    began.hear(began.question, True)
    assert (began.made[0].heard, began.kinds) == (["it is noon"], ["offset", "cloud"])


@pytest.mark.parametrize("late", ["page", GONE, ABSENT, REFUSED, BROKEN, HUNG])
def test_whoever_was_left_hears_nothing_of_it_and_breaks_nothing(late: Any) -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear(began.ask(), "listed")
    began.hear(began.page, late)
    assert [each.heard for each in began.made] == [[], ["listed"]]
    assert began.kinds == ["offset", "cloud"]


def test_each_hears_of_its_own_requests_going_out_and_nobody_of_the_question() -> None:
    began = Began()
    began.choice.on_sent(began.question)
    began.choice.on_sent(began.page)
    began.hear(began.question, True)
    listing = began.ask()
    for ask in (listing, listing):
        began.choice.on_sent(ask)
    began.choice.on_sent(began.page)
    assert [each.sent for each in began.made] == [[began.page, began.page], [listing, listing]]


def test_what_is_told_of_the_pull_is_told_by_who_is_followed() -> None:
    began = Began()
    began.hear(began.question, True)
    offset, cloud = began.made
    cloud.query, cloud.total, cloud.finished = Query("project = OPS"), 9, True
    choice = began.choice
    assert (choice.query, choice.total, choice.finished) == (cloud.query, 9, True)
    cloud.take = lambda: None  # type: ignore[method-assign]
    assert choice.take() is None
    with pytest.raises(NotImplementedError):
        choice.outcome()
    assert offset.asked == [began.page], "and asked no more"


@pytest.mark.parametrize("decided", ["by the server info", "by a 410"])
def test_an_old_answer_of_clouds_search_leads_back_to_a_new_offset_search(decided: str) -> None:
    began = Began()
    if decided == "by a 410":
        began.hear(began.page, GONE)
    else:
        began.hear(began.question, True)
    began.hear_old_shape()
    assert (began.kinds, began.choice.is_cloud) == (["offset", "cloud", "offset"], False)
    again = began.ask()
    assert again in began.made[2].asked
    began.hear(again, "page")
    assert began.made[2].heard == ["page"]


def test_where_both_searches_fail_that_is_what_is_said() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear_old_shape()
    with pytest.raises(ProtocolError, match="neither as Cloud nor as Data Center: check --url"):
        began.hear(began.ask(), GONE)


def test_a_server_info_that_contradicts_both_searches_is_no_reason_to_go_round_in_circles() -> None:
    began = Began()
    began.hear(began.page, GONE)
    began.hear_old_shape()
    with pytest.raises(ProtocolError, match="neither"):
        began.hear(began.question, True)


def test_the_second_offset_search_may_fail_in_its_own_ways() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear_old_shape()
    with pytest.raises(NotFound) as caught:
        began.hear(began.ask(), ABSENT)
    assert caught.value is ABSENT


def test_cloud_that_has_delivered_is_not_left_for_an_answer_of_the_old_shape() -> None:
    began = Began()
    began.hear(began.question, True)
    began.hear(began.ask(), "page")
    with pytest.raises(ProtocolError):
        began.hear_old_shape()
    assert began.kinds == ["offset", "cloud"]


def test_a_410_in_cloud_is_clouds_own() -> None:
    began = Began()
    began.hear(began.question, True)
    with pytest.raises(NotFound):
        began.hear(began.ask(), GONE)
    assert (began.kinds, began.made[1].heard) == (["offset", "cloud"], [GONE])


@given(st.lists(st.tuples(st.sampled_from(["ask", "page", "old", GONE, ABSENT, HUNG, True, False]), st.integers(0, 9))))
def test_whatever_comes_in_whatever_order_no_page_is_ever_followed_by_a_change(steps: list[tuple[Any, int]]) -> None:
    began = Began()
    under_way, is_settled = [began.question, began.page], False
    for said, at in steps:
        if said == "ask":
            under_way.append(began.ask())
        elif under_way:
            ask = under_way.pop(at % len(under_way))
            is_question = ask is began.question
            if is_question != isinstance(said, bool) and not isinstance(said, JiraError):
                said = False if is_question else "page"
            followed, heard = began.made[-1], [list(each.heard) for each in began.made]
            is_own = ask in followed.asked
            if said == "old" and is_own and followed.kind == "cloud":
                followed.refuses = OLD
            try:
                began.hear(ask, said)
            except JiraError:
                assert is_own or (said is True and len(began.made) == 3)
                return
            assert not is_settled or began.made[-1] is followed
            assert [each.heard for each in began.made[: len(heard)] if each is not followed] == heard[:-1]
            is_settled = is_settled or (is_own and began.made[-1] is followed)
        assert began.choice.chosen is began.made[-1]
        assert began.kinds in (["offset"], ["offset", "cloud"], ["offset", "cloud", "offset"])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"deploymentType":"Cloud"}', True),
        (b'{"deploymentType":"Server"}', False),
        (b'{"deploymentType":"cloud"}', False),
        (b'{"deploymentType":7}', False),
        (b'{"version":"6.3.1"}', False),
        (b'["Cloud"]', False),
        (b"<html>Cloud</html>", False),
        (b"\xff", False),
        (b"", False),
    ],
)
def test_only_clouds_own_word_makes_a_cloud(body: bytes, found: bool) -> None:
    assert is_cloud().read(Answer(200, {}, body)) is found


# Over a socket.

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
    assert [type(event) for event in heard] == [PageFetched, PullFinished]


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
