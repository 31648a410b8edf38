"""Each issue once and in order; then what the catch-up has found."""

from asyncjira.plan.delivery import Delivery
from asyncjira.plan.shelf import Row


def row(created: int, issue_id: str, updated: int = 0) -> Row:
    return created, updated, issue_id, f"{issue_id}{updated}".encode()


def delivery(*, updates: bool = True, since: int = 100) -> Delivery:
    found = Delivery(updates=updates)
    found.since_ms = since
    return found


def taken(delivery: Delivery) -> list[tuple[str, int, list[str]]]:
    found = []
    while (rows := delivery.take()) is not None:
        found.append((rows.place, rows.start_at, [bytes(raw).decode() for raw in rows.issues]))
    return found


def test_an_issue_goes_out_once() -> None:
    found = delivery()
    found.add([row(1, "a"), row(2, "b")])
    found.add([row(2, "b", 500), row(3, "c")])
    found.add([row(3, "c")])
    assert taken(found) == [("next", 0, ["a0", "b0"]), ("next", 2, ["c0"])]
    assert (found.rows, len(found.ids), bool(found)) == (3, 3, False)


def test_what_is_found_behind_its_turn_goes_in_between() -> None:
    found = delivery()
    found.add([row(1, "a"), row(4, "b")])
    found.add([row(3, "c"), row(4, "d"), row(5, "e")])
    found.add([row(4, "f")])
    assert taken(found) == [
        ("next", 0, ["a0", "b0"]),
        ("next", 2, ["d0", "e0"]),
        ("between", 4, ["c0"]),
        ("between", 5, ["f0"]),
    ]


def test_a_newer_version_replaces_the_one_before_it() -> None:
    found = delivery()
    found.add([row(1, "a", 7), row(2, "b", 150)])
    found.catch_up([row(1, "a", 200), row(2, "b", 150), row(3, "c", 300)])
    found.catch_up([row(1, "a", 200), row(2, "b", 151)])
    assert taken(found)[1:] == [("next", 2, ["c300"]), ("replace", 3, ["a200"]), ("replace", 4, ["b151"])]
    assert not found.stale


def test_without_updates_an_id_whose_version_is_old_is_named_once() -> None:
    found = delivery(updates=False)
    found.add([row(1, "a", 7), row(2, "b", 150)])
    found.catch_up([row(1, "a", 200), row(2, "b", 150)])
    found.catch_up([row(1, "a", 200)])
    found.catch_up([row(1, "a", 300)])
    assert (taken(found), [*found.stale]) == ([("next", 0, ["a7", "b150"])], ["a"])


def test_what_is_listed_is_missing_until_that_version_came() -> None:
    found = delivery()
    found.add([row(1, "a", 7), row(2, "b", 150)])
    assert found.missing({"a": 7, "b": 150}) == []
    assert found.missing({"a": 200, "b": 151, "c": 1}) == ["a", "b", "c"]
    found.catch_up([row(1, "a", 200)])
    assert found.missing({"a": 200}) == []


def test_what_is_listed_is_not_missing_where_its_old_version_is_named() -> None:
    found = delivery(updates=False)
    found.add([row(1, "a", 7)])
    found.catch_up([row(1, "a", 200)])
    assert found.missing({"a": 200}) == []
    assert found.missing({"a": 201}) == ["a"]


def test_two_versions_of_one_moment_are_told_apart_by_their_bytes() -> None:
    """Some databases keep `updated` in whole seconds."""
    found = delivery()
    found.add([(1, 150, "a", b"v2"), (2, 150, "b", b"same")])
    found.catch_up([(1, 150, "a", b"v3"), (2, 150, "b", b"same")])
    assert taken(found)[1:] == [("replace", 2, ["v3"])]
