"""What is remembered of very many versions, against a mapping of tuples."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from asyncjira.plan.versions import Version, Versions, version

IDS = st.one_of(st.integers(0, 600).map(str), st.sampled_from(["", "007", "10x", "9" * 25, "-1", str(2**62), "²"]))
VERSIONS = st.tuples(st.integers(-(2**45), 2**48), st.integers(0, 2**56 - 1))


@given(st.lists(st.lists(st.tuples(IDS, VERSIONS))), st.lists(IDS))
def test_the_latest_version_of_each_issue_is_remembered(
    rounds: list[list[tuple[str, Version]]], asked: list[str]
) -> None:
    versions, plain = Versions(), dict[str, Version]()
    for each in rounds:
        versions.update(each)
        plain.update(each)
    assert dict(versions.items()) == plain
    assert len(list(versions.items())) == len(plain)
    for issue_id in [*asked, *plain]:
        assert versions.get(issue_id) == plain.get(issue_id)
        assert (issue_id in versions) == (issue_id in plain)


def test_a_version_takes_few_bytes() -> None:
    versions = Versions()
    versions.update((str(number), version(1_700_000_000_000 + number, b"{}")) for number in range(0, 256 * 50, 8))
    size = sys.getsizeof(versions._blocks) + sum(map(sys.getsizeof, [*versions._blocks, *versions._blocks.values()]))
    assert size / 1600 < 25
