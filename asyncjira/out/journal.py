"""What of an output is durable, told beside it: `PATH.journal`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asyncjira.errors import ConfigError, OutputError, printable
from asyncjira.manifest import Manifest
from asyncjira.out.disk import DISK, Disk, failed, shown
from asyncjira.out.packing import Point
from asyncjira.out.records import Asked, Commit, Named, Opened, Proved, Record, Resumed, User, line, read_lines
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Mark

__all__ = ["Journal"]

_LONGEST_VALUE = 200  # characters of a query in a message
_FORMAT = 1  # of the journal and of what it names: another one is not gone on from


class Journal:
    """Opens the journal (mode 0600) of the output at `place` for a pull that `asked`; one process at a time.

    What an earlier pull told stays there until `begin`, and counts after `resume`. Raises OutputError where another
    process has opened it, or it cannot be written.
    """

    def __init__(self, place: Path, asked: Mapping[str, Any], *, disk: Disk = DISK) -> None:
        self.path, self._disk = place.with_name(place.name + ".journal"), disk
        self._asked = {"format": _FORMAT, **asked}
        self._records, self._waiting, self._names = list[Record](), list[Record](), False
        self._earlier, self._is_ours = list[Record](), False
        self._file, self._is_open = self._open(), True
        try:
            self._read()
        except OSError as error:
            self.abandon()
            raise failed(self.path, error) from None

    def _open(self) -> int:
        try:
            return self._disk.open_locked(self.path)
        except BlockingIOError as error:
            raise OutputError(f"{failed(self.path, error)}{self._by_whom()}") from None
        except OSError as error:
            raise failed(self.path, error) from None

    def _by_whom(self) -> str:
        with suppress(OSError):
            opened = [record for record, _ in read_lines(self.path.read_bytes()) if isinstance(record, Opened)]
            return f" (pid {opened[-1].pid}, since {opened[-1].at})" if opened else ""
        return ""

    def _read(self) -> None:
        """Learn what an earlier pull told, and tell that this process is here."""
        content = self.path.read_bytes()
        read = list(read_lines(content))
        if content and not read:
            return  # nobody's journal, or nothing is left of it
        self._earlier, self._is_ours = [record for record, _ in read], True
        self._disk.cut(self._file, read[-1][1] if read else 0)
        self._disk.write(self._file, line(Opened(os.getpid(), _now())))
        self._disk.sync(self._file)  # a disk that is full is found out before the first request

    @property
    def commits(self) -> list[Commit]:
        """What an earlier pull named as durable."""
        return [record for record in self._earlier if isinstance(record, Commit)]

    @property
    def proved(self) -> Manifest | None:
        """The manifest of an earlier pull that had come to its end."""
        return next((record.manifest for record in reversed(self._earlier) if isinstance(record, Proved)), None)

    @property
    def naming(self) -> Naming | None:
        """Under which keys an earlier pull has delivered fields."""
        return next((record.naming for record in self._earlier if isinstance(record, Named)), None)

    @property
    def resumed(self) -> int:
        """How often the pull went on."""
        return sum(isinstance(record, Resumed) for record in self._records)

    @property
    def began_at(self) -> str | None:
        """When the pull began to write here."""
        return next((record.at for record in self._records if isinstance(record, Asked)), None)

    @property
    def names_something(self) -> bool:
        """Whether there is something to go on from."""
        return self._names or bool(self.commits or self.proved)

    @property
    def can_go_on(self) -> bool:
        """Whether a pull that asks the same can go on from what is named here."""
        of_another = any(isinstance(record, Asked) and record.asked != self._asked for record in self._earlier)
        return self.names_something and (self._names or not of_another)

    def check_asked(self) -> None:
        """Raise ConfigError where the earlier pull asked for something else."""
        for record in self._earlier:
            if isinstance(record, Asked) and record.asked != self._asked:
                raise ConfigError(f"{self._difference(record.asked)}: ask as before, or start afresh without --resume")

    def _difference(self, earlier: Mapping[str, Any]) -> str:
        names = [name for name in {**earlier, **self._asked} if earlier.get(name) != self._asked.get(name)]
        told = (f"{name} was {_told(earlier.get(name))} and is {_told(self._asked.get(name))} now" for name in names)
        return f"{shown(self.path)} is of another pull ({'; '.join(told)})"

    def check_user(self, user: str | None) -> None:
        """Remember as whom the pull is made. Raises ConfigError where it was begun as somebody else."""
        told = (*self._records, *self._waiting)
        known = next((record.name for record in told if isinstance(record, User)), None)
        if known is None and user is not None:
            self._waiting.append(User(user))
        elif user is not None and user != known:
            raise ConfigError(
                f"what came before was pulled as {_told(known)}, and this is {_told(user)}, who may see other issues: "
                "log in as before, or start afresh without --resume"
            )

    def name(self, naming: Naming) -> None:
        """Remember under which keys fields are delivered, before anything of the output is written."""
        self._waiting.append(Named(naming))

    def begin(self) -> None:
        """Forget an earlier pull, durably, before anything of its output is touched. Raises OutputError."""
        self._earlier, self._is_ours = [], True
        try:
            self._disk.cut(self._file, 0)
            self._disk.sync(self._file)
            self._tell(Opened(os.getpid(), _now()), Asked(_now(), self._asked))
            self._disk.sync_folder(self.path.parent)
        except OSError as error:
            raise failed(self.path, error) from None

    def resume(self, commit: Commit) -> None:
        """Go on behind `commit` of the earlier pull. Raises OutputError."""
        self._records = [record for record in self._earlier if not isinstance(record, Commit)]
        self._tell(Resumed(commit.bytes))

    def commit(self, point: Point, mark: Mark) -> None:
        """Name what is durable by now. Raises OutputError."""
        self._tell(Commit(*point, mark.first, mark.since_ms, mark.silences))
        self._names = True

    def prove(self, manifest: Manifest) -> None:
        """Tell that what is durable by now is whole. Raises OutputError."""
        self._tell(Proved(manifest))
        self._names = True

    def _tell(self, *records: Record) -> None:
        told, self._waiting = [*records, *self._waiting], []
        try:
            self._disk.write(self._file, b"".join(map(line, told)))
            self._disk.sync(self._file)
        except OSError as error:
            raise failed(self.path, error) from None
        self._records.extend(record for record in told if not isinstance(record, Commit))  # those may be many

    def remove(self) -> None:
        """Remove it: nothing is left to be told. Raises OutputError."""
        try:
            self._disk.unlink(self.path)
        except OSError as error:
            raise failed(self.path, error) from None
        self._is_open = self._names = False
        self._earlier = []
        with suppress(OSError):  # where it comes back it says what is true
            self._disk.sync_folder(self.path.parent)
        with suppress(OSError):
            os.close(self._file)

    def abandon(self) -> None:
        """Close it, and keep it where it names anything. After `remove`, or a second time, do nothing."""
        if not self._is_open:
            return
        self._is_open = False
        with suppress(OSError):
            if self._is_ours and not self.names_something:
                self._disk.unlink(self.path)
        with suppress(OSError):
            os.close(self._file)


def _told(value: object) -> str:
    return printable(str(value), longest=_LONGEST_VALUE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
