"""The mock's side of HTTP: from aiohttp's request to an answer on the wire, or to bytes that break the rules."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress
from functools import lru_cache, partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.answer import Answer, Script
from asyncjira.mock.play import play
from asyncjira.mock.searching import Request

if TYPE_CHECKING:
    from asyncjira.mock.settings import Settings
    from asyncjira.mock.site import Site
    from asyncjira.mock.wire import Wire

__all__ = ["Door"]

_GZIP_LEVEL = 1  # as in pages.py
_GZIP_FROM = 2048  # bytes; Tomcat's compressionMinSize, https://tomcat.apache.org/tomcat-9.0-doc/config/http.html


class Door:
    """Serves aiohttp's requests, each with the latency that the settings ask for and an entry in the wire log."""

    def __init__(self, site: Site, wire: Wire, settings: Settings) -> None:
        self._site, self._wire, self._gzip = site, wire, settings.gzip
        self._latency, self._jitter, self._random = settings.latency, settings.jitter, Random(settings.seed)
        self._sessions = count(1)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        target = request.raw_path
        path, _, query = (target if target.startswith("/") else _without_origin(target)).partition("?")
        entry = self._wire.arrive(request.method, path)
        self._site.arrive(request.method, path, entry)
        try:
            user = self._site.user(path, request.headers.get("Authorization"))
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                request.writer.output_size = 0  # aiohttp takes an answer for half sent otherwise
            body = await request.read()
            if self._latency or self._jitter:
                await asyncio.sleep(self._latency + self._random.uniform(0, self._jitter))
            if user is None:
                return await self._send(request, self._site.login_failed(path), ANONYMOUS, entry)
            kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            asked = Request(request.method, path, query, body, user, self._gzip and _accepts_gzip(request), kind)
            answer = self._site.answer(asked, entry)
            if isinstance(answer, Script):
                return await self._break(request, answer, entry)
            return await self._send(request, answer, user, entry)
        finally:
            self._wire.leave(entry)

    async def _send(self, request: web.BaseRequest, answer: Answer, user: str, entry: dict[str, Any]) -> web.Response:
        body, headers = answer.body, self._named(request, user if answer.user is None else answer.user) | answer.headers
        if self._site.sessions and "JSESSIONID=" not in request.headers.get("Cookie", ""):
            headers["Set-Cookie"] = f"JSESSIONID={next(self._sessions):032X}; Path=/; HttpOnly"
        if self._gzip and len(body) >= _GZIP_FROM and "Content-Encoding" not in headers and _accepts_gzip(request):
            body, headers["Content-Encoding"] = gzip.compress(body, _GZIP_LEVEL, mtime=0), "gzip"
        if self._gzip:
            headers["Vary"] = "Accept-Encoding"
        if answer.delay:
            await asyncio.sleep(answer.delay)
        self._wire.finish(entry, answer.status, len(body))
        response = web.Response(status=answer.status, body=body, headers=headers)
        with suppress(ConnectionError):  # the client has gone
            await response.prepare(request)
            await response.write_eof()
        return response

    def _named(self, request: web.BaseRequest, user: str) -> dict[str, str]:
        return self._site.named(user, tried="Authorization" in request.headers)

    async def _break(self, request: web.BaseRequest, script: Script, entry: dict[str, Any]) -> web.Response:
        if request.transport is not None:
            await play(request.transport, script, partial(self._wire.finish, entry))
        return web.Response()  # aiohttp wants one, and finds the connection closed


@lru_cache(256)
def _names_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        if name.strip() == "gzip":
            return parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _accepts_gzip(request: web.BaseRequest) -> bool:
    return _names_gzip(request.headers.get("Accept-Encoding", ""))


def _without_origin(target: str) -> str:
    """Return the path and query of what a client sends that takes the mock for a proxy: a whole URL."""
    parts = urlsplit(target)
    return f"{parts.path}?{parts.query}"
