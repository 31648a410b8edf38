"""Pulls over a real socket, from the mock, through the library's doors."""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest

import asyncjira
from asyncjira import (
    Answered,
    BasicAuth,
    BearerAuth,
    ClosedError,
    ConfigError,
    IncompleteError,
    Jira,
    Limits,
    Page,
    PageFetched,
    PullFinished,
    Refused,
)
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED, WHICH_JIRA, proven_by, requests_of_a_proof, with_login

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def searches(mock: MockJira) -> list[dict[str, Any]]:
    return [entry for entry in mock.wire if entry["n"] is not None]


async def pulled(jira: Jira, jql: str = "", **options: Any) -> tuple[list[bytes], asyncjira.Manifest]:
    issues: list[bytes] = []
    async with jira.pull(jql, **options) as pull:
        async for page in pull.pages():
            assert isinstance(page, Page)
            issues += page.issues
    return issues, pull.manifest


@pytest.mark.parametrize(("proof", "guarantee"), [("auto", "proven"), ("on", "proven"), ("off", "reconciled")])
async def test_every_issue_comes_in_order_with_the_bytes_that_were_sent(proof: Any, guarantee: str) -> None:
    async with MockJira(issues=1234, jitter=0.02) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        issues, manifest = await pulled(jira, proof=proof)
        assert issues == list(mock.expected("*all"))
        requests = WHICH_JIRA + (13 if proof == "off" else requests_of_a_proof(mock, 100))
    assert (manifest.complete, manifest.guarantee, manifest.issues) == (True, guarantee, 1234)
    assert (manifest.total_first, manifest.total_last, manifest.requests) == (1234, 1234, requests)
    assert (manifest.retries, manifest.warnings, manifest.fresh) == (0, (), proof != "off")
    assert max(entry["in_flight"] for entry in searches(mock)) > 4


async def test_issues_are_objects_for_those_who_ask_for_objects() -> None:
    async with MockJira(issues=120) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(fields=["summary", "status"]) as pull:
            found = [issue async for issue in pull]
        assert found == [json.loads(issue) for issue in mock.expected("summary,status,created,updated")]


async def test_an_empty_result_is_complete() -> None:
    async with MockJira(issues=0) as mock, Jira(mock.url) as jira:
        issues, manifest = await pulled(jira)
    assert (issues, manifest.complete, manifest.issues, manifest.total_last) == ([], True, 0, 0)


@pytest.mark.parametrize("version", ["2", "3", "latest"])
async def test_what_is_asked_for_is_what_is_sent(version: str) -> None:
    async with MockJira(issues=60, context="/jira") as mock, Jira(mock.url + "/", limits=UNLIMITED) as jira:
        issues, manifest = await pulled(
            jira, fields="summary", expand=["renderedFields"], page_size=20, api_version=version
        )
        assert issues == list(mock.expected("summary,created,updated", ("renderedFields",)))
        assert (manifest.fields, manifest.expand) == (("summary", "created", "updated"), ("renderedFields",))
        assert {entry["path"] for entry in searches(mock)} == {f"/jira/rest/api/{version}/search"}
        assert {entry["maxResults"] for entry in searches(mock)} == {20}


@pytest.mark.parametrize("options", [{"proof": "off"}, {"jql": "project = OPS ORDER BY key"}])
async def test_where_nothing_is_proven_the_fields_are_those_that_were_asked_for(options: dict[str, Any]) -> None:
    async with MockJira(issues=60) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        issues, manifest = await pulled(jira, fields="summary", **options)
        assert sorted(issues) == sorted(mock.expected("summary"))
    assert (manifest.fields, manifest.guarantee) == (("summary",), "reconciled")


@pytest.mark.parametrize(("words", "method"), [(10, "GET"), (5000, "POST")])
async def test_a_long_query_goes_into_a_body(words: int, method: str) -> None:
    jql = " OR ".join(f'summary ~ "wörd {number}"' for number in range(words))
    async with MockJira(issues=250) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        issues, _ = await pulled(jira, jql)
        assert len(issues) == 250
        assert {entry["method"] for entry in searches(mock)} == {method}
        asked = [f"({jql}){since} ORDER BY created ASC, key ASC" for since in ("", " AND updated >= 1700000000000")]
        assert {entry["jql_length"] for entry in searches(mock)} == {*map(len, asked)}
        assert await jira.count(jql) == 250


async def test_a_server_that_caps_its_pages_and_lowers_the_cap_loses_nothing() -> None:
    async with (
        MockJira(issues=1000, max_page=50, faults=["cap:25@10-"]) as mock,
        Jira(mock.url, limits=UNLIMITED) as jira,
    ):
        issues, manifest = await pulled(jira, page_size=100)
        assert issues == list(mock.expected("*all"))
    assert manifest.guarantee == "proven"


