"""A token that expires while issues are pulled: replaced once for all that meet it, and only where that helps."""

import asyncio
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from aiohttp import web

from asyncjira import Answered, BearerAuth, ConfigError, Jira, Refused, Retried, RetryPolicy, StatusError

from .conftest import SWIFT, UNLIMITED, Odd

SCOPE = '{"code":401,"message":"Unauthorized; scope does not match"}'
CAPTCHA = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}


class Hook:
    """Gives token 1, then token 2, and so on; counts how often it was asked."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.calls, self._seconds = 0, seconds

    async def __call__(self) -> str:
        self.calls += 1
        given = f"t{self.calls}"
        await anyio.sleep(self._seconds)
        return given


class Gate:
    """A Jira that knows who asks by the token: lets in those in `valid`, and answers everybody else with `refusal`."""

    def __init__(
        self, *valid: str, named: bool = True, refusal: Callable[[], web.Response] | None = None, total: int = 7
    ) -> None:
        self.valid, self._named, self._total = set(valid), named, total
        self._refusal = refusal or (lambda: web.Response(status=401))
        self.seconds = 0.0
        self.shown: list[tuple[str, str]] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        token, place = request.headers["Authorization"].removeprefix("Bearer "), request.path.rpartition("/")[2]
        self.shown.append((place, token))
        is_let_in = token in self.valid
        await anyio.sleep(self.seconds)
        if not is_let_in:
            return web.Response(status=401) if place == "myself" else self._refusal()
        headers = {"X-AUSERNAME": "ann"} if self._named else {}
        page = {"startAt": 0, "maxResults": 100, "total": self._total, "issues": []}
        return web.json_response(page, headers=headers)


def jira_at(odd: Odd, hook: Any, **options: Any) -> Jira:
    """Return a client for one kind of search: which it is makes no difference to its tokens."""
    settings = {"api": "offset", "limits": UNLIMITED, "retry": SWIFT, **options}
    return Jira(odd.url, auth=BearerAuth("t0", refresh=hook), **settings)


def visitor(**headers: str) -> Callable[[], web.Response]:
    return lambda: web.json_response({"startAt": 0, "maxResults": 9, "total": 0, "issues": []}, headers=headers)


def test_a_repr_hides_the_token_and_the_hook() -> None:
    assert repr(BearerAuth("hunter2", refresh=Hook())) == "BearerAuth()"
    assert BearerAuth("t").refresh is None


async def test_an_expired_token_is_replaced_and_the_request_sent_again() -> None:
    hook, gate, heard = Hook(), Gate("t1"), list[object]()
    async with Odd(gate) as odd, jira_at(odd, hook, on_event=heard.append) as jira:
        assert [await jira.count(), await jira.count()] == [7, 7]
        assert gate.shown == [("search", "t0"), ("search", "t1"), ("search", "t1")]
    assert hook.calls == 1
    assert [type(event) for event in heard if not isinstance(event, Answered)] == [Retried]


async def test_the_repair_is_a_retry_that_needs_neither_attempts_nor_budget() -> None:
    gate = Gate("t1", total=0)
    async with Odd(gate) as odd, jira_at(odd, Hook(), retry=RetryPolicy(attempts=1, budget=0)) as jira:
        async with jira.pull(proof="off") as pull:
            assert [issue async for issue in pull] == []
        assert (pull.manifest.retries, pull.manifest.requests) == (1, len(gate.shown))


async def test_sixteen_requests_that_expire_together_ask_for_one_token() -> None:
    hook, gate = Hook(seconds=0.05), Gate("t1")
    gate.seconds = 0.05
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        assert await asyncio.gather(*(jira.count() for _ in range(16))) == [7] * 16
    assert hook.calls == 1
    assert sorted(token for _, token in gate.shown) == ["t0"] * 16 + ["t1"] * 16


async def test_a_token_that_has_worked_is_replaced_again_when_it_expires() -> None:
    hook, gate = Hook(), Gate("t1")
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        for number in (1, 2, 3):
            gate.valid = {f"t{number}"}
            assert [await jira.count(), await jira.count()] == [7, 7]
            assert hook.calls == number


async def test_a_fresh_token_that_never_worked_is_the_last_one() -> None:
    hook, gate = Hook(), Gate()
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        for _ in range(2):
            with pytest.raises(Refused, match="did not accept the login") as caught:
                await jira.count()
            assert caught.value.login
    assert [token for _, token in gate.shown] == ["t0", "t1"]
    assert hook.calls == 1


async def test_a_token_that_was_refused_once_already_is_not_replaced_for_another_request() -> None:
    hook, times, is_sent_again = Hook(), iter([0.0, 0.2, 0.0]), anyio.Event()

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        if seconds := next(times):
            is_sent_again.set()
            await anyio.sleep(seconds)
        return web.Response(status=401)

    async with Odd(answer) as odd, jira_at(odd, hook) as jira:
        first = asyncio.create_task(jira.count())
        await is_sent_again.wait()
        with pytest.raises(Refused):  # with token 1, whose first answer is still to come
            await jira.count()
        with pytest.raises(Refused):
            await first
    assert hook.calls == 1
    assert [request.headers["Authorization"] for request in odd.seen] == ["Bearer t0", "Bearer t1", "Bearer t1"]


async def test_who_is_refused_at_one_address_only_does_not_ask_for_tokens_for_ever() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "/3/" not in request.path:
            return await gate(request)
        await anyio.sleep(0.05)  # time enough for the others to show that the token works
        return web.Response(status=401)

    hook, gate = Hook(), Gate(*(f"t{number}" for number in range(99)))
    async with Odd(answer) as odd, jira_at(odd, hook) as jira:

        async def others() -> None:
            while True:
                await jira.count()
                await anyio.sleep(0.01)

        other = asyncio.create_task(others())
        with anyio.fail_after(5):
            with pytest.raises(Refused):
                await jira.count(api_version="3")
            with pytest.raises(Refused):
                await other
    assert hook.calls == 1
    assert ("search", "t1") in gate.shown


async def test_without_a_hook_a_401_is_final() -> None:
    gate = Gate()
    async with Odd(gate) as odd, Jira(odd.url, api="offset", auth=BearerAuth("t0")) as jira:
        with pytest.raises(Refused):
            await jira.count()
    assert len(gate.shown) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: web.Response(status=401, text=SCOPE),
        lambda: web.Response(status=401, headers=CAPTCHA),
        lambda: web.Response(status=403),
        lambda: web.Response(status=404),
        lambda: web.Response(status=200, headers=CAPTCHA, body=b"{}"),
    ],
)
async def test_where_a_fresh_token_changes_nothing_none_is_asked_for(refusal: Callable[[], web.Response]) -> None:
    hook, gate = Hook(), Gate(refusal=refusal)
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        with pytest.raises(StatusError):
            await jira.count()
    assert hook.calls == 0


async def test_a_missing_scope_for_one_address_leaves_the_others_open() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=401, text=SCOPE) if "/3/" in request.path else await gate(request)

    gate = Gate("t0")
    async with Odd(answer) as odd, jira_at(odd, Hook()) as jira:
        with pytest.raises(Refused, match="has no scope for this"):
            await jira.count(api_version="3")
        assert await jira.count() == 7


@pytest.mark.parametrize(
    "refusal", [visitor(**{"X-AUSERNAME": "anonymous"}), visitor(**{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})]
)
async def test_an_answer_as_to_a_visitor_asks_for_a_token_once(refusal: Callable[[], web.Response]) -> None:
    hook, gate = Hook(), Gate("t1", refusal=refusal)
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        assert await jira.count() == 7
        gate.valid = set()
        for _ in range(2):
            with pytest.raises(Refused, match="anonymous visitor"):
                await jira.count()
    assert hook.calls == 2
    assert [token for _, token in gate.shown] == ["t0", "t1", "t1", "t2"]


async def test_a_silent_answer_to_an_expired_token_is_never_taken_for_an_empty_jira() -> None:
    hook, gate = Hook(), Gate("t1", named=False, refusal=visitor())
    gate.seconds = 0.02
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        assert await asyncio.gather(*(jira.count() for _ in range(8))) == [7] * 8
    assert hook.calls == 1
    assert [entry for entry in gate.shown if entry[0] == "myself"] == [("myself", "t0"), ("myself", "t1")]


async def test_a_silent_answer_to_tokens_that_never_work_is_a_refusal() -> None:
    hook, gate = Hook(), Gate(named=False, refusal=visitor())
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        with pytest.raises(Refused, match="not accepted: Jira answers as to an anonymous visitor"):
            await jira.count()
    assert hook.calls == 1


class Trouble(Exception):
    pass


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "fails", [Trouble("hunter2"), ExceptionGroup("hunter2", [Trouble()]), Refused("hunter2", status=1)]
)
async def test_a_hook_that_fails_ends_every_pull_with_its_kind_and_not_its_words(fails: Exception, named: bool) -> None:
    calls: list[int] = []

    async def hook() -> str:
        calls.append(1)
        await anyio.sleep(0.02)
        raise fails

    gate = Gate(named=named, refusal=None if named else visitor())
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        errors = await asyncio.gather(*(jira.count() for _ in range(8)), return_exceptions=True)
        with pytest.raises(Refused) as caught:
            await jira.count()
    assert {(type(error), str(error), getattr(error, "login", None)) for error in [*errors, caught.value]} == {
        (
            Refused,
            f"HTTP 401: the access token was not accepted, and the refresh hook failed ({type(fails).__name__})",
            True,
        )
    }
    assert calls == [1]


@pytest.mark.parametrize("given", ["", "two words", "a\nb", None, 7, b"t1"])
async def test_a_hook_that_gives_no_token_is_told_from_a_refusal_by_jira(given: Any) -> None:
    async def hook() -> Any:
        return given

    async with Odd(Gate()) as odd, jira_at(odd, hook) as jira:
        with pytest.raises(Refused, match="the refresh hook gave none that can be used: the access token"):
            await jira.count()


async def test_a_hook_that_is_no_coroutine_is_a_failed_hook() -> None:
    async with Odd(Gate()) as odd, jira_at(odd, lambda: "t1") as jira:
        with pytest.raises(Refused, match=r"the refresh hook failed \(TypeError\)"):
            await jira.count()


async def test_a_pull_that_is_cancelled_in_the_hook_is_cancelled_and_the_next_one_asks_again() -> None:
    hook, gate = Hook(seconds=30), Gate("t2")
    async with Odd(gate) as odd, jira_at(odd, hook) as jira:
        with anyio.move_on_after(0.1) as waiting:
            await jira.count()
        assert waiting.cancelled_caught
        hook._seconds = 0.0
        assert await jira.count() == 7
    assert hook.calls == 2


async def test_closing_the_client_ends_a_pull_that_waits_for_its_hook() -> None:
    async with Odd(Gate()) as odd:
        jira = jira_at(odd, Hook(seconds=30))
        async with jira.pull() as pull:
            waiting = asyncio.create_task(anext(aiter(pull)))
            await anyio.sleep(0.1)
            with anyio.fail_after(5):
                await jira.aclose()
            with pytest.raises(Exception, match="closed"):
                await waiting


def test_a_first_token_that_cannot_be_one_is_refused_with_or_without_a_hook() -> None:
    with pytest.raises(ConfigError):
        BearerAuth("", refresh=Hook())
