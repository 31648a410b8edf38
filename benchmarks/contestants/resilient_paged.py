"""jira-resilient: search_paged(), by offset, its own page size of 50."""

import json
import sys

from jira_resilient import JiraClient

url, out = sys.argv[1:3]
pages = JiraClient(url, "token").search_paged("project = OPS ORDER BY id")
issues = [issue for page in pages for issue in page.issues]
with open(out, "w") as file:
    json.dump(issues, file)
