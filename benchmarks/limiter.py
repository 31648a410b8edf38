"""Does the server see more than the rate? The most requests in any one-second window of its own log.

python benchmarks/limiter.py --rate 20 --concurrency 50 --issues 4000
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import keep, mock, run


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=20)
    options.add_argument("--concurrency", type=int, default=50)
    options.add_argument("--issues", type=int, default=4000)
    options.add_argument("--page", type=int, default=20)
    options.add_argument("--fault", default="500@5%")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, out = Path(folder) / "log", Path(folder) / "out"
        with mock("--issues", str(asked.issues), "--fault", asked.fault, "--log", str(log)) as url:
            knobs = ["--rate", str(asked.rate), "--concurrency", str(asked.concurrency), "--page-size", str(asked.page)]
            done = run([sys.executable, "-m", "asyncjira", "pull", "--url", url, "-o", str(out), *knobs])
        assert done.exit_code == 0
        with out.open("rb") as lines:
            assert sum(1 for _ in lines) == asked.issues
        times = sorted(json.loads(line)["t"] for line in log.read_text().splitlines())
    most = max(sum(start <= time < start + 1 for time in times) for start in times)
    facts = {"requests": len(times), "seconds": times[-1] - times[0], "most_in_one_second": most}
    print(facts)
    keep("limiter", {"asked": vars(asked), **facts})


if __name__ == "__main__":
    main()
