"""Pages that are well-formed HTTP and still wrong: false numbers, false rows, JSON that readers choke on."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncjira.mock.pages import Ask, Pages

__all__ = ["EDITS", "TEXT_EDITS"]


def _total(pages: Pages, ask: Ask, value: str) -> bytes:
    return replace(pages.page(ask), total=None if value == "absent" else value.encode()).body


def _max(pages: Pages, ask: Ask, value: str) -> bytes:
    return replace(pages.page(ask), size=value.encode()).body


def _start(pages: Pages, ask: Ask, value: str) -> bytes:
    return replace(pages.page(ask), start=value.encode()).body


def _cap(pages: Pages, ask: Ask, rows: str) -> bytes:
    return pages.page(ask._replace(size=min(ask.size, int(rows)))).body


def _no_issues(pages: Pages, ask: Ask, _: str) -> bytes:
    return replace(pages.page(ask), issues=()).body


def _repeat(pages: Pages, ask: Ask, _: str) -> bytes:
    return replace(pages.page(ask._replace(start=0)), start=b"%d" % ask.start).body


def _short(pages: Pages, ask: Ask, rows: str) -> bytes:
    return pages.page(ask._replace(window=ask.rows.stop - int(rows or 1))).body


def _unsorted(pages: Pages, ask: Ask, _: str) -> bytes:
    page, random = pages.page(ask), Random(ask.start)
    order = sorted_order = list(range(len(page.issues)))
    while order == sorted_order and len(order) > 1:
        order = random.sample(sorted_order, len(sorted_order))
    return replace(page, issues=[page.issues[place] for place in order]).body


def _into_a_string(body: bytes, text: bytes) -> bytes:
    """Put bytes into the first summary of a page, or where there is none into the first string."""
    for opening in (b'"summary":"', b'"self":"', b'":"', b'"'):
        if opening in body:
            return body.replace(opening, opening + text, 1)
    return body


def _newline(body: bytes) -> bytes:
    lines = msgspec.json.format(body, indent=2).split(b"\n")
    return b"".join(line + (b"\n", b"\r\n")[number % 2] for number, line in enumerate(lines))


TEXT_EDITS: dict[str, Callable[[bytes], bytes]] = {
    "invalid-utf8": lambda body: _into_a_string(body, b"\xff"),
    "newline": _newline,
    "surrogate": lambda body: _into_a_string(body, b"\\ud83d"),
}


def _of_text(kind: str) -> Callable[[Pages, Ask, str], bytes]:
    return lambda pages, ask, _: TEXT_EDITS[kind](pages.body(ask))


EDITS: dict[str, Callable[[Pages, Ask, str], bytes]] = {
    "cap": _cap,
    "invalid-utf8": _of_text("invalid-utf8"),
    "max": _max,
    "newline": _of_text("newline"),
    "no-issues": _no_issues,
    "repeat": _repeat,
    "short": _short,
    "start": _start,
    "surrogate": _of_text("surrogate"),
    "total": _total,
    "unsorted": _unsorted,
}