async def test_compression_on_the_wire_changes_nothing() -> None:
    async with MockJira(issues=300) as mock:
        async with Jira(mock.url, limits=UNLIMITED) as jira:
            issues, _ = await pulled(jira)
        assert issues == list(mock.expected("*all"))
        assert sum(entry["bytes"] for entry in searches(mock)) < sum(map(len, issues)) / 2


async def test_a_count_delivers_no_issue() -> None:
    async with MockJira(issues=321) as mock, Jira(mock.url) as jira:
        assert await jira.count("project = OPS") == 321
        assert [entry["maxResults"] for entry in searches(mock)] == [0]


@pytest.mark.parametrize("auth", [BasicAuth("ann@example.com", "s3cret"), BearerAuth("s3cret")])
async def test_both_logins_are_accepted(auth: BasicAuth | BearerAuth) -> None:
    async with MockJira(issues=10, email="ann@example.com", token="s3cret") as mock, Jira(mock.url, auth=auth) as jira:
        assert len((await pulled(jira))[0]) == 10


async def test_a_wrong_login_is_refused_after_one_request_that_showed_it() -> None:
    async with MockJira(issues=10, email="ann@example.com", token="s3cret") as mock:
        async with Jira(mock.url, auth=BearerAuth("wrong")) as jira:
            with pytest.raises(Refused) as caught:
                await pulled(jira)
        assert len(with_login(mock)) == 1
    assert "wrong" not in str(caught.value)


async def test_two_pulls_share_one_client_and_its_limits() -> None:
    async with MockJira(issues=600, latency=0.01) as mock, Jira(mock.url, limits=Limits(concurrency=4, rate=0)) as jira:
        found: list[list[bytes]] = []

        async def one() -> None:
            found.append((await pulled(jira, page_size=20))[0])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one)
            tasks.start_soon(one)
        assert found == [list(mock.expected("*all"))] * 2
        assert max(entry["in_flight"] for entry in searches(mock)) == 4


async def test_a_session_that_is_handed_in_is_used_and_left_open() -> None:
    seen = []

    async def own(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append(request.url.path)
        return await send(request)

    async with MockJira(issues=10) as mock, aiohttp.ClientSession(middlewares=(own,)) as session:
        async with Jira(mock.url, session=session) as jira:
            await pulled(jira)
        assert not session.closed
        which, *searches = seen
        assert which == "/rest/api/2/serverInfo"
        assert searches == ["/rest/api/2/search"] * 2, "all of them, and what changed meanwhile"


async def test_a_session_with_other_credentials_is_refused() -> None:
    with pytest.warns(DeprecationWarning, match="auth"):
        session = aiohttp.ClientSession(auth=aiohttp.BasicAuth("a", "b"))
    async with session:
        with pytest.raises(ConfigError):
            Jira("https://jira.example.com", auth=BearerAuth("x"), session=session)


async def test_the_credentials_of_a_session_do_not_cross_the_network_readable_either() -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as session:
        with pytest.raises(ConfigError, match="--allow-http"):
            Jira("http://jira.example.com", session=session)


def test_credentials_must_be_credentials() -> None:
    with pytest.raises(ConfigError, match="BasicAuth"):
        Jira("https://jira.example.com", auth=("ann", "token"))  # type: ignore[arg-type]


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_a_slow_consumer_holds_the_requests_back(proof: Any) -> None:
    async with MockJira(issues=5000) as mock, Jira(mock.url, limits=Limits(concurrency=4, rate=0)) as jira:
        async with jira.pull(page_size=10, proof=proof) as pull:
            async for _ in pull:
                await anyio.sleep(0.2)
                break
            # 2 pages of 10 for each of the 4 requests, and the one that is being consumed
            assert len(searches(mock)) <= 9 + 1 + pull.manifest.refetched_pages
            assert pull.manifest.refetched_pages <= 8


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_listeners_hear_every_page_and_the_end(proof: Any) -> None:
    heard: list[object] = []
    async with MockJira(issues=250) as mock, Jira(mock.url, limits=UNLIMITED, on_event=heard.append) as jira:
        _, manifest = await pulled(jira, proof=proof)
        pages = [event.issues for event in heard if isinstance(event, PageFetched)]
        assert len(pages) == len(searches(mock))
    assert sum(pages) == 250 + manifest.duplicates_dropped
    assert (manifest.duplicates_dropped > 0) == (proof == "auto"), "pages of a proof share rows"
    assert isinstance(heard[-1], PullFinished)


async def test_listeners_hear_of_every_request_what_it_was_for_and_how_it_ended() -> None:
    heard: list[Any] = []
    async with MockJira(issues=950, faults=["503@2", "reset@3"]) as mock:
        async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT, on_event=heard.append) as jira:
            _, manifest = await pulled(jira)
    answered = [event for event in heard if isinstance(event, Answered)]
    assert len(answered) == manifest.requests
    assert Counter(event.status for event in answered) == {200: manifest.requests - 2, 503: 1, None: 1}
    assert Counter(event.purpose for event in answered)["catch-up"] == 1
    assert {event.label for event in answered if event.purpose == "question"} == {"server info"}
    assert all(1 <= event.in_flight <= UNLIMITED.concurrency and event.seconds > 0 for event in answered)
    assert all((event.bytes > 0) == (event.status is not None) for event in answered)


