"""Other keys in the bytes of an issue: exactly those, and not one byte more, whatever stands around them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira.jira.renaming import Renaming

KEYS = {
    "customfield_1": "Epic Link",
    "customfield_2": 'a "b"\\',
    "customfield_3": "契約日",
    "customfield_4": "customfield_4",
}
SPELLED = {"customfield_1": '"Epic Link"', "customfield_2": r'"a \"b\"\\"', "customfield_3": '"契約日"'}
RENAMING = Renaming(KEYS)


def renamed(text: str) -> str:
    return RENAMING.issue(text.encode()).decode()


# What may stand for a key: as it is, or with any of its characters escaped.
def spellings(key: str) -> st.SearchStrategy[str]:
    escaped = st.integers(0, len(key) - 1).map(lambda at: f'"{key[:at]}\\u{ord(key[at]):04x}{key[at + 1 :]}"')
    return st.one_of(st.just(f'"{key}"'), st.just(f'"{key}"'), escaped)


FIELDS = ["customfield_1", "customfield_2", "customfield_3", "customfield_4", "customfield_5", "summary", "fields"]
OTHERS = [r'"\ud83d"', r'"a\\"', r'"\""', '"}"', r'"{\"customfield_1\":1}"', '"契約日x"', '""', '"customfield_1 "']
SPACE = st.sampled_from(["", "", "", " ", "\n\t", "\r\n "])
SCALARS = st.sampled_from(
    ["1.10", "1e400", "-0", "123456789012345678901234567890", "null", "true", '"customfield_1"', '"fields"', *OTHERS]
)
ANY_KEY = st.one_of(st.sampled_from(FIELDS).flatmap(spellings), st.sampled_from(OTHERS))


@st.composite
def listed(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    return "[" + ",".join(draw(SPACE) + draw(values) + draw(SPACE) for _ in range(draw(st.integers(0, 3)))) + "]"


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    pairs = draw(st.lists(st.tuples(ANY_KEY, values), max_size=3))
    return "{" + ",".join(f"{key}{draw(SPACE)}:{draw(SPACE)}{value}{draw(SPACE)}" for key, value in pairs) + "}"


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(listed(inner), objects(inner)), max_leaves=6)


@st.composite
def issues(draw: st.DrawFn) -> tuple[str, str]:
    """Return the text of an issue, and what is to become of it."""
    before, after = [], []
    for key in draw(st.lists(st.sampled_from(["id", "fields", "renderedFields", "names"]), max_size=4)):
        spelled, space = draw(spellings(key)), draw(SPACE)
        if key == "names" or draw(st.integers(0, 4)) == 0:
            old = new = draw(VALUES.filter(lambda text: not text.startswith("{")) if key != "names" else VALUES)
        else:
            old, new = draw(of_fields())
        before.append(f"{space}{spelled}{space}:{space}{old if key != 'id' else 1}")
        after.append(f"{space}{spelled}{space}:{space}{new if key != 'id' else 1}")
    return "{" + ",".join(before) + "}", "{" + ",".join(after) + "}"


@st.composite
def of_fields(draw: st.DrawFn) -> tuple[str, str]:
    before, after = [], []
    for key in draw(st.lists(st.one_of(st.sampled_from(FIELDS), st.sampled_from(OTHERS)), max_size=5)):
        spelled = key if key.startswith('"') else draw(spellings(key))
        rest = draw(SPACE) + ":" + draw(SPACE) + draw(VALUES) + draw(SPACE)
        before.append(spelled + rest)
        after.append(SPELLED.get(key, spelled) + rest)
    return "{" + ",".join(before) + "}", "{" + ",".join(after) + "}"


def parsed(text: str) -> Any:
    """Return what a text says, with every pair of an object in its place, and numbers as they are written."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=str, parse_float=str)


def under(keys: set[str], rename: Callable[[str], str], issue: Any) -> Any:
    return (
        "object",
        [
            (key, ("object", [(rename(name), each) for name, each in value[1]]))
            if key in keys and isinstance(value, tuple)
            else (key, value)
            for key, value in issue[1]
        ],
    )


@settings(max_examples=150)
@given(issues())
def test_keys_of_fields_change_no_other_byte_does_and_the_way_back_gives_what_jira_had_sent(
    texts: tuple[str, str],
) -> None:
    before, after = texts
    assert renamed(before) == after
    holders = {"fields", "renderedFields"}
    assert parsed(after) == under(holders, lambda name: KEYS.get(name, name), parsed(before))
    if "\\u0" not in before:  # a key that was escaped comes back as it is usually spelled
        assert Renaming({key: field for field, key in KEYS.items()}).issue(after.encode()).decode() == before


@pytest.mark.parametrize(
    "issue",
    [
        '{"id":"1","deleted":true}',
        '{"fields":null}',
        '{"fields":[{"customfield_1":1}]}',
        '{"changelog":{"customfield_1":1},"fields":{"customfield_5":{"customfield_1":1}}}',
        '{"editmeta":{"fields":{"customfield_1":1}},"customfield_1":1}',
        '{"fields":{"parent":{"fields":{"customfield_1":1}}},"names":{"customfield_1":"x"}}',
    ],
)
def test_what_is_no_field_of_the_issue_itself_stays(issue: str) -> None:
    assert renamed(issue) == issue


def test_an_issue_that_has_one_of_the_new_keys_already_stays_as_it_is() -> None:
    taken = '{"fields":{"customfield_1":1,"Epic Link":2}}'
    assert renamed(taken) == taken
    assert renamed('{"Epic Link":2,"fields":{"customfield_1":1}}') == '{"Epic Link":2,"fields":{"Epic Link":1}}'


def test_values_of_any_depth_and_length_are_passed_over() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    long = "x" * 1_000_000 + r"\n" * 100_000
    issue = f'{{"fields":{{"a":{deep},"b":"{long}","customfield_1":1}}}}'
    assert renamed(issue) == issue.replace("customfield_1", "Epic Link")
