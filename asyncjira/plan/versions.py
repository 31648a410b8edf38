"""Which version of an issue was delivered, for very many issues: 17 bytes for each where their ids are dense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from struct import Struct

from asyncjira.plan.idset import is_plain

__all__ = ["Version", "Versions", "version"]

Version = tuple[int, int]
"""When an issue was updated (milliseconds), and a digest of its bytes: some databases keep whole seconds only."""

_BLOCK = 256  # ids that share a block: the place in it takes one byte
_RECORD = Struct(">Bqq")  # that byte, when the issue was updated, the digest of what it was then


def version(updated: int, issue: bytes) -> Version:
    """Return the version of an issue that these bytes are."""
    return updated, int.from_bytes(blake2b(issue, digest_size=7).digest())  # 56 bits: an integer of any JSON reader


class Versions:
    """The latest version that was noted of each issue, by its id. A mapping of tuples takes twenty times as much."""

    def __init__(self, versions: Iterable[tuple[str, Version]] = ()) -> None:
        self._blocks: dict[int, bytes] = {}
        self._others: dict[str, Version] = {}
        self.update(versions)

    def __contains__(self, issue_id: str) -> bool:
        return self.get(issue_id) is not None

    def get(self, issue_id: str) -> Version | None:
        """Return the version of an issue; None where none was noted."""
        if not is_plain(issue_id):
            return self._others.get(issue_id)
        high, low = divmod(int(issue_id), _BLOCK)
        block = self._blocks.get(high, b"")
        if (at := _place(block, low)) is None:
            return None
        _, updated, content = _RECORD.unpack_from(block, at)
        return updated, content

    def update(self, versions: Iterable[tuple[str, Version]]) -> None:
        """Note what `version` returned, in place of earlier versions of the same issues."""
        for issue_id, latest in versions:
            if is_plain(issue_id):
                self._note(*divmod(int(issue_id), _BLOCK), latest)
            else:
                self._others[issue_id] = latest

    def items(self) -> Iterator[tuple[str, Version]]:
        """Yield the id and the version of every issue."""
        for high, block in self._blocks.items():
            for low, updated, content in _RECORD.iter_unpack(block):
                yield str(high * _BLOCK + low), (updated, content)
        yield from self._others.items()

    def _note(self, high: int, low: int, latest: Version) -> None:
        block, record = self._blocks.get(high, b""), _RECORD.pack(low, *latest)
        at = _place(block, low)
        self._blocks[high] = block + record if at is None else block[:at] + record + block[at + _RECORD.size :]


def _place(block: bytes, low: int) -> int | None:
    """Return where in a block the record of its issue `low` stands."""
    found = block[:: _RECORD.size].find(low)
    return None if found < 0 else found * _RECORD.size
