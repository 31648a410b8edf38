"""The file that keeps the state between two pulls: one pull at a time, replaced as a whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from asyncjira.errors import ConfigError, OutputError
from asyncjira.out.disk import DISK, Disk, failed, shown
from asyncjira.plan.state import State

__all__ = ["StateFile"]


class StateFile:
    """The state at `path`, None where there is none yet; locked (by `PATH.part`) until it is closed.

    Raises ConfigError where it is damaged, OutputError where another process has it, or it cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str], *, disk: Disk = DISK) -> None:
        self._path, self._disk = Path(os.path.realpath(path)), disk
        self._part = self._path.with_name(self._path.name + ".part")
        if self._path.exists() and not self._path.is_file():
            raise OutputError(f"{shown(self._path)} is no regular file, so it can keep no state")
        try:
            self._file: int | None = disk.open_locked(self._part)
        except OSError as error:
            raise failed(self._part, error) from None
        try:
            self.state = self._read()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> State | None:
        try:
            return State.from_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise OutputError(f"cannot read {shown(self._path)}: {reason}") from None
        except ConfigError as error:
            raise ConfigError(f"{shown(self._path)}: {error}") from None

    def replace(self, state: State) -> None:
        """Keep another state (mode 0600): durable before it takes the name. Raises OutputError."""
        if self._file is None:
            raise RuntimeError("the state file is closed")
        try:
            self._disk.cut(self._file, 0)
            os.fchmod(self._file, 0o600)
            self._disk.write(self._file, state.to_json())
            self._disk.sync(self._file)
            self._disk.rename(self._part, self._path)
            self._disk.sync_folder(self._path.parent)
        except OSError as error:
            raise failed(self._path, error) from None
        os.close(self._file)  # what has the name now is locked no more
        self._file, self.state = None, state

    def close(self) -> None:
        """Let another process have it. A second time, do nothing."""
        if self._file is not None:
            with suppress(OSError):
                self._disk.unlink(self._part)
            with suppress(OSError):
                os.close(self._file)
            self._file = None
