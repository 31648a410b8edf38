"""Does the server see the rate, and never more? Its own log: the share of the rate, and the most in any one second.

    python benchmarks/limiter.py --rate 50 500 1000 2000 --concurrency 64
    python benchmarks/limiter.py --rate 20 --fault 500@5%

Then what a turn costs: microseconds of CPU for each, where nothing has to be waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

from measure import keep, mock, run

SECONDS = 4  # of requests at each rate
TURNS = 100_000


def pull(rate: float, asked: argparse.Namespace) -> list[float]:
    """Pull as many pages as take some seconds, and return when the server saw each request."""
    issues = int(rate * SECONDS * asked.page)
    faults = ["--fault", asked.fault] if asked.fault else []
    with tempfile.TemporaryDirectory() as folder:
        log, out = Path(folder) / "log", Path(folder) / "out"
        with mock("--issues", str(issues), "--log", str(log), "--latency", "0.01", *faults) as url:
            knobs = ["--rate", str(rate), "--concurrency", str(asked.concurrency), "--page-size", str(asked.page)]
            command = [sys.executable, "-m", "asyncjira", "pull", "--url", url, "--fields", "id", "--proof", "off"]
            done = run([*command, *knobs, "-o", str(out), "-q"])
        assert done.exit_code == 0
        with out.open("rb") as lines:
            assert sum(1 for _ in lines) == issues
        return sorted(json.loads(line)["t"] for line in log.read_text().splitlines())


def summary(rate: float, times: Sequence[float]) -> dict[str, float]:
    """Say how much of the rate was used between the first half second and the last, and the most in one second."""
    begin, end = bisect_left(times, times[0] + 0.5), bisect_left(times, times[-1] - 0.5)
    used = (end - 1 - begin) / (times[end - 1] - times[begin]) / rate
    most = max(bisect_left(times, moment + 1) - at for at, moment in enumerate(times))
    return {"requests": len(times), "share": round(used, 4), "most_in_one_second": most}


async def cost() -> float:
    """Return the microseconds of CPU that it takes one request to pass."""
    from asyncjira.net.limiter import Limiter

    limiter, began = Limiter(0), time.process_time()
    for _ in range(TURNS):
        await limiter.approach("GET /")
        await limiter.acquire("GET /")
    return (time.process_time() - began) / TURNS * 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, nargs="+", default=[50, 500, 1000, 2000])
    options.add_argument("--concurrency", type=int, default=64)
    options.add_argument("--page", type=int, default=10)
    options.add_argument("--fault", default="")
    asked = options.parse_args()
    found = {}
    for rate in asked.rate:
        found[f"{rate:g}"] = summary(rate, pull(rate, asked))
        print(f"{rate:g} a second:", found[f"{rate:g}"], flush=True)
    microseconds = asyncio.run(cost())
    print(f"a turn costs {microseconds:.2f} microseconds")
    keep("limiter", {"asked": vars(asked), "rates": found, "microseconds": microseconds})


if __name__ == "__main__":
    main()
