"""Writes the README's table out of the raw results: python benchmarks/render.py"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from measure import HERE, RESULTS

README = HERE.parent / "README.md"
BEGIN, END = "<!-- peers: rendered by benchmarks/render.py -->", "<!-- /peers -->"
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


def main() -> None:
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table(RESULTS / 'peers-50ms.json')}\n{END}{after}")


if __name__ == "__main__":
    main()
