"""What the logger `asyncjira` and a listener hear, and what happens where a listener fails."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from asyncjira import (
    Answered,
    BearerAuth,
    ConfigError,
    IncompleteError,
    Jira,
    JiraError,
    PullFinished,
    Retried,
    RetryPolicy,
    ServerError,
)
from asyncjira.cli import main
from asyncjira.cli.talk import Talk
from asyncjira.events import Event

from .conftest import SWIFT, UNLIMITED, requests_of_a_proof

TOKEN, JQL = "s3cret", 'summary ~ "n0t for logs"'


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Return a function that takes what the logger has written by now, as (level, words)."""
    caplog.set_level(logging.DEBUG, logger="asyncjira")

    def written() -> list[tuple[str, str]]:
        found = [(each.levelname, each.getMessage()) for each in caplog.records if each.name == "asyncjira"]
        caplog.clear()
        return found

    return written


async def pull(url: str, jql: str = JQL, **options: Any) -> int:
    limits = {"limits": UNLIMITED, "retry": SWIFT, "auth": BearerAuth(TOKEN)}
    async with Jira(url, **{**limits, **options}) as jira, jira.pull(jql, page_size=50) as pull:
        return len([issue async for issue in pull])


async def test_every_request_is_a_line_at_debug_and_the_end_one_at_info(mock_jira: Any, lines: Any) -> None:
    mock = mock_jira(issues=120, token=TOKEN)
    assert await pull(mock.url, api="offset") == 120
    *requests, end = lines()
    assert {level for level, _ in requests} == {"DEBUG"}
    assert len(requests) == len(mock.wire) == requests_of_a_proof(mock, 50)
    assert requests[0][1].startswith("127.0.0.1: search from row 0: 200 in ")
    assert end == (
        "INFO",
        f"127.0.0.1: 120 issues, complete, proven; {len(mock.wire)} requests, 0 retries, 0.0 s paused, 0 warnings",
    )


async def test_what_is_asked_again_is_a_warning(mock_jira: Any, lines: Any) -> None:
    mock = mock_jira(issues=120, faults=["500@2", "429:0@3", "truncate@4"])
    await pull(mock.url, auth=None, api="offset")
    warned = [words for level, words in lines() if level == "WARNING"]
    assert len(warned) == 3
    assert sum("HTTP 500; again in 0.0 s" in words for words in warned) == 1
    assert sum("HTTP 429, Retry-After 0 s; a pause of 0.0 s" in words for words in warned) == 1
    assert sum("cut short; again in" in words for words in warned) == 1


async def test_an_end_that_is_not_complete_is_a_warning_and_what_raises_is_left_to_who_catches_it(
    mock_jira: Any, lines: Any
) -> None:
    mock = mock_jira(issues=120, faults=["poison:10044@1-"])
    with pytest.raises(IncompleteError):
        await pull(mock.url, auth=None, retry=RetryPolicy(attempts=1))
    assert [words for level, words in lines() if level == "WARNING" and "INCOMPLETE" in words]
    mock.faults = ["500@1-"]
    with pytest.raises(ServerError):
        await pull(mock.url, auth=None, api="offset", retry=RetryPolicy(attempts=1))
    assert {level for level, _ in lines()} == {"DEBUG"}


async def test_where_a_pull_goes_on_is_information(mock_jira: Any, lines: Any, tmp_path: Any) -> None:
    mock = mock_jira(issues=20)
    async with Jira(mock.url) as jira:
        await jira.pull_to(tmp_path / "two\nlines", resume=True)
    (line,) = [words for level, words in lines() if level == "INFO" and "afresh" in words]
    assert line.startswith("127.0.0.1: ")
    assert line.endswith("two lines.part begins afresh")


FAULTS = ["400", "401", "403", "429:301", "503:301", "500", "reset", "truncate", "html", "max:0", "start:7", "empty"]


async def test_no_query_and_no_secret_is_written_whatever_goes_wrong(mock_jira: Any, lines: Any) -> None:
    mock = mock_jira(issues=200, token=TOKEN)
    written: list[tuple[str, str]] = []
    for fault in FAULTS:
        mock.faults = [f"{fault}@{len([1 for entry in mock.wire if entry['n']]) + 2}-"]
        with pytest.raises(JiraError):
            await pull(mock.url, api="offset", retry=RetryPolicy(attempts=2, first=0.001))
        written += lines()
    assert len(written) > 2 * len(FAULTS)
    assert not [words for _, words in written if TOKEN in words or "n0t" in words or "jql" in words.lower()]


async def test_nobody_is_told_of_requests_unless_somebody_wants_to_hear(mock_jira: Any, caplog: Any) -> None:
    mock = mock_jira(issues=120)
    caplog.set_level(logging.INFO, logger="asyncjira")
    await pull(mock.url, auth=None)
    assert [record.levelname for record in caplog.records if record.name == "asyncjira"] == ["INFO"]


def test_a_program_that_sets_up_no_logging_is_told_nothing(mock_jira: Any) -> None:
    mock = mock_jira(issues=60, faults=["429:0@2"])
    code = f"import asyncjira; print(len(asyncjira.fetch({mock.url!r}, page_size=20)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("60\n", "")


# Three of them could pass for an error of a request, or of several.
BUGS = {Answered: OSError(), Retried: ConfigError(), PullFinished: ExceptionGroup("bugs", [OSError()])}


class Failing:
    """A listener that fails at everything it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.threads: set[int] = set()

    def __call__(self, event: object) -> None:
        self.heard.append(type(event).__name__)
        self.threads.add(threading.get_ident())
        raise BUGS.get(type(event), KeyError())


async def test_a_listener_that_fails_ends_no_pull_and_is_complained_of(
    mock_jira: Any, nothing_left: Any, tmp_path: Any
) -> None:
    mock, failing = mock_jira(issues=200, faults=["500@3"]), Failing()
    check = nothing_left(mock)
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT, on_event=failing) as jira:
        manifest = await jira.pull_to(tmp_path / "out", page_size=50, resume=True)
    assert (manifest.complete, manifest.issues, manifest.requests) == (True, 200, len(mock.wire))
    assert set(failing.heard) == {kind.__name__ for kind in get_args(Event)} - {"Throttled"}
    assert failing.threads == {threading.get_ident()}
    assert [context["message"] for context in complaints] == [
        f"the listener of asyncjira failed at {name}" for name in failing.heard
    ]
    assert all(isinstance(context["exception"], Exception) for context in complaints)
    await check()


def test_where_what_talks_fails_the_command_line_says_so_without_a_traceback(
    mock_jira: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any, tmp_path: Any
) -> None:
    def fail(_: Talk, event: object) -> None:
        raise ValueError(f"cannot show \x1b[31m{type(event).__name__}")

    monkeypatch.setattr(Talk, "hear", fail)
    mock = mock_jira(issues=10)
    assert main(["pull", "--url", mock.url, "-q", "-o", str(tmp_path / "out")]) == 0
    said = capfd.readouterr().err.splitlines()
    assert said
    assert all(line.startswith("asyncjira: a bug in asyncjira, please report it: the listener") for line in said)
    assert not any("\x1b" in line for line in said)


def test_the_command_line_writes_no_log(mock_jira: Any, capfd: Any, tmp_path: Any) -> None:
    mock = mock_jira(issues=120, faults=["500@2"])
    assert main(["pull", "--url", mock.url, "-q", "-o", str(tmp_path / "out")]) == 0
    assert capfd.readouterr().err == ""
