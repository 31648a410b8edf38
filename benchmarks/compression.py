"""What does compression cost: of the output, and on the wire? Every suffix with both wires, in turn, whole processes.

    python benchmarks/compression.py --issues 50000 --rounds 5 [--server-command "fastjira ..."]

A server of yours by the command that limit.py describes. Outputs are unpacked and compared byte for byte.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from measure import keep, pull, run, server
from rounds import arguments, interleaved, median, told

from asyncjira.out.compression import unpacked

SUFFIXES = {"plain": "", ".gz": "gz", ".zst": "zst"}


def content(out: Path, compression: str) -> str:
    """Return the digest of what an output holds when it is unpacked."""
    with out.open("rb") as file, unpacked(compression, file) as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()  # type: ignore[arg-type]


def main() -> None:
    options = arguments(__doc__, issues=50_000, latency=0.0, page=100, concurrency=16, rounds=5, server_command="")
    asked = options.parse_args()
    seen: set[str] = set()
    with (
        tempfile.TemporaryDirectory() as folder,
        server(asked.server_command, asked.issues, latency=asked.latency, gzip=False) as plain,
        server(asked.server_command, asked.issues, latency=asked.latency, gzip=True) as gzip,
    ):
        urls = {"identity": plain, "gzip": gzip}

        def once(name: str) -> dict[str, object]:
            suffix, wire = name.split()
            out = Path(folder) / f"out.ndjson{suffix.removeprefix('plain')}"
            done = run(pull(urls[wire], out, asked.page, asked.concurrency))
            assert done.exit_code == 0
            seen.add(content(out, SUFFIXES[suffix]))
            assert len(seen) == 1, f"{name}: other bytes than before"
            return {**vars(done), "bytes": out.stat().st_size}

        rounds = interleaved([f"{suffix} {wire}" for wire in urls for suffix in SUFFIXES], asked.rounds, once)
    for name, runs in rounds.items():
        micro = 1e6 * median(runs, "cpu") / asked.issues
        print(f"{name:16} {median(runs, 'seconds'):6.2f} s {micro:6.1f} us of CPU an issue")
    keep("compression", {"asked": told(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
