"""A terminal for tests: a pseudo-terminal with a program on it, and what a person would have seen there."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_CONTROL = re.compile(r"\x1b\[(\?)?([\d;]*)([A-Za-z])")
_PATIENCE = 20.0  # seconds


class Picture:
    """What is to be seen: reads the few controls that are written to move and to erase."""

    def __init__(self, columns: int) -> None:
        self.columns, self._lines, self._row, self._column = columns, [""], 0, 0

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._lines]

    def feed(self, text: str) -> None:
        done = 0
        for control in _CONTROL.finditer(text):
            self._put(text[done : control.start()])
            self._obey(control[2], control[3])
            done = control.end()
        self._put(text[done:])

    def _obey(self, argument: str, name: str) -> None:
        if name == "A":
            self._row = max(0, self._row - int(argument or 1))
        elif name == "K":
            assert argument == "2"
            self._lines[self._row] = ""
        else:
            assert name == "m", f"unknown control {name}"

    def _put(self, text: str) -> None:
        for char in text:
            if char == "\r":
                self._column = 0
            elif char == "\n":
                self._row += 1
            else:
                self._show(char)
            self._lines += [""] * (self._row + 1 - len(self._lines))

    def _show(self, char: str) -> None:
        if self._column == self.columns:
            self._row, self._column = self._row + 1, 0
        self._lines += [""] * (self._row + 1 - len(self._lines))
        line = self._lines[self._row].ljust(self._column)
        self._lines[self._row] = line[: self._column] + char + line[self._column + 1 :]
        self._column += 1


class Terminal:
    """Runs asyncjira on a terminal of its own. `pictures` are all that were to be seen, `raw` is what was written."""

    def __init__(
        self,
        arguments: Sequence[object],
        *,
        columns: int = 100,
        environment: Mapping[str, str] | None = None,
        stdout: Path | None = None,
        ignores_hangup: bool = False,
    ) -> None:
        self._master, slave = pty.openpty()
        self._picture, self.raw, self.pictures = Picture(columns), "", list[list[str]]()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.resize(columns)
        unset = ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
        inherited = {name: value for name, value in os.environ.items() if name not in unset}
        out = open(stdout, "wb") if stdout else slave  # noqa: SIM115 - closed below
        self.process = subprocess.Popen(
            # The terminal is that of a session of its own, so that Ctrl-C means this process.
            [
                *("setsid", "--ctty", *(["env", "--ignore-signal=HUP"] if ignores_hangup else [])),
                *(sys.executable, "-m", "asyncjira", *map(str, arguments)),
            ],
            stdin=slave,
            stdout=out,
            stderr=slave,
            env={**inherited, "TERM": "xterm-256color", **(environment or {})},
        )
        os.close(slave)
        if not isinstance(out, int):
            out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def resize(self, columns: int) -> None:
        self._picture.columns = columns
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def hang_up(self) -> None:
        os.close(self._master)
        self._master = -1

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def until(self, is_so: Callable[[list[str]], bool]) -> list[str]:
        """Look on until it is so; return the picture."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if not self._look():
                break
            if is_so(self.pictures[-1]):
                return self.pictures[-1]
        raise AssertionError(f"never so: {self.raw[-2000:]!r}")

    def end(self) -> tuple[int, list[str]]:
        """Look on to the end; return the exit code and the last picture."""
        while self._look():
            pass
        return self.process.wait(_PATIENCE), self._picture.lines

    def _look(self) -> bool:
        assert select.select([self._master], [], [], _PATIENCE)[0], f"nothing more came: {self.raw[-2000:]!r}"
        try:
            text = self._decoder.decode(os.read(self._master, 65536))
        except OSError:  # EIO: nobody is on it any more
            return False
        self.raw += text
        self._picture.feed(text)
        self.pictures.append(self._picture.lines)
        return True
