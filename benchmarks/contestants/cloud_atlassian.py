"""atlassian-python-api on Cloud: enhanced_jql_get_list_of_tickets(), its own page size of 50."""

import json
import sys

from atlassian import Jira

url, out, fields = sys.argv[1:4]
jira = Jira(url=url, username="ann@example.com", password="token", cloud=True)
issues = jira.enhanced_jql_get_list_of_tickets("project = OPS", fields=fields)
with open(out, "w") as file:
    json.dump(issues, file)
