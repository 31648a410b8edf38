"""What somebody reads who does not know the commands yet, or has mistyped one."""

from pathlib import Path
from typing import Any

import click
import pytest

from asyncjira.cli import group, main
from asyncjira.cli.commands import COMMANDS

SUBCOMMANDS = [["config", "show"], ["config", "path"], ["config", "example"]]


def said(capfd: Any, *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    out, err = capfd.readouterr()
    return code, out + err


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), *SUBCOMMANDS], ids=" ".join)
def test_help_fits_into_100_columns(command: list[str], capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, help_text = said(capfd, *command, "--help")
    assert code == 0
    assert [line for line in help_text.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_how_it_is_typed(command: str, capfd: Any) -> None:
    _, help_text = said(capfd, command, "--help")
    assert f"\n  asyncjira {command}" in help_text or f"(asyncjira {command} " in help_text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_its_words(command: str) -> None:
    found = group.get_command(click.Context(group), command)
    assert found is not None
    assert [option.name for option in found.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("command", ["pull", "count", "plan", "doctor"])
def test_a_query_without_quotes_is_told_of_them(command: str, capfd: Any) -> None:
    code, words = said(capfd, command, "project", "=", "OPS")
    assert code == 2
    assert words.endswith('(= OPS): put the query into quotes, as in "project = OPS".\n')


def test_what_takes_no_query_says_nothing_of_quotes(capfd: Any) -> None:
    assert "quotes" not in said(capfd, "demo", "x")[1]


@pytest.mark.parametrize("option", ["--token", "--password=s3cret"])
def test_a_token_as_an_argument_is_told_where_it_belongs(option: str, capfd: Any) -> None:
    code, words = said(capfd, "count", option)
    assert code == 2
    assert "never an argument: set JIRA_PAT, or JIRA_API_TOKEN with --email, or give --token-file" in words
    assert "s3cret" not in words


@pytest.mark.parametrize("name", ["ops.ndjson", "ops.csv"])
def test_a_folder_that_is_not_there_is_named(name: str, capfd: Any, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=10)
    code, words = said(capfd, "pull", "--url", mock.url, "-o", f"{tmp_path}/missing/{name}")
    assert (code, len(mock.wire)) == (6, 0)
    assert words.endswith(f"asyncjira: there is no folder {tmp_path}/missing: make it first\n")


def test_a_refused_token_is_told_whose_it_was(capfd: Any, mock_jira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mock = mock_jira(issues=10, token="right")
    monkeypatch.setenv("JIRA_URL", mock.url)
    monkeypatch.setenv("JIRA_PAT", "wrong")
    code, words = said(capfd, "count")
    assert code == 4
    assert words.endswith("; the token is that of JIRA_PAT; asyncjira doctor looks closer\n")
    code, words = said(capfd, "doctor")
    assert code == 4
    assert "behind login, the first FIX (asyncjira config show tells which token it takes), then" in words
    assert "wrong" not in words


def test_one_is_no_plural(capfd: Any, mock_jira: Any) -> None:
    url = mock_jira(issues=1).url
    assert "\n1 issue in " in said(capfd, "pull", "--url", url, "--fields", "summary")[1]
    assert ", 1 request) -> " in said(capfd, "pages", "/rest/api/2/issue/OPS-1/comment", "--url", url)[1]
