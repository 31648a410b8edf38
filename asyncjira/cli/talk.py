"""What the command line says of pulls, on stderr: lines for people, a picture on a terminal, or JSON for machines."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from asyncjira.cli.standing import Standing
from asyncjira.cli.stderr import say, write
from asyncjira.errors import printable
from asyncjira.events import Answered, Delivered, Event, Listener, Resumed, Retried, Throttled

if TYPE_CHECKING:
    from asyncjira.cli.screen import Screen

__all__ = ["Talk"]

_BETWEEN_FRAMES = 1 / 8  # seconds: faster than this numbers cannot be read
_BEFORE_THE_FIRST = 0.05  # seconds: then the first request is under way, and to load rich costs no time
_STDOUT = 1


class Talk:
    """Tells how pulls go: `progress` is "auto", "off" or "json", `loud` is -1 (quiet), 0 or 1 (verbose).

    A picture that moves is shown on a terminal only, and where stdout is the output, only if that goes into a file: it
    may be that terminal too, or be read by a program that writes there.
    """

    def __init__(
        self, progress: str, loud: int, *, stdout_is_output: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._json, self._loud, self._clock = progress == "json", loud, clock
        is_alone = not stdout_is_output or _is_file(_STDOUT)
        self._moves = progress == "auto" and loud >= 0 and is_alone and _can_move()
        self._began = clock()
        self._rows: list[Standing] = []
        self._only: Listener | None = None
        self._screen: Screen | None = None

    def row(self, name: str) -> Listener:
        """Give the pull `name` a row of its own, among others; return what is to hear its events, as `on_event`."""
        self._rows.append(Standing(name, self._clock))
        return partial(self._hear, self._rows[-1])

    def hear(self, event: Event) -> None:
        """Listen to the only pull: pass this as `on_event`."""
        if self._only is None:
            self._only = self.row("")
        self._only(event)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Show how the pulls go meanwhile, where there is a terminal to show it on; leave nothing of it behind."""
        if not self._moves:
            yield
            return
        drawing = asyncio.create_task(self._draw())
        try:
            yield
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)

    def warn(self, line: str) -> None:
        """Say something that is no error but should be known, unless quiet or where a machine listens."""
        if self._loud >= 0 and not self._json:
            self.line(line)

    def line(self, line: str) -> None:
        """Say a line, above what moves."""
        if self._screen is None:
            say(line)
        else:
            self._screen.above(line)

    @property
    def seconds(self) -> float:
        """Seconds since the start, never 0."""
        return max(self._clock() - self._began, 1e-9)

    async def _draw(self) -> None:
        await asyncio.sleep(_BEFORE_THE_FIRST)
        screen = await asyncio.to_thread(_screen, self._rows)
        with screen:
            self._screen = screen
            try:
                while True:
                    screen.draw()
                    await asyncio.sleep(_BETWEEN_FRAMES)
            finally:
                self._screen = None

    def _hear(self, row: Standing, event: Event) -> None:
        row.hear(event)
        name = f"{row.name}: " if row.name else ""
        if self._json:
            _tell_json(row, event)
        elif isinstance(event, Resumed):
            found = f"goes on behind {event.issues:,} issues" if event.issues else "has nothing to go on from: afresh"
            self.warn(f"asyncjira: {name}{event.place} {found}")
        elif isinstance(event, Retried | Throttled) and self._loud > 0:
            self.line(f"asyncjira: {name}{event.label}: {event.reason}; again in {event.seconds:.1f} s")


def _screen(rows: list[Standing]) -> Screen:
    from asyncjira.cli.screen import Screen

    return Screen(rows)


def _tell_json(row: Standing, event: Event) -> None:
    if isinstance(event, Answered | Delivered):  # many, and in the figures of all others
        return
    import orjson

    figures = row.figures()
    own = {key: printable(value) if isinstance(value, str) else value for key, value in asdict(event).items()}
    line = {
        "event": type(event).__name__,
        **({"pull": printable(row.name)} if row.name else {}),
        "issues_so_far": figures.issues,
        **own,
        "total": figures.total,
        "is_estimate": figures.is_estimate,
        "rate": _rounded(figures.rate),
        "eta_seconds": _rounded(figures.eta_seconds),
        "bytes": figures.bytes,
        "in_flight": figures.in_flight,
        "retries": figures.retries,
        "paused_seconds": _rounded(figures.paused_seconds),
    }
    write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _can_move() -> bool:
    return (
        sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb", "unknown")
    )


def _is_file(number: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(number).st_mode)
    except OSError:
        return False
