"""Does memory depend on how much is pulled? Peak resident megabytes of whole pulls of different sizes, in turn.

    python benchmarks/memory.py --sizes 10000 100000 --rounds 3
    python benchmarks/memory.py --sizes 10000 100000 1000000 --rounds 3 --server-command "fastjira ..."

A server of yours by the command that limit.py describes: our mock takes minutes to make up a million issues.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import keep, pull, run, server
from rounds import arguments, interleaved, median, told

WIRES = ("identity", "gzip")
FLAT = 1.1  # times the smallest pull: what an allocator's mood is allowed


def main() -> None:
    options = arguments(__doc__, rounds=3, page=100, concurrency=16, server_command="")
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.ndjson"

        def once(name: str) -> dict[str, object]:
            size, wire = name.split()
            with server(asked.server_command, int(size), gzip=wire == "gzip") as url:
                done = run(pull(url, out, asked.page, asked.concurrency))
            with out.open("rb") as lines:
                assert (done.exit_code, sum(1 for _ in lines)) == (0, int(size))
            return vars(done)

        names = [f"{size} {wire}" for wire in WIRES for size in sorted(asked.sizes)]
        rounds = interleaved(names, asked.rounds, once, warm=False)
    flat = {}
    for wire in WIRES:
        peaks = [median(runs, "peak_mb") for name, runs in rounds.items() if name.endswith(wire)]
        flat[wire] = max(peaks) / peaks[0]
        print(f"{wire}: {peaks} MB, {'flat' if flat[wire] <= FLAT else 'NOT flat'}: x {flat[wire]:.2f}")
    keep("memory", {"asked": told(asked), "rounds": rounds, "times_the_smallest": flat})


if __name__ == "__main__":
    main()
