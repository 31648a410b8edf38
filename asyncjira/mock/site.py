"""What the mock's door asks of a Jira, whichever flavour it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from asyncjira.mock.answer import Answer, Script
    from asyncjira.mock.searching import Request

__all__ = ["Site"]


class Site(Protocol):
    """A Jira without sockets: who asks, and what the answer is. `sessions` says whether it sets a session cookie."""

    url: str
    sessions: bool

    def user(self, path: str, authorization: str | None) -> str | None:
        """Return who sends this Authorization header to that path; None if it is refused."""

    def login_failed(self, path: str) -> Answer:
        """Return the answer to who was refused there."""

    def named(self, user: str, *, tried: bool) -> dict[str, str]:
        """Return the headers that tell who has logged in, or that one who `tried` has not."""

    def arrive(self, method: str, path: str, entry: dict[str, Any]) -> None:
        """Count a request for issues, from 1, in its entry in the wire log."""

    def answer(self, request: Request, entry: dict[str, Any]) -> Answer | Script:
        """Answer a request; `entry` is its entry in the wire log."""
