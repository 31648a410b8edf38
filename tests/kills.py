"""Pulls in processes of their own that are killed at random moments, and go on until one comes to its end."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from asyncjira.mock import MockJira
from asyncjira.out.records import Commit, read_lines
from asyncjira.out.shape import Shape

from .resumed import UNPACK

MOCKS = ("dc", "cloud")
NAMES = ("a.ndjson", "a.json", "a.ndjson.gz", "a.json.gz", "a.ndjson.zst", "a.json.zst")
PAGE, CONCURRENCY = 25, 4
# The package's own command line, but with commits that are small enough for so few issues.
_COMMAND = """
import sys
from asyncjira.cli import main
from asyncjira.out import commits
commits._BLOCK, commits._COMMIT, commits._SECONDS = 1 << 14, 1 << 15, 0.1
main()
"""


@dataclass
class Found:
    """How often it was killed, how many pages were fetched over what one pull takes, and what is wrong."""

    kills: int = 0
    resumed: int = 0
    pages: int = 0
    wrong: list[str] = field(default_factory=list)


def killed_until_done(folder: Path, flavor: str, name: str, dice: Random, *, issues: int = 1500) -> Found:
    """Pull, kill and go on; look at the `.part` after each kill, and at the output in the end."""
    path, found, shape = folder / name, Found(), Shape.of(name)
    with MockJira(issues=issues, flavor=flavor, mutate=0.5, latency=0.02, seed=dice.randrange(10**6)) as mock:
        command = [sys.executable, "-c", _COMMAND, "pull", "--url", mock.url, "-o", str(path), "--resume", "-q"]
        command += ["--page-size", str(PAGE), "--concurrency", str(CONCURRENCY), "--rate", "0", "--fields", "summary"]
        while True:
            before = len(mock.wire)
            process = subprocess.Popen(command, stderr=subprocess.PIPE)
            if dice.random() < 0.8 or not found.kills:
                _wait_for(mock, before + dice.randint(1, issues // PAGE), process)
                time.sleep(dice.random() * 0.03)
                process.kill()
            _, told = process.communicate()
            if process.returncode == 0:
                break
            if process.returncode > 0:
                return Found(wrong=[told.decode()])
            found.kills += 1
            found.wrong += _look_at_part(path, shape)
        found.pages = sum(entry["status"] == 200 for entry in mock.wire)
        found.wrong += _compare(path, shape, mock)
        found.resumed = json.loads(Path(f"{path}.manifest.json").read_bytes())["resumed"]
    return found


def _wait_for(mock: MockJira, requests: int, process: subprocess.Popen[bytes]) -> None:
    while len(mock.wire) < requests and process.poll() is None:
        time.sleep(0.002)


def _read(content: bytes, shape: Shape) -> list[Any]:
    text = UNPACK[shape.compression](content)
    if shape.form == "ndjson":
        return [json.loads(each) for each in text.splitlines()]
    return list(json.loads(text if text.endswith(b"\n]\n") else text + b"\n]\n"))


def _look_at_part(path: Path, shape: Shape) -> list[str]:
    """Say what is wrong with what is named of a `.part`."""
    part, journal = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.journal")
    if not journal.exists() or not part.exists():
        return []
    content = part.read_bytes()
    commits = [record for record, _ in read_lines(journal.read_bytes()) if isinstance(record, Commit)]
    there = [each for each in commits if sha256(content[: each.bytes]).hexdigest() == each.sha256]
    if commits and not there:
        return ["nothing that the journal names is there"]
    ok = all(len(_read(content[: each.bytes], shape)) == each.issues for each in there)
    return [] if ok else ["the .part is not what the journal says"]


def _compare(path: Path, shape: Shape, mock: MockJira) -> list[str]:
    issues, truth = _read(path.read_bytes(), shape), mock.truth()
    versions = {issue["id"]: _milliseconds(issue, "updated") for issue in issues}
    created = [_milliseconds(issue, "created") // 1000 for issue in issues]
    found = {
        "lost": truth.throughout - set(versions),
        "phantoms": set(versions) - truth.ever,
        "twice": len(issues) - len(versions),
        "old": [name for name, updated in (truth.fresh or {}).items() if versions.get(name, math.inf) < updated],
        "out of order": created != sorted(created),
    }
    return [f"{name}: {value}" for name, value in found.items() if value]


def _milliseconds(issue: dict[str, Any], name: str) -> int:
    return round(datetime.fromisoformat(issue["fields"][name]).timestamp() * 1000)
