"""Pages of Cloud's search that are well-formed and still wrong: tokens, flags and rows that lie."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import orjson

from asyncjira.mock.tokens import START, PageToken, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.listing import ListAsk, Listing, ListPage

__all__ = ["LIST_EDITS", "out_of_order"]

_CUT = {
    "type": "CLAUSE_LIMIT_EXCEEDED",
    "message": "The clause 'project' holds more values than are searched for.",
    "details": {"clause": "project", "limit": 1000, "actual": 1200, "arguments": []},
}


def out_of_order(issues: list[bytes], seed: object) -> list[bytes]:
    """Return issues in another order, if there are two of them."""
    random, places = Random(str(seed)), list(range(len(issues)))
    order = places
    while order == places and len(order) > 1:
        order = random.sample(places, len(places))
    return [issues[place] for place in order]


def _another(ask: ListAsk) -> str:
    """Return another token of the position where the page asked for begins."""
    return encode(PageToken(ask.digest, ask.position, ask.nonce + 1))


def _cap(listing: Listing, ask: ListAsk, rows: str) -> ListPage:
    return listing.page(ask._replace(size=min(ask.size, int(rows))))


def _short(listing: Listing, ask: ListAsk, rows: str) -> ListPage:
    return listing.page(ask._replace(size=max(1, len(listing.page(ask).issues) - int(rows or 1))))


def _no_issues(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    return replace(listing.page(ask), issues=())


def _repeat(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    return replace(listing.page(ask), issues=listing.page(ask._replace(position=START)).issues)


def _unsorted(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    page = listing.page(ask)
    return replace(page, issues=out_of_order([*page.issues], ask.position))


def _token_loop(listing: Listing, ask: ListAsk, pages: str) -> ListPage:
    page, given = listing.page(ask), listing.given(ask.digest)
    back = int(pages)
    return replace(page, token=given[-back]) if page.token and len(given) >= back else page


def _empty_token(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    return replace(listing.page(ask), issues=(), token=_another(ask), is_last=False)


def _last_with_token(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    page = listing.page(ask)
    return replace(page, token=page.token or _another(ask), is_last=True)


def _not_last_without_token(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    return replace(listing.page(ask), token=None, is_last=False)


def _no_is_last(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    return replace(listing.page(ask), is_last=None)


def _twice(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    page = listing.page(ask)
    return replace(page, issues=[*listing.before(ask), *page.issues])


def _warning(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    page = listing.page(ask)
    return replace(page, rest=page.rest + b',"warnings":' + orjson.dumps([_CUT]))


def _old_shape(listing: Listing, ask: ListAsk, _: str) -> ListPage:
    page, numbers = listing.page(ask), (ask.position.offset, ask.size, listing.total(ask))
    rest = b',"expand":"schema,names","startAt":%d,"maxResults":%d,"total":%d' % numbers
    return replace(page, token=None, is_last=None, rest=page.rest + rest)


LIST_EDITS: dict[str, Callable[[Listing, ListAsk, str], ListPage]] = {
    "cap": _cap,
    "empty-token": _empty_token,
    "last-with-token": _last_with_token,
    "no-is-last": _no_is_last,
    "no-issues": _no_issues,
    "not-last-without-token": _not_last_without_token,
    "old-shape": _old_shape,
    "repeat": _repeat,
    "short": _short,
    "token-loop": _token_loop,
    "twice": _twice,
    "unsorted": _unsorted,
    "warning": _warning,
}
