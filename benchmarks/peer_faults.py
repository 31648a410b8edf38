"""What do other clients do when something goes wrong? The rows of docs/peers.md that are measured.

    pip install jira-resilient
    python benchmarks/peer_faults.py
    python benchmarks/peer_faults.py --only window

Each case is a mock and a process of its own. A line says how the process ended, how many issues it wrote, and how many
of them came twice; of a Jira that changes, how many that matched throughout are missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from measure import HERE, mock

ISSUES = 1037  # 11 pages of 100, the last one short
PATIENCE = 120  # seconds: jira-resilient waits 30 after a 500

SERVER = {
    "asyncjira": ("asyncjira_pull", 100),
    "jira": ("jira_client", 100),
    "jira, async_": ("jira_async", 100),
    "atlassian-python-api": ("atlassian_client", 50),
    "jira-resilient, search_paged": ("resilient_paged", 50),
    "jira-resilient, search_seek": ("resilient_seek", 100),
}
CLOUD = {
    "asyncjira": ("asyncjira_pull", 100),
    "jira": ("cloud_jira", 100),
    "atlassian-python-api": ("cloud_atlassian", 50),
}


class Case(NamedTuple):
    """One thing that goes wrong: the mock's options, {half} is half the page size of the client."""

    name: str
    options: str
    seeds: int = 1
    issues: int = ISSUES


FAULTS = {
    "429": "429:1@4",
    "429-date": "429:date@4",
    "400": "400@4",
    "500": "500@4",
    "truncated": "truncate@4",
    "object": "object@4",
    "html": "html@4",
    "cap": "cap:{half}@4-",
}
ON_SERVER = [
    *(Case(name, f"--fault {fault}") for name, fault in FAULTS.items()),
    Case("window", "--result-window 10000", issues=10_500),
    Case("window-empty", "--result-window 10000 --window-empty", issues=10_500),
    Case("changes", "--mutate 2 --truth {truth}", seeds=10),
]
ON_CLOUD = [
    *(
        Case(f"cloud-{name}", f"--fault {FAULTS[name]}")
        for name in ("429", "400", "500", "truncated", "object", "html")
    ),
    Case("cloud-short", "--fault short:10@4"),
    Case("cloud-token-again", "--fault token-loop:1@4"),
    Case("cloud-token-for-ever", "--fault token-loop:1@4-"),
]


def ended(script: str, url: str, out: Path, *words: str) -> str:
    """Run a contestant, and say how it ended: its exit code, and the last line of what it complained about."""
    command = [sys.executable, str(HERE / "contestants" / f"{script}.py"), url, str(out), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, errors="replace")
    except subprocess.TimeoutExpired:
        return f"still busy after {PATIENCE} s"
    complaint = [line for line in done.stderr.splitlines() if line.strip()] if done.returncode else []
    return " ".join([f"exit {done.returncode}", *(line.strip()[:110] for line in complaint[-1:])])


def came(out: Path) -> list[str]:
    """Return the ids that are in the output, or in what there is of it."""
    path = next((path for path in (out, out.with_name("out.part")) if path.exists()), None)
    text = path.read_bytes() if path else b"[]"
    issues = json.loads(text) if text.startswith(b"[") else [json.loads(line) for line in text.splitlines()]
    return [issue["id"] for issue in issues]


def lines(case: Case, cloud: bool) -> Iterator[str]:
    """Run a case with each of the clients."""
    for name, (script, page) in (CLOUD if cloud else SERVER).items():
        if script == "resilient_seek" and case.name in ("cap", "window", "window-empty"):
            continue  # it is asked for everything: see there
        ends: dict[str, int] = {}
        ids, lost, twice = [], 0, 0
        for seed in range(case.seeds):
            with tempfile.TemporaryDirectory() as folder:
                out, truth = Path(folder, "out"), Path(folder, "truth")
                options = ["--issues", str(case.issues), "--seed", str(seed), "--latency", "0.01", "--no-gzip"]
                options += ["--flavor", "cloud"] * cloud + ["--max-page", "1000000"] * (script == "resilient_seek")
                options += case.options.format(half=page // 2, truth=truth).split()
                words = ["*navigable"] if cloud and script != "asyncjira_pull" else [str(page), "8"]
                if "token" in case.name and script == "asyncjira_pull":
                    words += ["--strategy", "ranges"]  # page by page: the ids of all issues are on one page
                with mock(*options) as url:
                    end = ended(script, url, out, *words)
                ends[end] = ends.get(end, 0) + 1
                ids = came(out)
                twice += len(ids) - len(set(ids))
                if truth.exists():
                    lost += len(set(json.loads(truth.read_bytes())["throughout"]) - set(ids))
        found = f"{lost} lost in {case.seeds} pulls" if case.seeds > 1 else f"{len(ids)} of {case.issues}"
        again = f", {twice} twice" * bool(twice)
        yield f"{case.name:22}{name:30}{found}{again}; {', '.join(f'{n} x {end}' for end, n in ends.items())}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", metavar="CASE", help="one of the cases")
    asked = options.parse_args()
    for case in [*ON_SERVER, *ON_CLOUD]:
        if asked.only in (None, case.name):
            for line in lines(case, cloud=case in ON_CLOUD):
                print(line, flush=True)


if __name__ == "__main__":
    main()
