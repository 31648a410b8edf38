"""What a journal tells, line by line: each with a checksum, so that what a crash left of a line is told from a line."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from asyncjira.manifest import Manifest
from asyncjira.plan.naming import Naming
from asyncjira.plan.silence import Silence
from asyncjira.plan.start import Mark

__all__ = ["Asked", "Commit", "Named", "Opened", "Proved", "Record", "Resumed", "User", "line", "read_lines"]

_HEAD = len("0123abcd ")


class Opened(msgspec.Struct, tag="opened", frozen=True):
    """A process has opened the output."""

    pid: int
    at: str


class Asked(msgspec.Struct, tag="asked", frozen=True):
    """A pull has begun to write here: what was asked for, under the names that its user knows."""

    at: str
    asked: dict[str, Any]


class User(msgspec.Struct, tag="user", frozen=True):
    """As whom Jira knows the one who asks."""

    name: str


class Named(msgspec.Struct, tag="named", frozen=True):
    """Under which keys fields stand here."""

    naming: Naming


class Commit(msgspec.Struct, tag="commit", frozen=True):
    """The first `bytes` of the `.part`, with that hash, are durable and hold so many issues; the rest is their mark."""

    bytes: int
    sha256: str
    issues: int
    first: int
    since_ms: int
    silences: tuple[Silence, ...] = ()

    @property
    def mark(self) -> Mark:
        """How far the pull has come with these issues."""
        return Mark(self.first, self.since_ms, self.silences)


class Resumed(msgspec.Struct, tag="resumed", frozen=True):
    """A pull goes on behind so many bytes."""

    bytes: int


class Proved(msgspec.Struct, tag="proved", frozen=True):
    """The output is whole: its manifest, with its size and hash."""

    manifest: Manifest


Record = Opened | Asked | User | Named | Commit | Resumed | Proved

_DECODER = msgspec.json.Decoder(Record)


def line(record: Record) -> bytes:
    """Return the line of a record: its CRC-32 as eight hexadecimal digits, a space, JSON, a line break."""
    text = msgspec.json.encode(record)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def read_lines(content: bytes) -> Iterator[tuple[Record, int]]:
    """Iterate over the records up to the first line that is none, each with the offset at which its line ends."""
    end = 0
    for each in content.split(b"\n")[:-1]:
        text = each[_HEAD:]
        if each[:_HEAD] != b"%08x " % zlib.crc32(text):
            return
        end += len(each) + 1
        try:
            yield _DECODER.decode(text), end
        except msgspec.DecodeError:  # of another version
            return
