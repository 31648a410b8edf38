"""asyncjira's library: `pages()` into a file, and beside it when the first issue was there, and when the last was."""

import asyncio
import json
import sys
import time
from pathlib import Path

import asyncjira

url, out, way = sys.argv[1:4]


async def main() -> list[float]:
    auth, limits = asyncjira.BasicAuth("ann@example.com", "token"), asyncjira.Limits(concurrency=16, rate=0)
    async with asyncjira.Jira(url, auth=auth, limits=limits) as jira:
        began, moments = time.perf_counter(), []
        async with jira.pull("project = OPS", strategy=way) as pull:
            with open(out, "wb") as file:  # noqa: ASYNC230 - as short as any write into the page cache
                async for page in pull.pages():
                    moments.append(time.perf_counter() - began)
                    file.writelines(issue + b"\n" for issue in page.issues)
        return [moments[0], time.perf_counter() - began]


Path(f"{out}.moments").write_text(json.dumps(asyncio.run(main())))