async def test_listeners_hear_what_was_asked_again_to_fill_a_gap() -> None:
    heard: list[Any] = []
    async with MockJira(issues=600, mutate=3.0, seed=1) as mock:
        async with Jira(mock.url, limits=UNLIMITED, on_event=heard.append) as jira:
            _, manifest = await pulled(jira, page_size=20)
    gaps = [event for event in heard if isinstance(event, Answered) and event.purpose == "gap"]
    assert len(gaps) == manifest.refetched_pages > 0


async def test_a_count_that_disagrees_takes_nothing_from_a_proof_but_is_told() -> None:
    async with MockJira(issues=90, faults=["total:91@1-"]) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        issues, manifest = await pulled(jira)
        assert issues == list(mock.expected("*all"))
    (warning,) = manifest.warnings
    assert (manifest.guarantee, warning) == ("proven", "Jira's counts do not fit its pages: 91 at first, and 90 came")


async def test_without_a_proof_a_count_that_disagrees_ends_the_pull_after_its_last_issue() -> None:
    issues = []
    async with MockJira(issues=90, faults=["total:91@1-"]) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        async with jira.pull(proof="off") as pull:
            with pytest.raises(IncompleteError, match="Jira counts 91 issues, 90 different ones came") as caught:
                async for issue in pull:
                    issues.append(issue)
    assert len(issues) == 90
    assert caught.value.manifest is pull.manifest
    assert (pull.manifest.complete, pull.manifest.guarantee) == (False, "none")


async def test_a_file_and_its_manifest_agree(tmp_path: Path) -> None:
    path = tmp_path / "issues.ndjson.gz"
    async with MockJira(issues=250) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        manifest = await jira.pull_to(path, "project = OPS")
        assert gzip.decompress(path.read_bytes()).splitlines() == list(mock.expected("*all"))
    stored = json.loads((tmp_path / "issues.ndjson.gz.manifest.json").read_bytes())
    assert stored == json.loads(manifest.to_json())
    assert (stored["bytes"], stored["complete"], stored["jql"]) == (path.stat().st_size, True, "project = OPS")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name, path.name + ".manifest.json"]


@pytest.mark.parametrize(
    ("fault", "proof", "issues", "missing"),
    [("poison:10044@1-", "auto", 89, ["10044"]), ("total:91@1-", "off", 90, [])],
)
async def test_an_incomplete_file_stays_a_part_that_can_be_read(
    fault: str, proof: Any, issues: int, missing: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "issues.json.gz"
    async with MockJira(issues=90, faults=[fault]) as mock, Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        with pytest.raises(IncompleteError) as caught:
            await jira.pull_to(path, proof=proof)
    assert not path.exists()
    part = tmp_path / "issues.json.gz.part"
    assert len(json.loads(gzip.decompress(part.read_bytes()))) == issues
    stored = json.loads((tmp_path / "issues.json.gz.manifest.json").read_bytes())
    assert (stored["complete"], stored["guarantee"], stored["bytes"]) == (False, "none", part.stat().st_size)
    assert (stored["issues"], stored["missing_ids"]) == (issues, missing)
    assert stored == json.loads(caught.value.manifest.to_json())


async def test_a_pull_that_fails_in_the_middle_tells_so_in_its_manifest(tmp_path: Path) -> None:
    async with MockJira(issues=900, faults=["500@5-"]) as mock:
        async with Jira(mock.url, limits=Limits(concurrency=1, rate=0), retry=SWIFT) as jira:
            with pytest.raises(asyncjira.ServerError):
                await jira.pull_to(tmp_path / "a")
    stored = json.loads((tmp_path / "a.manifest.json").read_bytes())
    assert stored["complete"] is False
    assert "HTTP 500" in stored["warnings"][-1]
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "a.part").stat().st_size == stored["bytes"] > 0


