"""The loop that every tutorial shows: requests, 50 a page, one page after another, everything in a list, indent=4."""

import json
import sys

import requests

url, out = sys.argv[1:3]
tickets: list = []
while True:
    response = requests.get(
        f"{url}/rest/api/3/search",
        headers={"Accept": "application/json"},
        params={"jql": "project = OPS", "startAt": len(tickets), "maxResults": 50},
        auth=("ann@example.com", "token"),
    )
    response.raise_for_status()
    page = response.json()
    tickets.extend(page["issues"])
    if len(tickets) >= page["total"]:
        break
with open(out, "w") as file:
    json.dump(tickets, file, indent=4)
