"""What is left of clients that hang up? Rounds of them at examples/fastapi_stream.py; half leave in the middle.

python benchmarks/hanging_up.py --clients 50 --rounds 10

Service and clients share a process, the mock has one of its own; the example runs as it stands, at its rate.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys

import aiohttp
import uvicorn
from measure import HERE, keep, mock

FLAT_MB = 5.0  # over all rounds after the warm ones: what an allocator's mood is allowed
PATIENCE = 500  # looks of 10 ms until what hung up must be gone
WARM = 3  # rounds until everything is imported, and every buffer has been as large as it gets


class Complaints(logging.Handler):
    """Keeps what any logger says from WARNING on."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())


async def client(session: aiohttp.ClientSession, url: str, *, leaves: bool) -> int:
    async with session.get(url, params={"jql": "project = OPS"}) as response:
        lines = 0
        while chunk := await response.content.readany():
            lines += chunk.count(b"\n")
            if leaves:
                response.close()
                break
        return lines


async def one_round(url: str, clients: int, issues: int) -> None:
    unbounded = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=unbounded, timeout=aiohttp.ClientTimeout()) as session:
        lines = await asyncio.gather(*(client(session, url, leaves=number % 2 == 0) for number in range(clients)))
    assert lines[1::2] == [issues] * (clients // 2)


def left(jira: object, idle: set[asyncio.Task[None]]) -> dict[str, float]:
    with open("/proc/self/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return {
        "tasks": len(asyncio.all_tasks() - idle),
        "pulls": len(jira._pulls),  # type: ignore[attr-defined]  # what is looked for
        "descriptors": len(os.listdir("/proc/self/fd")),
        "resident_mb": round(resident, 1),
    }


async def rounds(asked: argparse.Namespace) -> list[dict[str, float]]:
    from fastapi_stream import app

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/issues"
    idle, found = asyncio.all_tasks(), []
    for number in range(asked.rounds):
        await one_round(url, asked.clients, asked.issues)
        for _ in range(PATIENCE):
            found[number:] = [left(app.state.jira, idle)]
            if not (found[-1]["tasks"] or found[-1]["pulls"]):
                break
            await asyncio.sleep(0.01)
        print(f"round {number + 1}: {found[-1]}", flush=True)
    server.should_exit = True
    await serving
    found.append(left(app.state.jira, {*asyncio.all_tasks()}))
    print(f"at the end: {found[-1]}")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--issues", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=10)
    asked = options.parse_args()
    complaints = Complaints(logging.WARNING)
    logging.getLogger().addHandler(complaints)
    sys.path.insert(0, str(HERE.parent / "examples"))
    before = len(os.listdir("/proc/self/fd"))
    with mock("--issues", str(asked.issues), "--latency", "0.02", "--token", "s3cret") as url:
        os.environ.update(JIRA_URL=url, JIRA_PAT="s3cret")
        found = asyncio.run(rounds(asked))
    resident = [each["resident_mb"] for each in found[WARM - 1 : -1]]
    facts = {"descriptors_before_and_after": (before, len(os.listdir("/proc/self/fd"))), "complaints": complaints.words}
    grew = round(resident[-1] - resident[0], 1)
    print(f"{facts}; from round {WARM} to the last: {grew:+} MB")
    keep("hanging_up", {"asked": vars(asked), "left": found, **facts, "grew_mb": grew})
    assert not complaints.words
    assert not any(each["tasks"] or each["pulls"] for each in found)
    assert grew <= FLAT_MB


if __name__ == "__main__":
    main()
