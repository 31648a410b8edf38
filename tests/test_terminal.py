"""Pulls on a real (pseudo-)terminal: what a person sees, keys that are pressed, and what is left behind."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from asyncjira.cli.screen import Screen
from asyncjira.cli.standing import Standing
from asyncjira.events import Delivered, PageFetched

from .terminals import Picture, Terminal

SLOW = {"issues": 1000, "latency": 0.1}  # for long enough to look on, in a dozen requests
LIMITED = ("--rate", 15)
BAR = "━"


def has_bar(picture: list[str]) -> bool:
    return any(BAR in line for line in picture)


def seen(terminal: Terminal) -> str:
    return "\n".join("\n".join(picture) for picture in terminal.pictures)


def pulling(mock: Any, path: object, *more: object) -> tuple[object, ...]:
    return ("pull", "--url", mock.url, "-o", path, *LIMITED, *more)


def test_a_picture_is_what_is_left_after_all_that_was_written() -> None:
    picture = Picture(5)
    picture.feed("one\r\nabcdef\x1b[1A\r\x1b[2KX\x1b[31mY\x1b[0m")
    assert picture.lines == ["one", "XY", "f"]


def test_a_pull_shows_a_bar_a_pause_and_its_reason_and_leaves_its_last_line(mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(**SLOW, faults=["429:1@6", "503@9"])
    with Terminal(pulling(mock, tmp_path / "a")) as terminal:
        code, last = terminal.end()
    assert code == 0, last
    assert re.search(rf"^{BAR}.* of 1,000 issues  .*/s, \d+ s left$", seen(terminal), re.MULTILINE)
    assert re.search(rf"^{BAR}.*issues  paused \d s: HTTP 429, Retry-After 1 s$", seen(terminal), re.MULTILINE)
    assert re.search(r"MB of JSON, \d+ in flight, 2 retries \(last: HTTP 503\)$", seen(terminal), re.MULTILINE)
    assert not has_bar(last)
    assert last[0].startswith("asyncjira: no credentials")
    assert "".join(last[1:]).startswith("1,000 issues in ")
    assert "\x1b[?" not in terminal.raw  # a cursor that is never hidden need not be shown again


def test_the_demo_shows_what_a_pull_does() -> None:
    with Terminal(["demo", "--issues", "3000"]) as terminal:
        code, last = terminal.end()
    assert code == 0
    assert re.search(rf"^{BAR}.* of 3,000 issues", seen(terminal), re.MULTILINE)
    assert last[0].startswith("a mock Jira with 3,000 issues")
    assert last[1].startswith("$ asyncjira pull")
    assert last[2].startswith("3,000 issues in ")


def test_ctrl_c_leaves_a_clean_line(mock_jira: Any, tmp_path: Path) -> None:
    with Terminal(pulling(mock_jira(**SLOW), tmp_path / "a")) as terminal:
        terminal.until(lambda picture: " left" in picture[-2])
        terminal.press(b"\x03")
        code, last = terminal.end()
    assert code == 130
    assert not has_bar(last)
    assert re.search(r"^asyncjira: interrupted; [\d,]+ issues came, into .* goes on from there$", "".join(last[1:]))
    assert last[-1] == ""


def test_a_terminal_that_becomes_narrow_is_drawn_on_as_such(mock_jira: Any, tmp_path: Path) -> None:
    with Terminal(pulling(mock_jira(**SLOW), tmp_path / "a")) as terminal:
        terminal.until(has_bar)
        terminal.resize(30)
        narrow = terminal.until(lambda picture: re.search(r"^ *\d+ of 1,000 issues", picture[-2]) is not None)
        assert all(len(line) <= 30 for line in narrow[-2:])
        assert terminal.end()[0] == 0


def test_a_terminal_that_is_stopped_does_not_stop_the_pull(mock_jira: Any, tmp_path: Path) -> None:
    with Terminal(pulling(mock_jira(**SLOW), tmp_path / "a")) as terminal:
        terminal.until(has_bar)
        terminal.press(b"\x13")  # Ctrl-S
        deadline = time.monotonic() + 20
        while not (tmp_path / "a.manifest.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert json.loads((tmp_path / "a.manifest.json").read_bytes())["complete"] is True
        terminal.press(b"\x11")  # Ctrl-Q
        assert terminal.end()[0] == 0


def test_a_terminal_that_goes_away_does_not_end_a_pull_that_survives_it(mock_jira: Any, tmp_path: Path) -> None:
    with Terminal(pulling(mock_jira(**SLOW), tmp_path / "a"), ignores_hangup=True) as terminal:
        terminal.until(has_bar)
        terminal.hang_up()
        assert terminal.process.wait(20) == 0
    assert len((tmp_path / "a").read_bytes().splitlines()) == 1000


@pytest.mark.parametrize(
    ("environment", "options"),
    [({"TERM": "dumb"}, ()), ({}, ("-q",))],
    ids=["dumb", "quiet"],
)
def test_where_nothing_may_move_no_control_is_written(
    mock_jira: Any, tmp_path: Path, environment: dict[str, str], options: tuple[str, ...]
) -> None:
    mock = mock_jira(issues=300, latency=0.1)
    with Terminal(pulling(mock, tmp_path / "a", *options), environment=environment) as terminal:
        assert terminal.end()[0] == 0
    assert "\x1b" not in terminal.raw
    assert ("300 issues in" in terminal.raw) == ("-q" not in options)


def test_no_color_has_a_bar_without_colours(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    half = Standing()
    half.hear(PageFetched(0, 500, 1000))
    half.hear(Delivered(500))
    for setting, seen in {"": True, "1": False}.items():
        monkeypatch.setenv("NO_COLOR", setting)
        with Screen([half]) as screen:
            screen.draw()
        written = capfd.readouterr().err
        assert BAR in written
        has_colours = not set(re.findall(r"\x1b\[([\d;]*)m", written)) <= {"", "0", "1", "2"}
        assert has_colours is seen


def test_issues_on_a_terminal_are_not_drawn_over_and_in_a_file_they_need_not_care(
    mock_jira: Any, tmp_path: Path
) -> None:
    mock = mock_jira(issues=300, latency=0.1)
    with Terminal(pulling(mock, "-", "--fields", "summary"), columns=10_000) as terminal:
        assert terminal.end()[0] == 0
    assert "\x1b" not in terminal.raw
    with Terminal(pulling(mock, "-"), stdout=tmp_path / "a") as terminal:
        assert terminal.end()[0] == 0
    assert BAR in terminal.raw
    assert (tmp_path / "a").read_bytes().splitlines() == list(mock.expected("*all"))
