"""Pulls that deliver custom fields under their names, over a real socket."""

import json
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from asyncjira import ConfigError, Field, Jira, Manifest, NotFound, ProtocolError, ServerError, State, fetch
from asyncjira.cli import main
from asyncjira.cli.fields import _table
from asyncjira.mock import MockJira
from asyncjira.mock.catalogue import CATALOGUE, CUSTOM
from asyncjira.out import commits
from asyncjira.out.compact import compact_kept
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Mark

from .conftest import SWIFT, UNLIMITED, Odd
from .resumed import UNPACK, WHOLE

KEYS = {field.id: field.name for field in CUSTOM}
TEAM, EPIC = (next(field.id for field in CUSTOM if field.name == name) for name in ("Team", "Epic Link"))
ISSUE = b'{"id":"1","fields":{"created":"2021-03-04T05:06:07.000+0000","customfield_1":1}}'
FLAVORS = pytest.mark.parametrize(
    ("flavor", "options"),
    [("dc", {}), ("dc", {"proof": "off"}), ("cloud", {}), ("cloud", {"strategy": "ranges"})],
    ids=["proof", "offsets", "ids", "ranges"],
)


def client(url: str, **options: Any) -> Jira:
    return Jira(url, limits=UNLIMITED, retry=SWIFT, **options)


def under(keys: dict[str, str], issues: Iterable[bytes]) -> list[bytes]:
    """Return what issues of the mock become, whose values hold no such keys."""
    return [_under(keys, issue) for issue in issues]


def _under(keys: dict[str, str], issue: bytes) -> bytes:
    for field, key in keys.items():
        issue = issue.replace(b'"%b":' % field.encode(), json.dumps(key, ensure_ascii=False).encode() + b":")
    return issue


def catalogue(**names: str) -> list[dict[str, Any]]:
    """Return what the mock lists, some fields under other names."""
    return [field.description | {"name": names.get(field.id, field.name)} for field in CATALOGUE.values()]


@asynccontextmanager
async def listing(mock: MockJira, listed: list[dict[str, Any]], failures: int = 0) -> AsyncIterator[Odd]:
    """A Jira like `mock`, but for the fields that it lists, after so many failures to do so."""
    async with ClientSession() as session:

        async def answer(request: web.BaseRequest) -> web.Response:
            if request.path.endswith("/field"):
                return web.json_response(listed, status=200 if asked_for_fields(odd) > failures else 503)
            url, headers = URL(mock.url + request.raw_path, encoded=True), {"Content-Type": "application/json"}
            async with session.request(request.method, url, data=await request.read(), headers=headers) as answered:
                return web.Response(status=answered.status, body=await answered.read())

        async with Odd(answer) as odd:
            yield odd


def asked_for_fields(odd: Odd) -> int:
    return sum(request.path.endswith("/field") for request in odd.seen)


@FLAVORS
async def test_only_keys_of_custom_fields_change_and_one_request_more_is_sent(
    tmp_path: Path, flavor: str, options: dict[str, Any]
) -> None:
    async with MockJira(issues=230, flavor=flavor) as mock, client(mock.url) as jira:
        asked = {"expand": "renderedFields", "page_size": 100, **options}
        plain = await jira.pull_to(tmp_path / "plain", **asked)
        assert not [entry for entry in mock.wire if entry["path"].endswith("/field")]
        manifest = await jira.pull_to(tmp_path / "named", names=True, **asked)
    issues = (tmp_path / "plain").read_bytes().splitlines()
    assert (tmp_path / "named").read_bytes().splitlines() == under(KEYS, issues) != issues
    assert (manifest.requests, manifest.issues) == (plain.requests + 1, 230)
    beside = json.loads((tmp_path / "named.fields.json").read_bytes())
    assert {field: each["key"] for field, each in beside.items()} == {name: name for name in CATALOGUE} | KEYS
    assert beside[EPIC] == {"name": "Epic Link", "key": "Epic Link", "type": "any", "items": None}
    assert sorted(os.listdir(tmp_path)) == [
        "named",
        "named.fields.json",
        "named.manifest.json",
        "plain",
        "plain.manifest.json",
    ]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "indent.json", "a.ndjson.zst"])
