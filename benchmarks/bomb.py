"""What do 200 KB cost that inflate to 200 MB? The peak of a pull that meets them, beside that of an honest pull.

python benchmarks/bomb.py --rounds 3
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run

ISSUES = 10_000
PULLS = {
    "honest": [],
    "bomb at first": ["--fault", "bomb:200@1"],
    "bombs": ["--fault", "bomb:200@20-"],  # on all 16 connections at once
    "always": ["--fault", "bomb:200@1-"],
}
MOST = 1.5  # times the honest pull


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    peaks: dict[str, list[float]] = {name: [] for name in PULLS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for name, faults in PULLS.items():
                with mock("--issues", str(ISSUES), "--latency", "0", *faults) as url:
                    script, out = str(HERE / "contestants/asyncjira_pull.py"), str(Path(folder) / "out.ndjson")
                    done = run([sys.executable, script, url, out, "100", "16"])
                # One is passed by: its page comes in halves.
                assert done.exit_code == (1 if name in ("bombs", "always") else 0)
                print(f"{name:14} {done.peak_mb:.1f} MB {done.seconds:.1f} s", flush=True)
                peaks[name].append(round(done.peak_mb, 1))
    honest, *others = (statistics.median(each) for each in peaks.values())
    ratios = dict(zip(list(PULLS)[1:], (round(each / honest, 2) for each in others), strict=True))
    print(ratios)
    keep("bomb", {"peak_mb": peaks, "times_the_honest_pull": ratios})
    assert max(ratios.values()) <= MOST


if __name__ == "__main__":
    main()
