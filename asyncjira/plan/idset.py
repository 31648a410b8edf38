"""A set of issue ids that stays small where they are dense: a million in a row take under a megabyte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

__all__ = ["IdSet", "is_plain"]

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
        if not is_plain(issue_id):
            return issue_id in self._others
        number = int(issue_id)
        return bool(self._blocks.get(number // _BLOCK, 0) & 1 << number % _BLOCK)

    def add(self, issue_id: str) -> bool:
        """Add an id; True where it is new."""
        if not is_plain(issue_id):
            return self._add_other(issue_id)
        high, low = divmod(int(issue_id), _BLOCK)
        bits, bit = self._blocks.get(high, 0), 1 << low
        if bits & bit:
            return False
        self._blocks[high] = bits | bit
        self._count += 1
        return True

    def __iter__(self) -> Iterator[str]:
        for high, bits in self._blocks.items():
            while bits:
                yield str(high * _BLOCK + (bits & -bits).bit_length() - 1)
                bits &= bits - 1
        yield from self._others

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdSet) and (self._blocks, self._others) == (other._blocks, other._others)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def update(self, ids: Iterable[str]) -> None:
        """Add many ids."""
        for issue_id in ids:
            self.add(issue_id)

    @property
    def blocks(self) -> dict[str, str]:
        """The numbers as text: under each multiple of the size of a block, its bits in hexadecimal digits."""
        return {str(high): f"{bits:x}" for high, bits in sorted(self._blocks.items())}

    @property
    def others(self) -> list[str]:
        """The ids that are no plain numbers."""
        return sorted(self._others)

    @classmethod
    def of(cls, blocks: Mapping[str, str], others: Iterable[str]) -> IdSet:
        """Return the set whose `blocks` and `others` these are. Raises ValueError where no set has them."""
        new = cls()
        new._blocks, new._others = {int(high): int(bits, 16) for high, bits in blocks.items()}, set(others)
        if not all(high >= 0 and 0 < bits < 1 << _BLOCK for high, bits in new._blocks.items()):
            raise ValueError("a block of ids is out of bounds")
        new._count = len(new._others) + sum(bits.bit_count() for bits in new._blocks.values())
        return new

    def _add_other(self, text: str) -> bool:
        new = text not in self._others
        self._others.add(text)
        self._count += new
        return new


def is_plain(text: str) -> bool:
    """Whether an id is a decimal number that an integer of 64 bits holds, written in the only way."""
    return text.isascii() and text.isdigit() and len(text) < 19 and (text[0] != "0" or text == "0")
