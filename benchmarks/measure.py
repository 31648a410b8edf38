"""What every benchmark needs: a server in its own process, a command measured as a whole process, and where it ran."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PACKAGES = (
    *("asyncjira", "aiohttp", "orjson", "msgspec"),
    *("jira", "requests", "requests-futures", "atlassian-python-api"),
)
GZIP_LEVEL = 6  # what a server is asked for, where it can be asked: zlib's default, as servers have it


@dataclass(frozen=True)
class Run:
    """One finished process: seconds of wall and CPU, megabytes at its peak, what it delivered."""

    seconds: float
    cpu: float
    peak_mb: float
    exit_code: int


def filled(template: str, **facts: object) -> list[str]:
    """Return the words of a command, with `facts` in the place of what stands in braces."""
    return [word.format(**facts) for word in shlex.split(template)]


@contextmanager
def serving(command: Sequence[str]) -> Iterator[str]:
    """Start a server whose first line is `listening on URL`, and yield its URL."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            first = server.stdout.readline()
            assert first.startswith("listening on "), f"{command[0]} did not start"
            yield first.removeprefix("listening on ").strip()
        finally:
            server.terminate()


def mock(*options: str) -> AbstractContextManager[str]:
    """Start `asyncjira mock` with `options` in a process of its own; its URL is the context's value."""
    return serving([sys.executable, "-m", "asyncjira", "mock", *options])


def server(template: str, issues: int, *, latency: float = 0.0, gzip: bool = True) -> AbstractContextManager[str]:
    """Start the mock, or another server by a template of its command, which may hold {issues} {latency_ms} {gzip}."""
    if template:
        level = GZIP_LEVEL if gzip else 0
        return serving(filled(template, issues=issues, latency_ms=f"{latency * 1000:g}", gzip=level))
    return mock("--issues", str(issues), "--latency", str(latency), "--gzip" if gzip else "--no-gzip")


def pull(url: str, out: Path, page: int, concurrency: int, *knobs: str) -> list[str]:
    """Return the command of a pull into a file, without a limit of its rate."""
    asked = ["--url", url, "-o", str(out), "--page-size", str(page), "--concurrency", str(concurrency), *knobs]
    return [sys.executable, "-m", "asyncjira", "pull", "project = OPS", "--rate", "0", "--force", "-q", *asked]


def run(command: Sequence[str], **environment: str) -> Run:
    """Run a command to its end and account for it by the operating system's own numbers."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def sha256(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def environment() -> dict[str, object]:
    """Say where and with what it was measured."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = models[0].split(":")[1].strip() if models else platform.machine()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def keep(name: str, facts: dict[str, object]) -> None:
    """Write a result with its environment beside it."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps({"environment": environment(), **facts}, indent=2) + "\n")
