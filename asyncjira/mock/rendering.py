"""From a body that is due to an answer of Cloud: kept, compressed, damaged, late."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.account import ANONYMOUS
from asyncjira.mock.answer import JSON, Answer, Script
from asyncjira.mock.damage import DAMAGE
from asyncjira.mock.edits import TEXT_EDITS
from asyncjira.mock.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from asyncjira.mock.case import Case

__all__ = ["Body", "Rendering"]

_GZIP_LEVEL = 1  # as in pages.py
_SLOW = 5.0  # seconds, for a fault that does not say


class Body(NamedTuple):
    """Bytes of an answer, how many issues they hold, and the token in them."""

    text: bytes
    issues: int
    token: str | None = None


class Rendering:
    """Makes answers of bodies; it keeps those of issues that stay as they are."""

    def __init__(self, *, keeps: bool) -> None:
        self._keeps, self._kept = keeps, Kept[Body](lambda body: len(body.text))

    def answer(self, case: Case, asked: Hashable, render: Callable[[], Body]) -> tuple[Answer | Script, Body]:
        """Answer with what `render` gives, or as the fault says. What is rendered for `asked` None is not kept."""
        edit = TEXT_EDITS.get(case.kind)
        gzipped = case.request.gzip and edit is None and case.kind not in DAMAGE
        body = self._body(asked, render, gzipped=gzipped)
        case.entry["issues"] = body.issues
        if case.kind in DAMAGE:
            return DAMAGE[case.kind](body.text, case.argument or None), body
        headers = {"Content-Type": JSON} | ({"Content-Encoding": "gzip"} if gzipped else {})
        delay = float(case.argument or _SLOW) if case.kind == "slow" else 0.0
        user = ANONYMOUS if case.kind == "visitor" else None
        return Answer(200, edit(body.text) if edit else body.text, headers, delay, user), body

    def _body(self, asked: Hashable, render: Callable[[], Body], *, gzipped: bool) -> Body:
        def packed() -> Body:
            body = render()
            return body._replace(text=gzip.compress(body.text, _GZIP_LEVEL, mtime=0)) if gzipped else body

        return self._kept.get((asked, gzipped), packed) if self._keeps and asked is not None else packed()
