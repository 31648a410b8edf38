"""A record as it stands in its file, line by line, back into what was heard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from asyncjira.errors import ConfigError, printable
from asyncjira.events import Answered, Event, PageFetched, PullFinished, PullStarted, Resumed, Retried, Throttled
from asyncjira.manifest import Manifest
from asyncjira.out.disk import shown
from asyncjira.report.recorder import FORM

__all__ = ["Failed", "Heading", "Heard", "read"]

_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_LONGEST_HEADING = 4096  # bytes: what has no line break may be anything, and have no end
_LONGEST = 1e8  # seconds, three years: what claims to have taken longer is no record


class Heading(msgspec.Struct, frozen=True):
    """The first line: the form of what follows, which asyncjira wrote it, and when it began."""

    record: int
    version: str
    started_at: str


class Failed(msgspec.Struct, frozen=True):
    """What a pull has failed with: the name of an error, and its words."""

    error: str
    reason: str


class Heard(msgspec.Struct, frozen=True):
    """An event, and when it was heard, in seconds since the record began."""

    at: float
    event: Event | Failed


_KINDS: dict[str, type[Event | Failed]] = {
    **{kind.__name__: kind for kind in (PullStarted, Answered, PageFetched, Resumed, Retried, Throttled)},
    "PullFailed": Failed,
}


class _Line(msgspec.Struct):
    event: str
    at: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST)]
    seconds: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST)] = 0.0  # where an event has it
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    issues: Annotated[int, msgspec.Meta(ge=0)] = 0


class _End(msgspec.Struct):
    manifest: Manifest


def read(path: str | os.PathLike[str]) -> Iterator[Heading | Heard]:
    """Read the record at `path`: its heading, then what was heard, of events that this version knows.

    A last line that a crash has cut off is left out. Raises ConfigError where the file cannot be read, is no record, or
    is damaged; the message names the line.
    """
    name = shown(Path(path))
    try:
        with open(path, "rb") as file:
            yield _heading(file.readline(_LONGEST_HEADING), name)
            for number, line in enumerate(file, 2):
                if not line.endswith(b"\n"):
                    return
                try:
                    heard = _heard(line)
                except _UNREADABLE:
                    raise ConfigError(f"{name} is damaged: line {number} holds no event of a pull") from None
                if heard is not None:
                    yield heard
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {(error.strerror or type(error).__name__).lower()}") from None


def _heading(line: bytes, name: str) -> Heading:
    try:
        heading = msgspec.json.decode(line, type=Heading)
    except _UNREADABLE:
        raise ConfigError(f"{name} is no record: asyncjira pull --record FILE writes one") from None
    if heading.record > FORM:
        raise ConfigError(f"{name} was recorded by asyncjira {printable(heading.version)}: report it with that")
    return heading


def _heard(line: bytes) -> Heard | None:
    """Read one line; None for an event that this version does not know. Raises MsgspecError."""
    head = msgspec.json.decode(line, type=_Line)
    if head.event == "PullFinished":
        return Heard(head.at, PullFinished(msgspec.json.decode(line, type=_End).manifest))
    kind = _KINDS.get(head.event)
    return None if kind is None else Heard(head.at, msgspec.json.decode(line, type=kind))
