"""What does a pull of a Jira Cloud cost: memory, requests, points, and refusals where Jira limits an endpoint?

    python benchmarks/cloud_cost.py --rounds 3

Memory as in memory.py, in both ways of pulling, from a server that answers at once and from one 100 ms away. Points
as the mock counts them: one for each request, and one for each issue that it returns.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run
from outputs import delivered

from asyncjira.mock import MockJira

SIZES, LATENCIES, WAYS = (10_000, 100_000), (0, 0.1), ("ids", "ranges")
COUNTED = 50_000  # issues of which requests and points are counted
LIMITS = (5, 20, 40)  # requests a second that each endpoint of the mock allows
LIMITED = 20_000  # issues that are pulled under such a limit


def pull(url: str, out: Path, *knobs: str) -> list[str]:
    """Return the command of a pull into a file."""
    asked = ["--api", "cloud", "--url", url, "-o", str(out), "--concurrency", "16", "--force", "-q", *knobs]
    return [sys.executable, "-m", "asyncjira", "pull", "project = OPS", *asked]


def peaks(rounds: int, folder: Path) -> dict[str, list[float]]:
    """Return the peak megabytes of pulls of different sizes, in turn. No mock may live in this process: see measure."""
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        for size in SIZES:
            for latency in LATENCIES:
                with mock("--flavor", "cloud", "--issues", str(size), "--latency", str(latency)) as url:
                    for way in WAYS:
                        done = run(pull(url, folder / way, "--rate", "0", "--strategy", way))
                        assert (done.exit_code, lines(folder / way)) == (0, size)
                        print(number, size, latency, way, f"{done.peak_mb:.1f} MB {done.seconds:.1f} s", flush=True)
                        found.setdefault(f"{way} {size} {latency}", []).append(round(done.peak_mb, 1))
    return found


def lines(path: Path) -> int:
    return int(subprocess.check_output(["wc", "-l", str(path)]).split()[0])


def points(folder: Path) -> dict[str, dict[str, object]]:
    """Return what the loop and both ways spend on the same issues, and what came."""
    found: dict[str, dict[str, object]] = {}
    with MockJira(flavor="cloud", issues=COUNTED) as server:
        commands = {"loop": [sys.executable, str(HERE / "contestants/cloud_loop.py"), server.url, str(folder / "loop")]}
        commands["loop"].append("*all")
        commands |= {way: pull(server.url, folder / way, "--rate", "0", "--strategy", way) for way in WAYS}
        for name, command in commands.items():
            spent, asked = server.points, len(server.wire)
            assert run(command).exit_code == 0
            facts = {"points": server.points - spent, "requests": len(server.wire) - asked}
            found[name] = {**facts, **delivered(folder / name)}
            print(name, found[name], flush=True)
    assert len({str(facts["checksum"]) for facts in found.values()}) == 1
    return found


def limited(limit: int, way: str, folder: Path) -> dict[str, object]:
    """Pull at the default --rate from a mock that limits each endpoint, and count what it refused."""
    with MockJira(flavor="cloud", issues=LIMITED, latency=0.05, rate_limit=limit) as server:
        done = run(pull(server.url, folder / way, "--strategy", way))
        answers = [entry["status"] for entry in server.wire]
        endpoint = "bulkfetch" if way == "ids" else "jql"
        times = [each["t"] for each in server.wire if each.get("endpoint") == endpoint and each["status"] == 200]
    served = (len(times) - 1) / (max(times) - min(times))
    facts = {"exit": done.exit_code, "issues": lines(folder / way), "seconds": done.seconds, "a_second": served}
    return {**facts, "requests": len(answers), "refused": answers.count(429)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    os.environ |= {"JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": "token"}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        peak_mb = peaks(asked.rounds, folder)
        spent = points(folder)
        under_limits: dict[str, dict[str, object]] = {}
        for limit in LIMITS:
            for way in WAYS:
                under_limits[f"{way} {limit}"] = facts = limited(limit, way, folder)
                print(limit, way, facts, flush=True)
                assert (facts["exit"], facts["issues"]) == (0, LIMITED)
    keep("cloud_cost", {"peak_mb": peak_mb, "counted": COUNTED, "points": spent, "limits": under_limits})


if __name__ == "__main__":
    main()
