"""Results longer than Data Center's result window, over a real socket: whole, in order, proven, and not much dearer."""

from typing import Any

import pytest

from asyncjira import IncompleteError, Jira, Manifest, ResultWindow
from asyncjira.mock import MockJira

from .conftest import SWIFT, UNLIMITED


async def pulled(issues: int, *, proof: Any = "auto", **settings: Any) -> Manifest:
    """Pull ids and dates from a mock, and check that all of them come in order."""
    async with MockJira(issues=issues, **settings) as mock, Jira(mock.url, limits=UNLIMITED, retry=SWIFT) as jira:
        async with jira.pull(fields="created,updated", proof=proof) as pull:
            found = [issue async for page in pull.pages() for issue in page.issues]
        assert found == list(mock.expected("created,updated"))
    return pull.manifest


async def test_a_window_of_ten_thousand_costs_little() -> None:
    without, behind = await pulled(120_000), await pulled(120_000, result_window=10_000)
    assert (without.guarantee, behind.guarantee) == ("proven", "proven")
    assert behind.requests <= 1.15 * without.requests


@pytest.mark.parametrize(
    "window",
    [
        pytest.param({}, id="told"),
        pytest.param({"window_told": False}, id="silent"),
        pytest.param({"window_told": False, "window_empty": True}, id="empty"),
    ],
)
@pytest.mark.parametrize("issues", [9_990, 10_000, 10_050, 25_000])
async def test_a_window_is_found_out_however_it_shows(issues: int, window: dict[str, Any]) -> None:
    manifest = await pulled(issues, result_window=10_000, **window)
    assert (manifest.guarantee, manifest.issues, manifest.warnings) == ("proven", issues, ())
    assert manifest.requests <= 1.15 * (issues / 94 + 2) + 5


@pytest.mark.parametrize("window", [150, 250, 1_000])
async def test_a_window_that_hardly_holds_a_page_is_enough(window: int) -> None:
    assert (await pulled(3_000, result_window=window)).guarantee == "proven"


async def test_changes_behind_a_window_are_caught_up_with() -> None:
    async with MockJira(issues=6_000, result_window=1_000, mutate=0.5, latency=0.002) as mock:
        async with Jira(mock.url, limits=UNLIMITED) as jira, jira.pull(fields="created", updates=True) as pull:
            versions = {issue["id"]: issue["fields"]["updated"] async for issue in pull}
        truth = mock.truth()
    assert pull.manifest.guarantee == "proven"
    assert truth.throughout <= set(versions) <= truth.ever
    assert truth.fresh is not None
    assert set(truth.fresh) <= set(versions)


async def test_without_a_proof_a_window_is_told_with_the_way_around_it() -> None:
    with pytest.raises(ResultWindow, match="--proof on") as caught:
        await pulled(12_000, result_window=10_000, proof="off")
    assert caught.value.limit == 10_000


async def test_without_a_proof_a_window_that_empties_pages_is_incomplete() -> None:
    with pytest.raises(IncompleteError, match="Jira counts 12000 issues, 10000 different ones came"):
        await pulled(12_000, result_window=10_000, window_empty=True, proof="off")
