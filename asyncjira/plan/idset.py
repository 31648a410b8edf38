"""A set of issue ids that stays small: a million take a few hundred kilobytes, where a set of str takes 100 MB."""

from __future__ import annotations

__all__ = ["IdSet"]

_BLOCK = 4096  # ids to a block of 512 bytes: dense ids cost 1 bit, and the sparsest ones less than a str in a set does


class IdSet:
    """Remembers ids. Jira's ids are decimal numbers, handed out in sequence; any other text is kept as it is."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}
        self._others: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        """Return how many different ids were added."""
        return self._count

    def add(self, issue_id: str) -> bool:
        """Add an id; True where it is new."""
        new = self._add_number(int(issue_id)) if _is_plain(issue_id) else self._add_other(issue_id)
        self._count += new
        return new

    def _add_number(self, number: int) -> bool:
        high, low = divmod(number, _BLOCK)
        block = self._blocks.get(high)
        if block is None:
            block = self._blocks[high] = bytearray(_BLOCK // 8)
        byte, bit = low >> 3, 1 << (low & 7)
        new = not block[byte] & bit
        block[byte] |= bit
        return new

    def _add_other(self, text: str) -> bool:
        new = text not in self._others
        self._others.add(text)
        return new


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and (text[0] != "0" or text == "0")
