"""Cloud as every tool reads it: requests, pages of 100 in full, one after another, as long as a page token comes."""

import json
import sys

import requests

url, out, fields = sys.argv[1:4]
session = requests.Session()
session.auth = ("ann@example.com", "token")
issues: list = []
params = {"jql": "project = OPS", "maxResults": 100, "fields": fields}
while True:
    response = session.get(f"{url}/rest/api/3/search/jql", params=params)
    response.raise_for_status()
    page = response.json()
    issues.extend(page["issues"])
    if not page.get("nextPageToken"):
        break
    params["nextPageToken"] = page["nextPageToken"]
with open(out, "w") as file:
    json.dump(issues, file)
