"""Benchmarks are run by hand; here only that each can be started, and that what they say is what was measured."""

import ast
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SCRIPTS = sorted(path for path in BENCHMARKS.glob("*.py") if ".parse_args()" in path.read_text(encoding="utf-8"))


def started(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return runpy.run_path(str(BENCHMARKS / "rounds.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_benchmark_says_what_it_asks(script: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 0
    question = (ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or "").split()
    assert question[:5] == capsys.readouterr().out.partition("\n\n")[2].split()[:5]


def test_tables_and_figure_are_those_of_the_results() -> None:
    done = started("render.py", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_contestants_are_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in BENCHMARKS.glob("*/*.py")}
    assert lengths
    assert all(length <= 40 for length in lengths.values()), lengths


def test_a_pull_is_held_against_the_bytes_of_the_reference(tmp_path: Path) -> None:
    python = shlex.quote(sys.executable)
    mock = f"{python} -m asyncjira mock --issues {{issues}} --latency 0"
    options = ["--issues", "20", "--rounds", "1", "--server-command", mock, "--reference-command", "touch {out}"]
    done = started("limit.py", *options)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "AssertionError: asyncjira: not the bytes of the reference"


def test_rounds_are_interleaved_and_the_first_is_dropped(rounds: Any) -> None:
    turns: list[str] = []
    found = rounds["interleaved"](
        ("a", "b"), 3, lambda name: {"turn": turns.append(name) or len(turns)}, fewer={"b": 1}
    )
    assert turns == ["a", "b", "a", "b", "a", "a"]
    assert {name: [each["turn"] for each in runs] for name, runs in found.items()} == {"a": [3, 5, 6], "b": [4]}


def test_what_was_asked_is_kept_without_what_belongs_to_one_machine(rounds: Any) -> None:
    asked = rounds["arguments"]("", issues=3, server="", server_command="").parse_args(["--server-command", "/here/x"])
    assert rounds["told"](asked) == {"issues": 3}
