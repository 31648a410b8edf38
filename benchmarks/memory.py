"""Does memory depend on how much is pulled? Peak resident megabytes of whole pulls of different sizes, in turn.

python benchmarks/memory.py --rounds 3
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run

SIZES = (10_000, 100_000)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    peaks: dict[str, list[float]] = {str(size): [] for size in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for size in SIZES:
                with mock("--issues", str(size), "--latency", "0") as url:
                    out = Path(folder) / "out.ndjson"
                    script = str(HERE / "contestants/asyncjira_pull.py")
                    done = run([sys.executable, script, url, str(out), "100", "16"])
                    with out.open("rb") as lines:
                        assert done.exit_code == 0
                        assert sum(1 for _ in lines) == size
                print(size, f"{done.peak_mb:.1f} MB", f"{done.seconds:.1f} s", flush=True)
                peaks[str(size)].append(round(done.peak_mb, 1))
    keep("memory", {"peak_mb": peaks})


if __name__ == "__main__":
    main()
