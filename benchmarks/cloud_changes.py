"""How many issues does a pull lose of a Jira Cloud that changes meanwhile, or that leaves issues out of its batches?

    python benchmarks/cloud_changes.py --seeds 20

For each seed and each rate of change everyone pulls over a socket from a mock of the same seed; the mock's own record
of what matched throughout says what was lost. Page tokens are a cursor, as the proof takes for granted, or in some
pulls they count rows: what is lost then, no client can see that lists only once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from completeness import milliseconds
from measure import HERE, keep, run

from asyncjira.mock import MockJira

RATES, RATES_WITH_FAULTS = (0, 0.05, 0.5), (0, 0.5)
PULLS = {"ids": ["--strategy", "ids"], "ranges": ["--strategy", "ranges"], "verified": ["--verify", "ids"]}
BY_CURSOR = ("loop", "ids", "ranges")
BY_OFFSET = ("loop offset", "ids offset", "ranges offset", "verified offset")
FAULTS = ("issue-errors:2@1-", "issue-errors-always:2@1-", "omit:2@1-", "omit-always:2@1-")
LISTED = 500  # ids to a page of a listing: a tenth of Cloud's, for a tenth of the issues, so that there are ten pages


@dataclass(frozen=True)
class Case:
    """One pull: who, of which seed, how much changes at each request, and what goes wrong in batches."""

    name: str
    seed: int
    rate: float
    fault: str | None = None


def pulled(asked: argparse.Namespace, case: Case) -> dict[str, object]:
    """Pull once from a mock of its own, and compare the output with what the mock knows."""
    with tempfile.TemporaryDirectory() as folder:
        return pulled_into(Path(folder), asked, case)


def pulled_into(folder: Path, asked: argparse.Namespace, case: Case) -> dict[str, object]:
    out, (who, *offset) = folder / "out", case.name.split()
    with MockJira(
        flavor="cloud",
        issues=asked.issues,
        seed=case.seed,
        latency=asked.latency,
        jitter=asked.latency,
        mutate=case.rate,
        faults=[case.fault] if case.fault else [],
        tokens="offset" if offset else "cursor",
        max_ids=LISTED,
        gzip=False,
        truth=folder / "truth",
    ) as mock:
        done = run(command(who, mock.url, out, asked.concurrency))
        known = mock.truth()
    content = (out if out.exists() else folder / "out.part").read_bytes()
    issues = json.loads(content) if content.startswith(b"[") else [json.loads(line) for line in content.splitlines()]
    told = json.loads((folder / "out.manifest.json").read_bytes()) if who in PULLS else {}
    ids = [issue["id"] for issue in issues]
    versions = {issue["id"]: issue["fields"]["updated"] for issue in issues}
    lost, named, fresh = known.throughout - set(ids), set(told.get("missing_ids", ())), known.fresh or {}
    older = (each for each, updated in fresh.items() if milliseconds(versions.get(each)) < updated)
    return {
        "exit": done.exit_code,
        "guarantee": told.get("guarantee"),
        "lost": len(lost),
        "unnamed": len(lost - named),
        "twice": len(ids) - len(set(ids)),
        "phantoms": len(set(ids) - known.ever),
        "stale": len(set(older) - named),  # or not there, although it matched from the catch-up on
        "requests": len(mock.wire),
        "changes": known.changes,
    }


def command(who: str, url: str, out: Path, concurrency: int) -> list[str]:
    """Return what runs a contestant."""
    if who in PULLS:
        knobs = ["--concurrency", str(concurrency), "--rate", "0", "-q", *PULLS[who]]
        return [sys.executable, "-m", "asyncjira", "pull", "project = OPS", "--url", url, "-o", str(out), *knobs]
    return [sys.executable, str(HERE / "contestants" / "cloud_loop.py"), url, str(out), "*all"]


def summed_up(runs: list[dict[str, object]]) -> dict[str, object]:
    """Count what a table tells of several runs."""
    counts = {name: [int(str(facts[name])) for facts in runs] for name in ("lost", "unnamed", "twice", "phantoms")}
    requests = [int(str(facts["requests"])) for facts in runs]
    return {
        "pulls": len(runs),
        "exit codes": sorted({str(facts["exit"]) for facts in runs}),
        "proven": sum(facts["guarantee"] == "proven" for facts in runs),
        "silent": sum(facts["exit"] == 0 and bool(facts["lost"]) for facts in runs),
        **{name: sum(each) for name, each in counts.items()},
        "stale": sum(int(str(facts["stale"])) for facts in runs),
        "requests": statistics.mean(requests),
        "most": max(requests),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--issues", type=int, default=5000)
    options.add_argument("--concurrency", type=int, default=16)
    options.add_argument("--latency", type=float, default=0.01)
    options.add_argument("--jobs", type=int, default=3, help="pulls side by side, each from a mock of its own")
    asked = options.parse_args()
    os.environ |= {"JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": "token"}
    seeds = range(asked.seeds)
    cases = [Case(name, seed, rate) for rate in RATES for seed in seeds for name in BY_CURSOR + BY_OFFSET * (rate > 0)]
    cases += [Case("ids", seed, rate, fault) for fault in FAULTS for rate in RATES_WITH_FAULTS for seed in seeds]
    runs: dict[str, dict[str, list[dict[str, object]]]] = {}
    with ThreadPoolExecutor(asked.jobs) as pool:
        for case, facts in zip(cases, pool.map(partial(pulled, asked), cases), strict=True):
            print(case, facts, flush=True)
            runs.setdefault(case.fault or case.name, {}).setdefault(str(case.rate), []).append(facts)
    for name, by_rate in runs.items():
        for rate, each in by_rate.items():
            print(f"{name:25} {rate:5} {summed_up(each)}")
    keep("cloud_changes", {"asked": vars(asked), "runs": runs})


if __name__ == "__main__":
    main()
