"""Lists of other things than issues, over a socket: the mock's, and those of servers that are not to be trusted."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web

from asyncjira import BasicAuth, ConfigError, IncompleteError, Jira, JiraError, NotFound, ProtocolError, Refused
from asyncjira.cli import main
from asyncjira.mock import MockJira
from asyncjira.pull.listing import Listing
from tests.conftest import SWIFT, UNLIMITED, Odd

pytestmark = pytest.mark.anyio

CLOUD_ONLY = [
    ("/rest/api/3/project/search", "values", 130, "reconciled"),
    ("/rest/api/3/users/search", None, 1234, "none"),
    ("/rest/api/2/label", "values", 260, "reconciled"),
]
DATA_CENTER_ONLY = [("/rest/api/2/user/search?username=.", None, 1234, "none"), ("/rest/api/2/field", None, 93, "none")]
BOTH = [
    ("/rest/api/2/project", None, 130, "none"),
    ("/rest/agile/1.0/board", "values", 120, "reconciled"),
    ("/rest/agile/1.0/board?type=kanban", "values", 40, "reconciled"),
    ("/rest/agile/1.0/board/7/sprint", "values", 73, "none"),
    ("/rest/servicedeskapi/servicedesk", "values", 12, "none"),
]


@pytest.mark.parametrize(
    ("flavor", "lists"), [("dc", [*BOTH, *DATA_CENTER_ONLY]), ("cloud", [*BOTH, *CLOUD_ONLY])], ids=["dc", "cloud"]
)
async def test_every_list_of_the_mock_comes_whole(flavor: str, lists: list[tuple[str, str | None, int, str]]) -> None:
    async with (
        MockJira(issues=1, flavor=flavor, context="/jira", email="e", token="secret-token") as mock,
        Jira(mock.url, auth=BasicAuth("e", "secret-token"), limits=UNLIMITED) as jira,
    ):
        for path, key, count, guarantee in lists:
            async with jira.pages(path, page_size=25 if key == "values" else None) as pull:
                items = [item async for item in pull]
            assert len({json.dumps(item) for item in items}) == len(items) == count, path
            facts = pull.manifest
            assert (facts.complete, facts.guarantee, facts.key) == (True, guarantee, key), path
            assert (facts.api, facts.path, facts.issues) == ("list", path, count)
            assert (facts.condition is None) is (guarantee == "reconciled")


@pytest.mark.parametrize("flavor", ["dc", "cloud"])
async def test_what_belongs_to_an_issue_is_what_the_issue_says(flavor: str) -> None:
    async with MockJira(issues=200, flavor=flavor) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        issues = [json.loads(issue) for issue in mock.expected("*all")]
        found = max(issues, key=lambda issue: len(issue["fields"]["comment"]["comments"]))
        assert len(found["fields"]["comment"]["comments"]) == 3
        path = f"/rest/api/2/issue/{found['key']}/comment"
        async with jira.pages(path, page_size=2) as pull:
            comments = [item async for item in pull]
        assert comments == found["fields"]["comment"]["comments"]
        assert (pull.manifest.guarantee, pull.manifest.total_last) == ("reconciled", 3)
        with pytest.raises(NotFound, match="Issue Does Not Exist"):
            async with jira.pages("/rest/api/2/issue/OPS-99999/comment") as pull:
                await anext(pull)


def test_the_requests_of_a_list_that_counts_are_its_pages(capfd: Any) -> None:
    with MockJira(issues=0) as mock:
        assert main(["pages", "/rest/agile/1.0/board", "--url", mock.url, "-q"]) == 0
        assert [entry["path"] for entry in mock.wire] == ["/rest/agile/1.0/board"] * 3  # a cap of 50: 50, 50, 20
    assert len(capfd.readouterr().out.splitlines()) == 120


def serving(answer: Callable[[dict[str, str]], Any]) -> Odd:
    async def respond(request: web.BaseRequest) -> web.StreamResponse:
        query = dict(pair.split("=") for pair in request.rel_url.raw_query_string.split("&"))
        body = answer(query)
        return web.Response(body=body if isinstance(body, bytes) else json.dumps(body).encode())

    return Odd(respond)


async def collected(server: Odd, path: str = "/rest/api/2/x", **options: Any) -> tuple[list[Any], Listing]:
    async with Jira(server.url, limits=UNLIMITED, retry=SWIFT) as jira, jira.pages(path, **options) as pull:
        return [item async for item in pull], pull


async def test_a_list_that_lost_an_item_between_its_pages_is_incomplete() -> None:
    def answer(query: dict[str, str]) -> Any:
        start = int(query["startAt"])
        items = [{"id": n} for n in range(300) if not (start == 0 and n == 299) and not (start and n == 50)]
        return {"startAt": start, "maxResults": 100, "total": 300 - bool(start), "values": items[start : start + 100]}

    async with serving(answer) as server:
        with pytest.raises(IncompleteError, match=r"Jira counts 299 items|a page counted 300 items, the last one 299"):
            await collected(server)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b'{"values":[{"id":1}],"nextPageToken":"t"}', ConfigError, "paged by token"),
        (b'{"values":[],"startAt":7,"maxResults":5,"total":0}', ProtocolError, "got those from 7 on"),
        (b'{"values":[1,2,3],"startAt":0,"maxResults":2,"total":9}', ProtocolError, "hold 2 items, and sent 3"),
        (b'{"values":[1,2', JiraError, "cut short"),
        (b"<html>form login-form</html>", Refused, "login page"),
    ],
)
async def test_an_answer_that_cannot_be_is_an_error(body: bytes, error: type[JiraError], words: str) -> None:
    async with serving(lambda _: body) as server:
        with pytest.raises(error, match=words):
            await collected(server)


async def test_a_cap_that_is_not_told_and_shrinks_in_the_middle_tears_no_hole() -> None:
    def answer(query: dict[str, str]) -> Any:
        start, cap = int(query["startAt"]), 40 if int(query["startAt"]) < 120 else 15
        return [{"accountId": f"a{n}"} for n in range(233)][start : start + min(cap, int(query["maxResults"]))]

    async with serving(answer) as server:
        items, pull = await collected(server)
    assert [item["accountId"] for item in items] == [f"a{n}" for n in range(233)]
    assert pull.manifest.warnings == ()


async def test_bytes_are_as_jira_sent_them_also_where_half_of_an_emoji_is_left() -> None:
    body = rb'{"startAt":0,"maxResults":9,"total":3,"worklogs":[{"id":"1","c":"\ud83d"} , 1.50,"a\u00e4"]}'
    async with serving(lambda _: body) as server, Jira(server.url, limits=UNLIMITED) as jira:
        async with jira.pages("/rest/api/2/issue/A-1/worklog", key="worklogs") as pull:
            pages = [page async for page in pull.pages()]
        assert [page.issues for page in pages] == [[rb'{"id":"1","c":"\ud83d"}', b"1.50", rb'"a\u00e4"']]
        assert pages[0].start_at == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["https://other.example/rest/x"], 2, "names a host"),
        (["/rest/agile/1.0/board", "--key", "issues"], 2, "has no array 'issues', but values"),
        (["/rest/agile/1.0/board", "--param", "type"], 2, "is no name=value"),
        (["/rest/agile/1.0/board", "--page-size", "0"], 2, "page size must be"),
        (["/rest/agile/1.0/board", "--indent"], 2, "--indent needs one JSON array"),
        (["/rest/api/2/nothing"], 1, "no such list: check PATH"),
        (["/rest/api/2/myself"], 4, "did not accept the login"),
    ],
)
def test_what_cannot_be_pulled_ends_in_one_line(capfd: Any, arguments: list[str], code: int, words: str) -> None:
    with MockJira(issues=0) as mock:
        assert main(["pages", *arguments, "--url", mock.url, "-q"]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert words in err.splitlines()[-1]


def test_a_file_of_a_list_has_its_shape_and_its_manifest(capfd: Any, tmp_path: Path) -> None:
    path = tmp_path / "boards.json"
    command = ["pages", "/rest/agile/1.0/board", "--param", "type=kanban", "-o", str(path)]
    with MockJira(issues=0) as mock:
        assert main([*command, "--url", mock.url]) == 0
        assert capfd.readouterr().err.splitlines()[-1].endswith("| reconciled: ids distinct, count agrees with Jira's")
        assert main([*command, "--url", mock.url]) == 2
        assert "--force" in capfd.readouterr().err
        assert main([*command, "--url", mock.url, "--force", "-q"]) == 0
    assert [board["id"] for board in json.loads(path.read_bytes())] == list(range(3, 121, 3))
    facts = json.loads((tmp_path / "boards.json.manifest.json").read_bytes())
    assert (facts["path"], facts["key"], facts["api"]) == ("/rest/agile/1.0/board?type=kanban", "values", "list")
    assert (facts["guarantee"], facts["issues"], facts["total_last"]) == ("reconciled", 40, 40)
    assert {entry.name for entry in tmp_path.iterdir()} == {"boards.json", "boards.json.manifest.json"}


async def test_a_list_that_does_not_add_up_stays_in_its_part(tmp_path: Path) -> None:
    body = {"startAt": 0, "maxResults": 5, "total": 4, "values": [{"id": 1}, {"id": 1}, {"id": 2}, {"id": 3}]}
    async with serving(lambda _: body) as server:
        command = [sys.executable, "-m", "asyncjira", "pages", "/rest/x", "--url", server.url, "-o", tmp_path / "x"]
        run = await anyio.run_process(command, check=False)
    assert run.returncode == 3
    assert b"Jira counts 4 items, 3 different ones came" in run.stderr
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.part", "x.manifest.json"}
