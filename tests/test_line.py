"""The line of `created`: what a set of pages covers, and what is missing between them."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from asyncjira.plan.line import Gap, Line, Span


def span(low: float, high: float) -> Span:
    return Span(low, high, 0, 0, 0)


def line(*spans: tuple[float, float], until: float = inf) -> Line:
    found = Line()
    found.until = until
    for each in spans:
        found.add(span(*each))
    return found


def places(line: Line) -> list[tuple[float, float]]:
    return [gap.place for gap in line.gaps()]


def test_nothing_covers_nothing() -> None:
    assert not line().closed
    assert line().gaps() == [Gap(-inf, inf, None, None)]


def test_one_page_that_is_first_and_last_covers_everything() -> None:
    assert line((-inf, inf)).closed
    assert line((-inf, inf)).gaps() == []


def test_pages_that_share_two_seconds_meet() -> None:
    assert line((-inf, 5), (4, inf)).closed


def test_pages_that_share_one_second_only_do_not_meet() -> None:
    """Each may hold a part of that second's issues."""
    assert places(line((-inf, 5), (5, inf))) == [(5, 5)]


def test_pages_that_share_nothing_do_not_meet() -> None:
    assert places(line((-inf, 5), (7, inf))) == [(5, 7)]


def test_a_page_of_one_second_covers_nothing() -> None:
    assert places(line((-inf, 5), (5, 5), (5, inf))) == [(5, 5), (5, 5)]
    assert places(line((5, 5))) == [(-inf, 5), (5, inf)]


def test_a_page_around_a_second_covers_it() -> None:
    assert line((-inf, 5), (5, inf), (4, 6)).closed


def test_a_gap_at_the_beginning_has_nothing_on_its_left() -> None:
    (gap,) = line((3, inf)).gaps()
    assert gap == Gap(-inf, 3, None, span(3, inf))


def test_a_gap_at_the_end_has_nothing_on_its_right() -> None:
    (gap,) = line((-inf, 3)).gaps()
    assert gap == Gap(3, inf, span(-inf, 3), None)


def test_two_first_pages_are_one_beginning() -> None:
    assert line((-inf, -inf), (-inf, 3), (2, inf)).closed


def test_the_neighbour_of_a_gap_is_the_page_that_reaches_furthest() -> None:
    (gap,) = line((-inf, 9), (1, 5), (20, inf)).gaps()
    assert (gap.left, gap.right) == (span(-inf, 9), span(20, inf))


def test_the_line_ends_before_its_last_second() -> None:
    assert line((-inf, 10), until=10).closed
    assert places(line((-inf, 9), until=10)) == [(9, 10)]
    assert places(line((-inf, 9), (12, 15), until=10)) == [(9, 10)]


def test_a_gap_that_is_given_up_is_passed() -> None:
    found = line((-inf, 5), (5, 8), (8, inf))
    assert found.give_up().place == (5, 5)
    assert (found.end, places(found)) == (8, [(8, 8)])
    assert found.give_up().place == (8, 8)
    assert found.closed


def test_a_gap_at_the_end_that_is_given_up_ends_the_line() -> None:
    found = line((-inf, 5))
    assert found.give_up().place == (5, inf)
    assert found.closed


def test_giving_up_goes_on_with_what_touches_behind() -> None:
    found = line((-inf, 5), (7, 9), (8, 12))
    found.give_up()
    assert (found.end, places(found)) == (12, [(12, inf)])


spans = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), max_size=9)


@given(spans, st.booleans(), st.booleans(), st.randoms())
def test_a_second_is_in_a_gap_or_strictly_inside_of_a_page(
    pairs: list[list[int]], begins: bool, ends: bool, random: object
) -> None:
    pages = [(float(low), float(high)) for low, high in pairs]
    pages += [(-inf, 4.0)] * begins + [(9.0, inf)] * ends
    random.shuffle(pages)  # type: ignore[attr-defined]
    found = line(*pages)
    for second in range(-1, 14):
        is_inside = any(low < second < high for low, high in pages)
        assert is_inside != any(low <= second <= high for low, high in places(found))
    assert found.closed == (not found.gaps())
