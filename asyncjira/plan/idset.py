"""A set of issue ids that stays small where they are dense: a million in a row take under a megabyte."""

from __future__ import annotations

__all__ = ["IdSet"]

# Ids to a block. Dense ids cost 5 bits each; those further apart than this some 150 bytes, as a set of str does.
_BLOCK = 256


class IdSet:
    """Remembers ids. Jira's ids are decimal numbers, handed out in sequence; any other text is kept as it is."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}
        self._others: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        """Return how many different ids were added."""
        return self._count

    def __contains__(self, issue_id: str) -> bool:
        if not _is_plain(issue_id):
            return issue_id in self._others
        number = int(issue_id)
        return bool(self._blocks.get(number // _BLOCK, 0) & 1 << number % _BLOCK)

    def add(self, issue_id: str) -> bool:
        """Add an id; True where it is new."""
        new = self._add_number(int(issue_id)) if _is_plain(issue_id) else self._add_other(issue_id)
        self._count += new
        return new

    def _add_number(self, number: int) -> bool:
        high, bit = number // _BLOCK, 1 << number % _BLOCK
        bits = self._blocks.get(high, 0)
        self._blocks[high] = bits | bit
        return not bits & bit

    def _add_other(self, text: str) -> bool:
        new = text not in self._others
        self._others.add(text)
        return new


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and (text[0] != "0" or text == "0")
