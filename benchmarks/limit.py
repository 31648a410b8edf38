"""How far is a pull from what this machine allows? Beside a program that does nothing else, in turn, whole processes.

    python benchmarks/limit.py --issues 100000 --rounds 5 --wire gzip \\
        --server-command "fastjira --issues {issues} --gzip {gzip}" \\
        --reference-command "fetch {port} {issues} {page} {concurrency} {wire} {out}"

Both programs are yours, best in a language without a runtime. What stands in braces is filled in:

* the server serves {issues} issues that never change, by Data Center's offset search, in gzip of level {gzip} to who
  asks for it (0: never), {latency_ms} late, says `listening on URL` in its first line, and lives until SIGTERM;
* the reference fetches all pages of {page} issues from {url} ({port}), {concurrency} at once, in {wire} (gzip or
  identity), and writes the issues to {out} byte for byte, in the order of their offsets, one a line.

The digest of its output is what ours is held against in every run. A pull of one issue, in the same rounds, tells what
start-up costs. --label names a corpus, for a server of an awkward one. TMPDIR says where outputs go: ours are made
durable, those of the reference need not be.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from measure import filled, keep, pull, run, server, sha256
from rounds import arguments, interleaved, median, ratio, told

CONTESTANTS = {"asyncjira": [], "asyncjira --proof off": ["--proof", "off"]}
REFERENCE, START = "reference", " of one issue"


def main() -> None:
    options = arguments(__doc__, issues=100_000, page=100, concurrency=4, rounds=5, label="")
    options.add_argument("--wire", choices=["identity", "gzip"], default="identity")
    options.add_argument("--server-command", required=True)
    options.add_argument("--reference-command", required=True)
    asked = options.parse_args()
    is_gzip, digests = asked.wire == "gzip", {}
    with (
        tempfile.TemporaryDirectory() as folder,
        server(asked.server_command, asked.issues, gzip=is_gzip) as all_of_them,
        server(asked.server_command, 1, gzip=is_gzip) as only_one,
    ):
        out = Path(folder) / "out.ndjson"

        def command(name: str, url: str, issues: int) -> list[str]:
            if name == REFERENCE:
                facts = {"url": url, "port": urlsplit(url).port, "issues": issues, "wire": asked.wire, "out": out}
                return filled(asked.reference_command, page=asked.page, concurrency=asked.concurrency, **facts)
            return pull(url, out, asked.page, asked.concurrency, *CONTESTANTS[name])

        def once(turn: str) -> dict[str, object]:
            name, is_start = turn.removesuffix(START), turn.endswith(START)
            url, issues = (only_one, 1) if is_start else (all_of_them, asked.issues)
            out.unlink(missing_ok=True)
            done = run(command(name, url, issues))
            assert done.exit_code == 0, f"{turn}: exit code {done.exit_code}"
            digest = sha256(out)
            assert digests.setdefault(issues, digest) == digest, f"{turn}: not the bytes of the reference"
            return {**vars(done), "sha256": digest}

        names = (REFERENCE, *CONTESTANTS)
        rounds = interleaved([turn for name in names for turn in (name, name + START)], asked.rounds, once)
    for name in CONTESTANTS:
        times = ratio(rounds[name], rounds[REFERENCE])
        micro = [1e6 * median(rounds[each], "cpu") / asked.issues for each in (name, REFERENCE)]
        print(f"{name}: {times:.2f} x the time, {micro[0]:.2f} us of CPU an issue beside {micro[1]:.2f}")
    name = "-".join(filter(None, ("limit", asked.label, str(asked.issues), asked.wire)))
    keep(name, {"asked": told(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
