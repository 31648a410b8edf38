"""Bytes to pages: how a body that should be a page of issues is read, and everything it may be instead."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
from msgspec import UNSET, Raw, UnsetType

from asyncjira.errors import printable
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Fault, Unusable
from asyncjira.jira.slices import slices
from asyncjira.jira.words import html_fault, words

__all__ = ["SearchPage", "read_page"]

_MOST_ISSUES = 2**63 - 1  # a long of Java; Jira's own counts are ints
_CHECKED_AT_ONCE = 65536  # bytes; decoding in pieces of the size of a level-2 cache is twice as fast as in one


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an offset search. `issues` are the bytes that Jira sent for each, `ids` their ids, in that order.

    `max_results` is the server's own page size, which may be less than what was asked for. `dates` tells when each
    issue was created and updated, where that was asked for and Jira tells it; `served_at` is the server's clock, in
    seconds since 1970.
    """

    start_at: int
    max_results: int
    total: int
    issues: list[Raw]
    ids: list[str]
    dates: Dates | None = None
    served_at: float | None = None


class _Body(msgspec.Struct):
    issues: list[Raw] | UnsetType = UNSET
    total: int | UnsetType = UNSET
    maxResults: int | UnsetType = UNSET  # noqa: N815 - the wire's spelling
    startAt: int | UnsetType = UNSET  # noqa: N815 - the wire's spelling


class _Head(msgspec.Struct):
    id: str | int


class _Heads(msgspec.Struct):
    issues: list[_Head] = []  # msgspec copies the default


class _Fields(msgspec.Struct):
    created: str | None = None
    updated: str | None = None


class _DatedHead(_Head):
    fields: _Fields | None = None


class _DatedHeads(msgspec.Struct):
    issues: list[_DatedHead] = []  # msgspec copies the default


_BODY = msgspec.json.Decoder(_Body)
_HEADS = msgspec.json.Decoder(_Heads)
_DATED_HEADS = msgspec.json.Decoder(_DatedHeads)


def read_page(body: bytes, start: int, *, dated: bool = False) -> SearchPage:
    """Read the answer to an offset search that asked for the rows from `start` on; `dated` reads their `dates` too.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-search/
    Raises Unusable: damaged (empty, cut short, no `issues`), a login page, or not what Jira documents.
    """
    _check_text(body)
    kind = _DatedHead if dated else _Head
    try:
        found, heads = _BODY.decode(body), (_DATED_HEADS if dated else _HEADS).decode(body).issues
    except msgspec.ValidationError as error:
        raise _unlike_a_page(str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        found, heads = _read_slowly(body, kind, str(error))
    page = _checked(found, [str(head.id) for head in heads], body, start)
    return replace(page, dates=_dates(heads)) if dated else page


def _dates(heads: Iterable[_Head]) -> Dates | None:
    fields = [(isinstance(head, _DatedHead) and head.fields) or _Fields() for head in heads]
    created, updated = [each.created for each in fields], [each.updated for each in fields]
    try:
        return Dates.read([each or "" for each in created], [each or "" for each in updated])
    except ValueError as error:
        if not all(created) or not all(updated):
            return None
        raise _unlike_a_page(f"a date that cannot be read: {error}") from None


def _check_text(body: bytes) -> None:
    text = body.lstrip()[:1]
    if not text:
        raise Unusable("the answer is empty", Fault.DAMAGED)
    if text == b"<":
        raise html_fault(body)
    if body.isascii():
        return
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(body)
    for at in range(0, len(body), _CHECKED_AT_ONCE):
        try:
            decoder.decode(view[at : at + _CHECKED_AT_ONCE], at + _CHECKED_AT_ONCE >= len(body))
        except UnicodeDecodeError as error:
            raise Unusable(f"the answer is not UTF-8 near byte {at + error.start}", Fault.DAMAGED) from None


def _read_slowly(body: bytes, kind: type[_Head], reason: str) -> tuple[_Body, list[_Head]]:
    if not body.rstrip().endswith(b"}"):
        raise Unusable("the answer was cut short", Fault.DAMAGED)
    try:
        members, issues = slices(body.decode())
        raws = [Raw(issue.encode()) for issue in issues]
        found = msgspec.convert({**members, "issues": raws} if "issues" in members else members, _Body)
        return found, [msgspec.convert(slices(issue)[0], kind) for issue in issues]
    except msgspec.ValidationError as error:
        raise _unlike_a_page(str(error)) from None
    except (ValueError, RecursionError):
        raise Unusable(f"the answer is damaged: {reason}", Fault.DAMAGED) from None


def _unlike_a_page(reason: str) -> Unusable:
    return Unusable(f"the answer is no page of issues: {printable(reason)}", Fault.PROTOCOL)


def _checked(found: _Body, ids: list[str], body: bytes, start: int) -> SearchPage:
    if found.issues is UNSET:
        said = words(body)
        reason = f"an error in place of issues: {said}" if said else "no issues, not even an empty list of them"
        raise Unusable(f"the answer holds {reason}", Fault.DAMAGED)
    if found.total is UNSET or found.maxResults is UNSET:
        missing = "total" if found.total is UNSET else "maxResults"
        raise Unusable(f"the answer names no {missing}, which an offset search always does", Fault.PROTOCOL)
    if found.total < 0 or found.maxResults < 0:
        raise Unusable(f"total {found.total}, maxResults {found.maxResults}: neither can be negative", Fault.PROTOCOL)
    if found.total > _MOST_ISSUES:
        raise Unusable(f"a total of {found.total:.1e} issues cannot be", Fault.PROTOCOL)
    if found.startAt is not UNSET and found.startAt != start:
        raise Unusable(f"asked for the rows from {start} on, got those from {found.startAt} on", Fault.PROTOCOL)
    return SearchPage(start, found.maxResults, found.total, found.issues, ids)
