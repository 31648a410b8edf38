"""Pages that wait until everything before them is covered."""

from collections.abc import Iterable
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from asyncjira.jira.dates import Dates
from asyncjira.jira.page import SearchPage
from asyncjira.plan.shelf import Row, Shelf

Issue = tuple[int, int, str]
"""When it was created and updated, and its id."""


def put(shelf: Shelf, start: int, arrival: int, issues: Iterable[Issue]) -> None:
    issues = sorted(issues, key=lambda issue: issue[0])
    dates = Dates([issue[0] for issue in issues], [issue[1] for issue in issues])
    raws, ids = [(b"%d" % issue[1]) for issue in issues], [issue[2] for issue in issues]
    shelf.add(start, arrival, SearchPage(start, 100, 100, raws, ids, dates), dates)


def take_all(shelf: Shelf, end: float) -> list[Row]:
    """Take what leaves about a page at a time."""
    return [row for rows in iter(lambda: shelf.take(end), []) for row in rows]


def issues(rows: list[Row]) -> list[Issue]:
    assert all(bytes(raw) == b"%d" % updated for _, updated, _, raw in rows)
    return [(created, updated, issue_id) for created, updated, issue_id, _ in rows]


def test_an_empty_shelf_gives_nothing() -> None:
    shelf = Shelf()
    assert (len(shelf), shelf.holds(inf), shelf.take(inf)) == (0, False, [])


def test_only_what_was_created_before_the_second_is_taken() -> None:
    shelf = Shelf()
    put(shelf, 0, 1, [(1, 0, "a"), (2, 0, "b"), (2, 0, "c"), (3, 0, "d")])
    assert (shelf.holds(1), shelf.holds(2)) == (False, True)
    assert issues(take_all(shelf, 2)) == [(1, 0, "a")]
    assert (len(shelf), shelf.holds(2)) == (1, False)
    assert issues(take_all(shelf, inf)) == [(2, 0, "b"), (2, 0, "c"), (3, 0, "d")]
    assert len(shelf) == 0


def test_rows_leave_by_created_and_within_a_second_by_the_offset_of_their_page() -> None:
    shelf = Shelf()
    put(shelf, 10, 1, [(5, 0, "c"), (6, 0, "d")])
    put(shelf, 0, 2, [(4, 0, "a"), (5, 0, "b")])
    put(shelf, 10, 3, [(5, 0, "e")])
    assert [name for _, _, name in issues(take_all(shelf, inf))] == ["a", "b", "c", "e", "d"]


def test_the_newest_version_stays_at_the_first_place() -> None:
    shelf = Shelf()
    put(shelf, 0, 1, [(5, 100, "a"), (5, 100, "b")])
    put(shelf, 1, 2, [(5, 300, "a")])
    put(shelf, 2, 3, [(5, 200, "a"), (5, 50, "b")])
    assert issues(take_all(shelf, inf)) == [(5, 300, "a"), (5, 100, "b")]


def test_rows_leave_about_a_page_at_a_time() -> None:
    shelf = Shelf()
    for start in range(0, 50, 10):
        put(shelf, start, start, [(second, 0, str(second)) for second in range(start, start + 12)])
    taken = list(iter(lambda: shelf.take(inf), []))
    assert max(map(len, taken)) <= 12
    assert [issue[0] for rows in taken for issue in rows] == list(range(52))


def test_what_is_left_on_a_shelf_can_be_taken_over() -> None:
    left, shelf = Shelf(), Shelf()
    put(left, 90, 1, [(5, 0, "a"), (6, 0, "b")])
    put(shelf, 0, 2, [(5, 0, "a"), (7, 0, "c")])
    shelf.adopt(left)
    assert [name for _, _, name in issues(take_all(shelf, inf))] == ["a", "b", "c"]


issue = st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from("abcdefgh"))


@given(
    st.lists(st.lists(issue, min_size=1, max_size=6, unique_by=lambda each: each[2]), max_size=5), st.integers(0, 10)
)
def test_nothing_is_lost_and_nothing_comes_twice(pages: list[list[Issue]], end: int) -> None:
    created = {name: second for page in pages for second, _, name in page}  # it never changes
    pages = [[(created[name], updated, name) for _, updated, name in page] for page in pages]
    shelf = Shelf()
    for number, page in enumerate(pages):
        put(shelf, number, number, page)
    taken = issues(take_all(shelf, end)) + issues(take_all(shelf, inf))
    newest = {name: max(each[1] for page in pages for each in page if each[2] == name) for name in created}
    assert sorted(taken) == sorted((created[name], newest[name], name) for name in created)
    assert [second for second, _, _ in taken] == sorted(created.values())
