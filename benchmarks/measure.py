"""What every benchmark needs: the mock in its own process, a command measured as a whole process, and where it ran."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PACKAGES = ("asyncjira", "aiohttp", "orjson", "msgspec", "jira", "requests", "requests-futures")


@dataclass(frozen=True)
class Run:
    """One finished process: seconds of wall and CPU, megabytes at its peak, what it delivered."""

    seconds: float
    cpu: float
    peak_mb: float
    exit_code: int


@contextmanager
def mock(*options: str) -> Iterator[str]:
    """Start `asyncjira mock` with `options` in a process of its own, and yield its URL."""
    command = [sys.executable, "-m", "asyncjira", "mock", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().removeprefix("listening on ").strip()
        finally:
            server.terminate()


def run(command: Sequence[str]) -> Run:
    """Run a command to its end and account for it by the operating system's own numbers."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def delivered(path: Path) -> dict[str, object]:
    """Return the count of issues in an output, and a hash that depends on their order but not on how JSON is spelled.

    It is read in a process of its own: a child's peak memory never reads lower than its parent's.
    """
    return dict(json.loads(subprocess.check_output([sys.executable, __file__, str(path)])))


def _look_at(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    lines = json.loads(content) if content.startswith(b"[") else [json.loads(line) for line in content.splitlines()]
    found = hashlib.sha256()
    for issue in lines:
        found.update(json.dumps(issue, sort_keys=True).encode())
    return {"issues": len(lines), "checksum": found.hexdigest()[:16]}


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


if __name__ == "__main__":
    print(json.dumps(_look_at(Path(sys.argv[1]))))
