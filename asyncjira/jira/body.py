"""Bytes to issues: how a body that should hold issues is read, and everything it may be instead."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from asyncjira.errors import printable
from asyncjira.jira.dates import Dates
from asyncjira.jira.exchange import Fault, Unusable
from asyncjira.jira.seams import INSTEAD, cut
from asyncjira.jira.slices import slices
from asyncjira.jira.words import html_fault, words

__all__ = ["Body", "check_sendable", "check_text", "read_issues", "unlike"]

# Bytes; what is decoded of them, two or four times as large, stays in a cache and below the size from which malloc asks
# the kernel for each block: four times as fast as in one piece (benchmarks/decode.py).
_CHECKED_AT_ONCE = 32768


class Body(msgspec.Struct):
    """What the answers that hold issues have in common; each kind of answer adds its own members."""

    issues: list[Raw] | UnsetType = UNSET


class _Head(msgspec.Struct, gc=False):
    id: str | int


class _Heads(msgspec.Struct):
    issues: list[_Head] = []  # msgspec copies the default


class _Fields(msgspec.Struct, gc=False):
    created: str | None = None
    updated: str | None = None


class _DatedHead(_Head, gc=False):
    fields: _Fields | None = None


class _DatedHeads(msgspec.Struct):
    issues: list[_DatedHead] = []  # msgspec copies the default


B = TypeVar("B", bound=Body)

_HEAD, _HEADS = msgspec.json.Decoder(_Head), msgspec.json.Decoder(_Heads)
_DATED_HEAD, _DATED_HEADS = msgspec.json.Decoder(_DatedHead), msgspec.json.Decoder(_DatedHeads)
_INSTEAD = Raw(INSTEAD)


def read_issues(body: bytes, kind: type[B], *, dated: bool = False) -> tuple[B, list[bytes], list[str], Dates | None]:
    """Read an answer: its members, the bytes of its issues, their ids and, where `dated` and told, their dates.

    Raises Unusable: damaged (empty, cut short, no `issues`), a login page, or not what Jira documents.
    """
    found, issues, heads = _read_at_seams(body, kind, dated) or _read_whole(body, kind, dated)
    return found, issues, [str(each.id) for each in heads], _dates(heads) if dated else None


def _read_at_seams(body: bytes, kind: type[B], dated: bool) -> tuple[B, list[bytes], Sequence[_Head]] | None:
    """Read a body in one pass; None where that cannot be.

    A text is the elements of an array in one way only. So where each piece between seams is a whole value, these are
    the issues, and the seams were no text inside of one.
    """
    if (pieces := cut(body)) is None:
        return None
    read = (_DATED_HEAD if dated else _HEAD).decode
    rest, issues = pieces
    try:
        found, heads = _decoder(kind).decode(rest), [read(issue) for issue in issues if _is_text(issue)]
        is_whole = found.issues == [_INSTEAD] and _is_text(rest)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return (found, issues, heads) if is_whole else None


def _is_text(piece: bytes) -> bool:
    """Whether a piece is text in UTF-8; looked at when it is read, since it is in the cache then."""
    return piece.isascii() or bool(codecs.utf_8_decode(piece, "strict", True))


def _read_whole(body: bytes, kind: type[B], dated: bool) -> tuple[B, list[bytes], Sequence[_Head]]:
    check_text(body)
    head = _DatedHead if dated else _Head
    try:
        found, heads = _decoder(kind).decode(body), (_DATED_HEADS if dated else _HEADS).decode(body).issues
    except msgspec.ValidationError as error:
        raise unlike("page of issues", str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        found, heads = _read_slowly(body, kind, head, str(error))
    if found.issues is UNSET:
        said = words(body)
        reason = f"an error in place of issues: {said}" if said else "no issues, not even an empty list of them"
        raise Unusable(f"the answer holds {reason}", Fault.DAMAGED)
    return found, [bytes(issue) for issue in found.issues], heads


@cache
def _decoder(kind: type[B]) -> msgspec.json.Decoder[B]:
    return msgspec.json.Decoder(kind)


def _dates(heads: Iterable[_Head]) -> Dates | None:
    fields = [(isinstance(head, _DatedHead) and head.fields) or _Fields() for head in heads]
    created, updated = [each.created for each in fields], [each.updated for each in fields]
    try:
        return Dates.read([each or "" for each in created], [each or "" for each in updated])
    except ValueError as error:
        if not all(created) or not all(updated):
            return None
        raise unlike("page of issues", f"a date that cannot be read: {error}") from None


def check_text(body: bytes) -> None:
    """Make sure that a body is text in UTF-8, and no page of HTML. Raises Unusable."""
    text = body.lstrip()[:1]
    if not text:
        raise Unusable("the answer is empty", Fault.DAMAGED)
    if text == b"<":
        raise html_fault(body)
    if body.isascii():
        return
    view, at = memoryview(body), 0
    try:
        while at < len(body):
            end = at + _CHECKED_AT_ONCE
            at += codecs.utf_8_decode(view[at:end], "strict", end >= len(body))[1]
    except UnicodeDecodeError as error:
        raise Unusable(f"the answer is not UTF-8 near byte {at + error.start}", Fault.DAMAGED) from None


def _read_slowly(body: bytes, kind: type[B], head: type[_Head], reason: str) -> tuple[B, list[_Head]]:
    if not body.rstrip().endswith(b"}"):
        raise Unusable("the answer was cut short", Fault.DAMAGED)
    try:
        members, issues = slices(body.decode())
        raws = [Raw(issue.encode()) for issue in issues]
        found = msgspec.convert({**members, "issues": raws} if "issues" in members else members, kind)
        heads = [msgspec.convert(slices(issue)[0], head) for issue in issues]
        check_sendable(str(each.id) for each in heads)
        return found, heads
    except msgspec.ValidationError as error:
        raise unlike("page of issues", str(error)) from None
    except (ValueError, RecursionError):
        raise Unusable(f"the answer is damaged: {reason}", Fault.DAMAGED) from None


def check_sendable(texts: Iterable[str]) -> None:
    """Make sure that ids or tokens can be sent back: half a surrogate pair is JSON, but no text. Raises Unusable."""
    if any(0xD800 <= ord(char) < 0xE000 for text in texts for char in text):
        raise unlike("page of issues", "an id or a token that holds half a surrogate pair")


def unlike(what: str, reason: str) -> Unusable:
    """Return the signal that a whole answer is not `what` Jira documents."""
    return Unusable(f"the answer is no {what}: {printable(reason)}", Fault.PROTOCOL)
