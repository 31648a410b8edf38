"""aiohttp.web: GET /issues?jql=... streams what matches as NDJSON; who hangs up ends the pull.

JIRA_URL=https://jira.example.com JIRA_PAT=... python aiohttp_web.py
"""

import os
from collections.abc import AsyncIterator

from aiohttp import web

import asyncjira

JIRA = web.AppKey("JIRA", asyncjira.Jira)


async def client(app: web.Application) -> AsyncIterator[None]:
    auth = asyncjira.BearerAuth(os.environ["JIRA_PAT"])
    async with asyncjira.Jira(os.environ["JIRA_URL"], auth=auth, limits=asyncjira.Limits(concurrency=8)) as app[JIRA]:
        yield


async def issues(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    try:
        async with request.app[JIRA].pull(request.query.get("jql", "")) as pull:
            async for page in pull.pages():
                if not response.prepared:
                    await response.prepare(request)
                await response.write(b"\n".join([*page.issues, b""]))
    except asyncjira.JiraError as error:
        if response.prepared:  # raised, it breaks the stream off, and no client can take it for whole
            raise
        wrong = web.HTTPBadRequest if isinstance(error, asyncjira.BadQuery) else web.HTTPBadGateway
        raise wrong(text=str(error)) from error
    return response


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(client)
    app.router.add_get("/issues", issues, allow_head=False)  # whose answer must have no body
    return app


if __name__ == "__main__":
    web.run_app(make_app(), handler_cancellation=True)  # who hangs up cancels the handler, and so the pull
