"""How long does a pull of a Jira Cloud take, beside the loop over page tokens that everybody writes?

    python benchmarks/cloud.py --issues 50000 --latency 0.1 --rounds 5 --loops 3

Whole processes, one after another, round by round; the loops, of a minute each, in the first rounds only. Every output
is read and compared: the checksums say which work was equal.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from datetime import datetime
from math import ceil
from pathlib import Path

from measure import HERE, keep, mock, run
from outputs import checked

BATCH = 100  # issues of one request: a page, or a batch by id of all fields
NARROW = "summary,status"
NARROW_AND_DATES = f"{NARROW},created,updated"  # what a proof delivers: the loop beside it shall deliver the same
LOOPS = {
    "loop": ("cloud_loop", "*all"),
    "loop_aiohttp": ("cloud_aiohttp", "*all"),
    "loop_jira": ("cloud_jira", "*all"),
    "loop_narrow": ("cloud_loop", NARROW_AND_DATES),
}
SAME_PAGES = ("loop_aiohttp", "loop_jira")  # which the first loop has warmed up
LIBRARY = {"library_ids": ("cloud_pages", "ids"), "library_ranges": ("cloud_pages", "ranges")}
PULLS = {
    "pull": ["--api", "auto"],
    "pull_cloud": ["--api", "cloud"],
    "pull_ranges": ["--api", "auto", "--strategy", "ranges"],
    "pull_narrow": ["--api", "auto", "--fields", NARROW],
}


def command(name: str, url: str, out: Path, concurrency: int) -> list[str]:
    """Return what runs a contestant."""
    if name in PULLS:
        knobs = ["--concurrency", str(concurrency), "--rate", "0", "--force", "-q", *PULLS[name]]
        return [sys.executable, "-m", "asyncjira", "pull", "project = OPS", "--url", url, "-o", str(out), *knobs]
    script, argument = (LOOPS | LIBRARY)[name]
    return [sys.executable, str(HERE / "contestants" / f"{script}.py"), url, str(out), argument]


def inner(name: str, out: Path) -> dict[str, object]:
    """Return what a contestant of ours tells of itself: how long its pull took, without the start of Python."""
    if name in LIBRARY:
        first, whole = json.loads(Path(f"{out}.moments").read_bytes())
        return {"first": first, "pulled_in": whole, "first_share": first / whole}
    if name in PULLS:
        told = json.loads(Path(f"{out}.manifest.json").read_bytes())
        began, ended = (datetime.fromisoformat(told[moment]) for moment in ("started_at", "finished_at"))
        seconds = (ended - began).total_seconds()
        return {"pulled_in": seconds, "requests": told["requests"], "guarantee": told["guarantee"]}
    return {}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--issues", type=int, default=50_000)
    options.add_argument("--latency", type=float, default=0.1)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--loops", type=int, default=3, help="rounds in which the loops run, too")
    options.add_argument("--concurrency", type=int, default=16)
    asked = options.parse_args()
    os.environ |= {"JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": "token"}
    rounds: dict[str, list[dict[str, object]]] = {name: [] for name in (*LOOPS, *PULLS, *LIBRARY)}
    known: dict[str, dict[str, object]] = {}
    served = ("--flavor", "cloud", "--issues", str(asked.issues), "--latency", str(asked.latency))
    with tempfile.TemporaryDirectory() as folder, mock(*served) as url:
        for number in range(-1, asked.rounds):  # round -1 warms the server's pages up, and is thrown away
            for name, runs in rounds.items():
                if name in SAME_PAGES * (number < 0) or (name in LOOPS and number >= asked.loops):
                    continue
                out = Path(folder) / name
                done = run(command(name, url, out, asked.concurrency))
                facts = {**vars(done), **checked(out, known), **inner(name, out), "load": round(os.getloadavg()[0], 2)}
                print(number, name, facts, flush=True)
                assert done.exit_code == 0
                if number >= 0:
                    runs.append(facts)
    ideal = asked.latency * (1 + ceil(ceil(asked.issues / BATCH) / asked.concurrency))
    loop = statistics.median(float(str(each["seconds"])) for each in rounds["loop"])
    for name, runs in rounds.items():
        seconds = statistics.median(float(str(each["seconds"])) for each in runs)
        inside = statistics.median(float(str(each.get("pulled_in", "nan"))) for each in runs)
        print(f"{name:15} {seconds:6.2f} s {loop / seconds:5.1f} x; process / ideal {seconds / ideal:.3f}, ", end="")
        print(f"pull / ideal {inside / ideal:.3f}")
    keep("cloud", {"asked": vars(asked), "nice": os.nice(0), "ideal": ideal, "rounds": rounds})


if __name__ == "__main__":
    main()
