"""What the command line says on stderr. stdout is for data."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from asyncjira.errors import printable
from asyncjira.events import Event, PageFetched, PullFinished

__all__ = ["Talk", "say"]

_BETWEEN_UPDATES = 0.1  # seconds: faster than this a moving line cannot be read
_ERASE_LINE = "\r\x1b[2K"


def say(line: str) -> None:
    """Print one line to stderr, made safe for a terminal. A stderr that is closed is nobody's loss."""
    with suppress(OSError, ValueError, AttributeError):
        print(printable(line, longest=2000), file=sys.stderr, flush=True)  # noqa: T201 - this is where we talk


class Talk:
    """Tells how a pull goes: `progress` is "auto", "off" or "json", `loud` is -1 (quiet), 0 or 1 (verbose)."""

    def __init__(self, progress: str, loud: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._json, self._loud, self._clock = progress == "json", loud, clock
        self._moving = progress == "auto" and loud >= 0 and sys.stderr is not None and sys.stderr.isatty()
        self._began = self._shown_at = clock()
        self._issues = 0

    def hear(self, event: Event) -> None:
        """Listen to a pull: pass this as `on_event`."""
        if isinstance(event, PageFetched):
            self._issues += event.issues
        if self._json:
            self._tell_json(event)
        elif isinstance(event, PageFetched):
            self._move(event)
        elif not isinstance(event, PullFinished) and self._loud > 0:
            self.line(f"{event.label}: {event.reason}, again in {event.seconds:.1f} s")

    def warn(self, line: str) -> None:
        """Say something that is no error but should be known, unless quiet."""
        if self._loud >= 0:
            self.line(line)

    def line(self, line: str) -> None:
        """Say a line, in place of the moving one."""
        self.clear()
        say(line)

    def clear(self) -> None:
        """Take the moving line away."""
        if self._moving:
            self._write(_ERASE_LINE)

    @property
    def seconds(self) -> float:
        """Seconds since the start, never 0."""
        return max(self._clock() - self._began, 1e-9)

    def _move(self, event: PageFetched) -> None:
        if self._moving and self._clock() - self._shown_at >= _BETWEEN_UPDATES:
            self._shown_at = self._clock()
            rate = self._issues / self.seconds
            self._write(f"{_ERASE_LINE}{self._issues:,} of {event.total:,} issues, {rate:,.0f}/s")

    def _tell_json(self, event: Event) -> None:
        import orjson

        facts = {"event": type(event).__name__, "issues_so_far": self._issues, **asdict(event)}
        self._write(orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE).decode())

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()
