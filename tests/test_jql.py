import pytest

from asyncjira import ConfigError
from asyncjira.jira.jql import STABLE_ORDER, checked, ordered, split_order


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
