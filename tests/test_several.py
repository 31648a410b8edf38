"""Several sites at once: a file for each, and what fails at one of them ends no other."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from asyncjira.cli import main

Capture = Any


@pytest.fixture
def sites(mock_jira: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    mocks = {"a": mock_jira(issues=30), "b": mock_jira(issues=40, seed=1), "c": mock_jira(issues=50, seed=2)}
    (tmp_path / "asyncjira").mkdir()
    tables = [f'[site.{name}]\nurl = "{mock.url}"\nanonymous = true\n' for name, mock in mocks.items()]
    (tmp_path / "asyncjira" / "config.toml").write_text("".join(tables))
    return mocks


def pulled(capfd: Capture, *arguments: str) -> tuple[int, str]:
    code = main(["pull", *arguments])
    out, err = capfd.readouterr()
    assert out == ""
    return code, err


ALL = ("--site", "a", "--site", "b", "--site", "c")


def test_each_site_gets_a_file_and_a_line(sites: dict[str, Any], capfd: Capture) -> None:
    code, err = pulled(capfd, *ALL, "-o", "{site}.ndjson", "--state", "{site}.state", "--record", "{site}.record")
    assert (code, sorted(line.split(" issues ")[0] for line in err.splitlines())) == (0, ["a: 30", "b: 40", "c: 50"])
    for name, mock in sites.items():
        assert Path(f"{name}.ndjson").read_bytes().splitlines() == list(mock.expected("*all"))
        assert {f"{name}.ndjson.manifest.json", f"{name}.state", f"{name}.record"} <= set(os.listdir())


def test_what_fails_at_one_site_ends_no_other_and_gives_the_code(sites: dict[str, Any], capfd: Capture) -> None:
    sites["b"].faults = ["400@1-"]
    sites["c"].faults = ["403@1-"]
    code, err = pulled(capfd, *ALL, "-o", "{site}.ndjson")
    lines = err.splitlines()
    assert (code, lines[-1]) == (5, "asyncjira: 2 of 3 sites failed")
    assert [line for line in lines if line.startswith("a: 30 issues ")]
    assert [line for line in lines if line.startswith("asyncjira: b: ")]
    assert [line for line in lines if line.startswith("asyncjira: c: HTTP 403")]
    assert [path for path in os.listdir() if path.endswith(".ndjson")] == ["a.ndjson"]


def test_an_output_that_exists_is_refused_at_that_site_alone(sites: dict[str, Any], capfd: Capture) -> None:
    Path("a.ndjson").touch()
    code, err = pulled(capfd, *ALL, "-o", "{site}.ndjson")
    assert (code, "asyncjira: a: " in err, len(sites["a"].wire)) == (2, True, 0)
    assert sum(path.endswith(".ndjson") for path in os.listdir()) == 3


@pytest.mark.parametrize(
    ("arguments", "option"),
    [([], "output"), (["-o", "x"], "output"), (["-o", "{site}", "--state", "s"], "state")],
)
def test_several_sites_write_no_file_together(
    arguments: list[str], option: str, sites: dict[str, Any], capfd: Capture
) -> None:
    code, err = pulled(capfd, *ALL, *arguments)
    assert (code, f"put {{site}}, its name, into --{option}" in err) == (2, True)
    assert not any(mock.wire for mock in sites.values())


def test_a_site_that_is_named_twice_is_refused(sites: dict[str, Any], capfd: Capture) -> None:
    assert pulled(capfd, "--site", "a", "--site", "a", "-o", "{site}") == (2, "asyncjira: a --site is named twice\n")


def test_one_site_may_be_in_the_path_too(sites: dict[str, Any], capfd: Capture) -> None:
    assert pulled(capfd, "--site", "b", "-o", "of-{site}.ndjson")[0] == 0
    assert Path("of-b.ndjson").exists()


def test_machines_are_told_of_which_site_a_line_is(sites: dict[str, Any], capfd: Capture) -> None:
    code, err = pulled(capfd, *ALL, "-o", "{site}.ndjson", "--progress", "json")
    lines = [json.loads(line) for line in err.splitlines()]
    assert (code, {line["pull"] for line in lines}) == (0, {"a", "b", "c"})
    assert {line["pull"]: line["issues_so_far"] for line in lines} == {"a": 30, "b": 40, "c": 50}
