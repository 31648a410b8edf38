"""From a record to what is told of it: plain values all the way."""

import json
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.cli import main
from asyncjira.events import Answered, Event, PageFetched, PullFinished, PullStarted, Retried, Throttled
from asyncjira.manifest import Manifest
from asyncjira.report.facts import Facts, Pause, gather
from asyncjira.report.proof import proof
from asyncjira.report.quantities import counted, listed, size, time
from asyncjira.report.record import Failed, Heading, Heard, read
from asyncjira.report.spread import Spread
from asyncjira.report.terminal import told
from asyncjira.report.timeline import Timeline
from asyncjira.report.waterfall import Waterfall
from asyncjira.report.words import left_out, verdict

HEADING = Heading(1, "0.1.0", "2026-11-26T10:00:00.000Z")


def manifest(**facts: Any) -> Manifest:
    usual: dict[str, Any] = {
        "version": "0.1.0",
        "url": "https://jira.example.com",
        "jql": "",
        "api": "offset",
        "fields": ("*all",),
        "expand": (),
        "started_at": "",
        "finished_at": "",
        "complete": True,
        "guarantee": "proven",
        "issues": 190,
        "duplicates_dropped": 10,
        "refetched_pages": 0,
        "requests": 4,
        "retries": 1,
        "throttled_seconds": 0.0,
        "total_first": 190,
        "total_last": 190,
    }
    return Manifest(**(usual | facts))


def answered(label: str, seconds: float, *, status: int | None = 200, purpose: Any = "page", held: int = 1) -> Answered:
    return Answered(label, purpose, status, 1000 if status else 0, 0.0, seconds, held)


def facts_of(heard: Iterable[tuple[float, Event | Failed]]) -> Facts:
    return gather([HEADING, *(Heard(at, event) for at, event in heard)])


BEGIN = (5.0, PullStarted("https://jira.example.com", "project = OPS"))
RUN: list[tuple[float, Event | Failed]] = [
    BEGIN,
    (5.1, answered("server info", 0.1, purpose="question")),
    (5.2, answered("result window", 0.1, purpose="question", status=404)),
    (5.5, answered("search from row 0", 0.4, held=2)),
    (5.5, PageFetched(0, 100, 190)),
    (5.6, answered("search from row 90", 0.1, status=503)),
    (5.6, Retried("search from row 90", "HTTP 503", 0.2)),
    (5.9, answered("search from row 180", 0.4, status=None)),
    (6.0, answered("search from row 90", 0.1)),
    (6.0, PageFetched(90, 100, 190)),
    (6.4, answered("search from row 0", 0.2, status=429)),
    (6.4, Throttled("search from row 0", "HTTP 429, Retry-After 1 s", 1.0)),
    (6.5, Throttled("search from row 1", "HTTP 429", 2.0)),
    (9.0, PullFinished(manifest(requests=9))),
]


def test_a_run_is_summed_up() -> None:
    facts = facts_of(RUN)
    assert (facts.url, facts.jql, facts.pulls) == ("https://jira.example.com", "project = OPS", 1)
    assert (facts.seconds, facts.first_page) == (4.0, 0.5)
    assert (facts.issues, facts.rows, facts.requests, facts.bytes, facts.most_in_flight) == (190, 200, 7, 6000, 2)
    assert facts.repeated == {"HTTP 503": 1, "the connection broke": 1, "HTTP 429, Retry-After 1 s": 1, "HTTP 429": 1}
    assert [*facts.pauses] == [Pause(pytest.approx(1.4), pytest.approx(3.5), "HTTP 429, Retry-After 1 s", 2)]
    assert (facts.kinds["page"].failed, facts.kinds["page"].seconds.count) == (3, 2)
    assert (facts.kinds["question"].failed, facts.kinds["question"].seconds.count) == (0, 2)  # "no" is an answer
    failed = [bar.label for bar in facts.waterfall.bars() if bar.has_failed]
    assert failed == ["search from row 90", "search from row 180", "search from row 0"]
    assert [bar.is_again for bar in facts.waterfall.bars()].count(True) == 1


@pytest.mark.parametrize(
    ("heard", "ended", "sentence"),
    [
        ([(9.0, PullFinished(manifest()))], "complete", "Complete: all 190 issues, proven."),
        (
            [(9.0, PullFinished(manifest(complete=False, guarantee="none", warnings=("a gap", "an id"))))],
            "incomplete",
            "Not complete: a gap; an id.",
        ),
        ([(9.0, Failed("RateLimited", "HTTP 429"))], "failed", "Failed after 0 rows: HTTP 429."),
        ([(9.0, Failed("CancelledError", ""))], "failed", "Failed after 0 rows: it was interrupted."),
        ([(9.0, Failed("ValueError", ""))], "failed", "Failed after 0 rows: ValueError."),
        ([(9.0, PageFetched(0, 1, 1))], "unknown", "Cut off after 1 row: how it ended was not recorded."),
    ],
)
def test_how_it_ended_is_one_sentence(heard: list[tuple[float, Any]], ended: str, sentence: str) -> None:
    assert verdict(facts_of([BEGIN, *heard])) == (ended, sentence)


