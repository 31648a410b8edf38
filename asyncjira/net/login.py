"""Who this client is to Jira, found out once: no issue is handed on before it is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from asyncjira.errors import StatusError
from asyncjira.jira.exchange import Answer
from asyncjira.jira.login import names_user, not_accepted, refused_login

__all__ = ["Login"]


class Login:
    """The credentials of a client, if it has any, and whether Jira has shown that it accepts them."""

    def __init__(self, *, logged_in: bool) -> None:
        self._logged_in, self._is_shown = logged_in, not logged_in
        self._asking = anyio.Lock()

    async def check(self, answer: Answer, ask: Callable[[], Awaitable[None]]) -> None:
        """Make sure that an answer of 200 was given to who logged in; await `ask()` where no answer has told so far.

        Raises Refused, and what `ask` raises unless that tells nothing about the login.
        """
        if self._logged_in and (error := refused_login(answer)):
            raise error
        self._is_shown = self._is_shown or names_user(answer)
        if not self._is_shown:
            async with self._asking:
                await self._find_out(ask)

    async def _find_out(self, ask: Callable[[], Awaitable[None]]) -> None:
        if self._is_shown:
            return
        try:
            await ask()
        except StatusError as error:
            if refused := not_accepted(error):
                raise refused from None
        self._is_shown = True
