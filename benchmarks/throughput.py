"""How many issues a second come at which latency, and with how many requests in flight? Whole pulls, in turn.

    python benchmarks/throughput.py --issues 10000 --latencies 0.02 0.05 0.1 0.2 --rounds 5 [--server-command "..."]

What counts is the pull by its own clock, from its first request to its last byte: the start of Python is another
question, and would bend every line the more the shorter the pull. A server of yours by the command that limit.py
describes.
"""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path

from measure import keep, pull, run, server
from rounds import arguments, interleaved, median, told


def pulled_in(out: Path) -> float:
    """Return the seconds that a pull took by what its manifest says."""
    facts = json.loads(Path(f"{out}.manifest.json").read_bytes())
    began, ended = (datetime.fromisoformat(facts[moment]) for moment in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def main() -> None:
    options = arguments(__doc__, issues=10_000, page=100, rounds=5, server_command="")
    options.add_argument("--latencies", type=float, nargs="+", default=[0.02, 0.05, 0.1, 0.2])
    options.add_argument("--concurrency", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    asked = options.parse_args()
    rounds = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.ndjson"
        for latency in asked.latencies:
            with server(asked.server_command, asked.issues, latency=latency) as url:

                def once(wide: str, url: str = url) -> dict[str, object]:
                    done = run(pull(url, out, asked.page, int(wide)))
                    with out.open("rb") as lines:
                        assert (done.exit_code, sum(1 for _ in lines)) == (0, asked.issues)
                    return {**vars(done), "pulled_in": pulled_in(out)}

                once(str(max(asked.concurrency)))  # warms the server's pages up
                names = [str(wide) for wide in asked.concurrency]
                rounds[f"{latency:g}"] = interleaved(names, asked.rounds, once, warm=False)
    for latency_text, by_concurrency in rounds.items():
        told_of = (f"{wide}: {asked.issues / median(runs, 'pulled_in'):,.0f}" for wide, runs in by_concurrency.items())
        print(f"{latency_text} s, issues a second by requests in flight:", *told_of)
    keep("throughput", {"asked": told(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
