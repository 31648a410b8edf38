"""Where an interrupted pull goes on: as far as what its journal names is there, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec.structs import replace

from asyncjira.errors import OutputError
from asyncjira.jira.head import read_head
from asyncjira.jira.jql import Part
from asyncjira.jira.renaming import Renaming
from asyncjira.manifest import Manifest
from asyncjira.out.compression import unpacked
from asyncjira.out.journal import Journal
from asyncjira.out.packing import Packing, Point
from asyncjira.out.records import Commit
from asyncjira.out.rows import read_rows
from asyncjira.out.shape import Shape
from asyncjira.out.target import FileTarget
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Mark, Start
from asyncjira.plan.versions import version

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Recovered", "recover"]

_READ = 1 << 20  # bytes at a time: beyond that neither reading nor hashing gets faster


class Recovered(msgspec.Struct, frozen=True):
    """What to pull, a packing that goes on behind what is there, and the mark and the last issue of that."""

    start: Start
    packing: Packing
    mark: Mark
    last: bytes


def recover(journal: Journal, target: FileTarget, shape: Shape) -> Recovered | Manifest | None:
    """Return where to go on, with both files cut back to there; the manifest where only the name is missing, or less.

    None where there is nothing to go on from. Raises ConfigError where the journal is of another pull, or the output is
    there already and may not be replaced, and OutputError.
    """
    journal.check_asked()
    try:
        if (proved := journal.proved) is not None and _holds(target.path, proved):
            target.give_up_part()
            return proved
        target.check_free()
        if proved is not None and _holds(target.part, proved):
            target.go_on(target.part.stat().st_size)
            return proved
        found = _latest(journal.commits, target)
        return None if found is None else _behind(*found, journal, target, shape)
    except OSError as error:
        raise OutputError(f"cannot read {target.place}: {(error.strerror or type(error).__name__).lower()}") from None


def _holds(path: Path, proved: Manifest) -> bool:
    if not path.is_file() or path.stat().st_size != proved.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == proved.sha256


def _latest(commits: Sequence[Commit], target: FileTarget) -> tuple[Commit, _Hash] | None:
    """Return the last of the commits that name what the `.part` begins with, and the hash of that.

    Not the longest one: a file that took the place of another may be shorter.
    """
    known = hashlib.sha256()
    found: dict[str, _Hash] = {}
    with target.reread() as file:
        reached = 0
        for size in sorted({commit.bytes for commit in commits}):
            reached += _hash(file, size - reached, known)
            if reached < size:
                break
            found[known.hexdigest()] = known.copy()
    return next(((commit, found[commit.sha256]) for commit in reversed(commits) if commit.sha256 in found), None)


def _hash(file: BinaryIO, size: int, known: _Hash) -> int:
    """Add the next `size` bytes to a hash, and return how many there were."""
    left = size
    while left and (block := file.read(min(left, _READ))):
        known.update(block)
        left -= len(block)
    return size - left


def _behind(commit: Commit, known: _Hash, journal: Journal, target: FileTarget, shape: Shape) -> Recovered:
    target.go_on(commit.bytes)
    journal.resume(commit)
    start, last = _read(commit, target, shape, journal.naming)
    packing = Packing.behind(shape, Point(commit.bytes, commit.sha256, commit.issues), known)
    return Recovered(start, packing, commit.mark, last)


def _read(commit: Commit, target: FileTarget, shape: Shape, naming: Naming | None) -> tuple[Start, bytes]:
    """Read once what is there; return what is left to be pulled, and the last issue.

    Versions are those of the bytes that Jira has sent, before its fields were named.
    """
    back = Renaming({key: field for field, key in naming.keys.items()} if naming is not None else {})
    silences = tuple(
        replace(silence, high=commit.first if silence.high is None else silence.high) for silence in commit.silences
    )
    start, row = Start(Part(first=commit.first), commit.since_ms, silences), b""
    with target.reread() as file, unpacked(shape.compression, file) as plain:
        for row in read_rows(plain, shape):
            head = read_head(row)
            start.ids.add(head.id)
            start.rows += 1
            if head.created is not None:
                start.before += head.created < commit.first
                start.last_created = max(start.last_created, head.created)
            if head.updated is not None and head.updated >= commit.since_ms:
                start.versions.update([(head.id, version(head.updated, back.issue(row)))])
    return start, row
