"""What does the journal cost? The same pull with its commits and without them, in turn, whole processes.

    python benchmarks/journal.py --issues 100000 --latency 0 --rounds 7 [--before CHECKOUT]

Without commits an output is made durable once, at its end. CHECKOUT is a folder with an older version of the package,
to compare with. The outputs are compared byte for byte, unpacked.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import statistics
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run

NO_COMMITS = "from asyncjira.out import commits; commits._COMMIT = commits._SECONDS = float('inf'); "
MAIN = "from asyncjira.cli import main; main()"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--issues", type=int, default=100_000)
    options.add_argument("--latency", type=float, default=0.0)
    options.add_argument("--page", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--suffix", default="", choices=["", ".gz"])
    options.add_argument("--before", type=Path)
    asked = options.parse_args()
    ways = {"without": (NO_COMMITS, HERE.parent), "with": ("", HERE.parent)}
    if asked.before:
        ways["before"] = ("", asked.before)
    rounds: dict[str, list[dict[str, object]]] = {name: [] for name in ways}
    with (
        tempfile.TemporaryDirectory(dir=HERE) as folder,  # no file system in memory
        mock("--issues", str(asked.issues), "--latency", str(asked.latency)) as url,
    ):
        knobs = ["--url", url, "--page-size", str(asked.page), "--rate", "0", "--force", "-q"]
        for number in range(-1, asked.rounds):  # round -1 warms the server's pages up, and is thrown away
            found = set()
            for name, (switch, root) in ways.items():
                out = Path(folder) / f"{name}{asked.suffix}"
                os.environ["PYTHONPATH"] = str(root)
                done = run([sys.executable, "-c", switch + MAIN, "pull", "-o", str(out), *knobs])
                assert done.exit_code == 0
                with gzip.open(out) if asked.suffix else out.open("rb") as content:
                    found.add(hashlib.file_digest(content, "sha256").hexdigest())  # type: ignore[arg-type]
                facts = {**vars(done), "bytes": out.stat().st_size}
                print(number, name, facts, flush=True)
                if number >= 0:
                    rounds[name].append(facts)
            assert len(found) == 1
    ratios = {}
    for name in [other for other in ways if other != "with"]:
        pairs = zip(rounds["with"], rounds[name], strict=True)
        ratios[name] = [float(str(one["seconds"])) / float(str(other["seconds"])) for one, other in pairs]
        told = f"{statistics.median(ratios[name]):.3f} ({min(ratios[name]):.3f} to {max(ratios[name]):.3f})"
        print(f"with / {name}: {told}")
    told = {key: str(value) for key, value in vars(asked).items() if key != "before"}
    keep(f"journal{asked.suffix.replace('.', '-')}", {"asked": told, "rounds": rounds, "ratios": ratios})


if __name__ == "__main__":
    main()
