"""Draws docs/throughput.svg out of the raw results of throughput.py: python benchmarks/figure.py

Both axes are logarithmic, so what doubles with the requests in flight is a straight line. Dashed is what latency alone
would allow. Colours, and the greys of words and grid, are of middle lightness: they can be read on white and on black.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil, log
from pathlib import Path
from typing import Any

from measure import HERE, RESULTS
from rounds import arguments, median

__all__ = ["FIGURE", "drawn"]

FIGURE = HERE.parent / "docs" / "throughput.svg"
COLOURS = ("#9a6ee8", "#1f83d4", "#1a9e6a", "#cf7a10", "#d6456b")
WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 84, 76, 16, 48
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#57606a}.grid{stroke:#8c959f;stroke-opacity:.3}"
    "polyline{fill:none;stroke-width:2}.ideal{stroke-width:1;stroke-dasharray:4 4;stroke-opacity:.8}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}}"
)
TICKS = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)

Scale = Callable[[float], float]
Points = list[tuple[float, float]]


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Return where on a logarithmic axis a value stands."""
    return lambda value: round(start + (end - start) * log(value / low) / log(high / low), 1)


def drawn(found: dict[str, Any]) -> str:
    """Return the figure of a result."""
    asked, rounds = found["asked"], found["rounds"]
    lines: dict[str, tuple[Points, Points]] = {}
    for latency, by_concurrency in rounds.items():
        measured, ideal = lines[latency] = [], []
        for wide, runs in by_concurrency.items():
            least = float(latency) * (1 + ceil((ceil(asked["issues"] / asked["page"]) - 1) / int(wide)))
            measured.append((int(wide), asked["issues"] / median(runs, "pulled_in")))
            ideal.append((int(wide), asked["issues"] / least))
    all_of_them = [point for both in lines.values() for points in both for point in points]
    low, high = min(y for _, y in all_of_them), max(y for _, y in all_of_them)
    x = scale(min(asked["concurrency"]), max(asked["concurrency"]), LEFT, WIDE - RIGHT)
    y = scale(low, high, HIGH - BOTTOM, TOP)
    what = (
        f"Issues a second by requests in flight at {', '.join(f'{float(each) * 1000:g}' for each in lines)} ms latency"
    )
    inside = [*grid(asked["concurrency"], [tick for tick in TICKS if low <= tick <= high], x, y), *curves(lines, x, y)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{what}">',
            *(f"<title>{what}</title>", f"<style>{STYLE}</style>", *inside, "</svg>\n"),
        ]
    )


def grid(concurrency: list[int], ticks: list[int], x: Scale, y: Scale) -> Iterator[str]:
    """Return the axes: words and thin lines."""
    for tick in ticks:
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(tick)}" y2="{y(tick)}"/>'
        yield f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,}</text>'
    for wide in concurrency:
        yield f'<line class="grid" x1="{x(wide)}" x2="{x(wide)}" y1="{TOP}" y2="{HIGH - BOTTOM}"/>'
        yield f'<text x="{x(wide)}" y="{HIGH - BOTTOM + 18}" text-anchor="middle">{wide}</text>'
    yield f'<text x="{(LEFT + WIDE - RIGHT) / 2:g}" y="{HIGH - 8}" text-anchor="middle">requests in flight</text>'
    yield f'<text x="{-HIGH / 2:g}" y="12" text-anchor="middle" transform="rotate(-90)">issues a second</text>'


def curves(lines: dict[str, tuple[Points, Points]], x: Scale, y: Scale) -> Iterator[str]:
    """Return a curve for each latency, what was ideal beside it, and its name at its end."""
    ends: list[tuple[float, str, str]] = []
    for number, (latency, (measured, ideal)) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        for kind, points in (' class="ideal"', ideal), ("", measured):
            at = " ".join(f"{x(wide)},{y(rate)}" for wide, rate in points)
            yield f'<polyline{kind} stroke="{colour}" points="{at}"/>'
        ends.append((y(measured[-1][1]) + 4, colour, f"{float(latency) * 1000:g} ms"))
    free = float("-inf")  # where the next name may stand, from the top on
    for end, colour, name in sorted(ends):
        yield f'<text x="{WIDE - RIGHT + 8}" y="{max(end, free):.1f}" style="fill:{colour}">{name}</text>'
        free = max(end, free) + 15


def main() -> None:
    arguments(__doc__).parse_args()
    Path(FIGURE).write_text(drawn(json.loads((RESULTS / "throughput.json").read_text())))


if __name__ == "__main__":
    main()
