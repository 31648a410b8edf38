"""asyncjira's command line, with its rate limit off, as the others have none."""

import os
import sys

from asyncjira.cli import main

url, out, size, concurrency, *more = sys.argv[1:]
os.environ |= {"JIRA_URL": url, "JIRA_EMAIL": "ann@example.com", "JIRA_API_TOKEN": "token"}
knobs = ["--page-size", size, "--concurrency", concurrency, "--rate", "0", "--fields", "*navigable", *more]
sys.exit(main(["pull", "project = OPS", *knobs, "-o", out, "--force", "-q"]))
