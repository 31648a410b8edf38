"""The pull of a Cloud, against a model that changes while it is read: never wrong while it claims success."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.errors import BadQuery, ProtocolError, ServerError

from .cloud_model import Cloud, Faults, Pulled, cloud, pull
from .test_proof import changing, clock_of, seconds, thorough


def assert_true(pulled: Pulled, jira: Cloud) -> None:
    """What is listed is delivered once, or named, or gone; and a proof holds what it says."""
    truth, outcome, delivered = jira.model.truth(), pulled.outcome, set(pulled.versions)
    named = {*outcome.missing_ids}
    assert len(pulled.order) == len(delivered) == outcome.issues
    assert delivered <= truth.ever
    assert named.isdisjoint(delivered)
    assert bool(named) <= bool(outcome.doubts)
    assert (outcome.guarantee == "none") == bool(outcome.doubts)
    if not stopped(pulled):
        assert jira.stayed <= delivered | named
        assert truth.throughout <= delivered | named
        assert not outcome.uncovered
    if outcome.guarantee == "proven":
        assert pulled.is_sorted
        assert truth.fresh is not None
        old = {name for name, updated in truth.fresh.items() if pulled.versions.get(name, -1) < updated}
        assert old <= set(outcome.stale_ids) <= delivered
        assert outcome.fresh == (not outcome.stale_ids)


pulling = st.fixed_dictionaries(
    {
        "way": st.sampled_from(["ids", "ranges"]),
        "page_size": st.integers(4, 25),
        "in_flight": st.integers(1, 8),
        "updates": st.booleans(),
        "lists_again": st.booleans(),
        "proven": st.sampled_from([True, True, True, False]),
        "seed": st.integers(0, 2**16),
    }
)

faulty = st.builds(
    Faults,
    seed=st.integers(0, 2**16),
    **{
        name: st.sampled_from([0, 0, 0, 0.05, 0.3])
        for name in ("expired", "empty", "twice", "short", "unsorted", "omitted", "erring", "failing", "miscounting")
    },
)


def living(draw: Any, **more: Any) -> Cloud:
    """A Cloud whose issues may change, and may have changed just before the pull began."""
    changes = draw(changing)
    if changes["rate"]:
        changes["clock"] = clock_of(draw)
    shape = {
        "ids": draw(st.integers(20, 50)),
        "cap": draw(st.integers(4, 10)),
        "estimate": draw(st.sampled_from([1, 1, 0, 0.3, 3])),
    }
    jira = cloud(seconds(draw), **changes, **shape, **more)
    for _ in range(draw(st.sampled_from([0, 0, 3]))):
        jira.model.turn()
    return jira


def stopped(pulled: Pulled) -> bool:
    return any("cannot be asked for" in doubt for doubt in pulled.outcome.doubts)


def collapsed(pulled: Pulled) -> bool:
    return any(" of about " in doubt for doubt in pulled.outcome.doubts)


@thorough(1000)
@given(st.data())
def test_a_pull_that_claims_to_be_proven_is(data: st.DataObject) -> None:
    jira, options = living(data.draw), data.draw(pulling)
    pulled = pull(jira, **options)
    assert_true(pulled, jira)
    if not jira.lag:  # whatever was deleted: that is no doubt, unless most of it was
        assert pulled.outcome.guarantee == ("proven" if options["proven"] else "reconciled") or collapsed(pulled)
        assert not pulled.outcome.missing_ids


@thorough(500)
@given(st.data())
def test_odd_pages_cost_no_proof(data: st.DataObject) -> None:
    """Tokens that expire, empty pages, short ones, issues that come twice, counts that fail."""
    odd = replace(data.draw(faulty), unsorted=0, omitted=0, erring=0, failing=0)
    jira, options = living(data.draw, faults=odd), data.draw(pulling) | {"lists_again": False}
    with suppress(BadQuery):
        pulled = pull(jira, **options)
        assert_true(pulled, jira)
        if not jira.lag and not collapsed(pulled) and not stopped(pulled):
            assert pulled.outcome.guarantee == ("proven" if options["proven"] else "reconciled"), pulled.outcome.notes


@thorough(2500)
@given(st.data())
def test_whatever_goes_wrong_nothing_is_lost_in_silence(data: st.DataObject) -> None:
    jira = living(data.draw, faults=data.draw(faulty))
    with suppress(BadQuery, ServerError):  # a token refused before it brought anything; request after request fails
        assert_true(pull(jira, **data.draw(pulling)), jira)


@thorough(50)
@given(st.data())
def test_tokens_that_go_round_in_a_circle_end_the_pull_at_once(data: st.DataObject) -> None:
    looping = data.draw(st.integers(1, 9))
    jira = cloud(range(data.draw(st.integers(12 * 20, 300))), ids=20, estimate=0, faults=Faults(looping=looping))
    with pytest.raises(ProtocolError, match="circle"):
        pull(jira, **data.draw(pulling) | {"page_size": 20})
    assert [kind for kind, _ in jira.asked].count("jql") <= looping + 2, "and the catch-up's first"


@thorough(300)
@given(st.data())
def test_a_query_with_an_order_of_its_own_keeps_it(data: st.DataObject) -> None:
    jira = living(data.draw, faults=data.draw(faulty))
    options = data.draw(pulling) | {"proven": False}
    with suppress(BadQuery, ServerError):
        pulled = pull(jira, jql="ORDER BY created DESC", **options)
        assert_true(pulled, jira)
        assert pulled.order == [name for name in jira.listed if name in pulled.versions]
        assert not pulled.between


@thorough(200)
@given(st.data())
def test_what_jira_never_serves_is_named(data: st.DataObject) -> None:
    jira = living(data.draw)
    ids = [record.id for record in jira.model.view]
    sick = frozenset(data.draw(st.lists(st.sampled_from(ids), max_size=4))) if ids else frozenset()
    kind = data.draw(st.sampled_from(["hidden", "broken", "poison"]))
    jira.faults = Faults(**{kind: sick})
    options = data.draw(pulling) | ({} if kind == "poison" else {"way": "ids"})
    with suppress(BadQuery, ServerError):
        pulled = pull(jira, **options)
        assert_true(pulled, jira)
        assert sick.isdisjoint(pulled.versions)
        assert sick & jira.model.truth().throughout <= set(pulled.outcome.missing_ids)