async def test_every_form_of_output_holds_the_names(tmp_path: Path, name: str) -> None:
    async with MockJira(issues=120) as mock, client(mock.url) as jira:
        await jira.pull_to(tmp_path / name, names=True, indent=name == "indent.json")
        expected = [json.loads(issue) for issue in under(KEYS, mock.expected("*all"))]
    text = UNPACK[Shape.of(name).compression]((tmp_path / name).read_bytes())
    assert (json.loads(text) if "json" in name.split(".") else [json.loads(each) for each in text.splitlines()]) == (
        expected
    )
    assert (tmp_path / f"{name}.fields.json").exists()


async def test_a_consumer_gets_the_names_and_is_told_them(mock_jira: Any) -> None:
    mock = mock_jira(issues=120)
    expected = under(KEYS, mock.expected("*all"))
    async with client(mock.url) as jira:
        async with jira.pull(names=True) as pull:
            assert [issue async for issue in pull] == [json.loads(issue) for issue in expected]
        assert pull.naming is not None
        assert pull.naming.keys == KEYS
        async with jira.pull(names=True) as pull:
            assert [issue async for page in pull.pages() for issue in page.issues] == expected
        async with jira.pull() as pull:
            assert [issue async for page in pull.pages() for issue in page.issues] == list(mock.expected("*all"))
        assert pull.naming is None


def test_the_synchronous_door_gives_names_too(mock_jira: Any) -> None:
    mock = mock_jira(issues=10)
    issues = fetch(mock.url, fields="*navigable", names=True)
    assert [issue["fields"]["Übersetzung"] for issue in issues] == [
        json.loads(issue)["fields"][next(field for field, name in KEYS.items() if name == "Übersetzung")]
        for issue in mock.expected()
    ]


async def test_what_changes_meanwhile_comes_again_under_names(tmp_path: Path) -> None:
    async with MockJira(issues=300, mutate=0.5) as mock, client(mock.url) as jira:
        async with jira.pull(names=True, updates=True, page_size=25, tombstones=True) as pull:
            lines = [line async for page in pull.pages() for line in page.issues]
    assert len(lines) > pull.manifest.issues
    assert not [line for line in lines if b"customfield_" in line]


async def test_names_that_clash_stay_ids(tmp_path: Path) -> None:
    listed = catalogue(**{TEAM: "Severity", EPIC: "summary"})
    severity = next(field for field, name in KEYS.items() if name == "Severity")
    kept = {field: name for field, name in KEYS.items() if field not in {TEAM, EPIC, severity}}
    async with MockJira(issues=30) as mock, listing(mock, listed) as odd, client(odd.url) as jira:
        for number in range(2):
            await jira.pull_to(tmp_path / str(number), names=True)
            listed.reverse()
        expected = under(kept, mock.expected("*all"))
    assert (tmp_path / "0").read_bytes().splitlines() == expected
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()
    beside = json.loads((tmp_path / "0.fields.json").read_bytes())
    assert {each["key"] for field, each in beside.items() if field in {TEAM, EPIC, severity}} == {TEAM, EPIC, severity}
    assert beside[EPIC]["name"] == "summary"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(404, b"", NotFound), (500, b"", ServerError), (200, b"{}", ProtocolError)],
)
async def test_without_the_list_of_fields_no_issue_is_asked_for(
    tmp_path: Path, status: int, body: bytes, error: type[Exception]
) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, body=body)

    async with Odd(answer) as odd, client(odd.url) as jira:
        with pytest.raises(error) as caught:
            await jira.pull_to(tmp_path / "a", names=True)
    assert caught.value.__notes__ == [
        "that was the list of fields, which tells their names: no issue was asked for yet"
    ]
    assert {request.path for request in odd.seen} == {"/rest/api/2/field"}
    assert os.listdir(tmp_path) == []


async def test_the_list_of_fields_is_asked_for_again_like_anything_else(tmp_path: Path) -> None:
    async with MockJira(issues=10) as mock, listing(mock, catalogue(), failures=2) as odd:
        async with client(odd.url, api="offset") as jira:
            manifest = await jira.pull_to(tmp_path / "a", names=True, api_version="latest")
    assert (manifest.retries, manifest.requests, manifest.complete) == (2, len(odd.seen), True)
    assert {request.path.split("/")[3] for request in odd.seen} == {"latest"}


