import gc
import subprocess
import sys
from pathlib import Path

import click
import pytest

import asyncjira
from asyncjira import errors
from asyncjira.cli import main
from asyncjira.cli.commands import COMMANDS, Commands

CLI = Path(asyncjira.__file__).parent / "cli"


def test_public_names_are_sorted_and_all_there() -> None:
    assert asyncjira.__all__ == sorted(asyncjira.__all__)
    for name in asyncjira.__all__:
        assert getattr(asyncjira, name).__doc__, f"{name} has no docstring"
    assert set(asyncjira.__all__) <= set(dir(asyncjira))


def test_every_error_is_public_and_one_of_the_family() -> None:
    family = {name for name in errors.__all__ if name != "printable"}
    assert family <= set(asyncjira.__all__)
    for name in family:
        assert issubclass(getattr(errors, name), asyncjira.JiraError)
        assert f" {name} " in (errors.__doc__ or "") or name == "JiraError"


def test_what_does_not_exist_is_an_attribute_error() -> None:
    assert not hasattr(asyncjira, "manager")


HEAVY = {
    "aiohttp",
    "altair",
    "anyio",
    "asyncio",
    "dataclasses",
    "msgspec",
    "orjson",
    "rich",
    "asyncjira.mock",
    "asyncjira.pull",
}


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["no-such-command"], set()),
        (["pull", "--help"], {"asyncio", "dataclasses"}),
        (["mock", "--help"], {"asyncio"}),
        (["config", "path"], set()),
        (["config", "show"], set()),
        (["completion", "zsh"], set()),
        (["report", "--help"], set()),
    ],
)
def test_what_needs_no_jira_imports_nothing_heavy(asked: list[str], allowed: set[str]) -> None:
    code = "import sys; from asyncjira.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    imported = set(run.stderr.split())
    assert "asyncjira.cli" in imported
    assert not HEAVY & imported - allowed


def test_the_list_of_commands_says_what_their_own_help_begins_with() -> None:
    group = Commands()
    assert set(group.commands) == set(COMMANDS)  # among these click guesses what was meant
    assert {path.stem for path in CLI.glob("*.py") if f"def {path.stem}(" in path.read_text()} == set(COMMANDS)
    for name, line in COMMANDS.items():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.name == name
        assert (command.help or "").startswith(line)


@pytest.mark.parametrize("asked", [["demo", "--issues", "1"], ["compact", "in", "out"]])
def test_a_process_of_our_own_collects_garbage_once_its_modules_are_there(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b'{"id":"1"}\n')
    code = "import atexit, gc; atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000))"
    code += "; from asyncjira.cli import main; main()"
    command = [sys.executable, "-c", code, *asked]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "True True"), run.stderr


@pytest.mark.parametrize("collects", [True, False])
def test_a_process_of_others_keeps_its_garbage_collector(*, collects: bool) -> None:
    frozen = gc.get_freeze_count()
    if not collects:
        gc.disable()
    try:
        assert main(["demo", "--issues", "1"]) == 0
        assert (gc.isenabled(), gc.get_freeze_count()) == (collects, frozen)
    finally:
        gc.enable()
