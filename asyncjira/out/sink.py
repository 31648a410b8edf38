"""The way of issues into an output: written as they come, and those that come late put into their places at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from asyncjira.errors import OutputError
from asyncjira.jira.head import read_head
from asyncjira.manifest import Manifest
from asyncjira.out.commits import Commits
from asyncjira.out.journal import Journal
from asyncjira.out.late import LateRows
from asyncjira.out.packing import Packing
from asyncjira.out.recovery import recover
from asyncjira.out.settling import Settling
from asyncjira.out.shape import Encoder, Shape
from asyncjira.out.target import FileTarget, StreamTarget
from asyncjira.plan.naming import Naming
from asyncjira.plan.start import Mark, Start
from asyncjira.plan.strategy import Place

__all__ = ["Sink"]

_Bytes = bytes  # an attribute is named like the type


class Sink:
    """Writes issues to a target. What reads or writes belongs into a thread: it waits for the disk.

    Into a stream all issues go as they come. In a file those that come late get their places when it is closed; only
    where there are any it is written once more. What of it is durable is told to the `journal`, from which a later sink
    can go on, where it `resumes`. What fields are called goes into the file `fields`, which appears with the output;
    `naming` is what it will say. `is_over` says whether the sink was finished or abandoned, `has_failed` whether issues
    could not be written.
    """

    def __init__(
        self,
        shape: Shape,
        target: FileTarget | StreamTarget,
        journal: Journal | None = None,
        *,
        resumes: bool = False,
        fields: FileTarget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fields = fields
        self.naming: Naming | None = None
        self._shape, self._target, self._packing = shape, target, Packing(shape)
        self._journal, self.resumes = journal, resumes
        self._file = target if isinstance(target, FileTarget) else None
        self._commits = Commits(self._packing, self._file, journal, clock) if self._file is not None else None
        self._late: tuple[LateRows, LateRows] | None = None  # those with a place between others, and tombstones
        self._last = b""
        self._repeated = 0  # rows that are no further issues
        self._leaves_late = self._is_closed = self._is_proved = False
        self.is_over = self.has_failed = False

    @property
    def may_block(self) -> bool:
        """Whether a write may wait for ever, as for the reader of a pipe."""
        return self._target.may_block

    @property
    def place(self) -> str:
        """Where what was written is."""
        return self._target.place

    @property
    def spares_another(self) -> bool:
        """Whether an output of another pull stands under the name as long as this one is not whole."""
        return self._file is not None and self._file.path.exists()

    @property
    def can_be_resumed(self) -> bool:
        """Whether a later pull can go on from what is durable here."""
        return self._journal is not None and self._journal.can_go_on

    @property
    def issues(self) -> int:
        """How many issues were written; one that replaces another is the same issue, and a tombstone is none."""
        return self._packing.issues - self._repeated

    @property
    def bytes(self) -> int:
        """The size of the output so far."""
        return self._packing.bytes

    @property
    def sha256(self) -> str:
        """The hash of the output so far, as hexadecimal digits."""
        return self._packing.sha256

    def describe(self, manifest: Manifest) -> Manifest:
        """Return a manifest with what is known of the output so far."""
        journal = self._journal
        manifest = replace(manifest, issues=self.issues, bytes=self.bytes, sha256=self.sha256)
        if journal is None or not journal.resumed:
            return manifest
        return replace(manifest, started_at=journal.began_at or manifest.started_at, resumed=journal.resumed)

    def recover(self) -> Start | Manifest | None:
        """Go on from what is durable of an earlier pull: return what to pull, or its manifest where that was all.

        None where there is nothing to go on from. Raises ConfigError where the earlier pull had asked for something
        else, or its output may not be replaced, and OutputError.
        """
        if self._journal is None or self._file is None or self._commits is None:
            return None
        found = recover(self._journal, self._file, self._shape)
        self.naming = None if found is None else self._journal.naming
        self._is_proved = isinstance(found, Manifest)
        if found is None or isinstance(found, Manifest):
            return found
        self._packing, self._last = found.packing, found.last
        self._commits.go_on(found.packing, found.mark)
        return found.start

    def check_user(self, user: str | None) -> None:
        """Raise ConfigError where the output was begun as another user of Jira. None where nobody tells."""
        if self._journal is not None:
            self._journal.check_user(user)

    def name(self, naming: Naming | None) -> None:
        """Remember under which keys fields are delivered; None: under their ids. An earlier pull's stay."""
        if self.naming is None and naming is not None:
            self.naming = naming
            if self._journal is not None:
                self._journal.name(naming)

    def write(self, issues: Sequence[_Bytes], place: Place = "next", mark: Mark | None = None) -> None:
        """Add issues to the output; `place` and `mark` as in `Rows`. Raises OutputError, BrokenPipeError."""
        try:
            self._write(issues, place, mark)
        except OutputError:
            self.has_failed = True
            raise

    def _write(self, issues: Sequence[_Bytes], place: Place, mark: Mark | None) -> None:
        if self._file is None or self._commits is None:
            self._target.write(self._packing.page(issues))
            self._repeated += len(issues) if place in ("replace", "last") else 0
        elif place == "next":
            self._commits.write(issues, mark)
            self._last = issues[-1]
        else:
            self._keep(issues, self._file, place)

    def close(self) -> None:
        """End the output, so that it can be read, and put what came late into its place.

        Raises OutputError; where only what came late has no place then, the rest can be read.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._commits is not None:
            self._commits.commit()
        if self._file is None or self._commits is None or self._late is None or self._leaves_late:
            self._target.write(self._packing.end())
            return
        settling = Settling(self._shape, self._file, self._commits, *self._late, lambda: self._leaves_late)
        self._packing = settling.settle(read_head(self._last) if self._last else None)
        self._repeated = settling.tombstones

    def leave_late(self) -> None:
        """Leave out what came late, also while `close` puts it into its place just now: any thread may call this."""
        self._leaves_late = True

    def prove(self, manifest: Manifest) -> None:
        """Make the output durable, and tell that it is whole: from now on the rest can be done without Jira."""
        if self._file is not None and self._journal is not None and not self._is_proved:
            self._file.sync()
            self._journal.prove(manifest)

    def finish(self) -> None:
        """Make the output appear under its own name, and beside it what its fields are called."""
        if self._fields is not None and self.naming is not None:
            self._fields.write(self.naming.to_json())
        self._target.finish()
        if self._fields is not None and self.naming is not None:
            self._fields.finish()
        self._end()

    def forget(self) -> None:
        """Remove the journal: the output and what belongs beside it are there."""
        if self._journal is not None:
            self._journal.remove()

    def abandon(self) -> None:
        """Leave the output unfinished; nothing appears under its own name."""
        self._target.abandon()
        if self._fields is not None:
            self._fields.abandon()
        if self._journal is not None:
            self._journal.abandon()
        self._end()

    def _end(self) -> None:
        self.is_over = True
        for rows in self._late or ():
            rows.close()

    def _keep(self, issues: Sequence[_Bytes], target: FileTarget, place: Place) -> None:
        if self._late is None:
            self._late = LateRows(target.part.parent), LateRows(target.part.parent)
        rows, encoder = self._late[place == "last"], Encoder(self._shape)
        try:
            for issue in issues:
                rows.add(encoder.row(issue), read_head(issue), replaces=place == "replace")
        except OutputError:
            self.leave_late()
            with suppress(OutputError):
                self.close()
            raise