def test_what_a_manifest_says_becomes_sentences() -> None:
    full = manifest(
        condition="tokens are a cursor",
        uncovered=(("2026-01-01", "2026-01-02"),),
        missing_ids=("7", "8"),
        stale_ids=("9",),
        updated_since="2026-01-01",
        caught_up_at="2026-01-03",
        fresh=True,
        tombstones=2,
        resumed=1,
        refetched_pages=3,
        warnings=("beware",),
    )
    told_of = dict(proof(full))
    assert told_of["Guarantee"].startswith("Proven. The pages that came cover every moment")
    assert told_of["On the condition"] == "tokens are a cursor."
    assert "2026-01-01 to 2026-01-02" in told_of["Not covered"]
    assert told_of["Not served"] == "Jira lists 2 ids that it cannot serve: 7, 8."
    assert told_of["Older than now"].startswith("1 issue changed")
    assert told_of["How new"].startswith("Every issue is at least as new as at 2026-01-03")
    assert told_of["Warning"] == "beware"
    assert {"Asked for", "Gone", "Went on", "Asked for again", "Came twice", "Jira's own count"} <= told_of.keys()
    by_offset, on_cloud = (dict(proof(manifest(guarantee="reconciled", api=api))) for api in ("offset", "cloud"))
    assert "may have been missed unseen" in by_offset["Guarantee"]
    assert on_cloud["Guarantee"] == "Reconciled. Every id that Jira lists came."


def test_the_terminal_gets_one_screen_without_controls() -> None:
    hostile = [(5.0, PullStarted("https://jira.example.com", "x = \x1b[31m\u202e\nred")), *RUN[1:]]
    text = told(facts_of(hostile), 90)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.startswith("Complete: all 190 issues, proven.\n\nJira               https://jira.example.com\n")
    assert "repeated           1 x HTTP 503, 1 x HTTP 429, Retry-After 1 s, 1 x HTTP 429" in text
    assert "pause              2.1 s from 1.4 s on: HTTP 429, Retry-After 1 s (2 answers said so)\n" in text
    assert "not shown          2 requests had not ended when the pull did" in text
    assert max(map(len, text.splitlines())) <= 90


def test_of_a_long_pull_the_first_the_last_and_what_failed_are_drawn() -> None:
    heard: list[tuple[float, Event | Failed]] = [BEGIN]
    for number in range(5000):
        at = 6.0 + number / 10
        heard.append((at, answered(f"page {number}", 0.05, status=None if number == 2500 else 200)))
    facts = facts_of(heard)
    bars = [bar.label for bar in facts.waterfall.bars()]
    around = range(2490, 2511)
    assert bars == [f"page {number}" for number in (*range(500), *around, *range(4500, 5000))]
    assert next(left_out(facts)).startswith("1,021 of 5,000 requests are drawn one by one")


def test_memory_does_not_grow_with_what_goes_wrong() -> None:
    facts = facts_of(
        each
        for number in range(5000)
        for each in (
            (number * 10.0, answered(f"page {number}", 0.05, status=429)),
            (number * 10.0, Throttled(f"page {number}", f"HTTP 429, Retry-After {number} s", 1.0)),
        )
    )
    assert len(facts.waterfall.bars()) <= 2000
    assert (len(facts.pauses), facts.pauses_left_out) == (200, 4800)
    assert len(facts.paused) == 51
    assert facts.repeated.total() == 5000


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_is_near_the_true_one(values: list[float], part: float) -> None:
    spread = Spread()
    for value in values:
        spread.add(value)
    true = sorted(values)[max(0, min(len(values) - 1, -int(-part * len(values) // 1) - 1))]
    assert spread.quantile(part) == pytest.approx(true, rel=0.05, abs=2e-6)
    assert (spread.least, spread.most) == (min(values), max(values))
    assert sum(count for *_, count in spread.columns()) == len(values)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 100))), st.floats(0, 1e5))
def test_a_timeline_loses_nothing_and_stays_short(came: list[tuple[float, int]], later: float) -> None:
    timeline = Timeline()
    for at, issues in came:
        timeline.add(at, issues=issues)
    end = max([later, *(at for at, _ in came)])
    bins = timeline.bins(end)
    assert sum(each.issues for each in bins) == sum(issues for _, issues in came)
    assert len(bins) <= 60
    assert all(each.seconds > 0 for each in bins)
    assert all(one.begin + one.seconds == pytest.approx(other.begin) for one, other in pairwise(bins))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=60))
