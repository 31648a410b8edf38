"""Where a gap's rows are looked for, in a list that moves meanwhile."""

from bisect import bisect_left, bisect_right
from math import inf

import pytest

from asyncjira.plan.line import Gap, Span
from asyncjira.plan.repair import Repair

LEFT = Span(0, 50, 40, 60, 3)
RIGHT = Span(52, 90, 62, 82, 5)


def test_the_first_page_is_centred_on_the_gap() -> None:
    assert Repair(20, 3).start(Gap(50, 52, LEFT, RIGHT)) == 62 - 10


def test_the_neighbour_that_was_seen_last_tells_where_the_gap_is() -> None:
    assert Repair(20, 3).start(Gap(50, 52, LEFT._replace(arrival=6), RIGHT)) == 60 - 10


def test_without_a_page_behind_it_the_page_begins_with_the_rows_to_share() -> None:
    assert Repair(20, 3).start(Gap(50, inf, LEFT, None)) == 60 - 3


def test_a_gap_at_the_beginning_is_looked_for_at_the_beginning() -> None:
    repair = Repair(20, 3)
    repair.missed(Gap(-inf, 5, None, RIGHT), [7, 8], 20)
    assert repair.start(Gap(-inf, 5, None, RIGHT)) == 0


def test_no_page_begins_before_the_first_row() -> None:
    assert Repair(20, 3).start(Gap(50, 52, LEFT, RIGHT._replace(start=4))) == 0


def test_rows_that_are_too_old_send_it_to_the_right_and_empty_pages_to_the_left() -> None:
    gap = Gap(50, 52, LEFT, RIGHT)
    right, left, empty = Repair(20, 3), Repair(20, 3), Repair(20, 3)
    right.missed(gap, [30, 40], 20)
    left.missed(gap, [55, 60], 20)
    empty.missed(gap, [], 20)
    assert [each.start(gap) - 52 for each in (right, left, empty)] == [10, -10, -10]


def test_steps_double_until_it_turns_and_halve_at_every_turn() -> None:
    gap, repair = Gap(50, 52, LEFT, RIGHT._replace(start=1000)), Repair(20, 3)
    starts = []
    for created in ([1], [1], [1], [99], [99], [1]):
        repair.missed(gap, created, 20)
        starts.append(repair.start(gap) - 990)
    assert starts == [10, 30, 70, 50, 30, 40]


def test_a_second_that_fills_the_page_asks_for_twice_as_much() -> None:
    gap, repair = Gap(50, 50, LEFT, RIGHT), Repair(20, 3)
    repair.missed(gap, [50] * 20, 20)
    assert (repair.size, repair.hopeless) == (40, False)


def test_a_second_that_fills_the_largest_page_is_hopeless() -> None:
    gap, repair = Gap(50, 50, LEFT, RIGHT), Repair(40, 3)
    repair.missed(gap, [50] * 20, 20)
    assert (repair.size, repair.hopeless) == (20, True)


def test_a_smaller_page_than_asked_for_alone_is_not_hopeless() -> None:
    gap, repair = Gap(50, 52, LEFT, RIGHT), Repair(40, 3)
    repair.missed(gap, [30] * 20, 20)
    assert (repair.size, repair.hopeless) == (20, False)


def test_after_many_tries_it_is_hopeless() -> None:
    gap, repair = Gap(50, 52, LEFT, RIGHT), Repair(20, 3)
    repair.tries = 15
    repair.missed(gap, [1], 20)
    assert not repair.hopeless
    repair.tries = 16
    repair.missed(gap, [1], 20)
    assert repair.hopeless


def found(created: list[int], second: int, *, drift: int, largest: int) -> bool:
    """Whether a page turns up that begins before `second` and ends behind it, from a place that is `drift` rows off."""
    gap = Gap(second, second, LEFT, RIGHT._replace(start=max(0, bisect_left(created, second) + drift)))
    repair = Repair(20, 3)
    while not repair.hopeless:
        start, size = repair.start(gap), min(repair.size, largest)
        page = created[start : start + size]
        if page and page[0] < second < page[-1]:
            return True
        repair.tries += 1
        repair.missed(gap, page, size)
    return False


@pytest.mark.parametrize("group", [1, 2, 18, 19, 20, 100, 400, 998])
@pytest.mark.parametrize("drift", [-300, -40, -1, 0, 1, 40, 300])
def test_a_second_is_found_where_a_page_can_hold_it(group: int, drift: int) -> None:
    created = [*range(1500), *[1500] * group, *range(1501, 3000)]
    assert bisect_right(created, 1500) - bisect_left(created, 1500) == group
    assert found(created, 1500, drift=drift, largest=4096)
    assert not found(created, 1500, drift=drift, largest=group + 1)
