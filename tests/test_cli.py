"""The command line as its users see it: exit code, stdout and stderr."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from asyncjira import __version__
from asyncjira.cli import main

from .conftest import WHICH_JIRA, proven_by, requests_of_a_proof, with_login

Capture = Any
COMMAND = [sys.executable, "-m", "asyncjira"]
SECRET = "s3cret-t0ken"


def run(capfd: Capture, *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    return code, out, err


def assert_one_line(text: str) -> None:
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert "Traceback" not in text


def test_a_pull_into_a_file_ends_in_one_line(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=250)
    path = tmp_path / "issues.ndjson"
    code, out, err = run(capfd, "pull", "--url", mock.url, "--rate", 0, "-o", path)
    assert (code, out) == (0, "")
    assert path.read_bytes().splitlines() == list(mock.expected("*all"))
    warning, line = err.splitlines()
    assert "no credentials" in warning
    requests = requests_of_a_proof(mock, 100) + WHICH_JIRA
    assert re.fullmatch(
        rf"250 issues in [\d.]+ s \([\d,]+/s, [\d.]+ MB, {requests} requests\) -> .*issues.ndjson \| proven: .*", line
    )
    assert json.loads((tmp_path / "issues.ndjson.manifest.json").read_bytes())["complete"] is True


def test_stdout_gets_the_issues_and_nothing_else(capfd: Capture, mock_jira: Any) -> None:
    mock = mock_jira(issues=120)
    code, out, err = run(capfd, "pull", "-q", "--url", mock.url, "--fields", "summary", "--rate", 0)
    assert (code, err) == (0, "")
    assert out.encode().splitlines() == list(mock.expected("summary,created,updated"))


def test_every_shape_of_output(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=120)
    issues = [json.loads(issue) for issue in mock.expected("summary,created,updated")]
    wanted: dict[str, Callable[[bytes], object]] = {
        "a.json": json.loads,
        "a.json.gz": lambda content: json.loads(gzip.decompress(content)),
        "a.jsonl": lambda content: [json.loads(line) for line in content.splitlines()],
    }
    for name, read in wanted.items():
        code, _, _ = run(capfd, "pull", "--url", mock.url, "--fields", "summary", "--rate", 0, "-o", tmp_path / name)
        assert code == 0
        assert read((tmp_path / name).read_bytes()) == issues
    run(capfd, "pull", "--url", mock.url, "--fields", "summary", "--indent", "-o", tmp_path / "b.json")
    assert (tmp_path / "b.json").read_text().startswith('[\n    {\n        "expand"')


def test_the_tutorials_loop_and_a_pull_give_the_same_tickets(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    """The loop that every tutorial shows, against what replaces it."""
    requests = pytest.importorskip("requests")
    mock = mock_jira(issues=234, email="ann@example.com", token=SECRET)
    tickets: list[object] = []
    while True:
        answer = requests.get(
            f"{mock.url}/rest/api/3/search",
            params={"jql": "project = OPS", "startAt": len(tickets), "maxResults": 50, "expand": "renderedFields"},
            auth=("ann@example.com", SECRET),
            timeout=10,
        ).json()
        tickets += answer["issues"]
        if len(tickets) >= answer["total"]:
            break
    os.environ |= {"JIRA_URL": mock.url, "JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": SECRET}
    try:
        code, _, err = run(
            capfd,
            "pull",
            "project = OPS",
            "--api-version",
            "3",
            "--page-size",
            50,
            "--fields",
            "*navigable",
            "--expand",
            "renderedFields",
            "-o",
            tmp_path / "tickets.json",
        )
    finally:
        for name in ("JIRA_URL", "JIRA_EMAIL", "JIRA_API_TOKEN"):
            del os.environ[name]
    assert (code, "no credentials" in err) == (0, False)
    assert json.loads((tmp_path / "tickets.json").read_bytes()) == tickets


def test_a_count_is_a_number(capfd: Capture, mock_jira: Any) -> None:
    code, out, err = run(capfd, "count", "project = OPS", "--url", mock_jira(issues=77).url)
    assert (code, out, "no credentials" in err) == (0, "77\n", True)


def test_version(capfd: Capture) -> None:
    assert run(capfd, "--version") == (0, f"asyncjira, version {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull"], "--url"),
        (["pull", "--url", "jira.example.com"], "https://jira.example.com"),
        (["pull", "--url", "https://ann:hunter2@host"], "user name or password"),
        (["pull", "--url", "http://example.com", "--email", "a"], "JIRA_API_TOKEN"),
        (["pull", "--url", "https://xn--.com"], "cannot be used as an address"),
        (["pull", "--url", "https://x", "--rate", "-1"], "rate"),
        (["pull", "--url", "https://x", "--concurrency", "0"], "concurrency"),
        (["pull", "--url", "https://x", "--page-size", "0"], "page size"),
        (["pull", "--url", "https://x", "--indent"], "--format json"),
        (["pull", "--url", "https://x", "--token-file", "/nonexistent"], "token file"),
        (["pull", "--url", "https://x", "a \0 b"], "NUL"),
        (["count"], "--url"),
        (["mock", "--fault", "nonsense@1"], "nonsense"),
        (["mock", "--issues", "-1"], "issues"),
    ],
)
def test_what_cannot_be_asked_ends_in_one_line_and_code_2(capfd: Capture, arguments: list[str], words: str) -> None:
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (2, "")
    assert_one_line(err)
    assert words in err
    assert "hunter2" not in err


def test_what_is_no_page_size_is_refused_in_words_of_ours(capfd: Capture) -> None:
    code, out, err = run(capfd, "pull", "--page-size", "some\x1b")
    assert (code, out) == (2, "")
    assert err.endswith("'some\\x1b' is neither a number nor auto.\n")


@pytest.mark.parametrize("arguments", [["pull", "--no-such-option"], ["fly"], ["pull", "--rate", "fast"]])
def test_what_click_refuses_is_code_2_too(capfd: Capture, arguments: list[str]) -> None:
    assert run(capfd, *arguments)[0] == 2


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        (["500@1-"], 1),
        (["404@1"], 1),
        (["410@1"], 1),
        (["total:-1@1"], 1),
        (["poison:10044@1-"], 3),
        (["401@1"], 4),
        (["captcha@1"], 4),
        (["html@1"], 4),
        (["control@1"], 5),
        (["429:301@1"], 75),
    ],
)
def test_every_kind_of_failure_has_its_code_and_one_line(
    capfd: Capture, mock_jira: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[str], code: int
) -> None:
    monkeypatch.setenv("JIRA_PAT", SECRET)
    monkeypatch.setattr("random.random", lambda: 0.001)
    found, out, err = run(capfd, "pull", "--url", mock_jira(issues=90, faults=faults).url, "-o", tmp_path / "a")
    assert (found, out) == (code, "")
    assert_one_line(err)
    assert "\x1b" not in err
    assert SECRET not in err
    assert not (tmp_path / "a").exists()


def test_an_output_that_exists_or_cannot_be_is_found_before_the_first_request(
    capfd: Capture, mock_jira: Any, tmp_path: Path
) -> None:
    mock = mock_jira(issues=10)
    (tmp_path / "a").write_text("old")
    for path, code in ((tmp_path / "a", 2), (tmp_path, 6), (tmp_path / "no" / "where", 6), ("/dev/null", 6)):
        assert run(capfd, "pull", "--url", mock.url, "-o", path)[0] == code
    assert (len(mock.wire), (tmp_path / "a").read_text()) == (0, "old")
    assert run(capfd, "pull", "--url", mock.url, "-o", tmp_path / "a", "--force")[0] == 0
    assert (tmp_path / "a").read_text() != "old"


def test_a_full_disk_is_code_6(mock_jira: Any) -> None:
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [*COMMAND, "pull", "-q", "--url", mock_jira(issues=10).url],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (found.returncode, found.stderr) == (6, "asyncjira: cannot write stdout: no space left on device\n")


@pytest.mark.parametrize("options", [[], ["--progress", "json"], ["-v"]])
def test_a_closed_stderr_puts_no_talk_among_the_issues(mock_jira: Any, options: list[str]) -> None:
    mock = mock_jira(issues=150)
    line = " ".join([*COMMAND, "pull", "--url", mock.url, *options, "2>&-"])
    done = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (0, list(mock.expected("*all")))


def test_a_closed_stdout_is_a_reader_that_has_left(mock_jira: Any) -> None:
    url = mock_jira(issues=30).url
    for command in (["pull", "-q"], ["count"]):
        for closed in (">&-", "<&- >&-"):
            line = " ".join([*COMMAND, *command, "--url", url, closed])
            assert subprocess.run(["bash", "-c", line], stderr=subprocess.PIPE, check=False).returncode == 141


def test_a_refusal_tells_whether_anybody_was_logged_in(capfd: Capture, mock_jira: Any) -> None:
    code, _, err = run(capfd, "pull", "-q", "--url", mock_jira(token=SECRET).url)
    assert (code, "set JIRA_PAT" in err) == (4, True)
    assert_one_line(err)


def test_an_interrupted_or_failed_pull_tells_where_its_issues_are(
    capfd: Capture, mock_jira: Any, tmp_path: Path
) -> None:
    mock = mock_jira(issues=900, faults=["404@5-"])
    code, _, err = run(capfd, "pull", "-q", "--url", mock.url, "--concurrency", 1, "-o", tmp_path / "a.zst")
    assert code == 1
    came = f"; {proven_by(mock, 100, pages=4)} issues came, into {tmp_path}/a.zst.part"
    assert err.endswith(f"{came}; the same command with --resume goes on from there\n")


def test_help_keeps_its_paragraphs(capfd: Capture) -> None:
    for command in ([], ["pull"]):
        _, out, _ = run(capfd, *command, "--help")
        assert "\\b" not in out
        assert "\b" not in out
    assert re.search(r"^  +Exit codes: 0 complete   1 failed", out, re.MULTILINE)
    code, out, _ = run(capfd, "mock", "--fault", "help")
    assert (code, out.startswith("429[:")) == (0, True)


def test_a_token_file_must_be_ones_own(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=10, email="ann", token=SECRET)
    path = tmp_path / "token"
    path.write_text(SECRET + "\n")
    path.chmod(0o644)
    code, _, err = run(capfd, "count", "--url", mock.url, "--token-file", path)
    assert (code, "chmod 600" in err, SECRET in err) == (2, True, False)
    path.chmod(0o600)
    assert run(capfd, "count", "--url", mock.url, "--token-file", path) == (0, "10\n", "")
    assert run(capfd, "count", "--url", mock.url, "--token-file", path, "--email", "ann") == (0, "10\n", "")


def test_progress_for_machines_is_json_lines(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    mock = mock_jira(issues=250, faults=["503:0@2"])
    _, _, err = run(capfd, "pull", "-q", "--url", mock.url, "--progress", "json", "-o", tmp_path / "a")
    events = [json.loads(line) for line in err.splitlines()]
    assert [event["event"] for event in events].count("PageFetched") == requests_of_a_proof(mock, 100)
    assert events[-1]["event"] == "PullFinished"
    assert events[-1]["manifest"]["issues"] == events[-1]["issues_so_far"] == 250


def test_verbose_says_every_retry(capfd: Capture, mock_jira: Any, tmp_path: Path) -> None:
    _, _, err = run(capfd, "pull", "-v", "--url", mock_jira(issues=10, faults=["500@1"]).url, "-o", tmp_path / "a")
    assert "search from row 0: HTTP 500; again in" in err


def test_a_reader_that_leaves_early_is_no_error(mock_jira: Any) -> None:
    pull = subprocess.Popen(
        [*COMMAND, "pull", "-q", "--url", mock_jira(issues=3000).url, "--rate", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert pull.stdout is not None
    assert pull.stderr is not None
    assert pull.stdout.readline().startswith(b"{")
    pull.stdout.close()
    assert pull.stderr.read() == b""
    pull.stderr.close()
    assert pull.wait(20) == 141


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("blocked", [False, True], ids=["waiting for Jira", "waiting for the reader of a pipe"])
def test_a_signal_ends_the_pull(mock_jira: Any, number: signal.Signals, code: int, blocked: bool) -> None:
    mock = mock_jira(issues=3000, faults=[] if blocked else ["hang@2-"])
    pull = subprocess.Popen(
        [*COMMAND, "pull", "--url", mock.url, "--rate", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 20
    while len(with_login(mock)) < (3 if blocked else 1) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    pull.send_signal(number)
    assert pull.wait(20) == code
    assert pull.stdout is not None
    assert pull.stderr is not None
    assert "Traceback" not in pull.stderr.read()
    pull.stdout.close()
    pull.stderr.close()


def test_a_second_signal_ends_what_waits_for_the_reader_of_stderr(mock_jira: Any, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, b"x" * 4096):
            pass
    os.set_blocking(writing, True)
    options = ["--url", mock_jira(issues=3).url, "--progress", "json", "-o", str(tmp_path / "a")]
    pull = subprocess.Popen([*COMMAND, "pull", *options], stderr=writing)
    deadline = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    for _ in range(2):
        pull.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    assert pull.wait(20) == 143
    os.close(reading)
    os.close(writing)


def test_the_mock_serves_and_ends(tmp_path: Path) -> None:
    log = tmp_path / "log"
    mock = subprocess.Popen(
        [*COMMAND, "mock", "--issues", "50", "--latency", "0", "--log", str(log)], stdout=subprocess.PIPE, text=True
    )
    assert mock.stdout is not None
    url = mock.stdout.readline().removeprefix("listening on ").strip()
    assert (
        subprocess.run([*COMMAND, "count", "--url", url], capture_output=True, text=True, check=True).stdout == "50\n"
    )
    mock.terminate()
    assert mock.wait(20) == 0
    mock.stdout.close()
    logged = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(entry["path"], entry["status"]) for entry in logged] == [
        ("/rest/api/2/serverInfo", 200),
        ("/rest/api/2/search", 200),
    ]


def test_the_demo_shows_a_pull_and_its_proof(capfd: Capture) -> None:
    code, out, err = run(capfd, "demo", "--issues", 500)
    assert code == 0
    assert "500 issues in" in out
    assert "proven" in out
    assert '"complete": true' in out
    assert err == ""


def test_a_bug_of_ours_is_one_line(capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("\x1b[31m")

    monkeypatch.setattr("asyncjira.pull.site.Jira.estimate", broken)
    code, _, err = run(capfd, "count", "--url", "https://x")
    assert code == 1
    assert_one_line(err.splitlines(keepends=True)[-1])
    assert "please report" in err
