"""Pull after pull of a Jira that changes, each from the state that the one before has left: nothing is ever missed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncjira.errors import NotFound
from asyncjira.jira.bulk import Batch
from asyncjira.mock.changes import CHANGES
from asyncjira.plan.census import Census
from asyncjira.plan.idset import IdSet
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.state import State
from asyncjira.plan.strategy import Ask

from .model import START, Server, answer, server, strategy

HOUR = 3_600_000
ASKED = {"url": "http://jira.example", "jql": "", "fields": ("*all",), "expand": ()}


class Clock:
    """A server's clock in milliseconds that ticks at each request."""

    def __init__(self, tick: int) -> None:
        self.now, self.tick = START, tick

    def __call__(self) -> int:
        self.now += self.tick
        return self.now


@dataclass
class Archive:
    """What the outputs say together: of each issue the newest version, unless a tombstone came behind it."""

    newest: dict[str, int] = field(default_factory=dict)
    buried: dict[str, int] = field(default_factory=dict)
    seen: set[tuple[str, int]] = field(default_factory=set)
    twice: int = 0

    def add(self, lines: list[bytes]) -> None:
        for line in (json.loads(each) for each in lines):
            name = line["id"]
            if "deleted" in line:
                self.seen -= {each for each in self.seen if each[0] == name}
                self.buried[name] = self.newest.pop(name)  # a KeyError: a tombstone for what never came
            else:
                self.twice += (name, line["updated"]) in self.seen
                self.seen.add((name, line["updated"]))
                self.newest[name] = max(line["updated"], self.newest.get(name, self.buried.pop(name, 0)))


def follow(plan: ProofStrategy | Census, jira: Server, dice: Random) -> list[bytes]:
    """Run a strategy to its end, answers in any order, and return what it delivers."""
    lines, asks = list[bytes](), list[Ask]()
    while True:
        while (rows := plan.take()) is not None:
            lines += rows.issues
        if plan.finished:
            return lines
        while len(asks) < 4 and (ask := plan.next()) is not None:
            asks.append(ask)
        assert asks, "stalled"
        ask = asks.pop(dice.randrange(len(asks)))
        if "/issue/" in ask.request.path:
            look_up(plan, jira, ask)
        else:
            answer(plan, jira, ask)  # type: ignore[arg-type]


def look_up(plan: ProofStrategy | Census, jira: Server, ask: Ask) -> None:
    name = ask.request.path.rpartition("/")[2]
    if jira.model.find(name) is None:
        refused = NotFound("no such issue", status=404)
        refused.said = "Issue Does Not Exist"
        plan.on_failure(ask, refused)
    else:
        plan.on_answer(ask, Batch([b"{}"], [name]))


def pulled(
    jira: Server, state: State | None, dice: Random, *, tombstones: bool, updates: bool = True
) -> tuple[list[bytes], State | None]:
    """Return what a pull delivers, and what it leaves; None where it could not be proven."""
    plan = strategy(updates=updates, start=None if state is None else state.start())
    lines, roll = follow(plan, jira, dice), None
    if plan.outcome().doubts:
        return lines, None
    if tombstones:
        census = plan.census(IdSet() if state is None else state.ids)
        lines += follow(census, jira, dice)
        roll = census.roll
        if census.doubts:
            return lines, None
    left = State.after(plan.delivery, roll, state, **ASKED, taken_at="now")
    return lines, State.from_json(left.to_json())


def rest(jira: Server, clock: Clock, pause: int) -> None:
    """Let time pass, in which the nodes that lag behind see everything, as the margin takes for granted."""
    rate, jira.model.rate = jira.model.rate, 0
    for _ in range(6 if pause else 0):
        jira.model.turn()
    jira.model.rate = rate
    clock.now += pause


living = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0.2, 0.5, 1]),
        "kinds": st.sets(st.sampled_from(sorted(CHANGES)), min_size=1).map(sorted),
        "shuffle_ties": st.booleans(),
        "lag": st.sampled_from([0, 2, 5]),
        "seed": st.integers(0, 2**16),
    }
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_was_pulled_round_after_round_is_what_is_there(data: st.DataObject) -> None:
    most = data.draw(st.sampled_from([1, 3, 6]))
    groups = data.draw(st.lists(st.integers(1, most), max_size=30 // most))
    clock = Clock(data.draw(st.sampled_from([7, 1000, 20_000])))  # the lag stays within the margin
    changes = data.draw(living)
    jira = server([second for second, size in enumerate(groups) for _ in range(size)], clock=clock, **changes)
    tombstones, updates = data.draw(st.booleans()), data.draw(st.booleans())
    dice, archive, state = Random(data.draw(st.integers(0, 99))), Archive(), None
    for pause in [*data.draw(st.lists(st.sampled_from([0, 0, 200_000, HOUR]), min_size=2, max_size=5)), HOUR]:
        rest(jira, clock, pause)
        jira.model.begin()
        before = {record.id for record in jira.model.view}
        lines, left = pulled(jira, state, dice, tombstones=tombstones, updates=updates)
        if left is None:
            continue  # nothing of it appears, and the state stays
        archive.add(lines)
        state = left
        if "enter" not in changes["kinds"]:  # without them, who is there before and after was never away
            stayed = before & {record.id for record in jira.model.view}
            assert stayed.isdisjoint(json.loads(bytes(line))["id"] for line in lines if b"deleted" in bytes(line))
        truth = jira.model.truth()
        assert truth.fresh is not None
        if updates:
            late = {name for name, updated in truth.fresh.items() if archive.newest.get(name, -1) < updated}
            assert not late, "missed"
    jira.model.rate = 0
    for _ in range(2):  # the second finds what might have been hidden by a lag
        rest(jira, clock, HOUR)
        lines, left = pulled(jira, state, dice, tombstones=tombstones)
        assert left is not None
        archive.add(lines)
        state = left
    there = {record.id: record.updated for record in jira.model.view}
    held = archive.newest if tombstones else {name: archive.newest.get(name, -1) for name in there}
    assert held == there
    assert archive.twice == 0, "delivered twice in the same version"


def test_more_that_changes_during_a_pull_than_before_it_is_no_collapse() -> None:
    jira = server(range(30), kinds=["edit"])
    _, state = pulled(jira, None, Random(0), tombstones=False)
    assert state is not None
    plan = strategy(start=state.start())
    first = plan.next()
    assert first is not None
    answer(plan, jira, first)
    jira.model.rate = 5
    lines = follow(plan, jira, Random(0))
    assert (len(lines), plan.outcome().guarantee) == (5, "proven")
