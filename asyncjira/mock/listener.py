"""The mock's socket: listens, hands requests to the door, and cuts every connection when it ends."""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from asyncjira.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Listener"]

_BACKLOG = 1024  # connections that may wait: in a burst from a client without limits none should be refused
_LARGEST_BODY = 16 << 20  # bytes of a POST: a query of a million ids
_TURNS_TO_ACCEPT = 3  # of the loop, until a socket that was accepted is a connection: task, transport, protocol
_LOGGER = logging.getLogger(__name__)
# A request that is no HTTP is answered with 400; that is no news for who runs the mock.
_LOGGER.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))


class Listener:
    """An HTTP server for `serve` at an address; port 0 takes a free one."""

    def __init__(self, serve: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], host: str, port: int) -> None:
        self._serve, self._host, self._port = serve, host, port

    async def start(self) -> str:
        """Listen, and return the URL. Raises ConfigError if the address cannot be had."""
        # handler_cancellation: a client that hangs up ends the hang that it waited in.
        options: dict[str, Any] = {"handler_cancellation": True, "access_log": None, "logger": _LOGGER}
        self._server = web.Server(self._serve, request_factory=_request, **options)
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._server, self._host, self._port, backlog=_BACKLOG)
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            why = "the port is taken: name another, or 0 for any free one" if is_taken else error.strerror or error
            raise ConfigError(f"cannot listen on {self._host}:{self._port}: {why}") from None
        port = self._listener.sockets[0].getsockname()[1]
        return f"http://[{self._host}]:{port}" if ":" in self._host else f"http://{self._host}:{port}"

    async def stop(self) -> None:
        """Stop listening, and cut every connection."""
        for socket in self._listener.sockets:
            # asyncio trips over a connection that was accepted just before its server closes, and leaks the socket:
            # accept no more, let those be made, then close.
            asyncio.get_running_loop().remove_reader(socket.fileno())
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        self._listener.close()
        while self._server.connections:
            for connection in self._server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)  # a lost connection leaves the list when its tasks have ended
        await self._listener.wait_closed()


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: asyncio.Task[None]) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_BODY)
