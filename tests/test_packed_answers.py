"""Answers that are packed in one way or another, over a real socket: what is read, what is refused, what is retried."""

import gzip
import zlib

import aiohttp
import pytest
from aiohttp import web

from asyncjira import BadQuery, BasicAuth, Jira, Limits, Refused, ServerError, TransportError
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, Answering, Odd

PAGE = b'{"startAt":0,"maxResults":1,"total":7,"issues":[]}'
PACKED = gzip.compress(PAGE, mtime=0)
ANN = BasicAuth("ann@example.com", "token")
CAPTCHA = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}


def saying(body: bytes, coding: str, status: int = 200, **headers: str) -> Answering:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, body=body, headers={"Content-Encoding": coding, **headers})

    return answer


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (PAGE, "identity"),
        (PACKED, "gzip"),
        (PACKED, "GZIP"),
        (PACKED, "x-gzip"),
        (gzip.compress(PAGE[:20], mtime=0) + gzip.compress(PAGE[20:], mtime=0), "gzip"),
    ],
)
async def test_gzip_by_any_name_and_in_any_number_of_members_is_read(body: bytes, coding: str) -> None:
    async with Odd(saying(body, coding)) as odd, Jira(odd.url, api="offset") as jira:
        assert await jira.count() == 7
        assert odd.seen[0].headers.getall("Accept-Encoding") == ["gzip"]


@pytest.mark.parametrize(
    ("body", "coding", "words", "is_retried"),
    [
        (PACKED[:-9], "gzip", "cut short", True),
        (PACKED[:-1], "gzip", "cut short", True),
        (PACKED[:3], "gzip", "cut short", True),
        (PACKED[:-8] + bytes(4) + PACKED[-4:], "gzip", "damaged on its way", True),
        (PACKED + b"\n", "gzip", "announced as gzip", True),
        (PAGE, "gzip", "announced as gzip", True),
        (b"", "gzip", "empty", True),
        (zlib.compress(PAGE), "deflate", "packed as 'deflate', and gzip was asked for", False),
        (b"any", "br", "packed as 'br', and gzip was asked for", False),
    ],
)
async def test_a_page_that_cannot_be_unpacked_is_an_error(
    body: bytes, coding: str, words: str, is_retried: bool
) -> None:
    async with Odd(saying(body, coding)) as odd, Jira(odd.url, api="offset", retry=SWIFT) as jira:
        with pytest.raises((TransportError, ServerError), match=words):
            await jira.count()
        assert (len(odd.seen) > 1) == is_retried


@pytest.mark.parametrize(("body", "coding"), [(PAGE, "gzip"), (PACKED[:-1], "gzip"), (b"any", "br")])
async def test_a_refusal_whose_words_cannot_be_read_is_a_refusal(body: bytes, coding: str) -> None:
    async with Odd(saying(body, coding, 403, **CAPTCHA)) as odd, Jira(odd.url, auth=ANN, api="offset") as jira:
        with pytest.raises(Refused, match="CAPTCHA"):
            await jira.count()
        assert len(odd.seen) == 1


async def test_the_words_of_a_refusal_are_unpacked() -> None:
    words = gzip.compress(b'{"errorMessages":["no field named colour"]}')
    async with Odd(saying(words, "gzip", 400)) as odd, Jira(odd.url, api="offset") as jira:
        with pytest.raises(BadQuery, match="no field named colour"):
            await jira.count()


async def test_a_server_error_that_cannot_be_unpacked_is_retried_as_a_server_error() -> None:
    answers = iter([saying(PAGE, "br", 502), saying(PACKED, "gzip")])

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return await next(answers)(request)

    async with Odd(answer) as odd, Jira(odd.url, api="offset", retry=SWIFT) as jira:
        assert await jira.count() == 7


@pytest.mark.parametrize("unpacks", [True, False])
async def test_a_session_that_was_handed_in_may_unpack_or_not(unpacks: bool) -> None:
    async with (
        MockJira(issues=30) as mock,
        aiohttp.ClientSession(auto_decompress=unpacks, headers={"Accept-Encoding": "br"}) as session,
        Jira(mock.url, session=session, limits=UNLIMITED) as jira,
        jira.pull() as pull,
    ):
        assert len([issue async for issue in pull]) == 30


async def test_a_bomb_among_the_refusals_is_left_at_the_limit() -> None:
    bomb = gzip.compress(bytes(20_000_000), mtime=0)
    async with Odd(saying(bomb, "gzip", 400)) as odd, Jira(odd.url, api="offset", limits=Limits()) as jira:
        with pytest.raises(TransportError, match="inflates to more than 200 times"):
            await jira.count()
        assert len(odd.seen) == 1
