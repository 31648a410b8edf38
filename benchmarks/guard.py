"""Has a pull become more expensive? Instructions and allocations an issue, whatever machine this is. Run by hand.

    python benchmarks/guard.py            # measure, and put it on record
    python benchmarks/guard.py --check    # measure, compare with the record, and fail above +5 %

A pull of --issues and one of a tenth, without gzip, from our mock in another process; the difference is what issues
cost, the rest is start-up. Instructions are counted by valgrind (cachegrind without caches; the processor that it plays
has no SHA extensions) or by `perf`, allocations by valgrind (memcheck, every object its own malloc). Without either it
is CPU time, in units of a loop that runs beside it: far less exact.
A record holds for one version of Python and of the packages: after an upgrade measure the old code anew.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import RESULTS, environment, keep, pull, run, server
from rounds import arguments, told

MORE = 1.05  # times the record; two runs on a busy machine differed by less than a thousandth
VALGRIND = ("valgrind", "--log-file={log}")
CACHEGRIND = (*VALGRIND, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
MEMCHECK = (*VALGRIND, "--tool=memcheck", "--undef-value-errors=no", "--leak-check=no")
PERF = ("perf", "stat", "-x,", "-e", "instructions:u", "-o", "{log}", "--")
LOOP = ("-c", "for each in range(10_000_000): pass")  # about half a second

Count = Callable[[list[str], Path], float]


def counted(tool: tuple[str, ...], pattern: str, **environment: str) -> Count:
    """Return how to count with a tool that writes a log, in which `pattern` finds the number."""

    def count(command: list[str], folder: Path) -> float:
        log = folder / "log"
        done = run([word.format(log=log) for word in tool] + command, PYTHONHASHSEED="0", **environment)
        found = re.search(pattern, log.read_text())
        assert done.exit_code == 0
        assert found, f"{tool[0]} counted nothing: {log.read_text()[-200:]}"
        return int(found[1].replace(",", ""))

    return count


def cpu(command: list[str], folder: Path) -> float:
    """Return the CPU time of a command, in loops."""
    return min(run(command).cpu for _ in range(5)) / min(run([sys.executable, *LOOP]).cpu for _ in range(5))


COUNTERS: dict[str, dict[str, Count]] = {
    "valgrind": {
        "instructions": counted(CACHEGRIND, r"I\s+refs:\s+([\d,]+)"),
        "allocations": counted(MEMCHECK, r"total heap usage: ([\d,]+) allocs", PYTHONMALLOC="malloc"),
    },
    "perf": {"instructions": counted(PERF, r"(?m)^(\d+),,instructions:u")},
    "cpu": {"loops": cpu},
}


def works(counter: str) -> bool:
    """Say whether a counter can be used here: many virtual machines have no hardware counters."""
    if counter == "perf" and shutil.which("perf"):
        probe = ["perf", "stat", "-x,", "-e", "instructions:u", "true"]
        return "<not" not in subprocess.run(probe, capture_output=True, text=True, check=False).stderr
    return counter == "cpu" or bool(shutil.which(counter))


def measured(counter: str, issues: int, page: int, concurrency: int) -> dict[str, dict[str, float]]:
    """Return what one more issue costs by each count, and what is spent besides."""
    found: dict[str, dict[str, float]] = {}
    few = issues // 10
    with (
        tempfile.TemporaryDirectory() as name_of_folder,
        server("", issues, gzip=False) as many_url,
        server("", few, gzip=False) as few_url,
    ):
        folder = Path(name_of_folder)
        pulls = [pull(url, folder / "out", page, concurrency) for url in (many_url, few_url)]
        for name, count in COUNTERS[counter].items():
            all_of_them, some = (count(each, folder) for each in pulls)
            found[name] = {"an_issue": (all_of_them - some) / (issues - few)}
            found[name]["besides"] = some - found[name]["an_issue"] * few
            print(name, {which: f"{number:,.6g}" for which, number in found[name].items()}, flush=True)
    return found


def main() -> None:
    options = arguments(__doc__, issues=20_000, page=100, concurrency=4)
    options.add_argument("--counter", choices=COUNTERS, default=next(filter(works, COUNTERS)))
    options.add_argument("--check", action="store_true", help="with the options of the record")
    asked = options.parse_args()
    is_check = vars(asked).pop("check")
    record = json.loads((RESULTS / "guard.json").read_text()) if is_check else {}
    if is_check:
        vars(asked).update(record["asked"])
        there, here = ([facts["python"], facts["versions"]] for facts in (record["environment"], environment()))
        if there != here:
            print("the record is of other versions:", there, "here:", here)
    found = measured(asked.counter, asked.issues, asked.page, asked.concurrency)
    if not is_check:
        keep("guard", {"asked": told(asked), "counts": found})
        return
    times = {name: found[name]["an_issue"] / was["an_issue"] for name, was in record["counts"].items()}
    print(*(f"{name}: {each - 1:+.1%}" for name, each in times.items()))
    sys.exit(any(each > MORE for each in times.values()))


if __name__ == "__main__":
    main()
