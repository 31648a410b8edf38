import pytest

from asyncjira.plan.overlap import SMALLEST_PAGE, cheapest_overlap


def test_where_every_second_has_one_issue_three_rows_are_shared() -> None:
    assert cheapest_overlap(range(100), 100) == 3


@pytest.mark.parametrize("size", [2, 3, 5, 10])
def test_where_many_issues_share_a_second_more_rows_than_those_are_shared(size: int) -> None:
    created = [row // size for row in range(1000)]
    assert cheapest_overlap(created, 1000) == max(3, size + 1)


def test_one_large_group_is_cheaper_to_repair_than_to_share() -> None:
    created = [0] * 300 + [*range(1, 701)]
    assert cheapest_overlap(created, 1000) == 3


def test_never_more_than_half_of_a_page_is_shared() -> None:
    assert all(cheapest_overlap([7] * 50, size) <= size // 2 for size in range(SMALLEST_PAGE, 60))


@pytest.mark.parametrize("created", [[], [5]])
def test_too_few_issues_to_judge_by_share_the_least(created: list[int]) -> None:
    assert cheapest_overlap(created, 100) == 3
    assert cheapest_overlap(created, SMALLEST_PAGE) == 2
