"""Whatever the documentation says to type is typed here, page by page, and the pages can be built."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import click
import pytest

import asyncjira
from asyncjira.cli import group
from asyncjira.cli.commands import COMMANDS
from asyncjira.cli.failure import EXIT_CODES

from .documents import PAGES, ROOT, Reader, blocks

TYPED = [page for page in PAGES if {"sh", "python"} & {language for language, _ in blocks(page)}]


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.stem)
def test_every_page_can_be_typed(page: Path, mock_jira: Any, tmp_path: Path) -> None:
    dc, cloud = mock_jira(issues=120), mock_jira(issues=120, flavor="cloud")
    names = {"asyncjira": asyncjira, "token": "s3cret"}
    reader = Reader(tmp_path, {"https://jira.example.com": dc.url, "https://example.atlassian.net": cloud.url}, names)
    reader.environment |= {"JIRA_URL": dc.url, "JIRA_PAT": "s3cret"}
    for language, text in blocks(page):
        if language == "sh":
            reader.type(text)
        elif language == "python":
            reader.run(text)


def test_the_pages_can_be_built(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", str(ROOT / "docs"), str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stderr) == (0, "")
    commands, names = (tmp_path / "commands.html").read_text(), (tmp_path / "api.html").read_text()
    assert {name for name in COMMANDS if f'id="asyncjira-{name}"' in commands} == set(COMMANDS)
    documented = set(re.findall(r'id="cmdoption-asyncjira-([\w-]+)"', commands))
    assert {f"{name}-{option.lstrip('-')}" for name in COMMANDS for option in options_of(name)} <= documented
    assert '\nasyncjira pull "project = OPS" -o ops.parquet     ' in unescape(re.sub("<[^>]+>", "", commands))
    assert {name for name in asyncjira.__all__ if f'id="asyncjira.{name}"' in names} == set(asyncjira.__all__)


def options_of(name: str) -> list[str]:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    return [option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts]


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    codes = {int(code) for row in rows for code in row.split(", ")}
    assert codes == {0, 1, 130, 141, 143, *EXIT_CODES.values()}
