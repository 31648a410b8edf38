"""How long do different clients take for the same issues? Whole processes, one after another, round by round.

    python benchmarks/peers.py --issues 10000 --latency 0.05 --rounds 5

Every output is read and compared: the checksums say which work was equal.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from measure import HERE, delivered, keep, mock, run

CONTESTANTS = ("tutorial", "jira_client", "jira_async", "requests_threads", "aiohttp_gather", "asyncjira_pull")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--issues", type=int, default=10_000)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--page", type=int, default=100)
    options.add_argument("--concurrency", type=int, default=16)
    asked = options.parse_args()
    rounds: dict[str, list[dict[str, object]]] = {name: [] for name in CONTESTANTS}
    with (
        tempfile.TemporaryDirectory() as folder,
        mock("--issues", str(asked.issues), "--latency", str(asked.latency)) as url,
    ):
        for number in range(-1, asked.rounds):  # round -1 warms the server's pages up, and is thrown away
            for name in CONTESTANTS:
                out = Path(folder) / f"{name}.json"
                script = str(HERE / "contestants" / f"{name}.py")
                done = run([sys.executable, script, url, str(out), str(asked.page), str(asked.concurrency)])
                facts = {**vars(done), **delivered(out)}
                print(number, name, facts, flush=True)
                if number >= 0:
                    rounds[name].append(facts)
    slowest = statistics.median(each["seconds"] for each in rounds["tutorial"])  # type: ignore[type-var]
    for name, runs in rounds.items():
        seconds = [float(str(each["seconds"])) for each in runs]
        print(f"{name:18} {statistics.median(seconds):7.2f} s  {slowest / statistics.median(seconds):5.1f} x")
    keep(f"peers-{asked.latency * 1000:.0f}ms", {"asked": vars(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
