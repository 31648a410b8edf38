"""The state between two pulls as a value, and the decisions about who is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import (
    BadQuery,
    BearerAuth,
    ConfigError,
    IncompleteError,
    Jira,
    NotFound,
    Refused,
    ServerError,
    State,
    StatusError,
)
from asyncjira.jira.bulk import Batch
from asyncjira.jira.exchange import Answer, Unusable
from asyncjira.jira.single import single
from asyncjira.jira.tombstone import tombstone
from asyncjira.mock import MockJira
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.idset import IdSet
from asyncjira.plan.lookups import Lookups
from asyncjira.plan.roll import Roll
from asyncjira.plan.start import Start
from asyncjira.plan.state import Archived
from asyncjira.plan.versions import version

MINUTE = 60_000


def ids(*names: object) -> IdSet:
    new = IdSet()
    new.update(map(str, names))
    return new


STATE = State(
    url="https://jira.example.com",
    jql="project = OPS",
    fields=("summary", "status"),
    expand=(),
    since_ms=1_732_000_020_000,
    taken_at="2026-11-24T18:00:00.000Z",
    versions={"10001": (1_732_000_030_000, 2**56 - 1)},
    ids=ids(1, 255, 256, 10**15, "ABC-1"),
    archive=Archived(12, "gz", "ab"),
)
texts = st.text(st.characters(codec="utf-8"), max_size=9)


@given(
    st.builds(
        State,
        url=texts,
        jql=texts,
        fields=st.lists(texts).map(tuple),
        expand=st.lists(texts).map(tuple),
        since_ms=st.integers(0, 2**53),
        taken_at=texts,
        versions=st.dictionaries(texts, st.tuples(st.integers(0, 2**53), st.integers(0, 2**56 - 1))),
        ids=st.none() | st.lists(st.integers(0, 10**19).map(str) | texts.filter(bool)).map(lambda names: ids(*names)),
        archive=st.none() | st.builds(Archived, st.integers(0, 2**53), texts, texts),
        keys=st.none() | st.dictionaries(texts, texts),
    )
)
def test_a_state_comes_back_from_its_json(state: State) -> None:
    assert State.from_json(state.to_json()) == state


def test_the_members_may_come_back_in_another_order() -> None:
    turned = dict(reversed(json.loads(STATE.to_json()).items()))
    assert State.from_json(json.dumps(turned, indent=2)) == STATE


@given(st.data())
def test_a_damaged_state_is_refused(data: st.DataObject) -> None:
    text = STATE.to_json()[:-1]
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = data.draw(
        st.sampled_from([text[:at], text[:at] + text[at + 1 :], text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]])
    )
    with pytest.raises(ConfigError, match="begin anew"):
        State.from_json(damaged)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{}", b'{"format":1}', b'{"format":2}', b"\xff"])
def test_what_is_no_state_is_refused(text: bytes) -> None:
    with pytest.raises(ConfigError, match="begin anew"):
        State.from_json(text)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"url": "https://b"}, "its url is 'https://jira.example.com', and not 'https://b'"),
        ({"jql": "project = B"}, "its jql is 'project = OPS', and not 'project = B'"),
        ({"fields": ("*all",)}, "its fields is 'summary,status', and not '*all'"),
        ({"expand": ("changelog",)}, "its expand is '', and not 'changelog'"),
    ],
)
def test_the_state_of_another_pull_is_refused_by_name(other: dict[str, object], words: str) -> None:
    same = {"url": STATE.url, "jql": STATE.jql, "fields": STATE.fields, "expand": STATE.expand}
    STATE.check(**same)
    with pytest.raises(ConfigError) as refused:
        STATE.check(**{**same, **other})
    assert words in str(refused.value)


def test_a_clock_that_goes_back_is_a_doubt() -> None:
    assert not STATE.doubt(STATE.since_ms - 2 * MINUTE)
    assert "clock" in STATE.doubt(STATE.since_ms - 3 * MINUTE)


def test_nothing_secret_or_long_shows_in_its_repr() -> None:
    assert repr(STATE) == "<State of https://jira.example.com as of 2026-11-24T18:00:00.000Z>"


@given(st.sets(st.integers(0, 10**19).map(str) | texts.filter(bool)))
def test_a_set_of_ids_gives_them_all_back(names: set[str]) -> None:
    new = ids(*names)
    assert (len(new), set(new), sorted(new)) == (len(names), names, sorted(names))
    again = IdSet.of(new.blocks, new.others)
    assert (again, len(again)) == (new, len(new))


@pytest.mark.parametrize("blocks", [{"-1": "1"}, {"1": "0"}, {"1": "1" + "0" * 64}, {"x": "1"}, {"1": "x"}])
def test_blocks_that_no_set_has_are_refused(blocks: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"block|invalid"):
        IdSet.of(blocks, [])


def row(name: str, updated: int) -> tuple[int, int, str, bytes]:
    return 1, updated, name, (b'{"id":"%b","updated":%d}' % (name.encode(), updated))


def delivery(*rows: tuple[int, int, str, bytes], start: Start | None = None) -> Delivery:
    new = Delivery(updates=False, start=start)
    new.since_ms = 100
    new.add([*rows])
    while new.take():
        pass
    return new


def test_an_older_version_than_was_delivered_before_is_not_delivered() -> None:
    known = {"1": version(300, row("1", 300)[3])}
    new = delivery(row("1", 200), row("2", 200), start=Start(known=known))
    assert ([*new.ids], [*new.unchanged]) == (["2"], ["1"])
    assert new.versions()["1"] == known["1"]


def test_what_was_found_newer_and_not_delivered_is_left_to_the_next_pull() -> None:
    new = delivery(row("1", 150), row("2", 150))
    new.catch_up([row("1", 200)])
    state = State.after(new, None, None, url="", jql="", fields=(), expand=(), taken_at="")
    assert state.versions == {name: version(150, row(name, 150)[3]) for name in ("1", "2")}


def test_a_known_version_that_jira_cannot_serve_again_is_not_missing() -> None:
    new = delivery(start=Start(known={"1": (300, 0)}))
    assert new.missing({"1": 300, "2": 300}) == ["2"]
    assert new.missing({"1": 301}) == ["1"]


def test_ids_without_a_census_grow_by_what_was_delivered() -> None:
    before = replace(STATE, ids=ids(1, 2), since_ms=0, versions={})
    after = State.after(delivery(row("3", 1)), None, before, url="", jql="", fields=(), expand=(), taken_at="")
    assert after.ids == ids(1, 2, 3)
    assert (
        State.after(delivery(), None, replace(before, ids=None), url="", jql="", fields=(), expand=(), taken_at="").ids
        is None
    )


def test_the_watermark_never_goes_back() -> None:
    before = replace(STATE, since_ms=200)
    after = State.after(
        delivery(row("1", 150), row("2", 250)), None, before, url="", jql="", fields=(), expand=(), taken_at=""
    )
    assert (after.since_ms, [*after.versions]) == (200, ["2"])


def look_up(roll: Roll, size: int = 1) -> tuple[Lookups, list[list[str]]]:
    asked: list[list[str]] = []

    def ask(names: list[str]):  # type: ignore[no-untyped-def]
        asked.append(names)
        return single("2", names[0])

    return Lookups(roll, ask, size), asked


def lines(lookups: Lookups) -> list[dict[str, object]]:
    return [json.loads(bytes(line)) for line in lookups.tombstones]


def test_gone_is_what_was_delivered_and_is_not_listed() -> None:
    roll = Roll(delivery(row("3", 1), row("4", 1)), ids(1, 2))
    assert [roll.note(name) for name in ("1", "4", "5")] == [False, False, True]
    assert [*roll.absent()] == ["2", "3"]
    assert roll.ids() == ids(1, 4), "5 was never delivered, so that it is new again next time"


def test_without_known_ids_what_is_listed_counts_as_known() -> None:
    roll = Roll(delivery(row("3", 1)), None)
    assert not roll.note("1")
    assert (roll.ids(), [*roll.absent()]) == (ids(1), ["3"])


def test_one_that_changed_lately_and_is_still_served_waits() -> None:
    roll = Roll(delivery(row("1", 500), row("2", 1)), ids())
    lookups, asked = look_up(roll, size=2)
    errand = lookups.next()
    assert errand is not None
    assert (asked, lookups.finished, lookups.next()) == ([["1", "2"]], False, None)
    errand.taken(Batch([], ["1", "2"]))
    assert lines(lookups) == [{"id": "2", "deleted": False, "matches": False}]
    assert (roll.ids(), lookups.finished) == (ids(1), True)


def test_one_that_jira_serves_no_more_is_deleted_and_one_with_an_error_waits() -> None:
    roll = Roll(delivery(), ids(1, 2, 3))
    lookups, _ = look_up(roll, size=3)
    errand = lookups.next()
    assert errand is not None
    errand.taken(Batch([], ["1"], errors={"2": "busy"}))
    assert lines(lookups) == [{"id": "1", "deleted": False, "matches": False}, {"id": "3", "deleted": True}]
    assert roll.ids() == ids(2)


def said(error: StatusError) -> StatusError:
    error.said = "Issue Does Not Exist"
    return error


@pytest.mark.parametrize(
    ("error", "deleted"),
    [
        (said(NotFound("", status=404)), True),
        (said(Refused("", status=403)), True),
        (ServerError("", status=500), False),
    ],
)
def test_a_refusal_of_one_id_is_an_answer_and_a_failure_is_none(error: Exception, deleted: bool) -> None:
    roll = Roll(delivery(), ids(1))
    lookups, _ = look_up(roll)
    errand = lookups.next()
    assert errand is not None
    errand.failed(error)  # type: ignore[arg-type]
    assert lines(lookups) == ([{"id": "1", "deleted": True}] if deleted else [])
    assert (roll.ids(), lookups.finished) == (ids() if deleted else ids(1), True)


@pytest.mark.parametrize("error", [NotFound("", status=404), Refused("", status=403), BadQuery("", status=400)])
def test_a_refusal_without_words_of_jira_is_a_proxys_and_no_answer(error: StatusError) -> None:
    roll = Roll(delivery(), ids(1))
    lookups, _ = look_up(roll)
    errand = lookups.next()
    assert errand is not None
    errand.failed(error)
    assert (lines(lookups), roll.ids(), lookups.finished) == ([], ids(1), True)


@pytest.mark.parametrize(
    ("before", "now", "is_alike"),
    [("ann", "ann", True), ("ann", "bob", False), ("ann", "anonymous", False), ("somebody", "anonymous", False),
     ("somebody", "ann", True), ("anonymous", "anonymous", True)],
)  # fmt: skip
def test_a_state_is_of_who_left_it(before: str, now: str, is_alike: bool) -> None:
    state = State(url="", jql="", fields=(), expand=(), since_ms=0, taken_at="", versions={}, user=before)
    assert (state.stranger(now) == "") == is_alike


async def test_the_output_is_not_written_over_the_state(tmp_path: Path) -> None:
    async with Jira("http://127.0.0.1:1") as jira:
        with pytest.raises(ConfigError, match="are one file"):
            await jira.pull_to(tmp_path / "a", state=tmp_path / "a")


async def test_a_pull_without_the_login_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    path, state = tmp_path / "out", tmp_path / "state"
    async with MockJira(issues=60, token="T", wrong_login="anonymous") as mock:
        async with Jira(mock.url, auth=BearerAuth("T")) as jira:
            await jira.pull_to(path, state=state)
        before = state.read_bytes()
        async with Jira(mock.url) as jira:
            with pytest.raises(IncompleteError, match="who may see other issues"):
                await jira.pull_to(tmp_path / "next", state=state, tombstones=True)
    assert state.read_bytes() == before
    assert not (tmp_path / "next").exists()


def test_a_refused_login_ends_it() -> None:
    errand = look_up(Roll(delivery(), ids(1)))[0].next()
    assert errand is not None
    with pytest.raises(Refused):
        errand.failed(Refused("", status=401, login=True))


@pytest.mark.parametrize(
    ("known", "listed", "is_believed"), [(100, 0, True), (101, 0, False), (400, 200, True), (400, 199, False)]
)
def test_that_most_are_gone_is_not_believed(known: int, listed: int, is_believed: bool) -> None:
    roll = Roll(delivery(), ids(*range(known)))
    for name in range(listed):
        roll.note(str(name))
    assert (roll.collapse == "") == is_believed


def test_an_id_in_a_path_cannot_lead_elsewhere() -> None:
    assert single("2", "../../secret?x").path == "/rest/api/2/issue/..%2F..%2Fsecret%3Fx"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id":"2"}', b"{}", b"[]"])
def test_what_is_not_the_issue_asked_for_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unusable):
        single("2", "1").read(Answer(200, {}, body))
    assert single("2", "1").read(Answer(200, {}, b'{"id":"1"}')).ids == ["1"]


def test_tombstones_say_what_is_known() -> None:
    assert bytes(tombstone("1", deleted=True)) == b'{"id":"1","deleted":true}'
    assert bytes(tombstone("1", deleted=False)) == b'{"id":"1","deleted":false,"matches":false}'
