"""python jira on Cloud: enhanced_search_issues(maxResults=False), its own page size of 100."""

import json
import sys

from jira import JIRA

url, out, fields = sys.argv[1:4]
jira = JIRA(server=url, basic_auth=("ann@example.com", "token"))
issues = jira.enhanced_search_issues("project = OPS", maxResults=False, fields=fields)
with open(out, "w") as file:
    json.dump([issue.raw for issue in issues], file)
