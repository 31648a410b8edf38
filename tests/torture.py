"""Do outputs survive anything? Longer sweeps than the suite has time for.

    python tests/torture.py power [RUNS]      pulls that lose their power at random moments (1,000)
    python tests/torture.py kills [KILLS]     processes that are killed, against a changing mock (200)
    python tests/torture.py steps             pulls that are cancelled after each number of turns of the loop
    python tests/torture.py signals [RUNS]    processes that get SIGINT or SIGTERM at any time (20)

Exits with 1 where anything is wrong with an output in the end.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from random import Random

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from asyncjira.out import commits  # noqa: E402 - from this folder's parent, wherever the script is started
from asyncjira.out.shape import Shape  # noqa: E402
from tests.kills import MOCKS, NAMES, killed_until_done  # noqa: E402
from tests.resumed import UNPACK, changing, until_done, wrong  # noqa: E402
from tests.sweeps import cancelled_everywhere, signalled  # noqa: E402

SHAPES = [Shape(form, compression) for form in ("ndjson", "json") for compression in UNPACK]


async def power(runs: int) -> int:
    """Return how many of so many outputs were wrong."""
    commits._BLOCK, commits._COMMIT = 200, 1500
    losses = bad = 0
    for seed in range(runs):
        dice, shape = Random(f"torture {seed}"), SHAPES[seed % len(SHAPES)]
        with tempfile.TemporaryDirectory() as folder:
            jira = changing(dice)
            losses += await until_done(jira, Path(folder), shape, dice)
            if found := wrong(jira, Path(folder), shape):
                bad += 1
                print(f"seed {seed}, {shape}: {found}", flush=True)
    print(f"{runs} pulls, {losses} losses of power: {bad} wrong")
    return bad


def kills(wanted: int) -> int:
    """Return how many outputs were wrong after so many kills in all."""
    made = resumed = pages = bad = runs = 0
    for seed in count():
        flavor, name = MOCKS[seed % 2], NAMES[seed // 2 % len(NAMES)]
        with tempfile.TemporaryDirectory() as folder:
            found = killed_until_done(Path(folder), flavor, name, Random(seed))
        runs, made, resumed, pages = runs + 1, made + found.kills, resumed + found.resumed, pages + found.pages
        bad += bool(found.wrong)
        print(f"{flavor} {name}: {found}", flush=True)
        if made >= wanted:
            break
    print(f"{runs} pulls, {made} kills, {resumed} times gone on, {pages} requests: {bad} wrong")
    return bad


def steps() -> int:
    """Return how much was left behind, or wrong in the end."""
    bad = 0
    for flavor in MOCKS:
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(cancelled_everywhere(Path(folder), flavor=flavor))
            print(f"{flavor}: {len([*Path(folder).glob('*.ndjson')])} cancellations, {found or 'nothing left'}")
        bad += len(found)
    return bad


def signals(runs: int) -> int:
    """Return how much was wrong."""
    bad = 0
    for seed in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            found = signalled(Path(folder), MOCKS[seed % 2], Random(seed))
        bad += len(found)
        print(f"{MOCKS[seed % 2]}: {found or 'right'}", flush=True)
    return bad


SWEEPS = {
    "power": lambda number: asyncio.run(power(int(number or 1000))),
    "kills": lambda number: kills(int(number or 200)),
    "steps": lambda _: steps(),
    "signals": lambda number: signals(int(number or 20)),
}


def main(what: str = "power", number: str = "") -> int:
    """Run one of the sweeps, and return the exit code."""
    begun = time.monotonic()
    bad = SWEEPS[what](number)
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
