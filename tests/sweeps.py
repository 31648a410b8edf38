"""Pulls that are cancelled after so many turns of the loop, and processes that get a signal at any time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from asyncjira import Jira, Limits
from asyncjira.mock import MockJira

from .conftest import SWIFT, sockets_to

_PATIENCE = 5.0  # seconds that a signal may take


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def cancelled_after(turns: int, mock: MockJira, path: Path) -> tuple[bool, list[str]]:
    """Cancel a pull into a file after so many turns; return whether it had ended before, and what is left of it."""
    before, opened = asyncio.all_tasks(), descriptors()

    async def pull() -> None:
        async with Jira(mock.url, limits=Limits(rate=0, concurrency=4), retry=SWIFT) as jira:
            await jira.pull_to(path, page_size=10, resume=True)

    task = asyncio.create_task(pull())
    for _ in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    ended = task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    left = [f"task {each.get_name()}" for each in asyncio.all_tasks() - before]
    left += ["a socket"] * sockets_to(urlsplit(mock.url).port or 0)
    for _ in range(100):  # the mock's own ends of the connections, in its thread, are descriptors of this process, too
        if descriptors() <= opened:
            break
        await asyncio.sleep(0.01)
    left += ["a descriptor"] * (descriptors() - opened)
    if not ended and not (task.cancelled() or path.exists()):
        left.append(f"{task.exception()!r} in place of the cancellation")
    return ended, left


async def cancelled_everywhere(folder: Path, *, issues: int = 60, stride: int = 1, flavor: str = "dc") -> list[str]:
    """Cancel a pull after each number of turns, `stride` apart, and go on with the last one; return what was wrong."""
    wrong: list[str] = []
    with MockJira(issues=issues, flavor=flavor) as mock:
        turns, ended = 0, False
        while not ended:
            path = folder / f"{flavor}{turns}.ndjson"
            ended, left = await cancelled_after(turns, mock, path)
            wrong += [f"after {turns} turns: {what}" for what in left]
            async with Jira(mock.url, limits=Limits(rate=0), retry=SWIFT) as jira:
                await jira.pull_to(path, page_size=10, resume=True, force=True)
            if path.read_bytes().splitlines() != list(mock.expected("*all")):
                wrong.append(f"after {turns} turns: another result")
            turns += stride
    return wrong


def signalled(folder: Path, flavor: str, dice: Random) -> list[str]:
    """Send a signal to a pull, first in its middle, then at any time, until one is done; return what was wrong."""
    wrong: list[str] = []
    path = folder / "out.ndjson.gz"
    with MockJira(issues=1200, latency=0.02, flavor=flavor) as mock:
        command = [sys.executable, "-m", "asyncjira", "pull", "--url", mock.url, "--resume", "-o", str(path)]
        command += ["--page-size", "20", "--rate", "0", "--concurrency", "2"]
        is_first = True
        while not path.exists():
            asked = len(mock.wire)
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
            while is_first and len(mock.wire) < asked + 10:
                time.sleep(0.005)
            if not is_first:
                time.sleep(dice.uniform(0, 2))
            number = dice.choice([signal.SIGINT, signal.SIGTERM])
            process.send_signal(number)
            begun = time.monotonic()
            said = process.communicate()[1]
            if time.monotonic() - begun > _PATIENCE:
                wrong.append(f"{number.name} took too long")
            is_early = process.returncode == -number and (not said or "KeyboardInterrupt" in said)  # still importing
            if process.returncode not in (128 + number, *(() if is_first else (0,))) and not is_early:
                wrong.append(f"{number.name} ended with {process.returncode}")
            if "Traceback" in said and not is_early:
                wrong.append(f"{number.name}: {said}")
            is_first = False
    return wrong
