"""What was delivered of a list, each item once, and what speaks for it or against it that this is all."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from asyncjira.errors import ProtocolError
from asyncjira.manifest import Guarantee
from asyncjira.plan.idset import IdSet
from asyncjira.plan.strategy import Outcome

__all__ = ["ListCheck"]

_STALE_PAGES = 3  # in a row without one new item: the server ignores the offset, and would be asked for ever
_EMPTY_PAGES = 50  # in a row, of which Jira says that more follow: more than any list hides
_AGAIN = "the list changed meanwhile, or Jira miscounts: pull it again"


class ListCheck:
    """Items by what they are known by; those that are known by nothing, by their bytes: then the same may be two.

    `counted` is the largest count of any page, 0 where one does not count; `total_last` that of the last page.
    `is_unpaged`: the list came in one answer.
    """

    def __init__(self) -> None:
        self.issues = self.counted = 0
        self.total_last: int | None = None
        self.is_unpaged = False
        self._ids, self._nameless = IdSet(), set[bytes]()
        self._total_first: int | None = None
        self._has_begun = self._shrank = False
        self._counts = True
        self._duplicates = self._alike = self._stale = self._empty = self._hidden = 0

    def count(self, total: int | None, *, known_before: int) -> None:
        """Learn how many items a page counts that was asked for when `known_before` were known."""
        if not self._has_begun:
            self._has_begun, self._total_first = True, total
        self._counts = self._counts and total is not None
        self._shrank |= total is not None and total < known_before
        self.counted = max(self.counted, total or 0) if self._counts else 0

    def add(self, issues: Sequence[bytes], ids: Sequence[str | None]) -> list[bytes]:
        """Return those items of a page that are new, or known by nothing. Raises ProtocolError.

        A page without items stands for offsets that count what is hidden.
        """
        if not issues:
            self._empty += 1
            if self._empty == _EMPTY_PAGES:
                raise ProtocolError("page after page is empty, and Jira says that more follow: the list has no end")
            return []
        are_new = [self._is_new(issue, name) for issue, name in zip(issues, ids, strict=True)]
        fresh = [issue for issue, name, is_new in zip(issues, ids, are_new, strict=True) if is_new or name is None]
        self.issues, self._duplicates = self.issues + len(fresh), self._duplicates + len(issues) - len(fresh)
        self._hidden, self._empty = self._hidden + self._empty, 0
        self._stale = 0 if any(are_new) else self._stale + 1
        if self._stale == _STALE_PAGES:
            raise ProtocolError("page after page brings the same items: the server, or a cache, ignores the offset")
        return fresh

    def _is_new(self, issue: bytes, name: str | None) -> bool:
        if name is not None:
            return self._ids.add(name)
        digest = blake2b(issue, digest_size=16).digest()
        is_new = digest not in self._nameless
        self._nameless.add(digest)
        self._alike += not is_new
        return is_new

    def outcome(self, refetched: int, *, is_finished: bool, is_beyond: bool) -> Outcome:
        """Reconcile where Jira counts: items distinct, as many as the last `total`, none left meanwhile, none beyond.

        Where it does not, or items cannot be told apart, the guarantee is "none", and the condition says what was
        looked at.
        """
        doubts = self._doubts(is_finished=is_finished, is_beyond=is_beyond)
        condition = self._condition()
        guarantee: Guarantee = "none" if doubts or condition else "reconciled"
        return Outcome(
            guarantee=guarantee,
            doubts=tuple(doubts),
            issues=self.issues,
            duplicates_dropped=self._duplicates,
            refetched_pages=refetched,
            total_first=self._total_first,
            total_last=self.total_last if self._counts else None,
            condition=None if doubts else condition,
            notes=tuple(self._notes()),
        )

    def _doubts(self, *, is_finished: bool, is_beyond: bool) -> list[str]:
        if not is_finished:
            return ["it was stopped before its end"]
        doubts = ["items were found beyond the end"] if is_beyond else []
        if self._counts and self.total_last is not None:
            doubts += self._miscounts(self.total_last)
        return [*doubts, _AGAIN] if doubts else []

    def _miscounts(self, last: int) -> list[str]:
        found = []
        if self.issues != last:
            found.append(f"Jira counts {last} items, {self.issues} different ones came")
        if self._duplicates:
            found.append(f"{self._duplicates} items came twice, so they moved from page to page")
        if self.counted > last:
            found.append(f"a page counted {self.counted} items, the last one {last}")
        if self._shrank:
            found.append("items left the list while it was pulled, so others may have slipped between pages")
        return found

    def _condition(self) -> str | None:
        if not self._counts:
            if self.is_unpaged:
                return "Jira does not page this list: it came in one answer"
            return "Jira does not count this list: all its pages came, up to the end"
        if self._alike:
            return f"{self._alike} items have no id and equal others, so that nobody can tell whether they came twice"
        return None

    def _notes(self) -> list[str]:
        notes = []
        if self._duplicates and not self._counts:
            notes.append(f"{self._duplicates} items came twice: the list changed meanwhile, and others may be missing")
        if self._hidden:
            notes.append("pages held fewer items than they have room for: Jira leaves out what this login may not see")
        return notes
