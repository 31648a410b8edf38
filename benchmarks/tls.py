"""What does TLS cost? The same pull through a plain relay and through one that speaks TLS, in turn, whole processes.

    python benchmarks/tls.py --issues 20000 --rounds 5 [--server-command "fastjira ..."]

Needs `openssl` for a certificate of its own, which the pull checks like any other. A relay in Python is no server: look
at the CPU of the pull, not at the seconds.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from measure import HERE, keep, pull, run, server, serving, sha256
from rounds import arguments, interleaved, median, told

WIRES = ("identity", "gzip")


def certificate(folder: Path) -> Path:
    """Make a key and a certificate for this machine, in one file."""
    both = folder / "certificate.pem"
    asked = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", "req", *asked, *names, "-keyout", both, "-out", both], check=True, capture_output=True)
    return both


def main() -> None:
    options = arguments(__doc__, issues=20_000, page=100, concurrency=16, rounds=5, server_command="")
    asked = options.parse_args()
    digests = set()
    with tempfile.TemporaryDirectory() as name_of_folder, contextlib.ExitStack() as servers:
        folder = Path(name_of_folder)
        trusted, out, urls = certificate(folder), folder / "out.ndjson", {}
        for wire in WIRES:
            where = urlsplit(servers.enter_context(server(asked.server_command, asked.issues, gzip=wire == "gzip")))
            for name, given in (("plain", "plain"), ("TLS", str(trusted))):
                relay = [sys.executable, str(HERE / "relay.py"), given, str(where.hostname), str(where.port)]
                urls[f"{name} {wire}"] = servers.enter_context(serving(relay))

        def once(name: str) -> dict[str, object]:
            done = run(pull(urls[name], out, asked.page, asked.concurrency, "--allow-http"), SSL_CERT_FILE=str(trusted))
            assert done.exit_code == 0
            digests.add(sha256(out))
            assert len(digests) == 1, f"{name}: other bytes than before"
            return vars(done)

        rounds = interleaved(urls, asked.rounds, once)
    for name, runs in rounds.items():
        micro = 1e6 * median(runs, "cpu") / asked.issues
        print(f"{name:14} {median(runs, 'seconds'):6.2f} s {micro:6.1f} us of CPU an issue")
    keep("tls", {"asked": told(asked), "rounds": rounds})


if __name__ == "__main__":
    main()
