"""requests in a pool of 8 threads with one session each, every offset after the first page's total."""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import requests

url, out, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
local = threading.local()


def page(start: int) -> dict:
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.auth = ("ann@example.com", "token")
    params = {"jql": "project = OPS", "startAt": start, "maxResults": size}
    response = local.session.get(f"{url}/rest/api/2/search", params=params)
    response.raise_for_status()
    return response.json()


first = page(0)
with ThreadPoolExecutor(8) as pool:
    rest = list(pool.map(page, range(size, first["total"], size)))
with open(out, "w") as file:
    json.dump([issue for each in (first, *rest) for issue in each["issues"]], file)
