"""Pulls of a Cloud over a real socket: exact and in order, under change, and with everything that goes wrong there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from asyncjira import BasicAuth, BearerAuth, IncompleteError, Jira, JiraError, Limits, Manifest, ProtocolError, Timeouts
from asyncjira.cli import main
from asyncjira.mock import MockJira
from asyncjira.mock.cloud_kinds import CLOUD_KINDS

from .conftest import SWIFT, UNLIMITED
from .test_fault_table import ENDS

ANN = BasicAuth("ann@example.com", "token")
WAYS = pytest.mark.parametrize("way", ["ids", "ranges"])


def cloud(issues: int = 350, **more: Any) -> MockJira:
    """A Cloud whose pages of ids are short."""
    return MockJira(flavor="cloud", issues=issues, **{"max_ids": 100, **more})


def client(mock: MockJira, **more: Any) -> Jira:
    return Jira(mock.url, **{"auth": ANN, "api": "cloud", "limits": UNLIMITED, "retry": SWIFT, **more})


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def ids(found: list[bytes]) -> list[str]:
    return [json.loads(line)["id"] for line in found]


@WAYS
@pytest.mark.parametrize(
    ("fields", "expand"),
    [
        ("*all", ()),
        ("summary", ()),
        ("*navigable,-comment", ()),
        ("comment,summary", ()),
        ("id", ()),
        ("*all", "names"),
    ],
    ids=str,
)
@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_both_ways_deliver_every_byte_in_order(
    way: Any, fields: str, expand: Any, proof: Any, tmp_path: Path
) -> None:
    async with cloud() as mock, client(mock) as jira:
        options = {"fields": fields, "expand": expand, "strategy": way, "proof": proof}
        manifest = await jira.pull_to(tmp_path / "out", **options)
        assert (manifest.api, manifest.guarantee) == ("cloud", "proven" if proof == "auto" else "reconciled")
        found = lines(tmp_path / "out")
        if expand:  # the names stand in each issue of a batch, and beside the issues of a page
            found = [line.partition(b',"names":')[0] + b"}" * (b',"names":' in line) for line in found]
        assert found == list(mock.expected(",".join(manifest.fields)))
        assert manifest.requests == len(mock.wire)
        assert (manifest.issues, manifest.total_first, manifest.total_last) == (350, 350, 350)


@pytest.mark.parametrize(("way", "paths"), [("ids", {"jql", "bulkfetch", "approximate-count"}),
                                            ("ranges", {"jql", "approximate-count"})])  # fmt: skip
@pytest.mark.parametrize("auth", [ANN, BearerAuth("pat"), None], ids=["Basic", "Bearer", "anonymous"])
async def test_the_way_is_as_asked_for_or_the_one_that_is_cheap_in_points(
    way: Any, paths: set[str], auth: Any, tmp_path: Path
) -> None:
    async with cloud() as mock, client(mock, auth=auth) as jira:
        await jira.pull_to(tmp_path / "out", strategy=way)
        assert {entry["path"].rpartition("/")[2] for entry in mock.wire} == paths
        mock.wire.clear()
        await jira.pull_to(tmp_path / "auto")
        by_id = any("bulkfetch" in entry["path"] for entry in mock.wire)
        assert by_id == (not isinstance(auth, BearerAuth))
    assert lines(tmp_path / "out") == lines(tmp_path / "auto")


@WAYS
async def test_a_query_of_its_own_order_is_delivered_in_it(way: Any, tmp_path: Path) -> None:
    async with cloud() as mock, client(mock) as jira:
        manifest = await jira.pull_to(tmp_path / "out", "ORDER BY created DESC", strategy=way)
        assert lines(tmp_path / "out") == list(mock.expected("*all"))[::-1]
    assert manifest.guarantee == "reconciled"


# How a pull ends where one request goes wrong, or all from there on: searches and batches of the way by ids, pages of
# ranges. "lost" is complete as far as can be told: the mock's tokens are no correct cursor then. "moved" are all issues
# in another order. A dash stands where a fault has nothing to do with it.
COLUMNS = [("ids", "jql:3"), ("ids", "jql:3-"), ("ids", "bulkfetch:2"), ("ids", "bulkfetch:2-"), ("ranges", "jql:3"),
           ("ranges", "jql:3-")]  # fmt: skip
TABLE = """
429:0                   proven    -         proven    -         proven    -
429:301                 later     later     later     later     later     later
500                     proven    server    proven    server    proven    server
400                     proven    query     query     query     proven    query
403                     refused   refused   refused   refused   refused   refused
404                     nowhere   nowhere   nowhere   nowhere   nowhere   nowhere
control                 proven    query     query     query     proven    query
reset                   proven    wire      proven    wire      proven    wire
truncate-none           proven    wire      proven    wire      proven    wire
bomb:9                  wire      wire      proven    wire      proven    wire
no-date                 proven    proven    proven    proven    proven    proven
empty                   proven    wire      proven    wire      proven    wire
html                    refused   refused   refused   refused   refused   refused
visitor                 refused   refused   refused   refused   refused   refused
no-issues               lost      protocol  proven    short     lost      protocol
repeat                  protocol  protocol  -         -         protocol  protocol
short:5                 proven    proven    proven    short     proven    proven
unsorted                moved     moved     proven    proven    short     short
cap:7                   proven    proven    proven    proven    proven    proven
surrogate               protocol  protocol  altered   altered   altered   -
newline                 proven    proven    altered   altered   altered   altered
token-loop:1            protocol  protocol  -         -         protocol  protocol
token-loop:2            protocol  protocol  -         -         -         protocol
token-expired           proven    proven    -         -         proven    proven
empty-token             proven    protocol  -         -         proven    protocol
last-with-token         protocol  protocol  -         -         protocol  protocol
not-last-without-token  protocol  protocol  -         -         protocol  protocol
no-is-last              proven    proven    -         -         proven    proven
twice                   proven    proven    -         -         proven    proven
warning                 short     short     -         -         short     short
old-shape               protocol  protocol  -         -         protocol  protocol
issue-errors:50         -         -         proven    proven    -         -
issue-errors-always:5   -         -         proven    short     -         -
omit:50                 -         -         proven    proven    -         -
omit-always:5           -         -         proven    short     -         -
batch-400               -         -         proven    proven    -         -
forbidden-bulk          -         -         refused   refused   -         -
"""
CELLS = [
    pytest.param(kind, way, when, end, id=f"{kind} {when} {way}")
    for kind, *ends in (line.split() for line in TABLE.strip().splitlines())
    for (way, when), end in zip(COLUMNS, ends, strict=True)
    if end != "-"
]
ISSUES, PAGE = 70, 10
GUARANTEES = {"moved": "reconciled", "lost": "proven", "altered": "proven"}


@pytest.mark.parametrize(("kind", "way", "when", "end"), CELLS)
async def test_a_pull_ends_whole_or_with_an_error(kind: str, way: Any, when: str, end: str, tmp_path: Path) -> None:
    path, limits = tmp_path / "out", Limits(concurrency=1, rate=0, body=8_000_000)
    async with cloud(ISSUES, max_ids=PAGE, faults=[f"{kind}@{when}"]) as mock, client(mock, limits=limits) as jira:
        options = {"fields": "summary", "page_size": PAGE, "strategy": way}
        if end in ENDS:
            with pytest.raises(JiraError) as caught:
                await jira.pull_to(path, **options)
            assert isinstance(caught.value, ENDS[end][0])
            assert str(caught.value).isprintable()
            assert not path.exists()
            if isinstance(caught.value, IncompleteError):
                missing = caught.value.manifest.missing_ids
                assert sorted({*missing, *ids(lines(tmp_path / "out.part"))}) == ids([*mock.expected("id")])
        else:
            assert_as_said(end, await jira.pull_to(path, **options), lines(path), mock)
        assert any(entry["fault"] for entry in mock.wire), "it has struck"
        assert len(mock.wire) <= ISSUES, "a pull of that takes 16 without a fault"


def assert_as_said(end: str, manifest: Manifest, found: list[bytes], mock: MockJira) -> None:
    expected = list(mock.expected(",".join(manifest.fields)))
    assert manifest.guarantee == GUARANTEES.get(end, end)
    assert any("does not list by `created`" in said for said in manifest.warnings) == (end == "moved")
    alike: dict[str, Callable[[], bool]] = {
        "lost": lambda: {*found} < {*expected} and len({*expected} - {*found}) == PAGE,
        "moved": lambda: found != expected and sorted(found) == sorted(expected),
        "altered": lambda: ids(found) == ids(expected),
    }
    assert alike.get(end, lambda: found == expected)()


def test_the_table_names_every_kind_of_fault_that_is_clouds_alone() -> None:
    elsewhere = {
        "429-reset",  # it tells a time in whole seconds, which a pull waits for
        "token-loop",
    }
    own = {kind for kind, about in CLOUD_KINDS.items() if about.endpoint}
    assert own | elsewhere == {cell.values[0].partition(":")[0] for cell in CELLS} & own | elsewhere


@WAYS
@pytest.mark.parametrize("period", [1, 2, 7])
async def test_tokens_that_go_round_in_a_circle_end_the_pull(way: Any, period: int, tmp_path: Path) -> None:
    async with cloud(300, max_ids=20, estimate=0, faults=[f"token-loop:{period}@jql:2-"]) as mock:
        async with client(mock) as jira:
            with pytest.raises(ProtocolError, match="circle"):
                await jira.pull_to(tmp_path / "out", page_size=20, strategy=way)
        assert len(mock.wire) <= 100


@pytest.mark.parametrize("at", ["jql:2-4", "bulkfetch:2-4", "count:1"])
async def test_a_limit_of_one_endpoint_costs_no_issue(at: str, tmp_path: Path) -> None:
    async with cloud(200, max_ids=50, faults=[f"429:0@{at}"]) as mock, client(mock) as jira:
        manifest = await jira.pull_to(tmp_path / "out", page_size=50)
        assert lines(tmp_path / "out") == list(mock.expected("*all"))
        assert manifest.guarantee == "proven"
        assert {entry["endpoint"] for entry in mock.wire if entry["status"] == 429} == {at.partition(":")[0]}


async def test_who_may_not_fetch_by_id_pulls_in_ranges(tmp_path: Path) -> None:
    async with cloud(faults=["forbidden-bulk@bulkfetch:1-"]) as mock, client(mock) as jira:
        manifest = await jira.pull_to(tmp_path / "out")
        assert lines(tmp_path / "out") == list(mock.expected("*all"))
    assert (manifest.guarantee, manifest.missing_ids) == ("proven", ())
    assert "pulled page by page: this login may not fetch issues by id (HTTP 403)" in manifest.warnings


@WAYS
async def test_an_issue_that_jira_fails_at_is_named_and_all_others_come(way: Any, tmp_path: Path) -> None:
    async with cloud() as mock:
        sick = ids([*mock.expected("id")])[200]
        mock.faults = [f"poison:{sick}@1-"]
        async with client(mock) as jira:
            with pytest.raises(IncompleteError, match=rf"these ids \(1\): {sick}") as caught:
                await jira.pull_to(tmp_path / "out", strategy=way)
        assert len(mock.wire) <= 80
    assert caught.value.manifest.missing_ids == (sick,)
    assert len(lines(tmp_path / "out.part")) == 349


@pytest.mark.parametrize("auth", [None, ANN], ids=["anonymous", "Basic"])
@WAYS
async def test_an_empty_answer_to_a_visitor_is_no_empty_result(way: Any, auth: Any, tmp_path: Path) -> None:
    async with cloud(token="right", wrong_login="silent") as mock, client(mock, auth=auth) as jira:
        with pytest.raises(JiraError):
            await jira.pull_to(tmp_path / "out", strategy=way)
    assert list(tmp_path.iterdir()) == []


async def test_an_answer_that_hangs_is_asked_for_again(tmp_path: Path) -> None:
    async with cloud(faults=["hang@bulkfetch:2", "hang@jql:3"]) as mock:
        async with client(mock, timeouts=Timeouts(read=0.2)) as jira:
            await jira.pull_to(tmp_path / "out")
        assert lines(tmp_path / "out") == list(mock.expected("*all"))


@pytest.mark.parametrize("flavor", ["dc", "cloud"])
async def test_which_jira_it_is_is_found_out(flavor: str, tmp_path: Path) -> None:
    async with MockJira(flavor=flavor, issues=150) as mock, client(mock, api="auto") as jira:
        manifest = await jira.pull_to(tmp_path / "out")
        assert lines(tmp_path / "out") == list(mock.expected("*all"))
    assert (manifest.api, manifest.guarantee) == ("cloud" if flavor == "cloud" else "offset", "proven")


async def test_a_search_by_tokens_that_counts_is_no_cloud_and_the_error_says_what_to_do(tmp_path: Path) -> None:
    async with cloud(faults=["old-shape@jql:1-"]) as mock:
        async with client(mock) as jira:
            with pytest.raises(ProtocolError, match="--api offset"):
                await jira.pull_to(tmp_path / "out")
        async with client(mock, api="auto") as jira:
            with pytest.raises(JiraError, match=r"neither as Cloud nor as Data Center|was removed"):
                await jira.pull_to(tmp_path / "out")
        assert len(mock.wire) <= 10


def milliseconds(issue: dict[str, Any], name: str) -> int:
    return round(datetime.fromisoformat(issue["fields"][name]).timestamp() * 1000)


@WAYS
@pytest.mark.parametrize("mutate", [0, 0.05, 0.5])
@pytest.mark.parametrize("seeds", [range(10), range(10, 20)], ids=["0-9", "10-19"])
async def test_no_issue_is_lost_while_they_change(way: Any, mutate: float, seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        path = tmp_path / f"{seed}"
        async with cloud(500, seed=seed, mutate=mutate, shuffle_ties=True) as mock, client(mock) as jira:
            manifest = await jira.pull_to(path, fields="summary", page_size=50, strategy=way)
            truth = mock.truth()
        issues = [json.loads(line) for line in lines(path)]
        versions = {issue["id"]: milliseconds(issue, "updated") for issue in issues}
        assert (manifest.guarantee, len(versions)) == ("proven", len(issues))
        assert truth.throughout <= set(versions) <= truth.ever
        assert not [each for each, updated in (truth.fresh or {}).items() if versions.get(each, -1) < updated]
        assert [*map(milliseconds, issues, ["created"] * len(issues))] == sorted(
            milliseconds(issue, "created") for issue in issues
        )


async def test_where_tokens_count_rows_a_second_listing_finds_what_gets_lost(tmp_path: Path) -> None:
    """The guarantee depends on the tokens, and says so; but what the count misses is looked for."""
    lost, caught = {None: 0, "ids": 0}, 0
    for seed in range(6):
        for verify in lost:
            path, kinds = tmp_path / f"{seed}{verify}", ["delete", "leave"]
            async with cloud(1000, seed=seed, mutate=1, kinds=kinds, tokens="offset", max_ids=50) as mock:
                async with client(mock) as jira:
                    manifest = await jira.pull_to(path, fields="id", strategy="ids", verify=verify)  # type: ignore[arg-type]
                lost[verify] += len(mock.truth().throughout - {*ids(lines(path))})
            is_caught = any("are no correct cursor" in said for said in manifest.warnings)
            assert manifest.guarantee == ("reconciled" if is_caught else "proven")
            caught += is_caught
    assert caught > 6
    assert lost["ids"] <= 5, "what is lost twice is lost"


@WAYS
async def test_a_page_that_is_left_out_is_missed_by_the_count_and_found_by_a_second_listing(
    way: Any, tmp_path: Path
) -> None:
    async with cloud(400, max_ids=100, faults=["no-issues@jql:2"]) as mock, client(mock) as jira:
        manifest = await jira.pull_to(tmp_path / "out", strategy=way)
        assert lines(tmp_path / "out") == list(mock.expected("*all"))
    assert manifest.guarantee == "reconciled"
    assert any("a second listing names 100 old issues" in said for said in manifest.warnings)


@pytest.mark.parametrize(("proof", "code"), [("auto", 3), ("on", 3), ("off", 0)])
def test_what_jira_warns_of_is_no_proof(
    proof: str, code: int, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with cloud(30, faults=["warning@jql:1"]) as mock:
        found, _, err = run(capfd, "pull", "--url", mock.url, "--proof", proof, "-o", tmp_path / "x")
    assert found == code
    assert "Jira warns: The clause 'project' holds more values" in err


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    return code, *capfd.readouterr()


def test_a_count_of_cloud_is_an_estimate_and_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    with cloud(150, estimate=1.1) as mock:
        code, out, err = run(capfd, "count", "project = OPS", "--url", mock.url)
        assert (code, out) == (0, "165\n")
        assert "an estimate of Jira Cloud" in err


@WAYS
def test_the_command_line_chooses_the_way_and_verifies(
    way: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with cloud(150) as mock:
        code, _, err = run(capfd, "pull", "--url", mock.url, "--strategy", way, "--verify", "ids", "-o", tmp_path / "x")
        assert (code, lines(tmp_path / "x")) == (0, list(mock.expected("*all")))
        assert "| proven: " in err
        listings = [entry for entry in mock.wire if entry.get("maxResults") == 5000]
        assert len(listings) == {"ids": 2 + 1 + 2, "ranges": 2}[way]  # two pages each, and what changed meanwhile
        assert any("bulkfetch" in entry["path"] for entry in mock.wire) == (way == "ids")


@pytest.mark.parametrize(("fault", "code"), [("token-loop:1@jql:2-", 1), ("omit-always:100@bulkfetch:2", 0),
    ("issue-errors-always:50@1-", 3), ("403@jql:2", 4), ("400@jql:1", 5), ("429:400@bulkfetch:2", 75)])  # fmt: skip
def test_every_end_has_its_exit_code_and_its_line(
    fault: str, code: int, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with cloud(350, faults=[fault]) as mock:
        found, _, err = run(capfd, "pull", "--url", mock.url, "--api", "cloud", "-o", tmp_path / "x", "--rate", 0)
    assert found == code
    assert "Traceback" not in err
    assert (tmp_path / "x").exists() == (code == 0)
