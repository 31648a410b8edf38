"""What the command line says of a pull, on stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from asyncjira.cli.stderr import say, write
from asyncjira.events import Event, PageFetched, PullFinished, Resumed, Retried, Throttled

__all__ = ["Talk"]

_BETWEEN_UPDATES = 0.1  # seconds: faster than this a moving line cannot be read
_ERASE_LINE = "\r\x1b[2K"


class Talk:
    """Tells how a pull goes: `progress` is "auto", "off" or "json", `loud` is -1 (quiet), 0 or 1 (verbose).

    A line that moves is shown on a terminal only, and not where stdout is the output, which may be that terminal too.
    """

    def __init__(
        self, progress: str, loud: int, *, stdout_is_output: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._json, self._loud, self._clock = progress == "json", loud, clock
        can_move = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._moving = progress == "auto" and loud >= 0 and can_move and not stdout_is_output
        self._began = self._shown_at = clock()
        self._issues = 0

    def hear(self, event: Event) -> None:
        """Listen to a pull: pass this as `on_event`."""
        if isinstance(event, PageFetched):
            self._issues = min(self._issues + event.issues, event.total)  # pages of a proof share rows
        elif isinstance(event, Resumed):
            self._issues = event.issues
        elif isinstance(event, PullFinished):
            self._issues = event.manifest.issues
        if self._json:
            self._tell_json(event)
        elif isinstance(event, PageFetched):
            self._move(event)
        elif isinstance(event, Resumed):
            found = f"goes on behind {event.issues:,} issues" if event.issues else "has nothing to go on from: afresh"
            self.warn(f"asyncjira: {event.place} {found}")
        elif isinstance(event, Retried | Throttled) and self._loud > 0:
            self.line(f"asyncjira: {event.label}: {event.reason}; again in {event.seconds:.1f} s")

    def warn(self, line: str) -> None:
        """Say something that is no error but should be known, unless quiet or where a machine listens."""
        if self._loud >= 0 and not self._json:
            self.line(line)

    def line(self, line: str) -> None:
        """Say a line, in place of the moving one."""
        self.clear()
        say(line)

    def clear(self) -> None:
        """Take the moving line away."""
        if self._moving:
            write(_ERASE_LINE)

    @property
    def seconds(self) -> float:
        """Seconds since the start, never 0."""
        return max(self._clock() - self._began, 1e-9)

    def _move(self, event: PageFetched) -> None:
        if self._moving and self._clock() - self._shown_at >= _BETWEEN_UPDATES:
            self._shown_at = self._clock()
            rate = self._issues / self.seconds
            write(f"{_ERASE_LINE}{self._issues:,} of {event.total:,} issues, {rate:,.0f}/s")

    def _tell_json(self, event: Event) -> None:
        import orjson

        facts = {"event": type(event).__name__, "issues_so_far": self._issues, **asdict(event)}
        write(orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE).decode())
