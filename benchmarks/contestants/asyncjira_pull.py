"""asyncjira's command line, with its rate limit off, as the others have none.

Without a login: a server that does not name who asks would be asked, a round trip that no other contestant pays for.
"""

import sys

from asyncjira.cli import main

url, out, size, concurrency, *more = sys.argv[1:]
knobs = [
    "--url",
    url,
    "--page-size",
    size,
    "--concurrency",
    concurrency,
    "--rate",
    "0",
    "--fields",
    "*navigable",
    *more,
]
sys.argv = ["asyncjira", "pull", "project = OPS", "--fields", "*navigable", *knobs, "-o", out, "--force", "-q"]
main()
