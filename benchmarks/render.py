"""Writes the tables of the documentation, and the figure, out of the raw results.

python benchmarks/render.py [--check]
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import cloud_tables
import cost_tables
import figure
import peer_tables
from measure import HERE, RESULTS
from rounds import arguments


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
    assert begin in text, f"no place for {name}"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"


DOCS = HERE.parent / "docs"
TABLES: dict[Path, dict[str, tuple[Callable[[Path], str], str]]] = {
    DOCS / "speed.md": {
        "peers": (peer_tables.times, ""),
        "limit": (cost_tables.limits, ""),
        "throughput": (peer_tables.throughput, "throughput"),
    },
    DOCS / "completeness.md": {"completeness": (completeness, "completeness")},
    DOCS / "cloud.md": {"cloud": (cloud_tables.speed, "cloud"), "cloud-cost": (cloud_tables.costs, "cloud_cost")},
    HERE / "README.md": {
        "peers-spread": (peer_tables.spreads, ""),
        "decode": (cost_tables.decoding, "decode"),
        "memory": (cost_tables.peaks, "memory"),
        "compression": (cost_tables.compressions, "compression"),
        "tls": (cost_tables.encryption, "tls"),
        "guard": (cost_tables.guarded, "guard"),
        "cloud-changes": (cloud_tables.changes, "cloud_changes"),
    },
}


def rendered() -> dict[Path, str]:
    """Return what every file should hold, by its path."""
    files = {figure.FIGURE: figure.drawn(json.loads((RESULTS / "throughput.json").read_text()))}
    for path, tables in TABLES.items():
        text = path.read_text()
        for name, (table, result) in tables.items():
            text = put(text, name, table(RESULTS / f"{result}.json"))
        files[path] = text
    return files


def main() -> None:
    options = arguments(__doc__)
    options.add_argument("--check", action="store_true", help="write nothing, and fail where something would change")
    is_check = options.parse_args().check
    changed = {path: text for path, text in rendered().items() if not path.exists() or path.read_text() != text}
    print(
        *(f"{path.relative_to(HERE.parent)} {'is not' if is_check else ':'} as rendered" for path in changed), sep="\n"
    )
    for path, text in changed.items():
        if not is_check:
            path.write_text(text)
    sys.exit(is_check and bool(changed))


if __name__ == "__main__":
    main()
