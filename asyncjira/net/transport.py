"""The only file that imports aiohttp: a request becomes bytes on a socket, and an answer or Broken comes back."""

from __future__ import annotations

import math
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import anyio
from anyio.lowlevel import checkpoint
from yarl import URL

from asyncjira.errors import ClosedError, printable
from asyncjira.jira.certificate import why_invalid
from asyncjira.jira.exchange import Answer, Broken, Request, Stage
from asyncjira.net.access import Credential
from asyncjira.net.inflate import Garbled, unpacking
from asyncjira.net.reading import read_body
from asyncjira.plan.intake import Intake
from asyncjira.plan.limits import Limits, Timeouts

__all__ = ["Transport"]

OnWire = Callable[[], Awaitable[Credential]]

_CLOSED = "the client, or the session that it was given, is closed"
_NAMES_WHO_ASKS = ("Authorization", "Cookie")


class _NothingSent(Exception):
    """Ends a request that was only to open connections."""


class Transport:
    """One HTTP session with one Jira. A `session` that was handed in is used and never closed.

    Redirects are not followed, no proxy or .netrc is read from the environment, cookies stay in memory.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        limits: Limits,
        timeouts: Timeouts,
        session: aiohttp.ClientSession | None,
    ) -> None:
        self._headers, self._limits, self._timeouts = dict(headers), limits, timeouts
        self._session, self._is_ours, self._is_closed = session, session is None, False
        self._is_warm = False

    async def send(self, request: Request[Any], base: URL, on_wire: OnWire) -> Answer:
        """Send a request to the address below `base`, and read its whole answer.

        `on_wire` is awaited before each time that it goes out, and says as whom: aiohttp repeats a GET once by itself
        when a connection breaks. Raises Broken where no whole answer came, also after the time for one attempt.
        """
        with anyio.CancelScope() as scope:

            async def gate(outgoing: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
                scope.deadline = math.inf
                credential = await on_wire()
                self._open()  # it may have been closed meanwhile, which aiohttp does not expect here
                if request.is_public:  # a session that was handed in may have credentials of its own
                    for name in _NAMES_WHO_ASKS:
                        outgoing.headers.popall(name, None)
                elif credential.authorization:
                    outgoing.headers["Authorization"] = credential.authorization
                scope.deadline = anyio.current_time() + self._timeouts.attempt
                return await send(outgoing)

            try:
                return await self._exchange(request, base, gate)
            except (aiohttp.ClientError, OSError) as error:
                broken = self._broken(error, f"{base.host_subcomponent}:{base.port}")
            except RuntimeError:  # of aiohttp, where the connection is closed between two reads of a body
                if not self._is_over:
                    raise
                broken = Broken("closed")
            # Outside of the handler: aiohttp's errors hold the Authorization header, and must not become a context.
            raise ClosedError(_CLOSED) if self._is_over else broken
        raise Broken(f"no whole answer within {self._timeouts.attempt:g} s", timed_out=True)

    async def warm(self, base: URL, connections: int) -> None:
        """Open so many connections to `base`, and send nothing: who asks next need not wait for TCP and TLS.

        Only once, and in a session of our own. What goes wrong is left to the requests, which tell it.
        """
        if self._is_warm or not self._is_ours or self._is_closed:
            return
        self._is_warm, session = True, self._open()
        timeout = aiohttp.ClientTimeout(sock_connect=self._timeouts.connect)
        if (connector := session.connector) is None:
            return

        async def open_all(outgoing: aiohttp.ClientRequest, _: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
            async def open_one(others: int) -> None:
                with suppress(aiohttp.ClientError, OSError):
                    connection = await connector.connect(outgoing, [], timeout)
                    try:
                        for _number in range(others):
                            tasks.start_soon(open_one, 0)
                        await checkpoint()  # held until the others have begun theirs, which else would take this
                    finally:
                        connection.release()

            async with anyio.create_task_group() as tasks:  # one beside that of the first request, then the others
                tasks.start_soon(open_one, connections - 1)
            raise _NothingSent

        with suppress(_NothingSent, aiohttp.ClientError, OSError):
            await session.get(base, middlewares=(open_all,))

    async def aclose(self) -> None:
        """Send nothing more, and close the session unless it was handed in."""
        self._is_closed = True
        if self._session is not None and self._is_ours:
            await self._session.close()

    async def _exchange(self, request: Request[Any], base: URL, gate: aiohttp.ClientMiddlewareType) -> Answer:
        session = self._open()
        url = base.joinpath(request.path.lstrip("/")).with_query(request.params)
        async with session.request(
            request.method,
            url,
            data=request.body,
            headers=self._headers if request.body is None else {**self._headers, "Content-Type": "application/json"},
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=False,  # also where a session that was handed in says otherwise
            timeout=aiohttp.ClientTimeout(sock_connect=self._timeouts.connect, sock_read=self._timeouts.read),
            # A session's own middlewares are no part of its public face, and a request's replace them: keep both.
            middlewares=(*(getattr(session, "_middlewares", None) or ()), gate),
        ) as response:
            return Answer(response.status, response.headers, await self._read(response))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            intake = Intake(self._limits.body, response.content_length)
            packed = unpacking(response.headers.getall("Content-Encoding", ()))
            return await read_body(response.content, packed, intake, self._timeouts)
        except Broken:
            response.close()
            raise
        except Garbled as error:
            response.close()
            if response.status != 200:  # which says enough, and what is refused must not be asked for again
                return b""
            raise Broken(str(error), retry=error.retry) from None

    @property
    def _is_over(self) -> bool:
        return self._is_closed or (self._session is not None and self._session.closed)

    def _open(self) -> aiohttp.ClientSession:
        if self._is_over:
            raise ClosedError(_CLOSED)
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._limits.concurrency),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session

    def _broken(self, error: Exception, where: str) -> Broken:
        """Say in our own words what went wrong: theirs hold addresses, and in a repr the headers."""
        for kinds, reason, retry, stage in _REASONS:
            if isinstance(error, kinds):
                said = printable(getattr(error, "strerror", "") or "it was broken off").lower()
                verified = getattr(getattr(error, "certificate_error", error), "verify_message", "")
                facts = {"connect": self._timeouts.connect, "read": self._timeouts.read, "why": why_invalid(verified)}
                reason = reason.format(where=where, said=said, **facts)
                return Broken(reason, retry=retry, timed_out=isinstance(error, TimeoutError), stage=stage)
        words = getattr(error, "message", "") or getattr(error, "strerror", "") or ""
        return Broken(f"the connection failed ({type(error).__name__}{': ' * bool(words)}{printable(str(words))})")


# The first kind that fits counts, so kinds stand before their bases.
_REASONS: tuple[tuple[tuple[type[Exception], ...], str, bool, Stage], ...] = (
    (
        (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError),
        "the server's TLS certificate is not valid: {why}",
        False,
        "tls",
    ),
    ((aiohttp.ClientSSLError, ssl.SSLError), "{where}: TLS failed: is this an https port?", False, "tls"),
    ((aiohttp.ClientConnectorDNSError,), "{where}: the host name is unknown: check --url", True, "name"),
    (
        (aiohttp.ClientConnectorError,),
        "{where}: no connection ({said}): check --url, and whether Jira is up",
        True,
        "connection",
    ),
    (
        (aiohttp.ConnectionTimeoutError,),
        "{where}: no connection within {connect:g} s: check host, port and http or https",
        True,
        "connection",
    ),
    ((aiohttp.SocketTimeoutError, TimeoutError), "the server sent nothing for {read:g} s", True, "answer"),
    ((aiohttp.ClientPayloadError,), "the answer was cut short", True, "answer"),
    ((aiohttp.InvalidURL,), "the address cannot be used: check --url", False, "name"),
    ((aiohttp.ServerDisconnectedError, ConnectionError), "the connection was broken before the answer", True, "answer"),
    ((aiohttp.ClientResponseError,), "the answer breaks the rules of HTTP", True, "answer"),
)
