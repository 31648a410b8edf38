"""What was left out without a word: where it must be listed if it is still there, and how many looks that takes."""

from __future__ import annotations

import pytest

from asyncjira.jira.jql import Part
from asyncjira.plan.silence import Silence, merged


@pytest.mark.parametrize(("low", "high", "part"), [
    (None, None, Part()),
    (None, 7, Part(None, 8)),  # that second belongs to it
    (5, None, Part(5)),
    (5, 5, Part(5, 6)),
])  # fmt: skip
def test_the_part_of_a_silence_holds_the_seconds_at_both_ends(low: int | None, high: int | None, part: Part) -> None:
    assert Silence(["a"], 0, low, high).part == part


def test_silences_within_so_many_rows_are_one() -> None:
    near, far = Silence(["b"], 199, 20, 21), Silence(["c"], 200, 30, 31)
    assert [*merged([Silence(["a"], 100, 10, 11), near, far], 100)] == [Silence(["a", "b"], 100, 10, 21), far]


def test_the_rows_are_counted_from_the_first_so_that_no_row_of_silences_grows_without_end() -> None:
    found = [*merged((Silence([str(row)], row, row, row + 1) for row in range(10)), 4)]
    assert [(each.ids, each.row, each.low, each.high) for each in found] == [
        (["0", "1", "2", "3"], 0, 0, 4),
        (["4", "5", "6", "7"], 4, 4, 8),
        (["8", "9"], 8, 8, 10),
    ]


def test_those_of_another_listing_stand_for_themselves() -> None:
    """The rows of the catch-up are counted from 0 again."""
    main, late = Silence(["a"], 50, 10, 11), Silence(["b"], 0, 3, 4)
    assert [*merged([main, late], 100)] == [main, late]


@pytest.mark.parametrize(("late", "joined"), [
    (Silence(["b"], 60, 3, 4), Silence(["a", "b"], 50, 3, 11)),
    (Silence(["b"], 60, 20, None), Silence(["a", "b"], 50, 10, None)),
    (Silence(["b"], 60, None, 4), Silence(["a", "b"], 50, None, 11)),
])  # fmt: skip
def test_what_is_joined_covers_both_also_where_a_later_listing_begins_further_back(
    late: Silence, joined: Silence
) -> None:
    assert [*merged([Silence(["a"], 50, 10, 11), late], 100)] == [joined]


def test_an_open_end_stays_open() -> None:
    found = [*merged([Silence(["a"], 0, None, 4), Silence(["b"], 9, 20, None)], 100)]
    assert found == [Silence(["a", "b"], 0, None, None)]


def test_no_silence_is_no_look_and_none_is_changed_by_joining() -> None:
    first, second = Silence(["a"], 0, 1, 2), Silence(["b"], 1, 3, 4)
    assert not [*merged([], 100)]
    assert len([*merged([first, second], 100)]) == 1
    assert (first, second) == (Silence(["a"], 0, 1, 2), Silence(["b"], 1, 3, 4))
