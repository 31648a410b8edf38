"""How many issues does a pull lose of a Jira that changes meanwhile? Naive concurrent offsets against the proof.

    python benchmarks/completeness.py --seeds 20

For each seed and each rate of change both pull from a mock of their own, of the same seed; the mock's own record of
what matched throughout says what was lost.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from math import ceil
from pathlib import Path

from measure import HERE, keep, mock, run

RATES = (0, 0.05, 0.5, 2)
CONTESTANTS = {"naive": "aiohttp_gather", "asyncjira": "asyncjira_pull"}


def pulled(name: str, seed: int, rate: float, asked: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Pull once from a mock of its own, and compare the output with what the mock knows."""
    truth, log, out = folder / "truth", folder / "log", folder / "out"
    for path in folder.iterdir():
        path.unlink()
    options = {"--issues": asked.issues, "--seed": seed, "--mutate": rate, "--latency": asked.latency}
    options |= {"--jitter": asked.latency, "--truth": truth, "--log": log}
    flags = ["--shuffle-ties"] * asked.shuffle_ties
    with mock(*(str(word) for option in options.items() for word in option), *flags) as url:
        script = str(HERE / "contestants" / f"{CONTESTANTS[name]}.py")
        done = run([sys.executable, script, url, str(out), str(asked.page), str(asked.concurrency)])
    known = json.loads(truth.read_bytes())
    lines = out if out.exists() else folder / "out.part"
    content = lines.read_bytes()
    issues = json.loads(content) if content.startswith(b"[") else [json.loads(line) for line in content.splitlines()]
    ids = [issue["id"] for issue in issues]
    versions = {issue["id"]: issue["fields"]["updated"] for issue in issues}
    fresh = {} if known["fresh"] is None else known["fresh"]
    return {
        "exit": done.exit_code,
        "lost": len(set(known["throughout"]) - set(ids)),
        "twice": len(ids) - len(set(ids)),
        "phantoms": len(set(ids) - set(known["ever"])),
        "stale": sum(milliseconds(versions.get(each)) < updated for each, updated in fresh.items()),
        "requests": len(log.read_bytes().splitlines()),
        "expected": ceil(asked.issues / asked.page),
    }


def summed_up(runs: list[dict[str, object]]) -> dict[str, object]:
    """Count what a table tells of several runs."""
    lost, requests = ([int(str(facts[name])) for facts in runs] for name in ("lost", "requests"))
    return {
        "pulls": len(runs),
        "exit 0": sum(facts["exit"] == 0 for facts in runs),
        "exit 0 though issues were lost": sum(bool(facts["lost"]) and facts["exit"] == 0 for facts in runs),
        "lost": statistics.mean(lost),
        "twice": sum(int(str(facts["twice"])) for facts in runs),
        "requests": statistics.mean(requests),
        "most requests": max(requests),
    }


def milliseconds(text: str | None) -> float:
    from datetime import datetime

    return 0 if text is None else datetime.fromisoformat(text).timestamp() * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--issues", type=int, default=10_000)
    options.add_argument("--page", type=int, default=100)
    options.add_argument("--concurrency", type=int, default=16)
    options.add_argument("--latency", type=float, default=0.02)
    options.add_argument("--shuffle-ties", action="store_true")
    asked = options.parse_args()
    runs: dict[str, dict[str, list[dict[str, object]]]] = {
        name: {str(rate): [] for rate in RATES} for name in CONTESTANTS
    }
    with tempfile.TemporaryDirectory() as folder:
        for rate in RATES:
            for seed in range(asked.seeds):
                for name in CONTESTANTS:
                    runs[name][str(rate)].append(facts := pulled(name, seed, rate, asked, Path(folder)))
                    print(rate, seed, name, facts, flush=True)
    for name, by_rate in runs.items():
        for rate_text, each in by_rate.items():
            print(f"{name:10} {rate_text:5} {summed_up(each)}")
    keep("completeness" + "-ties" * asked.shuffle_ties, {"asked": vars(asked), "runs": runs})


if __name__ == "__main__":
    main()
