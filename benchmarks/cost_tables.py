"""The tables about the limit and about what each part costs, out of the raw results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import RESULTS
from rounds import busy, median, ratio, where_measured

__all__ = ["compressions", "decoding", "encryption", "guarded", "limits", "peaks", "throughput"]

REFERENCE, START = "reference", " of one issue"


def _read(result: Path) -> dict[str, Any]:
    return dict(json.loads(result.read_text()))


def _ending(found: dict[str, Any], script: str) -> str:
    runs = (run for each in found["rounds"].values() for run in each)
    rounds = found["asked"]["rounds"]
    return f"medians of {rounds} interleaved rounds. {where_measured(found)}; {busy(runs)}; `benchmarks/{script}.py`."


def _net(rounds: dict[str, Any], name: str, what: str) -> list[dict[str, float]]:
    """Return what each round says without what a pull of one issue takes."""
    return [{what: one[what] - start[what]} for one, start in zip(rounds[name], rounds[name + START], strict=True)]


def limits(_: Path | None = None) -> str:
    """Return how far a pull is from a program that does nothing else."""
    lines = [
        "| issues | wire | | reference, s | asyncjira, s | times | without start-up | CPU us an issue | peak MB |",
        "| --: | --- | --- | --: | --: | --: | --: | --: | --: |",
    ]
    results = sorted((_read(path) for path in RESULTS.glob("limit-*.json")), key=lambda each: _order(each["asked"]))
    for found in results:
        asked, rounds = found["asked"], found["rounds"]
        for name in (each for each in rounds if each != REFERENCE and not each.endswith(START)):
            whole, net = ratio(rounds[name], rounds[REFERENCE]), {}
            for what in ("seconds", "cpu"):
                net[what] = [_net(rounds, each, what) for each in (name, REFERENCE)]
            micro = [1e6 * median(each, "cpu") / asked["issues"] for each in net["cpu"]]
            peaks = [median(rounds[each], "peak_mb") for each in (name, REFERENCE)]
            kind = " ".join(filter(None, (asked["label"], name.removeprefix("asyncjira").strip())))
            lines.append(
                f"| {asked['issues']:,} | {asked['wire']} | {kind} | {median(rounds[REFERENCE], 'seconds'):.2f} | "
                f"{median(rounds[name], 'seconds'):.2f} | {whole:.2f} | {ratio(*net['seconds']):.2f} | "
                f"{micro[0]:.1f} ({micro[1]:.1f}) | {peaks[0]:.0f} ({peaks[1]:.0f}) |"
            )
    asked = results[0]["asked"]
    lines.append(
        f"\nPage {asked['page']}, {asked['concurrency']} at once, 0 ms; in parentheses the reference, a program in one "
        "thread of C that receives, inflates, splits and writes, and checks nothing. Without start-up: less a pull of "
        "one issue in the same round. Every output had the digest of the reference's. "
        f"{_ending(results[0], 'limit').capitalize()}"
    )
    return "\n".join(lines)


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
    return "\n".join([*lines, f"\n{size}. {where_measured(found)}; `benchmarks/decode.py`."])


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
    first = next(iter(found["rounds"]))
    yield f"| {what} | wire | seconds | CPU us an issue | times the CPU | peak MB | output MB |"
    yield "| --- | --- | --: | --: | --: | --: | --: |"
    for name, runs in found["rounds"].items():
        way, wire = name.split()
        micro = 1e6 * median(runs, "cpu") / found["asked"]["issues"]
        size = f"{runs[0]['bytes'] / 1e6:.1f}" if "bytes" in runs[0] else ""
        times, peak = ratio(runs, found["rounds"][first], "cpu"), median(runs, "peak_mb")
        yield f"| {way} | {wire} | {median(runs, 'seconds'):.2f} | {micro:.1f} | {times:.2f} | {peak:.0f} | {size} |"
    yield f"\n{found['asked']['issues']:,} issues, whole processes with their start-up, {_ending(found, script)}"


def compressions(result: Path) -> str:
    """Return what compression costs, of the output and on the wire."""
    return "\n".join(_ways(result, "output", "compression"))


def encryption(result: Path) -> str:
    """Return what TLS costs."""
    return "\n".join(line.removesuffix(" output MB |").removesuffix(" |  |") for line in _ways(result, "relay", "tls"))


def guarded(result: Path) -> str:
    """Return what one issue costs in instructions and allocations."""
    found = _read(result)
    lines = ["| count | an issue | besides |", "| --- | --: | --: |"]
    lines += [
        f"| {name} | {each['an_issue']:,.1f} | {each['besides']:,.0f} |" for name, each in found["counts"].items()
    ]
    return "\n".join([*lines, f"\nCounted by {found['asked']['counter']}. {where_measured(found)}."])


def throughput(result: Path) -> str:
    """Return the figure, and what it shows."""
    found = _read(result)
    runs = (run for by_concurrency in found["rounds"].values() for each in by_concurrency.values() for run in each)
    asked = found["asked"]
    return (
        "![Issues a second by requests in flight, at several latencies](docs/throughput.svg)\n\n"
        f"{asked['issues']:,} issues, page {asked['page']}, medians of {asked['rounds']} rounds, from the first "
        f"request to the last byte; dashed: what latency alone would allow. {where_measured(found)}; {busy(runs)}; "
        "`benchmarks/throughput.py`."
    )
