"""Whether Jira lets a client in, found out once for each of its tokens: no issue is handed on before it is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio

from asyncjira.errors import StatusError
from asyncjira.jira.exchange import Answer, Request
from asyncjira.jira.login import names_user, not_accepted, refused_login, who_am_i
from asyncjira.net.access import Access, Credential
from asyncjira.net.wire import Sent

__all__ = ["Login"]


class Login:
    """Looks whether answers were given to who logged in; `who_am_i` is the request that finds out."""

    def __init__(self, access: Access) -> None:
        self._access, self._asking, self.who_am_i = access, anyio.Lock(), who_am_i()

    async def lets_in(
        self, request: Request[Any], sent: Sent, ask: Callable[[], Awaitable[None]], *, again: bool
    ) -> bool:
        """Whether an answer counts; False where it was given to a token that has been replaced: send it again.

        `again` tells that this was so just before. `ask()`, which sends `who_am_i`, is awaited where no answer has told
        so far. Raises Refused, and what `ask` raises unless that tells nothing about the login.
        """
        if request.is_public:
            return True
        if await self._access.renewed(sent.answer, sent.credential, again=again):
            return False
        if sent.answer.status != 200 or request is self.who_am_i:
            return True
        return await self._is_accepted(sent.answer, sent.credential, ask)

    async def _is_accepted(self, answer: Answer, used: Credential, ask: Callable[[], Awaitable[None]]) -> bool:
        """Whether Jira has accepted the credential; False where that was replaced before anybody knew."""
        if self._access.is_logged_in and (error := refused_login(answer)):
            raise error
        used.is_accepted = used.is_accepted or names_user(answer)
        if not used.is_accepted:
            async with self._asking:
                await self._find_out(used, ask)
        return used.is_accepted

    async def _find_out(self, used: Credential, ask: Callable[[], Awaitable[None]]) -> None:
        if used.is_accepted or used is not self._access.credential:
            return
        try:
            await ask()
        except StatusError as error:
            if self._access.fault:
                raise
            if refused := not_accepted(error):
                raise refused from None
        self._access.credential.is_accepted = True
