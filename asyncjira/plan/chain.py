"""One token chain: the pages of a query, of which each names the token of the next, so one follows the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from asyncjira.errors import BadQuery, JiraError, ProtocolError
from asyncjira.jira.bulk import BATCH, Batch
from asyncjira.jira.exchange import Request
from asyncjira.jira.jql import Part
from asyncjira.jira.token_search import TokenPage
from asyncjira.plan.errand import Errand
from asyncjira.plan.idset import IdSet

__all__ = ["Chain", "NoTokens"]

_EMPTY = 3  # pages in a row without a new issue and with a token: Jira may send empty ones, but no endless row of them
_MANY = 10  # issues of a page: as many do not come again by mischance, as one or a few may from a node that is behind


class NoTokens(ProtocolError):
    """The server answers a token search as if it were an offset search."""


class Chain:
    """The pages of `part` of a query, or of all of it in its own order where there is none.

    `search` makes the request for the page at a token, `dates` the one that tells when issues were created, for a chain
    whose own pages do not. `took` hears of each page, and of which of its issues are new. Where Jira refuses a token in
    the middle, the rest is asked for anew: from when the last issue was created, or from the beginning.
    """

    def __init__(
        self,
        part: Part | None,
        search: Callable[[Part | None, str], Request[TokenPage]],
        took: Callable[[TokenPage, list[int]], None],
        *,
        dates: Callable[[list[str]], Request[Batch]] | None = None,
        size: int = 0,
    ) -> None:
        self.part, self._search, self._took, self._dates, self._size = part, search, took, dates, size
        self.finished = self.is_busy = False
        self.listed = self.pages = 0
        self._seen, self._tokens = IdSet(), set[int]()  # hashes of 64 bits are as good as the tokens, and smaller
        self._latest: deque[str] = deque(maxlen=BATCH)
        self._token, self._stale, self._has_news, self._is_lost = "", 0, False, False
        self._has_restarted, self._is_sorted = False, True
        self._last_created: int | None = None
        self._ties = 0  # issues of that second
        self._repeats = 0  # rows that may come again after a restart: no more than have come before it

    def next(self) -> Errand | None:
        """Return what asks for the next page; None while one is under way, and at the end."""
        if self.finished or self.is_busy:
            return None
        self.is_busy = True
        if self._is_lost and self._dates is not None:
            return Errand(self._dates([*self._latest]), 0, 0, taken=self._found, failed=self._give_up)
        request = self._search(self.part, self._token)
        failed = partial(self._failed, had_token=bool(self._token))
        return Errand(request, self.listed, self._size, taken=self._came, failed=failed)

    def _came(self, page: TokenPage) -> None:
        self.is_busy = False
        self._check(page)
        fresh = [at for at, issue_id in enumerate(page.ids) if self._seen.add(issue_id)]
        can_repeat = self._repeats or (self._has_restarted and self.part is None)
        if len(page.ids) >= _MANY and not fresh and not can_repeat:
            raise ProtocolError("a page brings nothing but what came before: its token does not go on where that ended")
        self.pages += 1
        self.listed += len(fresh)
        self._stale = 0 if fresh or (page.ids and self._repeats) else self._stale + 1
        self._repeats = max(0, self._repeats - len(page.ids))
        if page.token and self._stale > _EMPTY:
            raise ProtocolError(f"{self._stale} pages in a row bring no new issue, and the token of yet another page")
        self._has_news |= bool(fresh)
        self._latest.extend(page.ids[at] for at in fresh)
        if page.dates is not None and page.dates.created:
            created = [*page.dates.created]
            known = created[0] if self._last_created is None else self._last_created
            self._is_sorted &= [known, *created] == sorted([known, *created])
            last = created[-1]
            ties = sum(page.dates.created[at] == last for at in fresh)
            self._ties = ties if last != self._last_created else self._ties + ties
            self._last_created = last
        self._token, self.finished = page.token, not page.token
        self._took(page, fresh)

    def _check(self, page: TokenPage) -> None:
        if page.has_total and page.is_last is None and not page.token:
            raise NoTokens("the answer counts all issues and has no page token: this is no Jira Cloud: --api offset")
        if page.is_last is not None and page.is_last == bool(page.token):
            names = "the last page names the token of another" if page.is_last else "a page in the middle has no token"
            raise ProtocolError(f"{names}: where the result ends cannot be told")
        if page.token and hash(page.token) in self._tokens:
            raise ProtocolError("a page token came again: the pages would go round in a circle")
        self._tokens.add(hash(page.token))

    def _failed(self, error: JiraError, *, had_token: bool) -> None:
        """Ask for the rest anew after a refused token, if that brings it further. Raises `error` otherwise."""
        self.is_busy = False
        if not (isinstance(error, BadQuery) and had_token and self._has_news):
            raise error
        self.restart()

    def restart(self) -> None:
        """Begin again where the last issue was, without the token."""
        self._token, self._has_news, self._stale, self._repeats = "", False, 0, self.listed
        self._has_restarted = True
        self._tokens.clear()
        if self.part is not None:
            self._is_lost = self._last_created is None
            self._go_on_from(self._last_created if self._is_sorted else None)

    @property
    def overlap(self) -> int:
        """How many of its issues another chain lists again that goes on from its end."""
        return self.listed if self.part is None or self._last_created is None else self._ties

    def leave(self) -> int | None:
        """End before the next page, and return the second from which on another chain must go on.

        None where it goes on itself: a page is under way, or nobody tells when its issues were created.
        """
        if self.finished or self.is_busy or self._last_created is None or not self._is_sorted:
            return None
        self.finished = True
        return self._last_created

    def _found(self, batch: Batch) -> None:
        self.is_busy = self._is_lost = False
        if not {*batch.ids} <= {*self._latest}:
            raise ProtocolError("Jira tells when issues were created that it was not asked about")
        told = dict(zip(batch.ids, batch.dates.created, strict=True)) if batch.dates is not None else {}
        created = [told[issue_id] for issue_id in self._latest if issue_id in told]
        self._go_on_from(created[-1] if created and created == sorted(created) else None)

    def _give_up(self, error: JiraError) -> None:
        raise error

    def _go_on_from(self, created: int | None) -> None:
        if self.part is not None and created is not None:
            first = created if self.part.first is None else max(created, self.part.first)
            self.part = replace(self.part, first=first)