def test_bars_on_one_line_do_not_overlap_and_lines_are_as_few_as_can_be(spans: list[tuple[int, int]]) -> None:
    waterfall = Waterfall()
    for begin, length in sorted(spans, key=sum):
        waterfall.add(answered("a", float(length)), float(begin + length))
    bars = waterfall.bars()
    for line in {bar.line for bar in bars}:
        own = sorted((bar.begin, bar.end) for bar in bars if bar.line == line)
        assert all(one[1] <= other[0] for one, other in pairwise(own))
    most = max((sum(b <= at < b + n for b, n in spans) for at, _ in spans), default=0)
    assert len({bar.line for bar in bars}) == most


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (time(0.0004), "0.4 ms"),
        (time(0.05), "50 ms"),
        (time(0.9996), "1.0 s"),
        (time(200), "3 min 20 s"),
        (time(7300), "2 h 1 min"),
        (size(0), "0 bytes"),
        (size(999.6), "1 kB"),
        (size(1_234_567), "1.23 MB"),
        (size(999_600), "1 MB"),
        (size(5e15), "5,000 TB"),
        (counted(1, "page"), "1 page"),
        (counted(2000, "page"), "2,000 pages"),
        (listed(["a", "b", "c"], most=2), "a, b and 1 more"),
    ],
)
def test_numbers_have_units(shown: str, expected: str) -> None:
    assert shown == expected


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines]
    path.write_text("".join(texts))
    return path


FIRST = {"record": 1, "version": "0.1.0", "started_at": "2026-11-26T10:00:00.000Z"}
PAGE = {"event": "PageFetched", "at": 1.0, "start_at": 0, "issues": 1, "total": 1}


def test_what_is_not_known_yet_and_what_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a", FIRST, {"event": "Later", "at": 1.0}, PAGE | {"more": 1}, '{"event":"PageFet')
    assert [*read(path)] == [HEADING, Heard(1.0, PageFetched(0, 1, 1))]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no record"),
        (["[]\n"], "no record"),
        ([{"id": "10000", "key": "OPS-1"}], "no record"),
        ([FIRST | {"record": 2, "version": "9.0"}], "recorded by asyncjira 9.0"),
        ([FIRST], "the record is empty"),
        ([FIRST, PAGE, "\n"], "damaged: line 3"),
        ([FIRST, PAGE | {"at": -1}], "damaged: line 2"),
        ([FIRST, PAGE | {"at": 1e300}], "damaged: line 2"),
        ([FIRST, PAGE | {"issues": -5}], "damaged: line 2"),
        ([FIRST, PAGE | {"issues": "many"}], "damaged: line 2"),
        ([FIRST, "[" * 100_000 + "\n"], "damaged: line 2"),
        ([FIRST, {"event": "PullFinished", "at": 1.0, "manifest": {}}], "damaged: line 2"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(lines: list[Any], said: str, tmp_path: Path, capfd: Any) -> None:
    assert main(["report", str(write(tmp_path / "run.record", *lines))]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


def test_what_is_no_text_or_has_no_end_is_no_record(tmp_path: Path, capfd: Any) -> None:
    head, said = json.dumps(FIRST).encode() + b"\n", b'{"event":"PullStarted","at":0,"url":"\xff","jql":""}\n'
    for content in (head.replace(b"0.1.0", b"\xff"), head + said):
        (tmp_path / "a").write_bytes(content)
        assert main(["report", str(tmp_path / "a")]) == 2
    assert main(["report", "/dev/zero"]) == 2
    assert "no record" in capfd.readouterr().err


def test_a_record_that_is_not_there_is_named(tmp_path: Path, capfd: Any) -> None:
    assert main(["report", str(tmp_path / "none")]) == 2
    assert "cannot read" in capfd.readouterr().err


def test_the_page_replaces_nothing_unasked_and_never_the_record(tmp_path: Path, capfd: Any) -> None:
    path, output = write(tmp_path / "run.record", FIRST, PAGE), tmp_path / "run.html"
    output.write_text("mine")
    assert main(["report", str(path), "-o", str(output)]) == 2
    assert "--force" in capfd.readouterr().err
    assert main(["report", str(path), "-o", "-"]) == 2
    assert "-o PATH names it" in capfd.readouterr().err
    assert main(["report", str(path), "-o", str(path), "--force"]) == 2
    assert "would replace the record" in capfd.readouterr().err
    assert output.read_text() == "mine"


def test_without_the_extra_the_terminal_is_told_all_the_same(
    tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    path = write(tmp_path / "run.record", FIRST, PAGE)
    assert main(["report", str(path), "-o", str(tmp_path / "run.html")]) == 2
    out, err = capfd.readouterr()
    assert out.startswith("Cut off after 1 row")
    assert "pip install 'asyncjira[report]'" in err
    assert [*tmp_path.iterdir()] == [path]
