"""What a shell puts in for a word that was begun: asked of a real bash where there is one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from asyncjira.cli import group, main
from asyncjira.cli.commands import COMMANDS

from .test_public_names import HEAVY


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "asyncjira").mkdir()
    (tmp_path / "asyncjira" / "config.toml").write_text(
        '[site.work]\nurl = "https://a"\n[site.home]\nurl = "https://b"\n[site.other]\nurl = "https://c"\n'
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    command = tmp_path / "asyncjira" / "asyncjira"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m asyncjira "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    return tmp_path


COMPLETED = """
COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
echo =; _asyncjira_completion asyncjira; echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_bash_completes_commands_options_sites_and_files(home: Path) -> None:
    wanted = {
        "asyncjira pu": {"pull"},
        "asyncjira pull --pr": {"--progress", "--proof"},
        "asyncjira pull --site ''": {"home", "other", "work"},
        "asyncjira count --site w": {"work"},
        "asyncjira config sh": {"show"},
        "asyncjira pull --proof o": {"on", "off"},
        "asyncjira pull -o ''": {"compopt", "-o", "default"},
        "asyncjira --ve": {"--version"},
    }
    script = 'eval "$(asyncjira completion bash)"; complete -p asyncjira; compopt() { echo compopt "$@"; }\n'
    script += "".join(COMPLETED.format(line=line) for line in wanted)
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=False, cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    registered, *answers = done.stdout.split("=\n")
    assert registered == "complete -o nosort -F _asyncjira_completion asyncjira\n"
    assert dict(zip(wanted, [set(answer.split()) for answer in answers], strict=True)) == wanted


@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_is_a_file_is_completed_as_one(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    for param in command.params:
        if param.metavar in ("FILE", "PATH", "IN", "OUT", "[OUT]", "RECORD"):
            assert [item.type for item in param.shell_complete(click.Context(command), "a")] == ["file"], param.name


def completed(words: str, *command: str) -> subprocess.CompletedProcess[str]:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_ASYNCJIRA_COMPLETE": "bash_complete"}
    return subprocess.run(
        [sys.executable, *command], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script_that_calls_the_command(shell: str, capfd: Any) -> None:
    assert main(["completion", shell]) == 0
    out, err = capfd.readouterr()
    assert (f"_ASYNCJIRA_COMPLETE={shell}_complete" in out, err) == (True, "")


@pytest.mark.parametrize("words", ["asyncjira ", "asyncjira pull --site ", "asyncjira pull --pro"])
def test_to_complete_imports_nothing_heavy(words: str, home: Path) -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    done = completed(words, "-c", f"{code}; from asyncjira.cli import main; main()")
    assert done.returncode == 0
    assert done.stdout
    imported = set(done.stderr.split())
    assert "asyncjira.cli" in imported
    allowed = {"asyncio", "dataclasses"} if "pull" in words else set()  # as in `pull --help`
    assert not HEAVY & imported - allowed


def test_a_file_that_cannot_be_used_completes_nothing_and_says_nothing(home: Path) -> None:
    (home / "asyncjira" / "config.toml").write_text("[site.x")
    done = completed("asyncjira pull --site ", "-m", "asyncjira")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
