"""The proof, against a model that changes while it is read: never wrong while it claims success."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncjira.mock.changes import CHANGES

from .model import START, Pulled, Server, pull, server

CLAIMS: Counter[str] = Counter()


def assert_true(pulled: Pulled, server: Server) -> None:
    """What claims to be proven holds what matched throughout, each once, no phantom, and nothing stale."""
    CLAIMS[pulled.outcome.guarantee] += 1
    truth = server.model.truth()
    assert len(pulled.order) == len(set(pulled.order)) == pulled.outcome.issues
    assert set(pulled.versions) <= truth.ever
    if pulled.outcome.guarantee == "proven":
        assert truth.throughout <= set(pulled.versions)
        assert truth.fresh is not None
        stale = {name for name, updated in truth.fresh.items() if pulled.versions.get(name, -1) < updated}
        assert not stale
        assert pulled.outcome.fresh


changing = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0, 0.05, 0.1, 0.5, 1, 2]),
        "kinds": st.sets(st.sampled_from(sorted(CHANGES)), min_size=1).map(sorted),
        "shuffle_ties": st.booleans(),
        "lag": st.sampled_from([0, 0, 1, 5]),
    }
)


def seconds(draw: Any) -> list[int]:
    """Seconds of creation, in groups that share one: of up to so many issues."""
    most = draw(st.sampled_from([1, 1, 3, 6, 12]))
    groups = draw(st.lists(st.integers(1, most), max_size=150 // most))
    return [second for second, size in enumerate(groups) for _ in range(size)]


def clock_of(draw: Any) -> Any:
    """A server's clock: milliseconds, or so slow that minutes pass between requests."""
    return count(START, draw(st.sampled_from([0, 7, 1000, 90_000]))).__next__


@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_pull_that_claims_to_be_proven_is(data: st.DataObject) -> None:
    draw = data.draw
    changes = draw(changing)
    if changes["rate"]:
        changes["clock"] = clock_of(draw)
    jira = server(
        seconds(draw),
        seed=draw(st.integers(0, 2**16)),
        cap=draw(st.sampled_from([1000, 1000, 7])),
        window=draw(st.sampled_from([None, None, 20, 50])),
        empties=draw(st.booleans()),
        **changes,
    )
    size, in_flight = draw(st.integers(4, 25)), draw(st.integers(1, 9))
    assert_true(pull(jira, page_size=size, in_flight=in_flight, seed=draw(st.integers(0, 2**16))), jira)
