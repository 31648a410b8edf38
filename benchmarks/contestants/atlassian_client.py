"""atlassian-python-api: jql_get_list_of_tickets(), its own page size of 50."""

import json
import sys

from atlassian import Jira

url, out = sys.argv[1:3]
jira = Jira(url=url, username="ann@example.com", password="token")
issues = jira.jql_get_list_of_tickets("project = OPS", fields="*navigable")
with open(out, "w") as file:
    json.dump(issues, file)