async def test_a_pull_that_goes_on_keeps_the_keys_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "_BLOCK", 1000)
    monkeypatch.setattr(commits, "_COMMIT", 1000)
    path, listed = tmp_path / "a.ndjson", catalogue()
    async with MockJira(issues=900, faults=["503@9-"]) as mock, listing(mock, listed) as odd, client(odd.url) as jira:
        with pytest.raises(ServerError):
            await jira.pull_to(path, names=True, page_size=50)
        assert sorted(os.listdir(tmp_path)) == ["a.ndjson.journal", "a.ndjson.manifest.json", "a.ndjson.part"]
        mock.faults, listed[:] = [], catalogue(**{TEAM: "Squad", EPIC: "Severity"})
        with pytest.raises(ConfigError, match=r"names was True and is None now"):
            await jira.pull_to(path, page_size=50, resume=True)
        manifest = await jira.pull_to(path, names=True, page_size=50, resume=True)
        expected = under(KEYS, mock.expected("*all"))
        assert asked_for_fields(odd) == 1
    assert (manifest.resumed, manifest.issues, manifest.guarantee) == (1, 900, "proven")
    assert path.read_bytes().splitlines() == expected
    beside = json.loads((tmp_path / "a.ndjson.fields.json").read_bytes())
    assert (beside[TEAM]["key"], beside[TEAM]["name"]) == ("Team", "Team")
    assert sorted(os.listdir(tmp_path)) == ["a.ndjson", "a.ndjson.fields.json", "a.ndjson.manifest.json"]


def opened(folder: Path) -> Any:
    asked = {"names": True}
    return open_file(folder / "out", Shape(), force=False, manifest=None, asked=asked, resumes=True)


@pytest.mark.parametrize("has_appeared", [False, True])
def test_what_only_lacks_its_name_gets_the_names_of_its_fields_too(tmp_path: Path, *, has_appeared: bool) -> None:
    naming = Naming.of([Field("customfield_1", "Team", custom=True)])
    sink, beside = opened(tmp_path)
    sink.name(naming)
    sink.write([ISSUE.replace(b"customfield_1", b"Team")], "next", Mark(1, 2))
    sink.close()
    sink.prove(sink.describe(WHOLE))
    sink.abandon()
    beside.abandon()
    if has_appeared:
        (tmp_path / "out.part").rename(tmp_path / "out")
    sink, beside = opened(tmp_path)
    assert isinstance(sink.recover(), Manifest)
    sink.finish()
    sink.forget()
    beside.abandon()
    assert (tmp_path / "out.fields.json").read_bytes() == naming.to_json()
    assert sorted(os.listdir(tmp_path)) == ["out", "out.fields.json"]


def test_versions_of_named_issues_are_those_of_the_bytes_that_jira_sent(tmp_path: Path) -> None:
    issue = ISSUE.replace(b'"customfield_1"', b'"updated":"2021-03-04T05:06:07.000+0000","customfield_1"')
    found = []
    for folder, naming in [("plain", None), ("named", Naming.of([Field("customfield_1", "Team", custom=True)]))]:
        (tmp_path / folder).mkdir()
        sink, beside = opened(tmp_path / folder)
        sink.name(naming)
        sink.write([issue.replace(b"customfield_1", b"Team") if naming else issue], "next", Mark(1, 2))
        sink.close()
        sink.abandon()
        beside.abandon()
        sink, beside = opened(tmp_path / folder)
        found.append(dict(sink.recover().versions.items()))
        sink.abandon()
        beside.abandon()
    assert found[0] == found[1] != {}


