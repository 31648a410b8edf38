"""Writes down what a listener hears, while the pull runs."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import fields
from types import TracebackType
from typing import Any, Self

import orjson

from asyncjira import __version__
from asyncjira.errors import JiraError, OutputError
from asyncjira.events import Answered, Event
from asyncjira.net.clock import now
from asyncjira.out.disk import DISK, Disk, failed, shown
from asyncjira.out.target import check_free, place_of

__all__ = ["FORM", "Recorder"]

FORM = 1  # of the record: counted up where an older report would misread it
_BETWEEN_WRITES = 0.5  # seconds: what a crash may cost the record


class Recorder:
    """Writes every event of a pull into the file at `path`, of which `asyncjira report` makes a page.

    with asyncjira.Recorder("run.record") as recorder:
        async with asyncjira.Jira(url, on_event=recorder) as jira:
            await jira.pull_to("issues.ndjson", jql)

    The file (mode 0600) holds one JSON object a line: first `record`, `version`, and `started_at`, in UTC; then each
    event by its name, with its own fields, and `at`, the seconds since `started_at` at which it was heard (`sent_at`
    counts from there, too). It names the URL and the query, and ids where the manifest does; no issue and no token.
    Where an exception leaves the `with`, the last line is a `PullFailed` that says what it was. A pull of which nothing
    was heard leaves no record. Lines are written twice a second, in a thread: no disk holds the pull up.

    Raises ConfigError where `path` exists and `force` is not set, OutputError where it cannot be opened; at the end,
    OutputError where it could not be written. That does not touch the pull.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        force: bool = False,
        clock: Callable[[], float] = time.monotonic,
        disk: Disk = DISK,
    ) -> None:
        self._path, self._disk, self._clock = place_of(path), disk, clock
        check_free(self._path, force=force)
        try:
            self._file = disk.open_locked(self._path)
        except OSError as error:
            raise failed(self._path, error) from None
        self._began = clock()
        self._started_at = now()
        self._lines: deque[dict[str, Any]] = deque()
        self._ended = threading.Event()
        self._error: OutputError | None = None
        self._thread: threading.Thread | None = None
        self._is_open = True

    def __repr__(self) -> str:
        return f"<Recorder {shown(self._path)}>"

    def __call__(self, event: Event) -> None:
        """Note an event: pass the recorder itself as `on_event`."""
        at = self._clock() - self._began
        own = {field.name: getattr(event, field.name) for field in fields(event)}
        if isinstance(event, Answered):
            own |= {
                "sent_at": round(at - event.seconds, 6),
                "seconds": round(event.seconds, 6),
            }  # it is told at its end
        self._note(type(event).__name__, at, own)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._thread is not None:
            said = str(error) if isinstance(error, JiraError) else ""  # what others say may hold a secret
            own = {"error": type(error).__name__, "reason": said}
            self._note("PullFailed", self._clock() - self._began, own)
        try:
            self.close()
        except OutputError as second:
            if error is None:
                raise
            error.add_note(str(second))

    def close(self) -> None:
        """Write what is left, and close the file. A second time, do nothing. Raises OutputError."""
        if not self._is_open:
            return
        self._is_open = False
        if self._thread is None:
            self._forget()
        else:
            self._ended.set()
            self._thread.join()
        self._disk.close(self._file)
        if self._error is not None:
            raise self._error

    def _note(self, name: str, at: float, own: dict[str, Any]) -> None:
        if not self._is_open or self._error is not None:
            return
        self._lines.append({"event": name, "at": round(at, 6), **own})
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_now_and_then, name="asyncjira-record", daemon=True)
            self._thread.start()

    def _forget(self) -> None:
        """Leave no empty file behind, and a whole one as it was."""
        try:
            if os.fstat(self._file).st_size == 0:
                self._disk.unlink(self._path)
        except OSError as error:
            self._error = failed(self._path, error)

    def _write_now_and_then(self) -> None:
        try:
            self._disk.cut(self._file, 0)
            os.fchmod(self._file, 0o600)
            self._write([{"record": FORM, "version": __version__, "started_at": self._started_at}])
            while not self._ended.wait(_BETWEEN_WRITES):
                self._write(self._waiting())
            self._write(self._waiting())
        except OSError as error:
            self._error = failed(self._path, error)

    def _waiting(self) -> list[dict[str, Any]]:
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def _write(self, lines: list[dict[str, Any]]) -> None:
        block = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        if block:
            self._disk.write(self._file, block)
