import pytest

from asyncjira import ConfigError
from asyncjira.jira.jql import STABLE_ORDER, Part, changing, checked, moves, ordered, split_order


@pytest.mark.parametrize(
    ("jql", "where", "order"),
    [
        ("project = OPS", "project = OPS", ""),
        ("project = OPS ORDER BY key", "project = OPS", "ORDER BY key"),
        ("project = OPS order\n  by key DESC, created", "project = OPS", "order\n  by key DESC, created"),
        ("ORDER BY created", "", "ORDER BY created"),
        ("", "", ""),
        ('summary ~ "order by x"', 'summary ~ "order by x"', ""),
        ("summary ~ 'order by x' ORDER BY id", "summary ~ 'order by x'", "ORDER BY id"),
        (r'summary ~ "a \" order by" order by id', r'summary ~ "a \" order by"', "order by id"),
        ("reorder by = 1", "reorder by = 1", ""),
        ("border BY x", "border BY x", ""),
    ],
)
def test_a_query_is_split_at_its_own_order(jql: str, where: str, order: str) -> None:
    assert split_order(jql) == (where, order)


@pytest.mark.parametrize(
    ("jql", "sent"),
    [
        ("", STABLE_ORDER),
        ("a = 1 OR b = 2", f"(a = 1 OR b = 2) {STABLE_ORDER}"),
        ("a = 1 ORDER BY updated", "a = 1 ORDER BY updated"),
        ("ORDER BY updated", "ORDER BY updated"),
    ],
)
def test_only_a_query_without_order_is_given_one(jql: str, sent: str) -> None:
    assert ordered(jql) == sent


@pytest.mark.parametrize("tail", ["", "\\", '"'])
def test_a_long_string_that_is_not_closed_is_read_once(tail: str) -> None:
    """Were each of its quotes tried again, this would take minutes."""
    jql = 'a ~ "' + 'order by \\"' * 50_000 + tail
    assert split_order(jql) == (jql, "")


@pytest.mark.parametrize("jql", ["a = \0", "a = '\ud800'"])
def test_what_cannot_be_sent_is_refused(jql: str) -> None:
    with pytest.raises(ConfigError):
        checked(jql)


@pytest.mark.parametrize(
    ("jql", "names"),
    [
        ("project = OPS AND assignee = currentUser()", []),
        ("due < now()", ["now()"]),
        ("sprint in openSprints ( ) AND created > startOfDay(-1)", ["openSprints()", "startOfDay()"]),
        ("created >= -7d", ["-7d"]),
        ("""created >= "-7d" OR updated > '-4w 2d'""", ["-4w 2d", "-7d"]),
        ("status CHANGED AFTER -1w BEFORE -1d", ["-1d", "-1w"]),
        ('status CHANGED DURING ("-2d", now())', ["-2d", "now()"]),
        ("a in (-1d, +2W)", ["+2W", "-1d"]),
        ('a = "-1d" AND summary ~ "now()" AND due < endOfWeek()', ["-1d", "endOfWeek()"]),
        ("summary ~ \"created > -7d, now()\" AND text ~ 'membersOf(x)'", []),
        (r'summary ~ "a \" = now()"', []),
        ("votes = -1 AND version = -1d2 AND nownow() = 1", []),
        ("a = 1 ORDER BY now()", []),
        ("", []),
    ],
)
def test_what_makes_matches_change_by_themselves_is_named(jql: str, names: list[str]) -> None:
    assert changing(jql) == names


@pytest.mark.parametrize("tail", ["", "\\", '"'])
def test_what_changes_is_looked_for_once_in_a_long_string_that_is_not_closed(tail: str) -> None:
    assert changing('a ~ "' + 'order by now() \\"' * 50_000 + tail) == []


@pytest.mark.parametrize(
    ("part", "jql", "sent"),
    [
        (Part(), "", STABLE_ORDER),
        (Part(), "a = 1 OR b = 2 ORDER BY key DESC", f"(a = 1 OR b = 2) {STABLE_ORDER}"),
        (Part(first=5), "ORDER BY key", f"created >= 5000 {STABLE_ORDER}"),
        (Part(first=5, before=9), "a = 1", f"(a = 1) AND created >= 5000 AND created < 9000 {STABLE_ORDER}"),
        (Part(first=-5, before=0), "", f"created >= -5000 AND created < 0 {STABLE_ORDER}"),
        (Part(updated_since_ms=7), "a = 1", f"(a = 1) AND updated >= 7 {STABLE_ORDER}"),
    ],
)
def test_a_part_is_asked_by_created_whatever_the_order_of_its_query(part: Part, jql: str, sent: str) -> None:
    assert part.of(jql) == sent


@pytest.mark.parametrize("jql", ["a = 1) OR (b = 2", ")", 'a = "x" )', "a in (1))"])
def test_a_query_that_would_leave_its_parentheses_is_refused(jql: str) -> None:
    with pytest.raises(ConfigError, match="parenthesis"):
        checked(jql)


@pytest.mark.parametrize("jql", ["a in (1, 2)", 'a = ")"', "a = ')' AND (b = 1)", r'a = "\")"', "", "(a = 1"])
def test_a_parenthesis_in_a_string_is_text(jql: str) -> None:
    assert checked(jql) == jql


@pytest.mark.parametrize(
    ("jql", "may_move"),
    [
        ("", False),
        ("a = 1", False),
        ("ORDER BY created", False),
        ("a = 1 order by created desc, id ASC", False),
        ("ORDER BY key", True),
        ("ORDER BY updated DESC", True),
        ("ORDER BY created, rank", True),
    ],
)
def test_an_order_moves_unless_it_is_that_of_creation(jql: str, may_move: bool) -> None:
    assert moves(jql) == may_move
