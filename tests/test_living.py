"""The model of a changing Jira: what it changes, what it answers, and that it knows what a pull must hold."""

from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.errors import ConfigError
from asyncjira.mock.changes import CHANGES
from asyncjira.mock.corpus import Corpus
from asyncjira.mock.living import Living
from asyncjira.mock.query import Bounds
from asyncjira.mock.record import of_corpus, of_seconds
from asyncjira.mock.selection import select

NOW = 1_000_000  # ms: later than every second below


def living(seconds=range(100), *, clock=None, **settings):
    return Living(of_seconds(seconds), clock=clock or count(NOW).__next__, **settings)


def ids(records):
    return [record.id for record in records]


def by_id(records):
    return {record.id: record for record in records}


seconds = st.lists(st.integers(0, 12), max_size=40)
settings = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0, 0.3, 1, 2.5]),
        "seed": st.integers(0, 1000),
        "kinds": st.sets(st.sampled_from(sorted(CHANGES)), min_size=1).map(sorted),
        "shuffle_ties": st.booleans(),
        "lag": st.sampled_from([0, 1, 4]),
    }
)
searches = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20), st.booleans(), st.sampled_from([None, None, 3000, NOW])),
    max_size=20,
)


def assert_truth(model, searches, lag):
    """Run the searches, and compare what the model says with what its views were."""
    views, caught_up = [model.view], None
    for start, size, descending, since in searches:
        model.search(Bounds(updated_since=since, descending=descending), start, size)
        views.append(model.view)
        if since is not None and caught_up is None:
            caught_up = max(0, len(views) - 1 - lag)
    truth = model.truth()
    used = [set(ids(view)) for view in views[max(0, 1 - lag) :]] if searches else []
    assert truth.throughout == (set.intersection(*used) if used else set())
    assert truth.ever == set().union(*used)
    if caught_up is None:
        assert truth.fresh is None
    else:
        common = set.intersection(*(set(ids(view)) for view in views[caught_up:]))
        assert truth.fresh == {record.id: record.updated for record in views[caught_up] if record.id in common}


@given(seconds, settings, searches)
def test_the_truth_is_what_all_views_that_could_answer_say(seconds, settings, searches):
    assert_truth(living(seconds, **settings), searches, settings["lag"])


@pytest.mark.parametrize("lag", [0, 3])
def test_the_truth_holds_when_much_changes(lag):
    searches = [(0, 5, False, NOW if number == 8 else None) for number in range(14)]
    for seed in range(40):
        assert_truth(living(range(6), rate=2.5, seed=seed, lag=lag), searches, lag)


def fits(found, view, start, size, descending, since, shuffled):
    """Whether a page is what that view gives: these rows, or where ties are shuffled others of the same seconds."""
    match = [record for record in view if since is None or record.updated >= since]
    run = (match[::-1] if descending else match)[start : start + size]
    if shuffled:
        times = [record.created for record in found.records] == [record.created for record in run]
        return found.total == len(match) and times and len({*found.records} & {*match}) == len(run)
    return (found.total, found.records) == (len(match), run)


@given(seconds, settings, searches)
def test_a_page_is_a_run_of_one_view_that_is_not_too_old(seconds, settings, searches):
    model = living(seconds, **settings)
    views = [model.view]
    for start, size, descending, since in searches:
        found = model.search(Bounds(updated_since=since, descending=descending), start, size)
        views.append(model.view)
        assert model.view == sorted(model.view)
        recent, asked = views[-1 - settings["lag"] :], (start, size, descending, since, settings["shuffle_ties"])
        assert any(fits(found, view, *asked) for view in recent)


@given(seconds, settings, st.integers(0, 30))
def test_the_same_seed_is_the_same_history(seconds, settings, steps):
    first, second = living(seconds, **settings), living(seconds, **settings)
    for start in range(steps):
        assert first.search(size=20, start=start) == second.search(size=20, start=start)
    assert (first.truth(), first.view) == (second.truth(), second.view)


