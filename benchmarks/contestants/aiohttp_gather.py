"""aiohttp and orjson as one would write them by hand: every offset at once, behind a semaphore, no retry, no check."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import orjson

url, out, size, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


async def main() -> bytes:
    slots = asyncio.Semaphore(concurrency)
    headers = {"Authorization": aiohttp.encode_basic_auth("ann@example.com", "token")}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:

        async def page(start: int) -> dict:
            params = {"jql": "project = OPS", "startAt": start, "maxResults": size}
            async with slots, session.get(f"{url}/rest/api/2/search", params=params) as response:
                return orjson.loads(await response.read())

        first = await page(0)
        rest = await asyncio.gather(*(page(start) for start in range(size, first["total"], size)))
    return orjson.dumps([issue for each in (first, *rest) for issue in each["issues"]])


Path(out).write_bytes(asyncio.run(main()))
