"""How fast: the tables about other clients, out of the raw results of peers.py, and the figure's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from measure import RESULTS
from rounds import busy, median, where_measured

__all__ = ["spreads", "throughput", "times"]

LABELS = {
    "tutorial": "the tutorial's loop (requests, 50 a page)",
    "jira_client": "python jira, `search_issues(maxResults=False)`",
    "atlassian_client": "atlassian-python-api, 50 a page",
    "jira_async": "python jira, `async_=True`, 8 workers",
    "requests_threads": "requests, 8 threads",
    "aiohttp_gather": "aiohttp gather + orjson, by hand",
    "asyncjira_unproven": "**asyncjira** `--proof off`",
    "asyncjira_pull": "**asyncjira**",
}
OURS, UNPROVEN, LOOP, HAND = "asyncjira_pull", "asyncjira_unproven", "tutorial", "aiohttp_gather"

Results = dict[float, dict[str, Any]]  # by latency


def _results() -> Results:
    found = (json.loads(path.read_text()) for path in RESULTS.glob("peers-*ms.json"))
    return dict(sorted((each["asked"]["latency"], each) for each in found))


def _widths(rounds: dict[str, Any], name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the runs of a contestant by its requests in flight; there is one entry where it takes none."""
    return {each.removeprefix(name).strip(): runs for each, runs in rounds.items() if each.split()[0] == name}


def _seconds(found: dict[str, Any], name: str) -> dict[str, float]:
    return {wide: median(runs, "seconds") for wide, runs in _widths(found["rounds"], name).items()}


def _times(found: dict[str, Any], name: str) -> str:
    """Return how many times faster ours is, by its requests in flight."""
    theirs, ours = _seconds(found, name), _seconds(found, OURS)
    return " / ".join(f"{theirs.get(wide, theirs.get('', 0)) / seconds:.1f}" for wide, seconds in ours.items())


def times(_: Path | None = None) -> str:
    """Return who takes how many seconds at which latency."""
    results = _results()
    columns = [f"{latency * 1000:g} ms" for latency in results]
    lines = [
        f"| client | issues | ids | values | peak MB | {' | '.join(columns)} |",
        f"| --- | --: | --- | --- | --: |{' --: |' * len(columns)}",
    ]
    for name, label in LABELS.items():
        runs = [run for found in results.values() for each in _widths(found["rounds"], name).values() for run in each]
        ((issues, ids, values),) = {(run["issues"], run["ids"], run["checksum"]) for run in runs}
        cells = (" / ".join(f"{each:.2f}" for each in _seconds(found, name).values()) for found in results.values())
        peak = max(run["peak_mb"] for run in runs)
        lines.append(f"| {label} | {issues:,} | `{ids[:8]}` | `{values[:8]}` | {peak:.0f} | {' | '.join(cells)} |")
    for name, label in ((LOOP, "the tutorial's loop takes"), (HAND, "aiohttp by hand takes")):
        cells = (f"{_times(found, name)} x" for found in results.values())
        lines.append(f"| *{label} … times as long as asyncjira* | | | | | {' | '.join(cells)} |")
    found = next(iter(results.values()))
    asked = found["asked"]
    widths = " / ".join(map(str, asked["concurrency"]))
    lines.append(
        f"\nSeconds, with {widths} requests in flight where the client can, page {asked['page']} but where another is "
        f"named, no rate limit, whole processes, medians of {asked['rounds']} interleaved rounds (who fetches one page "
        f"after another: {asked['loops']}). {where_measured(found)}, {_versions(found)}; "
        f"{busy(run for each in results.values() for runs in each['rounds'].values() for run in runs)}; "
        "`benchmarks/peers.py`."
    )
    return "\n".join([*lines, "", *_lost(results)])


def _versions(found: dict[str, Any]) -> str:
    names = ("jira", "atlassian-python-api", "requests", "aiohttp")
    return ", ".join(f"{name} {found['environment']['versions'][name]}" for name in names)


def _lost(results: Results) -> list[str]:
    """Name every cell in which somebody else is faster than a proven pull with as many requests in flight."""
    lost: dict[str, list[str]] = {}
    for latency, found in results.items():
        ours = _seconds(found, OURS)
        for name in LABELS.keys() - {OURS, UNPROVEN}:
            for wide, seconds in _seconds(found, name).items():
                beside = ours[wide] if wide else max(ours.values())
                if seconds < beside:
                    which = f"{LABELS[name]} at {latency * 1000:g} ms"
                    lost.setdefault(which, []).append(f"{beside / seconds:.2f} x" + f" with {wide}" * bool(wide))
    told = [f"{which} ({', '.join(cells)})" for which, cells in sorted(lost.items())]
    return [f"Faster than the proven pull: {'; '.join(told) or 'none of these'}."]


def spreads(_: Path | None = None) -> str:
    """Return the same with every latency and every number of requests in flight in a line of its own."""
    lines = [
        "| latency | client | in flight | seconds (min to max) | CPU seconds | peak MB |",
        "| --: | --- | --: | --: | --: | --: |",
    ]
    for latency, found in _results().items():
        for name, label in LABELS.items():
            for wide, runs in _widths(found["rounds"], name).items():
                seconds = [run["seconds"] for run in runs]
                spread = f"{median(runs, 'seconds'):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
                rest = f"{median(runs, 'cpu'):.2f} | {median(runs, 'peak_mb'):.0f}"
                lines.append(f"| {latency * 1000:g} ms | {label} | {wide} | {spread} | {rest} |")
    return "\n".join(lines)


def throughput(result: Path) -> str:
    """Return the figure, and what it shows."""
    found = json.loads(result.read_text())
    runs = (run for by_concurrency in found["rounds"].values() for each in by_concurrency.values() for run in each)
    asked = found["asked"]
    return (
        "![Issues a second by requests in flight, at several latencies](throughput.svg)\n\n"
        f"{asked['issues']:,} issues, page {asked['page']}, medians of {asked['rounds']} rounds, from the first "
        f"request to the last byte; dashed: what latency alone would allow. {where_measured(found)}; {busy(runs)}; "
        "`benchmarks/throughput.py`."
    )
