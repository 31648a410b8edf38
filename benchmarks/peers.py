"""How long do different clients take for the same issues? Whole processes, one after another, round by round.

    python benchmarks/peers.py --latency 0.05 --concurrency 8 32 64 --rounds 5 --loops 2
    python benchmarks/peers.py --latency 0.05 --server http://127.0.0.1:8080

Without --server it starts our mock; a server of yours shall have the latency that you name. Clients that take no
concurrency run once a round, as they come; of these, those that fetch one page after another in --loops rounds only.
Every output is read: the checksum of its ids must be everybody's, that of all values says which work was equal.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import HERE, keep, mock, run
from outputs import checked
from rounds import arguments, interleaved, median, told

LOOPS = ("tutorial", "jira_client", "atlassian_client")
OTHERS = ("jira_async", "requests_threads")
THEIR_OWN = "8"  # workers of those that have some by their own measure, as in their examples
WIDE = ("aiohttp_gather", "asyncjira_unproven", "asyncjira_pull")


def command(name: str, url: str, folder: Path, page: int) -> list[str]:
    """Return what runs a contestant, whose name may end in how many requests it has in flight."""
    script, *concurrency = name.split()
    return [
        *(sys.executable, str(HERE / "contestants" / f"{script}.py"), url, str(folder / name.replace(" ", "-"))),
        *(str(page), *(concurrency or [THEIR_OWN])),
    ]


def main() -> None:
    options = arguments(__doc__, issues=10_000, latency=0.05, page=100, rounds=5, loops=2, server="", label="")
    options.add_argument("--concurrency", type=int, nargs="+", default=[8, 32, 64])
    asked = options.parse_args()
    names = [*LOOPS, *OTHERS, *(f"{name} {wide}" for wide in asked.concurrency for name in WIDE)]
    known: dict[str, dict[str, object]] = {}
    served = ("--issues", str(asked.issues), "--latency", str(asked.latency))
    with (
        tempfile.TemporaryDirectory() as name_of_folder,
        contextlib.nullcontext(asked.server) if asked.server else mock(*served) as url,
    ):
        folder = Path(name_of_folder)
        kinds = {name.split()[0]: name for name in names}  # who asks for the same pages warms them up once
        started = [subprocess.Popen(command(name, url, folder, asked.page)) for name in kinds.values()]
        codes = [each.wait() for each in started]
        assert not any(codes), "a contestant failed, see above"

        def once(name: str) -> dict[str, object]:
            done = run(command(name, url, folder, asked.page))
            assert done.exit_code == 0, f"{name}: exit code {done.exit_code}"
            facts = checked(folder / name.replace(" ", "-"), known)
            assert (facts["issues"], len({str(each["ids"]) for each in known.values()})) == (asked.issues, 1)
            return {**vars(done), **facts}

        rounds = interleaved(names, asked.rounds, once, warm=False, fewer=dict.fromkeys(LOOPS, asked.loops))
    slowest = median(rounds[LOOPS[0]], "seconds")
    for name, runs in rounds.items():
        seconds = median(runs, "seconds")
        print(f"{name:22} {seconds:7.2f} s  {slowest / seconds:5.1f} x")
    label = asked.label or f"{asked.latency * 1000:g}ms"
    keep(f"peers-{label}", {"asked": told(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