@given(seconds, st.integers(0, 1000), st.integers(1, 30))
def test_updated_grows_with_every_change_also_under_a_clock_that_stands(seconds, seed, steps):
    model = living(seconds, clock=lambda: 5000, seed=seed, rate=1, kinds=["edit", "move", "leave", "enter"])
    before = {}
    for _ in range(steps):
        old, latest = model.view, before | by_id(model.view)
        model.search()
        for record in model.view:
            known = latest.get(record.id)
            if known is not None and record not in old:
                assert record.updated > known.updated
                assert (record.id, record.created) == (known.id, known.created)
        before = latest | by_id(model.view)


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_each_kind_of_change_is_what_it_says(kind):
    model = living(rate=1, kinds=[kind], seed=3)
    before, (served, total) = by_id(model.view), (model.search(size=0).served_at, model.search(size=0).total)
    model = living(rate=1, kinds=[kind], seed=3)
    model.search()
    after = by_id(model.view)
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert (len(gone), len(come), len(changed)) == {
        "create": (0, 1, 0),
        "backdate": (0, 1, 0),
        "enter": (0, 1, 0),
        "edit": (0, 0, 1),
        "move": (0, 0, 1),
        "delete": (1, 0, 0),
        "leave": (1, 0, 0),
        "hide": (1, 0, 0),
    }[kind]
    assert served == NOW
    assert total == 100 + 2 * (len(come) - len(gone))
    for name in come | changed:
        record = after[name]
        assert record.updated == NOW
        assert (record.created == NOW // 1000) == (kind == "create")
        assert record.created <= NOW // 1000
    for name in changed:
        assert before[name].created == after[name].created
        assert (before[name].key == after[name].key) == (kind == "edit")
        assert before[name].project != after[name].project or kind == "edit"
    assert len({record.key for record in model.view}) == len(model.view)
    assert model.truth().changes == 1


def test_what_left_may_enter_again_and_is_not_owed():
    model = living([0], rate=1, kinds=["leave", "enter"], seed=1)
    (issue,) = ids(model.view)
    entered = 0
    for _ in range(60):
        before = ids(model.view)
        model.search(Bounds(updated_since=0))
        entered += issue in ids(model.view) and issue not in before
    assert entered > 3
    assert issue in model.truth().ever
    assert issue not in model.truth().throughout
    assert issue not in model.truth().fresh


def test_a_change_that_cannot_be_is_none():
    model = Living([], clock=lambda: NOW, rate=1, kinds=["delete", "move", "enter", "backdate"])
    assert model.search() == ([], 0, NOW)
    assert model.truth().changes == 0


def test_ties_are_shuffled_within_their_second_and_nowhere_else():
    model = living([1] * 8 + [2] * 8, shuffle_ties=True)
    found = [model.search(start=3, size=10).records for _ in range(40)]
    assert all([record.created for record in page] == [1] * 5 + [2] * 5 for page in found)
    assert len({tuple(ids(page)) for page in found}) > 30
    assert all(len(set(ids(page))) == 10 for page in found)
    assert {name for page in found for name in ids(page)} == set(ids(model.view))
    model.turn()
    whole = model.read(Bounds(), 0, 16)
    assert whole == model.read(Bounds(), 0, 16)
    steady = living([1] * 8)
    assert [steady.search(size=8).records for _ in range(3)] == [steady.view] * 3


def test_about_half_of_the_searches_are_answered_late():
    model = living(range(5), rate=1, kinds=["create"], lag=3)
    late = 0
    for number in range(1, 201):
        behind = 5 + number - model.search(size=0).total
        assert behind in {0, min(number, 3)}
        late += behind > 0
    assert 60 < late < 140


@pytest.mark.parametrize("place", [0, 1, 999, 1000, 1001, 2000, 4999, 9000])
def test_bounds_are_exact_to_the_millisecond(place):
    model = living(range(9))
    times = [second * 1000 for second in range(9)]
    assert model.search(Bounds(created_from=place)).total == sum(time >= place for time in times)
    assert model.search(Bounds(created_before=place)).total == sum(time < place for time in times)
    assert model.search(Bounds(updated_since=place)).total == sum(time >= place for time in times)
    found = model.search(Bounds(1000, 7001, place, descending=True), 1, 2)
    wanted = [time for time in times if 1000 <= time < 7001 and time >= place][::-1]
    assert (found.total, [record.created * 1000 for record in found.records]) == (len(wanted), wanted[1:3])
    assert model.search(Bounds(created_from=5000, created_before=2000)).total == 0


def test_fractions_of_a_change_add_up():
    model = living(range(50), rate=0.25, kinds=["edit"])
    for _ in range(1000):
        model.search(size=0)
    assert 180 < model.truth().changes < 320


def test_records_of_a_corpus_are_its_issues():
    corpus = Corpus(500, 7)
    records = of_corpus(corpus)
    matching = [record for record in records if record.matches]
    assert (len(matching), len(records)) == (500, 526)
    assert len(set(ids(records))) == len({record.key for record in records}) == 526
    for record in matching:
        row = corpus.row(record.row, select(("created,updated",)))
        assert corpus.show(record, select(("created,updated",))) == row
        issue = json.loads(row)
        assert (issue["id"], issue["key"]) == (record.id, record.key)
        assert (corpus.created(record.row), corpus.updated(record.row)) == (record.created * 1000, record.updated)
    assert {record.created for record in records if not record.matches} <= {record.created for record in matching}
    assert of_corpus(Corpus(0, 0)) == of_seconds([]) == []


def test_a_body_shows_what_its_record_says():
    corpus = Corpus(10, 0)
    moved = corpus.record(3)._replace(project="MOBILE", number=77, updated=1_700_000_000_123, created=1_600_000_000)
    issue = json.loads(corpus.show(moved, select(("*all",))))
    assert (issue["id"], issue["key"]) == (corpus.record(3).id, "MOBILE-77")
    fields = issue["fields"]
    assert (fields["created"], fields["updated"]) == ("2020-09-13T12:26:40.000+0000", "2023-11-14T22:13:20.123+0000")
    assert fields["project"]["key"] == "MOBILE"
    assert fields["project"]["avatarUrls"]["48x48"].endswith("pid=10004&avatarId=10324")


@pytest.mark.parametrize("kinds", [[], ["edit", "nonsense"], "edit"])
def test_kinds_that_are_none_are_refused(kinds):
    with pytest.raises(ConfigError, match="create, backdate, edit"):
        living(kinds=kinds)


def test_the_truth_is_written_as_json():
    model = living(range(12), rate=1, kinds=["create"])
    model.search()
    told = json.loads(model.truth().to_json())
    assert told == {"throughout": told["ever"], "ever": sorted(told["ever"], key=int), "fresh": None, "changes": 1}
    model.search(Bounds(updated_since=0))
    truth = model.truth()
    assert json.loads(truth.to_json())["fresh"] == truth.fresh
    assert len(truth.fresh) == 14
