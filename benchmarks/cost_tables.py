"""The tables about the limit and about what each part costs, out of the raw results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import RESULTS
from rounds import busy, median, ratio, where_measured

__all__ = ["compressions", "decoding", "encryption", "guarded", "limits", "peaks"]

REFERENCE, START = "reference", " of one issue"


def _read(result: Path) -> dict[str, Any]:
    return dict(json.loads(result.read_text()))


def _ending(found: dict[str, Any], script: str) -> str:
    runs = (run for each in found["rounds"].values() for run in each)
    rounds = found["asked"]["rounds"]
    return f"medians of {rounds} interleaved rounds. {where_measured(found)}; {busy(runs)}; `benchmarks/{script}.py`."


def _net(rounds: dict[str, Any], name: str) -> list[dict[str, float]]:
    """Return what each round says without what a pull of one issue takes."""
    pairs = zip(rounds[name], rounds[name + START], strict=True)
    return [{what: one[what] - start[what] for what in ("seconds", "cpu")} for one, start in pairs]


def limits(_: Path | None = None) -> str:
    """Return how far a pull is from a program that does nothing else."""
    results = sorted((_read(path) for path in RESULTS.glob("limit-*.json")), key=lambda each: _order(each["asked"]))
    plain = [found for found in results if not found["asked"]["label"]]
    others = [
        f"{asked['issues']:,} of the {asked['label']} corpus ({asked['wire']})"
        for asked in (found["asked"] for found in results)
        if asked["label"]
    ]
    lines = [
        "| wire | issues | | reference, s | asyncjira, s | times | without start-up | CPU us an issue | peak MB |",
        "| --- | --: | --- | --: | --: | --: | --: | --: | --: |",
        *(line for found in plain for line in _beside_the_limit(found)),
    ]
    asked = plain[0]["asked"]
    lines.append(
        f"\nPage {asked['page']}, {asked['concurrency']} at once, 0 ms; in parentheses the reference, a program in one "
        "thread of C that receives, inflates, splits and writes, and checks nothing. Without start-up: less a pull of "
        "one issue in the same round; so is the CPU. Every output was, byte for byte, the reference's"
        f"{', also ' * bool(others)}{', '.join(others)}. Whole processes, {_ending(plain[0], 'limit')}"
    )
    return "\n".join(lines)


def _beside_the_limit(found: dict[str, Any]) -> Iterator[str]:
    asked, rounds = found["asked"], found["rounds"]
    for name in (each for each in rounds if each != REFERENCE and not each.endswith(START)):
        ours, theirs = (_net(rounds, each) for each in (name, REFERENCE))
        micro = [1e6 * median(each, "cpu") / asked["issues"] for each in (ours, theirs)]
        seconds = [median(rounds[each], "seconds") for each in (REFERENCE, name)]
        peaks = [median(rounds[each], "peak_mb") for each in (name, REFERENCE)]
        yield (
            f"| {asked['wire']} | {asked['issues']:,} | {name.removeprefix('asyncjira').strip()} | {seconds[0]:.2f} | "
            f"{seconds[1]:.2f} | {ratio(rounds[name], rounds[REFERENCE]):.2f} | {ratio(ours, theirs):.2f} | "
            f"{micro[0]:.1f} ({micro[1]:.1f}) | {peaks[0]:.0f} ({peaks[1]:.0f}) |"
        )


def _order(asked: dict[str, Any]) -> tuple[object, ...]:
    return asked["label"], asked["issues"], asked["wire"] == "gzip"


def decoding(result: Path) -> str:
    """Return what ways of reading a page cost."""
    found = _read(result)
    lines = ["| way | us an issue | written exactly |", "| --- | --: | --- |"]
    for name, facts in found["ways"].items():
        exact = {None: "", True: "yes", False: "no"}[facts["exact"]]
        lines.append(f"| {name} | {facts['us_an_issue']:.2f} | {exact} |")
    size = f"{found['bytes_an_issue']:,.0f} bytes an issue, medians of {found['asked']['rounds']} turns"
    return "\n".join([*lines, f"\n{size}. {where_measured(found)}; {busy([found])}; `benchmarks/decode.py`."])


def peaks(result: Path) -> str:
    """Return the peak memory of pulls of different sizes."""
    found = _read(result)
    sizes = found["asked"]["sizes"]
    lines = [f"| wire | {' | '.join(f'{size:,}' for size in sizes)} | times |", f"| --- |{' --: |' * (len(sizes) + 1)}"]
    for wire, times in found["times_the_smallest"].items():
        cells = (f"{median(found['rounds'][f'{size} {wire}'], 'peak_mb'):.0f}" for size in sizes)
        lines.append(f"| {wire} | {' | '.join(cells)} | {times:.2f} |")
    return "\n".join([*lines, f"\nPeak MB by issues, {_ending(found, 'memory')}"])


def _ways(result: Path, what: str, script: str) -> Iterator[str]:
    found = _read(result)
    first, *_ = found["rounds"].values()
    more = " output MB |" if "bytes" in first[0] else ""
    yield f"| {what} | wire | seconds | CPU us an issue | times the CPU | peak MB |{more}"
    yield f"| --- | --- | --: | --: | --: | --: |{' --: |' * bool(more)}"
    for name, runs in found["rounds"].items():
        way, wire = name.split()
        micro = 1e6 * median(runs, "cpu") / found["asked"]["issues"]
        cells = f"{median(runs, 'seconds'):.2f} | {micro:.1f} | {ratio(runs, first, 'cpu'):.2f}"
        size = f" {runs[0]['bytes'] / 1e6:.1f} |" if more else ""
        yield f"| {way} | {wire} | {cells} | {median(runs, 'peak_mb'):.0f} |{size}"
    yield f"\n{found['asked']['issues']:,} issues, whole processes with their start-up, {_ending(found, script)}"


def compressions(result: Path) -> str:
    """Return what compression costs, of the output and on the wire."""
    return "\n".join(_ways(result, "output", "compression"))


def encryption(result: Path) -> str:
    """Return what TLS costs."""
    return "\n".join(_ways(result, "relay", "tls"))


def guarded(result: Path) -> str:
    """Return what one issue costs in instructions and allocations."""
    found = _read(result)
    lines = ["| count | an issue | besides |", "| --- | --: | --: |"]
    lines += [
        f"| {name} | {each['an_issue']:,.1f} | {each['besides']:,.0f} |" for name, each in found["counts"].items()
    ]
    return "\n".join([*lines, f"\nCounted by {found['asked']['counter']}. {where_measured(found)}."])