async def test_a_pull_that_gets_nothing_leaves_nothing(tmp_path: Path) -> None:
    async with MockJira(faults=["404@1-"]) as mock, Jira(mock.url) as jira:
        with pytest.raises(asyncjira.NotFound):
            await jira.pull_to(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_the_synchronous_door(mock_jira: Any) -> None:
    mock = mock_jira(issues=150)
    assert asyncjira.fetch(mock.url, limits=UNLIMITED) == [json.loads(issue) for issue in mock.expected("*all")]


async def test_the_synchronous_door_inside_a_running_loop(mock_jira: Any) -> None:
    mock = mock_jira(issues=15)
    assert len(asyncjira.fetch(mock.url, "project = OPS", fields="summary")) == 15


@pytest.mark.parametrize(
    "call",
    [
        lambda jira: jira.pull(page_size=0),
        lambda jira: jira.pull("\0"),
        lambda jira: jira.pull(api_version="9"),
        lambda jira: jira.pull(fields="a\x1b"),
    ],
)
async def test_what_cannot_be_asked_is_refused_at_once(call: Any) -> None:
    async with Jira("https://jira.example.com") as jira:
        with pytest.raises(ConfigError):
            call(jira)


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_who_empties_the_pages_changes_nothing_of_what_is_counted(proof: Any) -> None:
    async with MockJira(issues=250) as mock, Jira(mock.url, limits=UNLIMITED) as jira, jira.pull(proof=proof) as pull:
        async for page in pull.pages():
            page.issues.clear()
    assert (pull.manifest.issues, pull.manifest.complete) == (250, True)


async def test_issues_and_pages_are_not_mixed_by_mischance() -> None:
    async with MockJira(issues=10) as mock, Jira(mock.url) as jira, jira.pull() as pull:
        await anext(pull)
        with pytest.raises(RuntimeError, match="half consumed"):
            await anext(pull.pages())


async def test_a_closed_client_asks_nothing_more() -> None:
    async with MockJira(issues=10, latency=0.2) as mock:
        jira = Jira(mock.url)
        async with anyio.create_task_group() as tasks:

            async def count() -> None:
                with pytest.raises(ClosedError) as caught:
                    await jira.count()
                assert caught.value.__context__ is None, "aiohttp's errors hold the headers"

            tasks.start_soon(count)
            await anyio.sleep(0.1)
            await jira.aclose()
        with pytest.raises(ClosedError):
            await jira.count()
        with pytest.raises(ClosedError):
            await pulled(jira)
        assert len(mock.wire) == 1


async def test_a_client_that_was_closed_before_it_asked_stays_closed() -> None:
    async with MockJira(issues=10) as mock, aiohttp.ClientSession() as session:
        for given in (None, session):
            jira = Jira(mock.url, session=given)
            await jira.aclose()
            with pytest.raises(ClosedError):
                await jira.count()
        assert not mock.wire


async def test_a_session_that_others_closed_is_told() -> None:
    async with MockJira(issues=10) as mock, aiohttp.ClientSession() as session:
        jira = Jira(mock.url, session=session)
        await session.close()
        with pytest.raises(ClosedError):
            await jira.count()


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_a_pull_that_fails_tells_what_was_consumed(proof: Any) -> None:
    issues = []
    async with MockJira(issues=90, faults=["500@3-"]) as mock:
        async with (
            Jira(mock.url, limits=Limits(concurrency=1, rate=0), retry=SWIFT) as jira,
            jira.pull(page_size=10, proof=proof) as pull,
        ):
            with pytest.raises(asyncjira.ServerError):
                async for issue in pull:
                    issues.append(issue)
        came = 20 if proof == "off" else proven_by(mock, 10, pages=2)
    assert (len(issues), pull.manifest.issues, pull.manifest.complete) == (came, came, False)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
async def test_a_cancelled_pull_into_a_file_leaves_a_part_that_can_be_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    async with MockJira(issues=900, faults=["hang@5-"]) as mock:
        async with Jira(mock.url, limits=Limits(concurrency=1, rate=0)) as jira:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(jira.pull_to, path)
                while not any(entry["n"] == 5 for entry in mock.wire):
                    await anyio.sleep(0.01)
                await anyio.sleep(0.2)  # the rows of the page before it are on their way into the file
                tasks.cancel_scope.cancel()
        came = proven_by(mock, 100, pages=4)
        expected = list(mock.expected("*all"))
    stored = json.loads((tmp_path / f"a{suffix}.manifest.json").read_bytes())
    assert (stored["complete"], stored["issues"], stored["warnings"][-1]) == (False, came, "it was interrupted")
    part = (tmp_path / f"a{suffix}.part").read_bytes()
    read = {"": bytes, ".gz": gzip.decompress, ".zst": zstd.decompress}[suffix]
    assert read(part).splitlines() == expected[:came]
    assert not path.exists()


async def test_a_pull_must_be_entered_and_only_once() -> None:
    async with MockJira(issues=1) as mock, Jira(mock.url) as jira:
        pull = jira.pull()
        with pytest.raises(RuntimeError):
            await anext(pull)
        async with pull:
            with pytest.raises(RuntimeError):
                await pull.__aenter__()
            assert (pull.manifest.complete, pull.manifest.issues) == (False, 0)
