"""Which key a field gets: its name where that is clear, whatever the order in which Jira lists the fields."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import Field
from asyncjira.jira.exchange import Answer, Fault, Unusable
from asyncjira.jira.field import field_catalogue
from asyncjira.plan.naming import Naming

SYSTEM = [Field("summary", "Summary", "string"), Field("status", "Zustand", "status"), Field("timespent", "Σ Zeit")]
NAMES = [
    "Team",
    "team",
    "TEAM ",
    "Summary",
    "status",
    "ZUSTAND",
    "parent",
    "Customfield_7",
    "customfield_2",
    "",
    " ",
    "契約日",
]


def custom(number: int, name: str) -> Field:
    return Field(f"customfield_{number}", name, "string", None, True, "x:textfield")


def keys(*names: str, before: dict[str, str] | None = None) -> dict[str, str]:
    fields = [*SYSTEM, *(custom(number, name) for number, name in enumerate(names, 1))]
    return Naming.of(fields, before).keys


def test_a_name_is_the_key_of_a_custom_field() -> None:
    assert keys("Epic Link", "Übersetzung") == {"customfield_1": "Epic Link", "customfield_2": "Übersetzung"}


@pytest.mark.parametrize(
    "name",
    [
        "summary",
        "Summary",
        "STATUS",
        "Zustand",
        "σ zeit",
        "parent",
        "Parent",
        "customfield_1",
        "Customfield_99",
        "",
        " \t",
    ],
)
def test_a_name_that_is_not_clear_is_none(name: str) -> None:
    assert keys(name, "Team") == {"customfield_1": "customfield_1", "customfield_2": "Team"}


def test_all_that_one_name_belongs_to_keep_their_ids() -> None:
    assert set(keys("Team", "team", "TEAM").values()) == {"customfield_1", "customfield_2", "customfield_3"}


def test_an_id_that_is_listed_twice_has_no_clear_name() -> None:
    twice = [custom(1, "A"), custom(1, "B")]
    assert Naming.of(twice) == Naming.of(twice[::-1])
    assert Naming.of(twice).keys == {"customfield_1": "customfield_1"}


@given(st.lists(st.sampled_from(NAMES), max_size=8), st.randoms())
def test_keys_are_distinct_and_no_matter_of_order(names: list[str], dice: Random) -> None:
    fields = [*SYSTEM, *(custom(number, name) for number, name in enumerate(names, 1))]
    shuffled = dice.sample(fields, len(fields))
    naming = Naming.of(fields)
    assert (naming, naming.to_json()) == (Naming.of(shuffled), Naming.of(shuffled).to_json())
    used = [key.casefold() for key in naming.keys.values()]
    assert len(used) == len(set(used))
    assert not {field.id for field in SYSTEM} & {*naming.keys, *used}


@given(st.lists(st.sampled_from(NAMES), max_size=6), st.lists(st.sampled_from(NAMES), max_size=8))
def test_a_key_of_before_stays_whatever_is_called_so_now(before: list[str], names: list[str]) -> None:
    old = keys(*before)
    new = keys(*names, before=old)
    assert new | old == new
    assert len({key.casefold() for key in new.values()}) == len(new)


def test_a_clash_that_is_over_changes_no_key() -> None:
    assert keys("Team", before=keys("Team", "Team")) == {
        "customfield_1": "customfield_1",
        "customfield_2": "customfield_2",
    }


def test_what_stands_beside_an_output_tells_of_every_field() -> None:
    fields = [Field("labels", "Labels", "array", "string"), custom(2, "Team"), custom(1, "team")]
    assert json.loads(Naming.of(fields).to_json()) == {
        "customfield_1": {"name": "team", "key": "customfield_1", "type": "string", "items": None},
        "customfield_2": {"name": "Team", "key": "customfield_2", "type": "string", "items": None},
        "labels": {"name": "Labels", "key": "labels", "type": "array", "items": "string"},
    }


def read(body: bytes) -> tuple[Field, ...]:
    return field_catalogue("2").read(Answer(200, {}, body))


def test_a_list_of_fields_is_read_as_jira_documents_it() -> None:
    body = (
        b'[{"id":"issuekey","name":"Key","custom":false,"navigable":true},'
        b'{"id":"customfield_1","name":"Sprint","custom":true,"scope":{"type":"PROJECT"},"clauseNames":["cf[1]"],'
        b'"schema":{"type":"array","items":"json","custom":"com.pyxis.greenhopper.jira:gh-sprint","customId":1}}]'
    )
    sprint = Field("customfield_1", "Sprint", "array", "json", True, "com.pyxis.greenhopper.jira:gh-sprint")
    assert read(body) == (Field("issuekey", "Key"), sprint)


def test_half_a_surrogate_pair_in_a_name_is_no_text() -> None:
    assert read(rb'[{"id":"customfield_1","name":"\ud83d!","custom":true}]')[0].name == "?!"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", Fault.DAMAGED),
        (b'[{"id":"a","na', Fault.DAMAGED),
        (b'[{"id":"a","x":' + b"[" * 100_000, Fault.DAMAGED),
        (b'[{"id":"a","name":"\xff"}]', Fault.DAMAGED),
        (b"<html>please wait", Fault.DAMAGED),
        (b"<html><form id=login-form>", Fault.LOGIN),
        (b"{}", Fault.PROTOCOL),
        (b"[1]", Fault.PROTOCOL),
        (b'[{"id":1,"name":"a"}]', Fault.PROTOCOL),
        (b'[{"id":"a"}]', Fault.PROTOCOL),
        (b'[{"id":"a","name":"b","schema":[]}]', Fault.PROTOCOL),
    ],
)
def test_what_is_no_list_of_fields_is_of_no_use(body: bytes, fault: Fault) -> None:
    with pytest.raises(Unusable) as caught:
        read(body)
    assert caught.value.fault is fault
