"""python jira: search_issues(maxResults=False), its own page size of 100."""

import json
import sys

from jira import JIRA

url, out = sys.argv[1:3]
jira = JIRA(server=url, basic_auth=("ann@example.com", "token"))
issues = jira.search_issues("project = OPS", maxResults=False, fields="*navigable")
with open(out, "w") as file:
    json.dump([issue.raw for issue in issues], file)
