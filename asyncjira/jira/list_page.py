"""One page of any list that Jira pages by offset: its items as bytes, and what it says of itself.

The shapes are those of https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#pagination, of the agile API,
of Jira Service Management (`start`, `limit`, `isLastPage`), of the audit log (`offset`, `limit`), and bare lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from asyncjira.errors import ConfigError, printable
from asyncjira.jira.body import check_text, unlike
from asyncjira.jira.exchange import Fault, Unusable
from asyncjira.jira.slices import elements, members
from asyncjira.jira.words import words

__all__ = ["PAGINGS", "ListPage", "Paging", "read_list"]

_USUAL_KEYS = (
    "values", "issues", "comments", "worklogs", "dashboards", "records", "groups", "histories", "issueTypes", "fields",
)  # fmt: skip
_LAST = ("isLast", "isLastPage", "lastPage", "last")
_TOKENS = ("nextPageToken", "nextPageCursor", "nextCursor", "cursor")
_MOST_ITEMS = 2**63 - 1  # a long of Java
_MOST_NAMED = 20  # keys of an answer that an error names


class Paging(NamedTuple):
    """What the wire calls the first item of a page, and how many it may have."""

    start: str
    size: str


PAGINGS = (Paging("startAt", "maxResults"), Paging("start", "limit"), Paging("offset", "limit"))
"""The usual one first: a server that knows another one shows it in its first answer."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list. `issues` are the bytes of its items, `ids` what each is known by, None where by nothing.

    The rest is None where the answer does not tell: the offset of its first item, how many items a page may have and
    how many there are in all, whether it is the last page, and the words that it has for these. `key` is the name of
    the array, "auto" that of a bare list.
    """

    issues: list[bytes]
    ids: list[str | None]
    key: str = "auto"
    start_at: int | None = None
    max_results: int | None = None
    total: int | None = None
    is_last: bool | None = None
    paging: Paging | None = None


class _Head(msgspec.Struct, gc=False):
    """What Jira's resources are known by, most telling first."""

    id: Raw = Raw(b"")
    accountId: Raw = Raw(b"")  # noqa: N815 - the wire's spelling, as below; users of Cloud have an empty `key`
    groupId: Raw = Raw(b"")  # noqa: N815
    fieldId: Raw = Raw(b"")  # noqa: N815
    issueId: Raw = Raw(b"")  # noqa: N815
    key: Raw = Raw(b"")


T = TypeVar("T")

_TELLS_OF_PAGES = {"total", *_LAST, *(name for paging in PAGINGS for name in paging)}

_ITEMS, _MEMBERS = msgspec.json.Decoder(list[Raw]), msgspec.json.Decoder(dict[str, Raw])
_HEAD, _NO_ID = msgspec.json.Decoder(_Head), (b"", b'""', b"null")


def read_list(body: bytes, key: str) -> ListPage:
    """Read a page whose items stand in the array `key`; "auto" finds it.

    Raises Unusable where the answer is damaged or no list; ConfigError where there is no such array, or the list is
    not paged by offset.
    """
    check_text(body)
    try:
        return _read(body, key)
    except (ValueError, RecursionError) as error:  # msgspec's errors are of the former
        end = body.rstrip()[-1:]
        if isinstance(error, msgspec.ValidationError):
            raise unlike("page of a list", str(error)) from None
        reason = f"damaged: {printable(str(error))}" if end in (b"}", b"]") else "cut short"
        raise Unusable(f"the answer is {reason}", Fault.DAMAGED) from None


def _read(body: bytes, key: str) -> ListPage:
    begin = body.lstrip()[:1]
    if begin == b"[":
        if key != "auto":
            raise ConfigError(f"the answer is a bare list, without a key {printable(key)!r}: leave --key out")
        return _page(_items(body), key, {})
    if begin != b"{":
        raise unlike("page of a list", "neither an array nor an object that holds one")
    found = _members(body)
    _check_paging(found)
    name = _array_of(found, key, body)
    return _page(_items(bytes(found[name])), name, found)


def _page(items: list[bytes], key: str, found: Mapping[str, Raw]) -> ListPage:
    paging = next((each for each in PAGINGS if each.start in found and each.size in found), None)
    start, most = (None, None) if paging is None else (_number(found, paging.start), _number(found, paging.size))
    last = next((_told(found, name, bool) for name in _LAST if name in found), None)
    return ListPage(
        items,
        [_id(item) for item in items],
        key,
        start_at=start,
        max_results=most,
        total=_number(found, "total"),
        is_last=last,
        paging=paging,
    )


def _check_paging(found: Mapping[str, Raw]) -> None:
    if token := next((name for name in _TOKENS if name in found), ""):
        raise ConfigError(f"this list is paged by token ({token}), not by offset: `pages` cannot pull it; for issues "
                          "there is `pull`")  # fmt: skip
    if "since" in found and "until" in found:
        raise ConfigError("this list is paged by time (since, until), not by offset: `pages` cannot pull it")


def _array_of(found: Mapping[str, Raw], key: str, body: bytes) -> str:
    arrays = [name for name, value in found.items() if bytes(value).startswith(b"[")]
    if key in arrays:
        return key
    usual = [name for name in _USUAL_KEYS if name in arrays]
    if not usual and (said := words(body)):
        raise Unusable(f"the answer holds an error in place of a list: {said}", Fault.DAMAGED)
    if not arrays:
        raise ConfigError(f"the answer is no list: it has no array, only {_named(list(found))}")
    if key != "auto":
        raise ConfigError(f"the answer has no array {printable(key)!r}, but {_named(arrays)}: give one as --key")
    is_page = not _TELLS_OF_PAGES.isdisjoint(found)
    candidates = usual or [name for name in arrays if is_page and not name.startswith("_")]
    if len(candidates) == 1:
        return candidates[0]
    what = "has several arrays" if candidates else "does not look like a page of a list, and has the arrays"
    raise ConfigError(f"the answer {what} ({_named(arrays)}): --key says which of them is meant")


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name, 50) for name in names[:_MOST_NAMED])
    return (shown or "an empty object") + (", …" if len(names) > _MOST_NAMED else "")


def _number(found: Mapping[str, Raw], name: str) -> int | None:
    number = _told(found, name, int)
    if number is not None and not 0 <= number <= _MOST_ITEMS:
        raise Unusable(f"{name} {number:.1e}: that cannot be", Fault.PROTOCOL)
    return number


def _told(found: Mapping[str, Raw], name: str, kind: type[T]) -> T | None:
    told: Any = msgspec.json.decode(found[name], type=kind | None) if name in found else None
    return told  # type: ignore[no-any-return]


# What msgspec refuses although it is legal (an unpaired surrogate) is cut by the standard library.


def _items(array: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in _ITEMS.decode(array)]
    except msgspec.DecodeError:
        return [item.encode() for item in elements(array.decode())]


def _members(body: bytes) -> Mapping[str, Raw]:
    try:
        return _MEMBERS.decode(body)
    except msgspec.DecodeError:
        return {name: Raw(value.encode()) for name, value in members(body.decode()).items()}


def _id(item: bytes) -> str | None:
    if not item.startswith(b"{"):
        return None
    try:
        head = _HEAD.decode(item)
    except msgspec.DecodeError:
        found = members(item.decode())
        head = _Head(**{name: Raw(found[name].encode()) for name in _Head.__struct_fields__ if name in found})
    known = (bytes(getattr(head, name)) for name in _Head.__struct_fields__)
    return next((value.decode().strip('"') for value in known if value not in _NO_ID), None)