async def test_an_archive_keeps_the_keys_of_its_first_pull(tmp_path: Path) -> None:
    path, state, listed = tmp_path / "a.ndjson.gz", tmp_path / "state", catalogue()
    async with MockJira(issues=60, mutate=0.5) as mock, listing(mock, listed) as odd, client(odd.url) as jira:
        for number in range(4):
            if number == 2:
                listed[:] = catalogue(**{TEAM: "Squad", EPIC: "Team"})
            if number == 3:
                mock.mutate = 0
                state.write_bytes(replace(State.from_json(state.read_bytes()), versions={}).to_json())
            await jira.pull_to(path, names=True, state=state, tombstones=True, append=True, page_size=25)
        expected = {json.loads(issue)["id"]: json.loads(issue) for issue in under(KEYS, mock.expected("*all"))}
        with pytest.raises(ConfigError, match="its names is True, and not False"):
            await jira.pull_to(path, state=state, tombstones=True, append=True)
    assert State.from_json(state.read_bytes()).keys == KEYS
    beside = json.loads((tmp_path / "a.ndjson.gz.fields.json").read_bytes())
    assert [beside[field] for field in (TEAM, EPIC)] == [
        {"name": "Squad", "key": "Team", "type": "string", "items": None},
        {"name": "Team", "key": "Epic Link", "type": "any", "items": None},
    ]
    compact_kept(path, path, state, force=True)
    lines = [json.loads(line) for line in UNPACK["gz"](path.read_bytes()).splitlines()]
    assert {line["id"]: line for line in lines} == expected


async def test_a_state_without_names_stays_as_it_was(tmp_path: Path) -> None:
    async with MockJira(issues=10) as mock, client(mock.url) as jira:
        await jira.pull_to(tmp_path / "a", state=tmp_path / "state")
        assert b'"keys"' not in (tmp_path / "state").read_bytes()
        with pytest.raises(ConfigError, match="its names is False, and not True"):
            await jira.pull_to(tmp_path / "b", state=tmp_path / "state", names=True)


async def test_fields_are_those_that_jira_lists(mock_jira: Any) -> None:
    mock = mock_jira()
    async with client(mock.url) as jira:
        fields = await jira.fields()
    assert [field.id for field in fields] == list(CATALOGUE)
    sprint = next(field for field in fields if field.name == "Sprint")
    assert sprint == Field(sprint.id, "Sprint", "array", "string", True, "com.pyxis.greenhopper.jira:gh-sprint")


def test_fields_as_a_table_and_for_machines(mock_jira: Any, capfd: Any) -> None:
    mock = mock_jira()
    assert main(["fields", "--url", mock.url]) == 0
    out, err = capfd.readouterr()
    assert err == "asyncjira: no credentials: Jira shows what an anonymous visitor may see\n"
    head, *rows = out.splitlines()
    assert head.split() == ["ID", "NAME", "TYPE", "CUSTOM"]
    assert len(rows) == len(CATALOGUE)
    assert f"{EPIC}     Epic Link             any                  gh-epic-link" in rows
    assert "versions              Affects Version/s     array of version" in rows
    assert main(["fields", "--json", "--url", mock.url]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert [each["id"] for each in listed] == [row.split()[0] for row in rows]
    assert listed[0] == {
        "id": "versions",
        "name": "Affects Version/s",
        "type": "array",
        "items": "version",
        "custom": False,
        "custom_type": None,
    }


def test_columns_stand_below_each_other_whatever_a_name_holds() -> None:
    fields = [
        Field("customfield_1", "契約日\x1b[31m\n", "date", custom=True),
        Field("customfield_10", "Größe", None, None, True, "x:float"),
    ]
    assert list(_table(fields)) == [
        "ID              NAME             TYPE  CUSTOM",
        r"customfield_1   契約日\x1b[31m   date  yes",
        "customfield_10  Größe            -     float",
    ]


def test_the_command_names_fields_in_a_file_and_on_stdout(mock_jira: Any, capfd: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=10)
    expected = under(KEYS, mock.expected("*all"))
    assert main(["pull", "--url", mock.url, "--names", "-o", str(tmp_path / "a.ndjson")]) == 0
    capfd.readouterr()
    assert main(["pull", "--url", mock.url, "--names"]) == 0
    assert capfd.readouterr().out.encode().splitlines() == expected
    assert (tmp_path / "a.ndjson").read_bytes().splitlines() == expected
    assert len(list(tmp_path.iterdir())) == 3
