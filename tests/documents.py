"""What a page of the documentation says to type, typed in the order in which it stands there."""

import ast
import inspect
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What installs needs an index of packages: CI does it with the README's own lines.
_INSTALLS = re.compile(r"(python3 -m venv|\.venv/bin/pip|pip install|source \.venv)\b")


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
    exports: list[str] = field(default_factory=list)
    printed: str = ""

    def _meant(self, text: str) -> str:
        for named, url in self.at.items():
            text = text.replace(named, url)
        return text.replace("=...", "=s3cret")

    def type(self, block: str) -> subprocess.CompletedProcess[str]:
        """Run lines of a shell, which must end well."""
        lines = [line for line in self._meant(block).splitlines() if not _INSTALLS.match(line)]
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        environment |= {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(self.folder / ".config")}
        script = "\n".join([*self.exports, *lines])
        self.exports += [line for line in lines if line.startswith("export ")]
        command = ["bash", "-ec", script]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=environment, timeout=120
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        self.printed += done.stdout
        return done

    async def run(self, block: str) -> None:
        """Run lines of Python, as in a notebook."""
        code = compile(self._meant(block), "<page>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, self.names)
        if inspect.isawaitable(result):
            await result
