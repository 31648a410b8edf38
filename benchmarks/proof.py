"""What does the proof cost? The same pull with `--proof on` and `off`, in turn, whole processes.

    python benchmarks/proof.py --issues 100000 --latency 0.05 --concurrency 16 --rounds 5

Both outputs are compared byte for byte.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import statistics
import sys
import tempfile
from pathlib import Path

from measure import keep, mock, run


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--issues", type=int, default=100_000)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--concurrency", type=int, default=16)
    options.add_argument("--page", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    rounds: dict[str, list[dict[str, object]]] = {"on": [], "off": []}
    knobs = ["--page-size", str(asked.page), "--concurrency", str(asked.concurrency), "--rate", "0", "--force", "-q"]
    with (
        tempfile.TemporaryDirectory() as folder,
        mock("--issues", str(asked.issues), "--latency", str(asked.latency)) as url,
    ):
        outputs = {proof: Path(folder) / proof for proof in rounds}
        for number in range(-1, asked.rounds):  # round -1 warms the server's pages up, and is thrown away
            for proof, out in outputs.items():
                command = [sys.executable, "-m", "asyncjira", "pull", "--url", url, "-o", str(out), "--proof", proof]
                done = run([*command, *knobs])
                manifest = json.loads(Path(f"{out}.manifest.json").read_bytes())
                facts = {**vars(done), "requests": manifest["requests"], "guarantee": manifest["guarantee"]}
                print(number, proof, facts, flush=True)
                assert done.exit_code == 0
                if number >= 0:
                    rounds[proof].append(facts)
            assert filecmp.cmp(*outputs.values(), shallow=False)
    medians = {proof: statistics.median(float(str(each["seconds"])) for each in runs) for proof, runs in rounds.items()}
    pairs = zip(rounds["on"], rounds["off"], strict=True)
    ratios = [float(str(on["seconds"])) / float(str(off["seconds"])) for on, off in pairs]
    print(medians, f"on / off: {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    keep("proof", {"asked": vars(asked), "rounds": rounds, "ratios": ratios})


if __name__ == "__main__":
    main()
