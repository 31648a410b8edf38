"""What a page of the documentation says to type, typed in the order in which it stands there."""

import ast
import asyncio
import inspect
import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from asyncjira.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What installs needs an index of packages: CI does it with the README's own lines.
_INSTALLS = re.compile(r"(python3 -m venv|\.venv/bin/pip|pip install|source \.venv)\b")
_PLAIN = re.compile(r"asyncjira [^$`|<>&;*?~\\]*")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of each block of code on a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@dataclass
class Reader:
    """Types what a page says, in `folder`, at the Jiras `at`, which stand for those that it names."""

    folder: Path
    at: dict[str, str]
    names: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def _lines(self, block: str) -> list[str]:
        return [line for line in self._meant(block).splitlines() if not _INSTALLS.match(line)]

    def _meant(self, text: str) -> str:
        for named, url in self.at.items():
            text = text.replace(named, url)
        return text.replace("=...", "=s3cret")

    def type(self, block: str) -> None:
        """Run lines, which must end well: in this process, if a shell would do no more than split them into words."""
        lines = self._lines(block)
        if any(line.endswith(("&&", "\\")) for line in lines):
            self.in_shell(block)
            return
        for line in lines:
            words = shlex.split(line, comments=True)
            if words[0] == "export":
                self.environment |= dict(word.split("=", 1) for word in words[1:])
            elif _PLAIN.fullmatch(line):
                home = {"XDG_CONFIG_HOME": str(self.folder / ".config")}
                with patch.dict(os.environ, self.environment | home), chdir(self.folder):
                    assert main(words[1:]) == 0, line
            else:
                self.in_shell(line)

    def in_shell(self, block: str) -> subprocess.CompletedProcess[str]:
        """Run lines by a shell, which must end well."""
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **self.environment}
        environment |= {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(self.folder / ".config")}
        script = "\n".join(self._lines(block))
        command = ["bash", "-ec", script]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=environment, timeout=120
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done

    def run(self, block: str) -> None:
        """Run lines of Python, as in a notebook."""
        code = compile(self._meant(block), "<page>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        with chdir(self.folder):
            result = eval(code, self.names)
            if inspect.iscoroutine(result):
                asyncio.run(result)
