"""Every fault of the wire and how a pull ends that meets it: whole and exact, or in an error and without a file.

Each cell of the table is a pull over a real socket, one request at a time, so that it is known which one is struck.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from asyncjira import (
    BadQuery,
    BearerAuth,
    IncompleteError,
    Jira,
    JiraError,
    Limits,
    Manifest,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    ResultWindow,
    ServerError,
    Timeouts,
    TransportError,
)
from asyncjira.cli.failure import EXIT_CODES
from asyncjira.mock import MockJira
from asyncjira.mock.kinds import KINDS

from .conftest import SWIFT, WHICH_JIRA, requests_of_a_proof, with_login

ISSUES, PAGE = 110, 20
REQUESTS = {"auto": requests_of_a_proof(MockJira(issues=ISSUES), PAGE), "off": 6}

# How a pull ends, and its exit code.
ENDS: dict[str, tuple[type[JiraError], int]] = {
    "wire": (TransportError, 1),
    "server": (ServerError, 1),
    "protocol": (ProtocolError, 1),
    "nowhere": (NotFound, 1),
    "short": (IncompleteError, 3),
    "refused": (Refused, 4),
    "query": (BadQuery, 5),
    "later": (RateLimited, 75),
}

_STRIKES = {
    "auto": {
        "first": "1",
        "middle": "4",
        "last": f"{REQUESTS['auto'] - 1}",
        "catch-up": f"{REQUESTS['auto']}",
        "on": "4-",
    },
    "off": {"first": "1", "last": f"{REQUESTS['off']}", "on": "4-"},
}
COLUMNS = [(proof, when) for proof, whens in _STRIKES.items() for when in whens]

# Struck once: the first request, one in the middle, the last page, the request that catches up. Struck for good: from
# the middle on. "proven" and "reconciled" are complete and exact, at that guarantee.
TABLE = """
429:0           proven     proven     proven     proven     later      | reconciled reconciled later
429:none        proven     proven     proven     proven     later      | reconciled reconciled later
429:301         later      later      later      later      later      | later      later      later
500             proven     proven     proven     proven     server     | reconciled reconciled server
502             proven     proven     proven     proven     server     | reconciled reconciled server
503             proven     proven     proven     proven     server     | reconciled reconciled server
503:0           proven     proven     proven     proven     later      | reconciled reconciled later
503:301         later      later      later      later      later      | later      later      later
504             proven     proven     proven     proven     server     | reconciled reconciled server
400             query      query      query      short      query      | query      query      query
401             refused    refused    refused    refused    refused    | refused    refused    refused
403             refused    refused    refused    refused    refused    | refused    refused    refused
captcha         refused    refused    refused    refused    refused    | refused    refused    refused
404             nowhere    nowhere    nowhere    nowhere    nowhere    | nowhere    nowhere    nowhere
410             nowhere    nowhere    nowhere    nowhere    nowhere    | nowhere    nowhere    nowhere
413             proven     proven     proven     proven     server     | reconciled reconciled server
414             proven     proven     proven     proven     server     | reconciled reconciled server
413-get         proven     proven     proven     proven     proven     | reconciled reconciled reconciled
414-get         proven     proven     proven     proven     proven     | reconciled reconciled reconciled
control         query      query      query      short      query      | query      query      query
reset           proven     proven     proven     proven     wire       | reconciled reconciled wire
reset-body      proven     proven     proven     proven     wire       | reconciled reconciled wire
truncate        proven     proven     proven     proven     wire       | reconciled reconciled wire
truncate-short  proven     proven     proven     proven     wire       | reconciled reconciled wire
truncate-long   proven     proven     proven     proven     wire       | reconciled reconciled wire
truncate-none   proven     proven     proven     proven     wire       | reconciled reconciled wire
chunked-early   proven     proven     proven     proven     wire       | reconciled reconciled wire
chunked-cut     proven     proven     proven     proven     wire       | reconciled reconciled wire
gzip-cut        proven     proven     proven     proven     wire       | reconciled reconciled wire
gzip-tail       proven     proven     proven     proven     wire       | reconciled reconciled wire
bomb:9          proven     proven     proven     proven     wire       | wire       wire       wire
endless         proven     proven     proven     proven     wire       | wire       wire       wire
hang            proven     proven     proven     proven     wire       | reconciled reconciled wire
drip:9          proven     proven     proven     proven     wire       | reconciled reconciled wire
slow:0.01       proven     proven     proven     proven     proven     | reconciled reconciled reconciled
no-date         proven     proven     proven     proven     proven     | reconciled reconciled reconciled
empty           proven     proven     proven     proven     wire       | reconciled reconciled wire
object          proven     proven     proven     proven     wire       | reconciled reconciled wire
errors          proven     proven     proven     proven     wire       | reconciled reconciled wire
html            refused    refused    refused    refused    refused    | refused    refused    refused
visitor         refused    refused    refused    refused    refused    | refused    refused    refused
maintenance     proven     proven     proven     proven     wire       | reconciled reconciled wire
redirect        refused    refused    refused    refused    refused    | refused    refused    refused
no-issues       proven     proven     proven     proven     short      | reconciled reconciled short
repeat          proven     proven     proven     proven     protocol   | reconciled short      protocol
short:5         proven     proven     proven     proven     proven     | reconciled reconciled short
unsorted        proven     proven     proven     proven     short      | reconciled reconciled reconciled
cap:7           proven     proven     proven     proven     proven     | reconciled reconciled reconciled
cap:1           proven     proven     proven     proven     short      | reconciled reconciled reconciled
total:-1        protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:"7"       protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:null      protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:true      protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:1e3       protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:absent    protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
total:0         proven     proven     proven     proven     proven     | reconciled short      short
total:50        proven     proven     proven     proven     proven     | reconciled short      short
total:111       proven     proven     proven     proven     proven     | short      short      short
total:9999      proven     proven     proven     proven     proven     | short      short      short
max:0           protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
max:-1          protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
max:7           protocol   protocol   proven     proven     protocol   | protocol   protocol   protocol
max:30          proven     proven     proven     proven     proven     | reconciled reconciled reconciled
start:7         protocol   protocol   protocol   protocol   protocol   | protocol   protocol   protocol
invalid-utf8    proven     proven     proven     proven     wire       | reconciled reconciled wire
surrogate       proven     proven     proven     proven     proven     | reconciled reconciled reconciled
newline         proven     proven     proven     proven     proven     | reconciled reconciled reconciled
"""

CELLS = [
    pytest.param(kind, proof, when, end, id=f"{kind} {when} {proof}")
    for kind, *ends in (line.replace("|", "").split() for line in TABLE.strip().splitlines())
    for (proof, when), end in zip(COLUMNS, ends, strict=True)
]
ALTERED = ("surrogate", "newline")  # legal bytes, but not those that the mock has without a fault
MOST_REQUESTS = ISSUES + 1 + WHICH_JIRA  # of one pull, whatever happens: a page for each issue, and one for the end


async def pull_to(path: Path, mock: MockJira, kind: str, proof: Any) -> Manifest:
    limits = Limits(concurrency=1, rate=1000, body=8_000_000)
    timeouts = Timeouts(read=0.05) if kind.startswith(("hang", "drip")) else Timeouts()
    async with Jira(mock.url, auth=BearerAuth("x"), limits=limits, retry=SWIFT, timeouts=timeouts) as jira:
        return await jira.pull_to(path, fields="summary", page_size=PAGE, proof=proof)


def assert_exact(lines: list[bytes], mock: MockJira, kind: str, manifest: Manifest) -> None:
    expected = list(mock.expected(",".join(manifest.fields)))
    assert manifest.fields == ("summary", *(("created", "updated") if manifest.guarantee == "proven" else ()))
    if kind in ALTERED:
        lines, expected = [ids(lines), ids(expected)]
    elif kind == "unsorted":
        lines, expected = sorted(lines), sorted(expected)
    assert lines == expected


def ids(lines: list[bytes]) -> list[bytes]:
    return [json.loads(line)["id"] for line in lines]


@pytest.mark.parametrize(("kind", "proof", "when", "end"), CELLS)
async def test_a_pull_ends_whole_or_with_an_error(kind: str, proof: str, when: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    async with MockJira(issues=ISSUES, faults=[f"{kind}@{_STRIKES[proof][when]}"]) as mock:
        if end in ENDS:
            with pytest.raises(JiraError) as caught:
                await pull_to(path, mock, kind, proof)
            assert type(caught.value) is ENDS[end][0]
            assert str(caught.value).isprintable()
            assert ("index got lost" in str(caught.value)) == (kind == "total:9999" and proof == "auto")
            assert not path.exists()
        else:
            manifest = await pull_to(path, mock, kind, proof)
            assert (manifest.guarantee, manifest.issues) == (end, ISSUES)
            assert_exact(path.read_bytes().splitlines(), mock, kind, manifest)
        assert len(mock.wire) <= MOST_REQUESTS
        assert any(entry["fault"] for entry in mock.wire), "it has struck"


def test_the_table_names_every_kind_of_fault_and_the_exit_codes_of_the_command_line() -> None:
    elsewhere = {"poison", "poison-deep"}  # they strike an issue, not a request
    assert {kind.values[0].partition(":")[0] for kind in CELLS} | elsewhere == {*KINDS}
    for error, code in ENDS.values():
        assert next((found for kind, found in EXIT_CODES.items() if issubclass(error, kind)), 1) == code


def row_ids(rows: list[int], issues: int = ISSUES) -> list[str]:
    """Return the ids of these rows."""
    every = [json.loads(issue)["id"] for issue in MockJira(issues=issues).expected("created")]
    return [every[row] for row in rows]


@pytest.mark.parametrize(
    "rows", [[0], [PAGE // 2], [PAGE - 1], [PAGE], [57], [ISSUES - 1], [0, 57, 58, ISSUES - 1]], ids=str
)
async def test_issues_that_jira_cannot_serve_are_named_and_all_others_come(rows: list[int], tmp_path: Path) -> None:
    missing = row_ids(rows)
    async with MockJira(issues=ISSUES, faults=[f"poison:{each}@1-" for each in missing]) as mock:
        with pytest.raises(
            IncompleteError, match=rf"cannot serve the issues with these ids \({len(rows)}\): {', '.join(missing)}"
        ) as caught:
            await pull_to(tmp_path / "out", mock, "poison", "auto")
        expected = [line for line in mock.expected("summary,created,updated") if not {*missing} & {*ids([line])}]
        assert (tmp_path / "out.part").read_bytes().splitlines() == expected
        # Three tries and the dates; then each of its pages is halved down to the issue, tried three times at each depth
        assert len(mock.wire) <= REQUESTS["auto"] + 60 * len(rows)
    assert not (tmp_path / "out").exists()
    assert (caught.value.manifest.missing_ids, caught.value.manifest.uncovered) == (tuple(missing), ())


@pytest.mark.parametrize("row", [0, 57, ISSUES - 1])
async def test_issues_that_jira_cannot_even_name_leave_an_uncovered_place(row: int, tmp_path: Path) -> None:
    (missing,) = row_ids([row])
    async with MockJira(issues=ISSUES, faults=[f"poison-deep:{missing}@1-"]) as mock:
        with pytest.raises(IncompleteError, match="cannot be proven") as caught:
            await pull_to(tmp_path / "out", mock, "poison-deep", "auto")
        assert len(mock.wire) <= 2 * ISSUES
    assert not (tmp_path / "out").exists()
    assert caught.value.manifest.uncovered


@pytest.mark.parametrize("kind", ["poison", "poison-deep"])
async def test_without_a_proof_an_issue_that_jira_cannot_serve_ends_the_pull(kind: str, tmp_path: Path) -> None:
    async with MockJira(issues=ISSUES, faults=[f"{kind}:{row_ids([57])[0]}@1-"]) as mock:
        with pytest.raises(ServerError):
            await pull_to(tmp_path / "out", mock, kind, "off")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("window", [49, 50, 51, 100, 109])
@pytest.mark.parametrize("shape", [{}, {"window_told": False}, {"window_told": False, "window_empty": True}], ids=str)
async def test_what_lies_beyond_a_result_window_comes_too(window: int, shape: dict[str, bool], tmp_path: Path) -> None:
    async with MockJira(issues=ISSUES, result_window=window, **shape) as mock:
        manifest = await pull_to(tmp_path / "out", mock, "window", "auto")
        assert_exact((tmp_path / "out").read_bytes().splitlines(), mock, "window", manifest)
        assert (manifest.guarantee, len(mock.wire) <= ISSUES) == ("proven", True)


@pytest.mark.parametrize(("shape", "error"), [({}, ResultWindow), ({"window_empty": True}, IncompleteError)], ids=str)
async def test_without_a_proof_a_result_window_ends_the_pull(
    shape: dict[str, bool], error: type[JiraError], tmp_path: Path
) -> None:
    async with MockJira(issues=ISSUES, result_window=50, **shape) as mock:
        with pytest.raises(error):
            await pull_to(tmp_path / "out", mock, "window", "off")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("proof", ["auto", "off"])
@pytest.mark.parametrize(("wrong", "requests"), [("401", 1), ("anonymous", 1), ("silent", 2)])
async def test_a_wrong_login_is_never_an_empty_result(wrong: str, requests: int, proof: str, tmp_path: Path) -> None:
    async with MockJira(issues=ISSUES, token="right", wrong_login=wrong) as mock:
        with pytest.raises(Refused):
            await pull_to(tmp_path / "out", mock, "login", proof)
        assert len(with_login(mock)) == requests
        assert len(mock.wire) == requests + WHICH_JIRA
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("proof", ["auto", "off"])
@pytest.mark.parametrize("at", [2, 4, 6])
async def test_a_visitor_from_whom_the_issues_are_hidden_meanwhile_learns_it(
    at: int, proof: Any, tmp_path: Path
) -> None:
    async with MockJira(issues=ISSUES, faults=[f"visitor@{at}-"]) as mock:
        async with Jira(mock.url, limits=Limits(concurrency=1, rate=0), retry=SWIFT) as jira:
            with pytest.raises(IncompleteError, match=r"the last one 0|counts 0"):
                await jira.pull_to(tmp_path / "out", page_size=PAGE, proof=proof)
    assert not (tmp_path / "out").exists()


async def test_a_page_that_is_refused_beside_the_catch_up_is_not_taken_for_it(tmp_path: Path) -> None:
    async with MockJira(issues=ISSUES, faults=["400@3"]) as mock:
        async with Jira(mock.url, limits=Limits(rate=100)) as jira:  # paced, so that they arrive as they were asked
            with pytest.raises(BadQuery):
                await jira.pull_to(tmp_path / "out", page_size=PAGE)


@pytest.mark.parametrize("proof", ["auto", "off"])
@pytest.mark.parametrize("seed", range(3))
async def test_faults_at_random_among_many_requests_in_flight_cost_no_issue(
    seed: int, proof: Any, tmp_path: Path
) -> None:
    kinds = ["500", "502", "504", "reset", "reset-body", "truncate-none", "gzip-cut", "empty"]
    async with MockJira(issues=500, seed=seed, faults=[f"{kind}@3%" for kind in kinds]) as mock:
        async with Jira(mock.url, limits=Limits(rate=0), retry=SWIFT) as jira:
            manifest = await jira.pull_to(tmp_path / "out", page_size=PAGE, proof=proof)
        assert (tmp_path / "out").read_bytes().splitlines() == list(mock.expected("*all"))
        assert manifest.requests == len(mock.wire) > sum(entry["fault"] is None for entry in mock.wire)
