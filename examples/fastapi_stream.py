"""FastAPI: GET /issues?jql=... streams what matches as NDJSON; who hangs up ends the pull.

JIRA_URL=https://jira.example.com JIRA_PAT=... uvicorn fastapi_stream:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Send

import asyncjira

STATUS = {asyncjira.BadQuery: 400, asyncjira.ConfigError: 400, asyncjira.Refused: 401, asyncjira.RateLimited: 503}


class Stream(StreamingResponse):
    """A pull as NDJSON. Until its first page is there nothing is sent: what goes wrong by then has a status."""

    def __init__(self, pull: asyncjira.Pull) -> None:
        super().__init__(self.lines(), media_type="application/x-ndjson")
        self.pages, self.pull = pull.pages(), pull

    async def stream_response(self, send: Send) -> None:  # Starlette cancels it when the client hangs up
        async with self.pull:
            self.first = await anext(self.pages, None)
            await super().stream_response(send)

    async def lines(self) -> AsyncIterator[bytes]:
        page, self.first = self.first, None
        while page is not None:
            yield b"\n".join([*page.issues, b""])
            page = await anext(self.pages, None)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    auth, limits = asyncjira.BearerAuth(os.environ["JIRA_PAT"]), asyncjira.Limits(concurrency=8)
    async with asyncjira.Jira(os.environ["JIRA_URL"], auth=auth, limits=limits) as app.state.jira:
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(asyncjira.JiraError)
async def failed(_: Request, error: Exception) -> JSONResponse:  # too late for it, the stream just breaks off
    return JSONResponse({"error": str(error)}, STATUS.get(type(error), 502))


@app.get("/issues")
async def issues(request: Request, jql: str) -> Stream:
    return Stream(request.app.state.jira.pull(jql))
