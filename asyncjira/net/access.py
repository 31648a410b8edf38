"""Where the requests of one client go, and as whom: found out, and renewed, once for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
from yarl import URL

from asyncjira.errors import ConfigError, Refused, StatusError, printable
from asyncjira.jira.auth import Auth, BearerAuth
from asyncjira.jira.exchange import Answer
from asyncjira.jira.login import is_expired
from asyncjira.jira.tenant import Route, untold

__all__ = ["Access", "Credential", "address"]

Refresh = Callable[[], Awaitable[str]]


@dataclass(slots=True, eq=False)
class Credential:
    """What goes into the header Authorization; empty where nothing does, or what a session has of its own.

    `is_renewed`: the refresh hook gave it. `is_accepted`: Jira has shown that it lets it in.
    """

    authorization: str = field(repr=False)
    is_renewed: bool = False
    is_accepted: bool = False


class Access:
    """The address of a Jira's API, and the credentials of now.

    `is_logged_in` tells whether there are credentials at all, `is_found` whether the address is known; `fault` is what
    was wrong with the refresh hook, which is not called again after one. Raises ConfigError where an address cannot be
    used.
    """

    def __init__(self, route: Route, auth: Auth | None, *, is_logged_in: bool) -> None:
        self._route, self.is_logged_in = route, is_logged_in
        self._base = address(route.base or route.site)
        self.is_found = bool(route.base)
        self._refresh = auth.refresh if isinstance(auth, BearerAuth) else None
        self.credential = Credential(auth.header() if auth else "", is_accepted=not is_logged_in)
        self._finding, self._renewing = anyio.Lock(), anyio.Lock()
        self.fault = ""

    @property
    def public(self) -> URL:
        """Where everybody may ask: the site itself as long as it has to tell where its API begins."""
        return self._base

    async def base(self, ask: Callable[[], Awaitable[str]]) -> URL:
        """Return where the API begins; await `ask()` for the cloud id where that is not known yet.

        Raises what `ask` raises.
        """
        if not self.is_found:
            async with self._finding:
                await self._find(ask)
        return self._base

    async def renewed(self, answer: Answer, used: Credential, *, again: bool) -> bool:
        """Whether `answer` refused the credential `used`, which another one has replaced by now.

        The refresh hook is called where nobody has done so, but not for a token of its own that Jira never accepted,
        nor where the request was refused with another token just before (`again`). Raises Refused.
        """
        if self._refresh is None or again or not is_expired(answer):
            return False
        async with self._renewing:
            if used is not self.credential:
                return True
            if used.is_renewed and not used.is_accepted:
                return False
            await self._renew(self._refresh, answer.status)
        return True

    def advice(self, error: StatusError) -> str:
        """Return what the address has to do with an error, or nothing."""
        return self._route.advice(error)

    def explain(self, error: StatusError) -> None:
        """Add to an error what the address has to do with it."""
        if advice := self.advice(error):
            error.args = (f"{error}; {advice}",)

    async def _renew(self, refresh: Refresh, status: int) -> None:
        """Replace the credential by what the hook gives. No frame of what is raised may hold a token."""
        if not self.fault:
            given = await _ask(refresh)
            if isinstance(given, Credential):
                self.credential = given
                return
            self.fault = given
        fault = f"HTTP {status}: the access token was not accepted, and {self.fault}"
        raise Refused(fault, status=status, login=True)

    async def _find(self, ask: Callable[[], Awaitable[str]]) -> None:
        if self.is_found:
            return
        try:
            cloud_id = await ask()
        except StatusError as error:
            raise untold(error) from None
        self._base, self.is_found = address(self._route.known_as(cloud_id)), True


def address(base: str) -> URL:
    """Return `base` as requests need it. Raises ConfigError."""
    try:
        url = URL(base)
        _ = url.host  # decoded when it is looked at
    except ValueError:
        raise ConfigError(f"{printable(base)!r} cannot be used as an address") from None
    return url


async def _ask(refresh: Refresh) -> Credential | str:
    """Return what the hook gives, or why that is of no use."""
    try:
        token = await refresh()
    except Exception as error:  # whatever it is: its own words may hold a secret
        return f"the refresh hook failed ({printable(type(error).__name__)})"
    try:
        return Credential(BearerAuth(token).header(), is_renewed=True)
    except ConfigError as error:
        return f"the refresh hook gave none that can be used: {error}"
