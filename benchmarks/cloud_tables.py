"""The tables about Jira Cloud in the documentation, out of the raw results."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

__all__ = ["changes", "costs", "speed"]

CLIENTS = {
    "loop": "the loop over page tokens (requests, 100 a page)",
    "loop_aiohttp": "the same with aiohttp + orjson",
    "loop_jira": "python jira, `enhanced_search_issues(maxResults=False)`",
    "pull": "**asyncjira**",
    "pull_ranges": "**asyncjira** `--strategy ranges`",
    "loop_narrow": "the loop, four fields",
    "pull_narrow": "**asyncjira** `--fields summary,status`",
}
BESIDE = {"pull_narrow": "loop_narrow", "loop_narrow": "loop_narrow"}  # the loop of the same fields
WAYS = {"loop": "the loop", "ids": "`--strategy ids`", "ranges": "`--strategy ranges`"}
PULLS = {
    "loop": "the loop",
    "ids": "`--strategy ids`",
    "ranges": "`--strategy ranges`",
    "issue-errors:2@1-": "ids, 2% fail once",
    "omit:2@1-": "ids, 2% left out once",
    "issue-errors-always:2@1-": "ids, 2% fail always",
    "omit-always:2@1-": "ids, 2% left out always",
    "loop offset": "the loop, no cursor",
    "ids offset": "ids, no cursor",
    "ranges offset": "ranges, no cursor",
    "verified offset": "ids, no cursor, `--verify ids`",
}


def _median(runs: list[dict[str, Any]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def speed(result: Path) -> str:
    """Return who takes how long, and the pull beside the least time that it could take."""
    found = json.loads(result.read_text())
    asked, where, rounds, ideal = found["asked"], found["environment"], found["rounds"], found["ideal"]
    lines = [
        "| client | issues | checksum | seconds (min to max) | peak MB | times faster |",
        "| --- | --: | --- | --: | --: | --: |",
    ]
    for name, label in CLIENTS.items():
        runs = rounds[name]
        seconds = [run["seconds"] for run in runs]
        (facts,) = {(run["issues"], run["checksum"]) for run in runs}
        spread = f"{_median(runs, 'seconds'):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        faster = _median(rounds[BESIDE.get(name, "loop")], "seconds") / _median(runs, "seconds")
        peak = _median(runs, "peak_mb")
        lines.append(f"| {label} | {facts[0]:,} | `{facts[1][:8]}` | {spread} | {peak:.0f} | {faster:.1f} |")
    loads = [run["load"] for runs in rounds.values() for run in runs]
    busy = f"load average {min(loads):.1f} to {max(loads):.1f}" + (f", nice {found['nice']}" if found["nice"] else "")
    first = [f"{_median(rounds[f'library_{way}'], 'first_share'):.0%}" for way in ("ids", "ranges")]
    told, whole = (_median(rounds["pull_cloud"], name) / ideal for name in ("pulled_in", "seconds"))
    auto = _median(rounds["pull"], "pulled_in") / ideal
    ranges = _median(rounds["pull_ranges"], "pulled_in") / ideal
    lines.append(
        f"\n{asked['issues']:,} issues, {asked['latency'] * 1000:.0f} ms latency, 100 a page or batch, "
        f"{asked['concurrency']} at once where the client can, no rate limit, whole processes, medians of "
        f"{asked['rounds']} interleaved rounds (the loops: {asked['loops']}); {busy}. The first issue is there after "
        f"{first[0]} of the pull, with ranges {first[1]}. Beside the ideal, latency x (1 + ceil(batches / concurrency))"
        f" = {ideal:.1f} s, the pull takes {told:.2f} x, {auto:.2f} x where it has to find out that it is Cloud, and "
        f"{ranges:.2f} x with ranges; with the start of Python and of the program {whole:.2f} x. {where['date']}, "
        f"{where['machine']}, Python {where['python']}; `benchmarks/cloud.py`."
    )
    return "\n".join(lines)


def costs(result: Path) -> str:
    """Return what each way spends."""
    found = json.loads(result.read_text())
    lines = [
        "| way | issues | checksum | requests | points | peak MB, 100,000 issues |",
        "| --- | --: | --- | --: | --: | --: |",
    ]
    for way, label in WAYS.items():
        facts = found["points"][way]
        peaks = [max(each) for name, each in found["peak_mb"].items() if name.startswith(f"{way} 100000 ")]
        lines.append(
            f"| {label} | {facts['issues']:,} | `{facts['checksum'][:8]}` | {facts['requests']} | "
            f"{facts['points']:,} | {f'{max(peaks):.0f}' if peaks else ''} |"
        )
    lines.append(
        "\nPoints as the mock counts them: one for each request, and one for each issue that it returns, ids included. "
        f"The peak is the highest of all runs, from a server that answers at once or in 100 ms. "
        f"{found['environment']['date']}; `benchmarks/cloud_cost.py`."
    )
    return "\n".join(lines)


def changes(result: Path) -> str:
    """Return what was lost of a Jira that changes or fails at issues."""
    found = json.loads(result.read_text())
    asked, where = found["asked"], found["environment"]
    lines = [
        "| pull | changes per request | lost in silence | lost, not named | twice | stale | proven | requests |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, label in PULLS.items():
        for rate, runs in found["runs"][name].items():
            if "@" in name and rate == "0":  # faults: what changes besides makes it harder, and nothing easier
                continue
            count, proven = len(runs), sum(run["guarantee"] == "proven" for run in runs)
            silent = sum(bool(run["unnamed"]) and run["exit"] == 0 for run in runs)
            unnamed, twice, stale = (sum(run[what] for run in runs) for what in ("unnamed", "twice", "stale"))
            is_ours = not name.startswith("loop")
            requests = [run["requests"] for run in runs]
            lines.append(
                f"| {label} | {rate} | {silent} of {count} | {unnamed} | {twice} | {stale if is_ours else ''} | "
                f"{f'{proven} of {count}' if is_ours else ''} | {statistics.mean(requests):.1f} ({max(requests)}) |"
            )
    lines.append(
        f"\n{asked['issues']:,} issues over a socket, {asked['concurrency']} at once, ids listed 500 a page, while "
        "the mock creates, backdates, edits, moves, deletes and hides issues. No cursor: its page tokens count rows "
        "instead of going on behind the last one, which the proof takes on trust that they do not. Where 2% always "
        f"fail or are left out, the pull ends with exit code 3 and names them. {where['date']}; "
        "`benchmarks/cloud_changes.py`."
    )
    return "\n".join(lines)
