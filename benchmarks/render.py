"""Writes the tables of the READMEs out of the raw results: python benchmarks/render.py"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from cloud_tables import changes, costs, speed
from measure import HERE, RESULTS

README = HERE.parent / "README.md"
LABELS = {
    "tutorial": "the tutorial's loop (requests, 50 a page)",
    "jira_client": "python jira, `search_issues(maxResults=False)`",
    "jira_async": "python jira, `async_=True`",
    "requests_threads": "requests, 8 threads",
    "aiohttp_gather": "aiohttp gather + orjson, by hand",
    "asyncjira_pull": "**asyncjira**",
}


def table(result: Path) -> str:
    found = json.loads(result.read_text())
    asked, where, rounds = found["asked"], found["environment"], found["rounds"]
    medians = {name: statistics.median(run["seconds"] for run in runs) for name, runs in rounds.items()}
    lines = [
        "| client | issues | checksum | seconds (min to max) | peak MB | times faster |",
        "| --- | --: | --- | --: | --: | --: |",
    ]
    for name, runs in rounds.items():
        seconds = [run["seconds"] for run in runs]
        peak = statistics.median(run["peak_mb"] for run in runs)
        (facts,) = {(run["issues"], run["checksum"]) for run in runs}
        spread = f"{medians[name]:.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        faster = medians["tutorial"] / medians[name]
        lines.append(f"| {LABELS[name]} | {facts[0]:,} | `{facts[1][:8]}` | {spread} | {peak:.0f} | {faster:.1f} |")
    versions = ", ".join(f"{name} {where['versions'][name]}" for name in ("jira", "requests", "aiohttp"))
    lines.append(
        f"\n{asked['issues']:,} issues, {asked['latency'] * 1000:.0f} ms latency, page {asked['page']} and "
        f"{asked['concurrency']} at once where the client can, no rate limit, whole processes, medians of "
        f"{asked['rounds']} interleaved rounds, the mock server in a process of its own. {where['date']}, "
        f"{where['machine']}, Python {where['python']}, {versions}. Raw results, and how to run them again: "
        "[benchmarks/](benchmarks/README.md)."
    )
    return "\n".join(lines)


def completeness(result: Path) -> str:
    found = json.loads(result.read_text())
    asked, where, runs = found["asked"], found["environment"], found["runs"]
    lines = [
        "| changes per request | naive: pulls that lost issues | lost, mean | ours: lost | twice | proven | requests |",
        "| --: | --: | --: | --: | --: | --: | --: |",
    ]
    for rate, naive in runs["naive"].items():
        ours, count = runs["asyncjira"][rate], len(naive)
        requests = [each["requests"] for each in ours]
        lines.append(
            f"| {rate} | {sum(each['lost'] > 0 and each['exit'] == 0 for each in naive)} of {count} | "
            f"{statistics.mean(each['lost'] for each in naive):.1f} | {sum(each['lost'] for each in ours)} | "
            f"{sum(each['twice'] for each in ours)} | {sum(each['exit'] == 0 for each in ours)} of {count} | "
            f"{statistics.mean(requests):.1f} ({max(requests)}) |"
        )
    lines.append(
        f"\n{asked['issues']:,} issues over a socket, page {asked['page']}, {asked['concurrency']} at once, while the "
        "mock creates, backdates, edits, moves, deletes and hides issues. Naive: concurrent offsets by hand, without "
        "overlap or check, which end with exit code 0 all the same "
        f"({min(each['requests'] for each in runs['naive']['0'])} requests). {where['date']}; "
        "`benchmarks/completeness.py`."
    )
    return "\n".join(lines)


def put(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name}: rendered by benchmarks/render.py -->", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    text = put(README.read_text(), "peers", table(RESULTS / "peers-50ms.json"))
    text = put(text, "completeness", completeness(RESULTS / "completeness.json"))
    text = put(text, "cloud", speed(RESULTS / "cloud.json"))
    README.write_text(put(text, "cloud-cost", costs(RESULTS / "cloud_cost.json")))
    beside = HERE / "README.md"
    beside.write_text(put(beside.read_text(), "cloud-changes", changes(RESULTS / "cloud_changes.json")))


if __name__ == "__main__":
    main()
