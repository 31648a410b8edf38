"""The same loop with aiohttp and orjson: a page token comes with the page before, so there is nothing to gather."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import orjson

url, out, fields = sys.argv[1:4]


async def main() -> bytes:
    issues: list = []
    params = {"jql": "project = OPS", "maxResults": 100, "fields": fields}
    headers = {"Authorization": aiohttp.encode_basic_auth("ann@example.com", "token")}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        while True:
            async with session.get(f"{url}/rest/api/3/search/jql", params=params) as response:
                page = orjson.loads(await response.read())
            issues.extend(page["issues"])
            if not page.get("nextPageToken"):
                return orjson.dumps(issues)
            params["nextPageToken"] = page["nextPageToken"]


Path(out).write_bytes(asyncio.run(main()))
