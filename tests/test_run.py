"""How a run chooses its strategy, does without a proof, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncjira import IncompleteError, Jira, Manifest, Timeouts
from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.mock import MockJira
from asyncjira.plan.proof import ProofStrategy

from .conftest import UNLIMITED


async def pulled(mock: MockJira, jql: str = "", **options: Any) -> tuple[int, Manifest]:
    async with Jira(mock.url, limits=UNLIMITED) as jira, jira.pull(jql, page_size=20, **options) as pull:
        count = len([issue async for issue in pull])
    return count, pull.manifest


@pytest.mark.parametrize(
    ("jql", "proof", "guarantee"),
    [
        ("project = OPS", "auto", "proven"),
        ("project = OPS ORDER BY key", "auto", "reconciled"),
        ("project = OPS ORDER BY key", "on", "proven"),
        ("project = OPS", "off", "reconciled"),
        ("summary ~ 'order by'", "auto", "proven"),
    ],
)
async def test_a_query_with_its_own_order_is_proven_only_when_that_is_asked_for(
    jql: str, proof: str, guarantee: str
) -> None:
    async with MockJira(issues=50) as mock:
        count, manifest = await pulled(mock, jql, proof=proof)
    assert (count, manifest.guarantee, manifest.jql) == (50, guarantee, jql)


def undated(folder: Path) -> Path:
    """Issues that do not tell when they were created."""
    path = folder / "undated.ndjson"
    path.write_bytes(b"".join(b'{"id":"%d","key":"X-%d","fields":{}}\n' % (n, n) for n in range(50)))
    return path


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_without_a_proof_the_manifest_names_the_fields_that_were_asked_for(proof: str, tmp_path: Path) -> None:
    async with MockJira(data=undated(tmp_path)) as mock:
        count, manifest = await pulled(mock, proof=proof, fields=["summary"])
    assert (count, manifest.guarantee, manifest.fields) == (50, "reconciled", ("summary",))
    reason = "no proof was possible: Jira does not tell when each issue was created"
    assert manifest.warnings == ((reason,) if proof == "auto" else ())


async def test_a_proof_that_was_insisted_on_and_is_impossible_is_incomplete(tmp_path: Path) -> None:
    async with MockJira(data=undated(tmp_path)) as mock, Jira(mock.url, limits=UNLIMITED) as jira:
        with pytest.raises(IncompleteError, match="when each issue was created: --proof off") as failed:
            await jira.pull_to(tmp_path / "x.json", proof="on")
    assert failed.value.manifest.uncovered == (("-∞", "∞"),)
    assert not (tmp_path / "x.json").exists()


async def test_a_server_whose_answers_have_no_date_is_asked_for_its_time() -> None:
    async with MockJira(issues=250, faults=["no-date@1-"]) as mock:
        count, manifest = await pulled(mock)
        assert [entry["path"] for entry in mock.wire if entry["n"] is None] == [
            "/rest/api/2/serverInfo",  # which Jira this is
            "/rest/api/2/serverInfo",  # and what time it is there
        ]
    assert (count, manifest.guarantee, manifest.fresh) == (250, "proven", True)


async def test_a_proven_pull_names_the_dates_among_its_fields() -> None:
    async with MockJira(issues=50) as mock:
        _, manifest = await pulled(mock, fields=["summary"])
    assert manifest.fields == ("summary", "created", "updated")


@pytest.mark.parametrize("proof", ["auto", "off"])
async def test_a_query_that_changes_by_itself_is_warned_of(proof: str) -> None:
    async with MockJira(issues=5) as mock:
        _, manifest = await pulled(mock, "created > -7d AND sprint in openSprints()", proof=proof)
    assert [warning for warning in manifest.warnings if "-7d, openSprints(" in warning]


async def test_the_catch_up_reaches_as_far_back_as_an_answer_may_have_taken_to_begin() -> None:
    def bound(jira: Jira) -> int:
        ask = jira.pull()._run._strategy  # the bound is in what the strategy asks last
        assert isinstance(ask, ProofStrategy)
        first = ask.next()
        assert first is not None
        ask.on_answer(first, SearchPage(0, 100, 0, [], [], Dates([], []), served_at=1_000_000_000))
        late = ask.next()
        assert late is not None
        return int(late.request.params["jql"].split()[2])

    url, long = "http://127.0.0.1:1", Timeouts(read=600)
    async with Jira(url, api="offset") as usual, Jira(url, api="offset", timeouts=long) as patient:
        assert bound(usual) <= 1_000_000_000_000 - 150_000
        assert bound(patient) <= 1_000_000_000_000 - 720_000
