"""An output that is pulled as lines, and appears as a table."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncjira.convert.lines import Lines
from asyncjira.convert.table import Made, Table
from asyncjira.errors import ConfigError, OutputError
from asyncjira.out.disk import DISK, Disk, failed
from asyncjira.out.target import FileTarget

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest

__all__ = ["TableTarget"]


class TableTarget(FileTarget):
    """Takes lines into `PATH.part`, makes the `table` of them in `PATH.part.new`, and lets that become `PATH`.

    Until it has, the lines stay: a pull that was interrupted while the table was made need not ask Jira again. Raises
    what FileTarget raises.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        table: Table,
        force: bool = False,
        resumes: bool = False,
        disk: Disk = DISK,
    ) -> None:
        super().__init__(path, force=force, resumes=resumes, disk=disk)
        self._table, self._new = table, self.part.with_name(self.part.name + ".new")
        self._new_file: int | None = None
        self._is_hurried = False

    def hurry(self) -> None:
        """Make no table any more, also while one is being made; any thread may call this."""
        self._is_hurried = True

    def make(self, manifest: Manifest) -> Manifest:
        """Make the table of the lines, and return the manifest with what is true of it. Raises OutputError."""
        if not self._is_open:  # it has its name already
            return manifest
        try:
            self._disk.unlink(self._new)
            self._new_file = file = self._disk.open_locked(self._new)
        except OSError as error:
            raise failed(self._new, error) from None
        try:
            made = self._table.make(
                Lines(self.part), self.part, lambda block: self._disk.write(file, block), lambda: self._is_hurried
            )
        except ConfigError as error:
            raise OutputError(f"no table can be made of what was pulled: {error}") from None
        _check(made, manifest)
        return replace(manifest, bytes=made.bytes, sha256=made.sha256, warnings=(*manifest.warnings, *made.notes))

    def finish(self) -> None:
        """Let the table appear, and remove the lines. Raises OutputError."""
        if not self._is_open or self._new_file is None:
            return
        try:
            self._appear(self._new_file, self._new)
            self._disk.unlink(self.part)
        except OSError as error:
            raise failed(self.path, error) from None
        finally:
            self._close_new()

    def abandon(self) -> None:
        """Keep the lines, and nothing of a table."""
        if self._is_open:
            with suppress(OSError):
                self._disk.unlink(self._new)
        self._close_new()
        super().abandon()

    def _close_new(self) -> None:
        if self._new_file is not None:
            with suppress(OSError):
                os.close(self._new_file)
            self._new_file = None


def _check(made: Made, manifest: Manifest) -> None:
    if made.issues != manifest.issues:
        raise OutputError(f"{made.issues:,} of {manifest.issues:,} issues came into the table: please report it")
