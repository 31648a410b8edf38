"""What CI takes out of the README, and what that claims of a pull."""

import re
from typing import Any

from .documents import ROOT, Reader, blocks

README = ROOT / "README.md"


def of(language: str) -> list[str]:
    return [text for name, text in blocks(README) if name == language]


def test_the_first_two_commands_are_those_that_ci_runs() -> None:
    first, second, *_ = of("sh")
    assert first == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/asyncjira demo\n"
    assert second == ".venv/bin/pip install '.[test]' && .venv/bin/pytest\n"


def test_a_pull_ends_with_the_line_that_is_shown(mock_jira: Any, tmp_path: Any) -> None:
    reader = Reader(tmp_path, {})
    reader.environment |= {"JIRA_URL": mock_jira(issues=300).url, "JIRA_PAT": "s3cret"}
    block = next(text for text in of("sh") if "ops.ndjson.gz" in text)
    done = reader.in_shell(block)
    (shown,) = of("")
    without_numbers = re.compile(r"[\d,.]+")
    assert without_numbers.sub("#", shown.strip()) == without_numbers.sub("#", done.stderr.splitlines()[0])
    assert {"ops.ndjson.gz", "ops.json"} <= {path.name for path in tmp_path.iterdir()}


def test_the_example_runs_as_it_stands(mock_jira: Any, capsys: Any) -> None:
    (example,) = of("python")
    assert len(example.strip().splitlines()) <= 8
    Reader(README.parent, {"https://jira.example.com": mock_jira(issues=12).url}, {"token": "s3cret"}).run(example)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13
    assert lines[-1] == "12 proven"
