"""Writing to stderr, which may be closed, and may be a terminal. stdout is for data."""

from __future__ import annotations

import sys
from contextlib import suppress

from asyncjira.errors import printable

__all__ = ["LONGEST_LINE", "say", "write"]

LONGEST_LINE = 2000  # characters: Jira's words about a query, and ours around them


def say(line: str) -> None:
    """Say one line, made safe for a terminal."""
    write(printable(line, longest=LONGEST_LINE) + "\n")


def write(text: str) -> None:
    """Write `text` as it is."""
    if sys.stderr is not None:  # closed: then nobody listens
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()
