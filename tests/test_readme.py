"""Whatever the README says to type is typed here, and what it claims is looked up."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from asyncjira.cli import _EXIT_CODES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def test_the_first_two_commands_are_those_that_ci_runs() -> None:
    first, second, *_ = blocks("sh")
    assert first.strip().startswith("python3 -m venv .venv && ")
    assert first.strip().endswith(".venv/bin/asyncjira demo")
    assert second.strip() == ".venv/bin/pip install '.[test]' && .venv/bin/pytest"
    assert (first.count("\n"), second.count("\n")) == (1, 1)


def typed(block: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-ec", block], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )


def test_every_command_for_a_data_center_runs(mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=300, token="s3cret")
    block = next(block for block in blocks("sh") if "JIRA_PAT" in block)
    first, *commands = block.replace("https://jira.example.com", mock.url).replace("=...", "=s3cret").splitlines()
    assert first == "source .venv/bin/activate"
    done = typed("\n".join(commands), tmp_path)
    assert (done.returncode, done.stdout) == (0, "300\n"), done.stderr
    written = {word for command in commands for word in shlex.split(command) if word.startswith("ops.")}
    assert {path.name for path in tmp_path.iterdir()} == written | {f"{name}.manifest.json" for name in written}
    shown = next(block for block in blocks("") if " issues in " in block)
    without_numbers = re.compile(r"[\d,.]+")
    assert without_numbers.sub("#", shown.strip()) == without_numbers.sub("#", done.stderr.splitlines()[0])


def test_every_command_for_cloud_runs(mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=300, flavor="cloud", email="me@example.com", token="s3cret")
    block = next(block for block in blocks("sh") if "atlassian.net" in block)
    done = typed(block.replace("https://example.atlassian.net", mock.url).replace("=...", "=s3cret"), tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "proven: every id that was listed came" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"ops.ndjson.gz", "ops.ndjson.gz.manifest.json"}


def test_the_commands_that_pull_what_changed_run(mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=30)
    block = next(block for block in blocks("sh") if "--state" in block)
    done = typed(f"export JIRA_URL={mock.url}\n{block}", tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.splitlines()[-1] == "30 issues of 30 lines -> all.ndjson.gz"
    assert {word for word in shlex.split(block, comments=True) if word.startswith(("ops", "all"))} <= {
        path.name for path in tmp_path.iterdir()
    }


async def test_the_example_runs_as_it_stands(mock_jira: Any, capsys: Any) -> None:
    mock = mock_jira(issues=12, token="s3cret")
    (example,) = blocks("python")
    body = example.replace("https://jira.example.com", mock.url).replace("\n", "\n    ")
    assert len(example.strip().splitlines()) <= 8
    names: dict[str, Any] = {"token": "s3cret"}
    exec(f"async def example():\n    {body}", names)
    await names["example"]()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13
    assert lines[-1] == "12 proven"


def test_every_exit_code_is_documented() -> None:
    codes = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for code in row.split(", ")}
    assert codes == {0, 1, 130, 141, 143, *_EXIT_CODES.values()}
