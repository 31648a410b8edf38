"""python jira with async_=True, which asks through requests-futures: as many workers as the others have requests."""

import json
import sys

from jira import JIRA

url, out, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[4])
jira = JIRA(server=url, basic_auth=("ann@example.com", "token"), async_=True, async_workers=concurrency)
issues = jira.search_issues("project = OPS", maxResults=False, fields="*navigable")
with open(out, "w") as file:
    json.dump([issue.raw for issue in issues], file)
