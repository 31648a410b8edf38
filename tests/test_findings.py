"""What a pull of Cloud says at its end: what is proven, what stands in the way of it, and what is missing."""

from __future__ import annotations

import pytest

from .cloud_model import Cloud, Faults, cloud, pull

WAYS = pytest.mark.parametrize("way", ["ids", "ranges"])
UNTOLD = "no proof was possible: Jira does not tell when each issue was created"
UNSORTED = "no proof was possible: Jira does not list by `created` as it was asked to"


@WAYS
def test_a_pull_of_what_stays_as_it_is_is_proven_on_condition_of_the_tokens(way: str) -> None:
    outcome = pull(cloud(range(50)), way=way).outcome
    assert (outcome.guarantee, outcome.doubts, outcome.notes, outcome.issues) == ("proven", (), (), 50)
    assert outcome.condition is not None
    assert "page tokens are a correct cursor" in outcome.condition
    assert (outcome.fresh, outcome.stale_ids, outcome.uncovered, outcome.total_last) == (True, (), (), 50)
    assert outcome.caught_up_at is not None
    assert outcome.total_first in (50, None)  # None where the estimate came last


@WAYS
def test_without_a_proof_nothing_is_caught_up_with_and_nothing_is_promised(way: str) -> None:
    jira = cloud(range(50))
    outcome = pull(jira, way=way, proven=False).outcome
    assert (outcome.guarantee, outcome.condition, outcome.fresh, outcome.caught_up_at) == (
        "reconciled", None, False, None
    )  # fmt: skip
    assert not any("updated >=" in body.get("jql", "") for _, body in jira.asked)


@WAYS
@pytest.mark.parametrize(
    ("jira", "obstacle"),
    [
        (lambda: cloud(range(50), tells_dates=False), UNTOLD),
        (lambda: cloud(range(50), faults=Faults(unsorted=1)), UNSORTED),
    ],
)
def test_an_obstacle_is_a_note_by_default_and_a_doubt_where_a_proof_was_insisted_on(
    way: str, jira: type[Cloud], obstacle: str
) -> None:
    usual, strict = (pull(jira(), way=way, must_prove=must).outcome for must in (False, True))
    assert (usual.guarantee, usual.doubts, usual.notes, usual.issues) == ("reconciled", (), (obstacle,), 50)
    assert (strict.guarantee, strict.doubts, strict.notes) == ("none", (obstacle,), ())


@WAYS
def test_fewer_than_half_of_what_seemed_to_be_there_is_a_doubt(way: str) -> None:
    outcome = pull(cloud(range(50), estimate=2.1), way=way, in_flight=1).outcome
    assert outcome.guarantee == "none"
    assert outcome.doubts[0].startswith("50 of about 105 issues came: ")
    assert pull(cloud(range(50), estimate=2), way=way, in_flight=1).outcome.guarantee == "proven"


@pytest.mark.parametrize("kind", ["hidden", "broken", "poison"])
@pytest.mark.parametrize("count", [1, 5, 6])
def test_what_jira_cannot_serve_is_named_and_counted(kind: str, count: int) -> None:
    sick = [str(10_000 + number) for number in range(3, 3 + count)]
    pulled = pull(cloud(range(50), faults=Faults(**{kind: frozenset(sick)})))
    assert (pulled.outcome.missing_ids, pulled.outcome.issues) == (tuple(sick), 50 - count)
    named = ", ".join(sick[:5]) + (", …" if count > 5 else "")
    why = {"hidden": "", "broken": " (try again)", "poison": " (HTTP 500)"}[kind]
    assert pulled.outcome.doubts == (f"Jira cannot serve the issues with these ids ({count}): {named}{why}",)


def test_what_was_deleted_after_it_was_listed_is_told_and_no_doubt() -> None:
    jira = cloud(range(50), rate=1, kinds=["delete"], ids=60)
    outcome = pull(jira).outcome
    gone = len(jira.listed) - outcome.issues
    assert gone > 3
    assert (outcome.guarantee, outcome.missing_ids) == ("proven", ())
    assert outcome.notes == (f"{gone} issues were deleted, hidden or left the result after having been listed",)


def test_an_issue_that_the_catch_up_brings_after_all_is_neither_missing_nor_gone() -> None:
    outcomes = [
        pull(cloud(range(50), rate=2, kinds=["edit"], faults=Faults(omitted=0.4, seed=seed)), seed=seed).outcome
        for seed in range(20)
    ]
    assert all(not outcome.notes for outcome in outcomes), "nothing was deleted"


def test_newer_versions_that_do_not_come_are_named_as_stale() -> None:
    found = 0
    for seed in range(60):
        jira = cloud(range(50), rate=2, kinds=["edit"], faults=Faults(failing=0.2, seed=seed))
        pulled = pull(jira, seed=seed, page_size=4)
        fresh = jira.model.truth().fresh or {}
        old = {name for name, updated in fresh.items() if pulled.versions.get(name, updated) < updated}
        assert old <= set(pulled.outcome.stale_ids)
        assert pulled.outcome.fresh == (not pulled.outcome.stale_ids and not pulled.outcome.doubts)
        found += len(old)
    assert found > 0


def test_a_catch_up_that_jira_refuses_stops_the_pull_with_what_it_has() -> None:
    jira = cloud(range(50), forbidden="updated >=")
    outcome = pull(jira, in_flight=1).outcome
    assert outcome.guarantee == "none"
    assert outcome.doubts[0].startswith("what changed meanwhile cannot be asked for: Jira rejected the query")


@WAYS
def test_a_second_listing_is_made_where_it_is_wanted(way: str) -> None:
    jira = cloud(range(50))
    assert pull(jira, way=way, lists_again=True).outcome.guarantee == "proven"
    whole = [body for kind, body in jira.asked if kind == "jql" and "updated" not in body["jql"]]
    assert sum(body["fields"] == ["id"] and "nextPageToken" not in body for body in whole) == (2 if way == "ids" else 1)
