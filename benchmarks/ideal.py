"""How far is a pull from the ideal, where nothing stands between a free slot and the next request?

    python benchmarks/ideal.py --issues 10000 --latency 0.05 0.2 --concurrency 8 32 64 --rounds 5
    python benchmarks/ideal.py --latency 0.05 --server http://127.0.0.1:8080

The ideal is latency x (1 + ceil((pages - 1) / concurrency)): the first page alone, the others in full rounds. Imports
are left out: the clock runs inside of the process, around `pull_to` of a new client, whose connections count. With
`--server`, one for each latency, servers are measured that run already, and must hold `--issues`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from measure import keep, mock


async def _pull(url: str, out: str, proof: str, concurrency: int, page: int) -> dict[str, object]:
    import asyncjira

    limits = asyncjira.Limits(rate=0, concurrency=concurrency)
    async with asyncjira.Jira(url, api="offset", limits=limits) as jira:
        await jira.count()  # loads what is loaded when it is first used
    async with asyncjira.Jira(url, limits=limits) as jira:
        began, cpu = time.perf_counter(), time.process_time()
        manifest = await jira.pull_to(out, page_size=page, proof=proof, force=True)  # type: ignore[arg-type]
        facts = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    return {**facts, "issues": manifest.issues, "requests": manifest.requests, "sha256": manifest.sha256}


def pull(*asked: object) -> dict[str, object]:
    """Measure one pull in a process of its own."""
    return dict(json.loads(subprocess.check_output([sys.executable, __file__, "pull", *map(str, asked)])))


def ideal(latency: float, issues: int, page: int, concurrency: int) -> float:
    """Return the seconds that no client can beat that learns from the first page how many there are."""
    return latency * (1 + math.ceil((math.ceil(issues / page) - 1) / concurrency))


def summary(rounds: Sequence[dict[str, object]], best: float) -> str:
    times = [float(str(each["seconds"])) / best for each in rounds]
    return f"{statistics.median(times):.3f} ({min(times):.3f} to {max(times):.3f}) of {best:.2f} s"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--issues", type=int, default=10_000)
    options.add_argument("--latency", type=float, nargs="+", default=[0.05, 0.2])
    options.add_argument("--concurrency", type=int, nargs="+", default=[8, 32, 64])
    options.add_argument("--proof", nargs="+", default=["off", "on"])
    options.add_argument("--page", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--server", nargs="+", default=[])
    asked = options.parse_args()
    cases = list(itertools.product(asked.latency, asked.concurrency, asked.proof))
    rounds: dict[str, list[dict[str, object]]] = {f"{ms} {at_once} {proof}": [] for ms, at_once, proof in cases}
    with ExitStack() as stack:
        out = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "out.ndjson"
        started = (mock("--issues", str(asked.issues), "--latency", str(each)) for each in asked.latency)
        urls = dict(zip(asked.latency, asked.server or map(stack.enter_context, started), strict=True))
        for number in range(-1, asked.rounds):  # round -1 warms the server's pages up, and is thrown away
            for latency, at_once, proof in cases:
                facts = pull(urls[latency], out, proof, at_once, asked.page)
                assert facts["issues"] == asked.issues
                if number >= 0:
                    rounds[f"{latency} {at_once} {proof}"].append({**facts, "load": os.getloadavg()[0]})
    assert len({run["sha256"] for runs in rounds.values() for run in runs}) == 1  # whatever the way: the same bytes
    for latency, at_once, proof in cases:
        best = ideal(latency, asked.issues, asked.page, at_once)
        print(f"{latency} s, {at_once} at once, proof {proof}:", summary(rounds[f"{latency} {at_once} {proof}"], best))
    keep("ideal", {"asked": vars(asked), "rounds": rounds})


if __name__ == "__main__":
    if sys.argv[1:2] == ["pull"]:
        url, out, proof, at_once, page = sys.argv[2:]
        print(json.dumps(asyncio.run(_pull(url, out, proof, int(at_once), int(page)))))
    else:
        main()
