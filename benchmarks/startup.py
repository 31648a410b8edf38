"""What does it cost to start? Whole processes in turn: Python, what asyncjira imports, and asyncjira with little to do.

    python benchmarks/startup.py --rounds 20 [--before CHECKOUT]

The pull is one of one issue, with its proof and without a ceiling of requests a second, from a mock that answers at
once. CHECKOUT is a folder with an older version of the package, to compare with. Each is run once before that counts,
so that all modules are compiled, as an installer leaves them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run

CODE = {
    "python": "pass",
    "click": "import click",
    "aiohttp": "import aiohttp",
    "aiohttp and click": "import aiohttp, click",
}
MAIN = "from asyncjira.cli import main; main()"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--before", type=Path)
    asked = options.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder, mock("--issues", "1", "--latency", "0") as url:
        pull = ["pull", "--url", url, "-o", str(Path(folder) / "out"), "--force", "--proof", "on", "--rate", "0", "-q"]
        own = {"--help": ["--help"], "--version": ["--version"], "pull": pull}
        ways = {name: (HERE.parent, [code]) for name, code in CODE.items()}
        ways |= {f"asyncjira {name}": (HERE.parent, [MAIN, *words]) for name, words in own.items()}
        if asked.before:
            ways |= {f"before: {name}": (asked.before, [MAIN, *words]) for name, words in own.items()}
        rounds: dict[str, list[dict[str, object]]] = {name: [] for name in ways}
        for number in range(-1, asked.rounds):
            for name, (root, words) in ways.items():
                os.environ["PYTHONPATH"] = str(root)
                done = run([sys.executable, "-P", "-c", *words])  # -P: not the package of the folder we are in
                assert done.exit_code == 0, name
                if number >= 0:
                    rounds[name].append(vars(done))
    medians = {
        name: {what: statistics.median(float(str(each[what])) for each in each_of) for what in ("seconds", "cpu")}
        for name, each_of in rounds.items()
    }
    for name, facts in medians.items():
        print(f"{name:20} {facts['seconds']:.3f} s, {facts['cpu']:.3f} s of CPU")
    load = os.getloadavg()
    keep("startup", {"asked": {"rounds": asked.rounds}, "load": load, "medians": medians, "rounds": rounds})


if __name__ == "__main__":
    main()
