"""Pulls on a terminal: a row with a bar for each, and what they cost. Only who has a terminal pays for rich."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Self, cast

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from asyncjira.cli import stderr
from asyncjira.cli.figures import Figures, count, details, state, together
from asyncjira.cli.standing import Standing
from asyncjira.errors import printable

__all__ = ["Frame", "Screen"]

_LONGEST_BAR, _SHORTEST_BAR = 40, 8  # columns: longer says no more, shorter says nothing
_USUAL_STATE = 22  # columns of `1,234/s, 5 min 06 s left`, so that the bar keeps its length while that changes
_LONGEST_NAME = 24  # columns
_FREE = 3  # columns at the right: the terminal itself writes ^C behind the frame, which must not go to the next line
_GAP = "  "


class Screen:
    """Draws the pulls `rows` on stderr, which is a terminal, and takes them away at its end."""

    def __init__(self, rows: Sequence[Standing]) -> None:
        self._rows = rows
        self._live = Live(
            get_renderable=self._frame,
            console=_Terminal(file=cast(IO[str], _Stderr()), force_terminal=True, highlight=False),
            auto_refresh=False,  # by a thread, that is
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def draw(self) -> None:
        """Draw how they stand now, unless the terminal takes nothing, or another program has it."""
        if _may_draw():
            self._live.refresh()

    def above(self, line: str) -> None:
        """Write a line that stays, above all rows."""
        self._live.console.print(Text(printable(line, stderr.LONGEST_LINE)), soft_wrap=True)

    def _frame(self) -> Frame:
        return Frame([(row.name, row.figures()) for row in self._rows])


class Frame:
    """One picture of pulls by their names, as wide as the terminal is. A pull alone needs no name."""

    def __init__(self, pulls: Sequence[tuple[str, Figures]]) -> None:
        self._pulls = pulls or [("", Figures())]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give rich what it draws."""
        width = max(1, options.max_width - _FREE)
        if len(self._pulls) == 1 and not self._pulls[0][0]:
            figures = self._pulls[0][1]
            yield from _rows([("", figures)], " issues", width, options)
            if figures.phase != "begins" or figures.retries:
                yield _cut(Text(details(figures), "dim"), width, options)
            return
        most = max(1, options.size.height - 3)  # the line of all, the one of those left out, and the cursor's
        shown = sorted(self._pulls, key=lambda pull: pull[1].is_over)[:most] if len(self._pulls) > most else self._pulls
        yield from _rows(shown, "", width, options)
        if more := len(self._pulls) - len(shown):
            yield _cut(Text(f"and {more} more", "dim"), width, options)
        yield _cut(_all_of_them([figures for _, figures in self._pulls]), width, options)


def _rows(pulls: Sequence[tuple[str, Figures]], unit: str, width: int, options: ConsoleOptions) -> RenderResult:
    """Yield a line for each: its name, a bar where there is room for one, how many issues, and how it goes."""
    names = [printable(name) for name, _ in pulls]
    counts = [_counted(figures, unit) for _, figures in pulls]
    states = [state(figures) for _, figures in pulls]
    for_name = min(_LONGEST_NAME, width // 3, max(map(cell_len, names)))
    for_count = max(map(cell_len, counts))
    taken = for_name + for_count + max(_USUAL_STATE, *map(cell_len, states)) + 3 * len(_GAP)
    bar = max(_SHORTEST_BAR, min(_LONGEST_BAR, width - taken))
    has_bar = for_name + for_count + bar + min(map(cell_len, states)) + 3 * len(_GAP) <= width
    for (_, figures), name, counted, how in zip(pulls, names, counts, states, strict=True):
        head = Text(set_cell_size(name, for_name) + _GAP, "bold", end="") if for_name else Text(end="")
        yield head
        if has_bar:
            yield ProgressBar(total=1.0, completed=figures.share or 0.0, width=bar)
            yield Text(_GAP, end="")
        rest = Text(counted.rjust(for_count) + _GAP if for_count else "")
        rest.append(how, "yellow" if figures.paused_seconds else "cyan")
        yield _cut(rest, width - cell_len(head.plain) - (bar + len(_GAP)) * has_bar, options)


def _counted(figures: Figures, unit: str) -> str:
    return "" if figures.phase == "begins" and not figures.issues else count(figures) + unit


def _all_of_them(pulls: Sequence[Figures]) -> Text:
    total = together(pulls)
    return Text(f"{len(pulls)} pulls: {count(total).strip()} issues, {state(total)}, {details(total)}", "dim")


def _cut(text: Text, width: int, options: ConsoleOptions) -> Text:
    text.truncate(max(1, width), overflow="crop" if options.ascii_only else "ellipsis")
    return text


class _Terminal(Console):
    def show_cursor(self, show: bool = True) -> bool:
        """Leave it as it is: a pull that is killed could not give it back."""
        return False


class _Stderr:
    """What rich writes to: a stderr that never fails, as one that is gone must not end a pull."""

    @property
    def encoding(self) -> str:
        return getattr(sys.stderr, "encoding", None) or "utf-8"

    def write(self, text: str) -> None:
        # Python would write `\u2026` for what the terminal's encoding lacks, which is longer than was drawn.
        stderr.write(text.encode(self.encoding, "replace").decode(self.encoding))

    def flush(self) -> None:
        """Nothing: `write` does that."""


def _may_draw() -> bool:
    """Whether the terminal takes more (it is not stopped by Ctrl-S, say), and this process is in its foreground."""
    try:
        number = sys.stderr.fileno()
        if not select.select([], [number], [], 0)[1]:
            return False
    except (OSError, ValueError, AttributeError):
        return False
    try:
        return os.tcgetpgrp(number) in (-1, os.getpgrp())
    except OSError:
        return True  # the terminal of nobody
