"""Pulls of a changing Jira into a file, without sockets, that lose their power and go on until one is done."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Self

from asyncjira import ConfigError, IncompleteError, OutputError, ServerError
from asyncjira.jira.page import SearchPage
from asyncjira.manifest import Manifest
from asyncjira.out.disk import DISK, Disk
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape
from asyncjira.plan.proof import ProofStrategy
from asyncjira.plan.start import Start
from asyncjira.plan.strategy import Ask, Rows
from asyncjira.pull.deliver import deliver

from .disks import MortalDisk
from .model import Server, answer, server, strategy

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Any] = {"": bytes, "gz": gzip.decompress, "zst": zstd.decompress}
WHOLE = Manifest(
    version="0",
    url="http://jira.example",
    jql="",
    api="offset",
    fields=("*all",),
    expand=(),
    started_at="",
    finished_at="",
    complete=True,
    guarantee="proven",
    issues=0,
    duplicates_dropped=0,
    refetched_pages=0,
    requests=1,
    retries=0,
    throttled_seconds=0.0,
    total_first=None,
    total_last=None,
    fresh=True,
)


def _text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def spelled(_: Ask, page: SearchPage) -> SearchPage:
    """Let the issues of a page look like Jira's."""
    assert page.dates is not None
    rows = zip(page.ids, page.dates.created, page.dates.updated, strict=True)
    issues = [
        (b'{"id":"%b","fields":{"created":"%b","updated":"%b"}}' % tuple(text.encode() for text in texts))
        for texts in ((name, _text(created * 1000), _text(updated)) for name, created, updated in rows)
    ]
    return replace(page, issues=issues)


@dataclass
class Attempt:
    """One pull of `jira`, as `deliver` sees it; it fails after so many `answers`, or is `doubtful` at its end."""

    jira: Server
    dice: Random
    answers: int | None = None
    doubtful: bool = False
    user = None
    naming = None
    start: Start | None = None
    plan: ProofStrategy = field(default_factory=strategy)

    @property
    def manifest(self) -> Manifest:
        outcome = self.plan.outcome()
        complete = not outcome.doubts and not self.doubtful
        return replace(WHOLE, complete=complete, guarantee=outcome.guarantee, warnings=outcome.doubts)

    def begin_with(self, start: Start | None, place: str, naming: None) -> None:
        self.start, self.plan = start, strategy(start=start)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def rows(self) -> AsyncIterator[Rows]:
        asks: list[Ask] = []
        while not self.plan.finished:
            while (rows := self.plan.take()) is not None:
                yield rows
            while len(asks) < 4 and (ask := self.plan.next()) is not None:
                asks.append(ask)
            if self.answers == 0:
                raise ServerError("HTTP 500", status=500)
            self.answers = None if self.answers is None else self.answers - 1
            if asks:
                answer(self.plan, self.jira, asks.pop(self.dice.randrange(len(asks))))
        if not self.manifest.complete:
            raise IncompleteError("; ".join(self.manifest.warnings) or "a gap", manifest=self.manifest)


async def attempt(jira: Server, folder: Path, shape: Shape, dice: Random, disk: Disk = DISK, **fate: Any) -> Attempt:
    """Pull once, or go on; the clock goes as it likes. Raises what `deliver` raises."""
    now, ticks = 0.0, Random(dice.random())  # dice of its own: it is asked by the thread that writes

    def clock() -> float:
        nonlocal now
        now += ticks.choice([0.0, 0.3, 1.0])
        return now

    pull = Attempt(jira, dice, **fate)
    sink, beside = open_file(
        folder / "out", shape, force=False, manifest=None, asked={"jql": ""}, resumes=True, disk=disk, clock=clock
    )
    await deliver(pull, sink, beside)  # type: ignore[arg-type]
    return pull


async def until_done(jira: Server, folder: Path, shape: Shape, dice: Random) -> int:
    """Pull until all of it is there; return how often the power was lost. Some attempts fail by themselves."""
    losses = 0
    while True:
        disk = MortalDisk(folder, dice, dice.randint(0, 25 + 15 * losses))
        fate = {"answers": dice.choice([None, None, dice.randint(0, 30)]), "doubtful": dice.random() < 0.2}
        try:
            await attempt(jira, folder, shape, dice, disk, **fate)
        except ConfigError:  # it was lost when nothing was left to be done
            return losses
        except OutputError:
            assert disk.left is not None
            losses += 1
            disk.restore()
        except ServerError:
            pass
        except IncompleteError:
            if not fate["doubtful"]:
                raise
        else:
            return losses


def changing(dice: Random) -> Server:
    """Return a Jira of some dozen issues, in which nothing changes, or one at every other search, or at every one.

    So many that never more than half of them leave: then nothing could be proven any more.
    """
    seconds = sorted(dice.choices(range(400), k=dice.randint(30, 150)))
    return server(seconds, rate=dice.choice([0.0, 0.5, 1.0]), seed=dice.randrange(10**6), edit=spelled)


def wrong(jira: Server, folder: Path, shape: Shape) -> list[str]:
    """Say what is wrong with a finished output."""
    content = UNPACK[shape.compression]((folder / "out").read_bytes())
    issues = json.loads(content) if shape.form == "json" else [json.loads(each) for each in content.splitlines()]
    versions = {
        issue["id"]: round(datetime.fromisoformat(issue["fields"]["updated"]).timestamp() * 1000) for issue in issues
    }
    created = [datetime.fromisoformat(issue["fields"]["created"]) for issue in issues]
    truth, told = jira.model.truth(), json.loads((folder / "out.manifest.json").read_bytes())
    old = [name for name, updated in (truth.fresh or {}).items() if versions.get(name, updated) < updated]
    left = {path.name for path in folder.iterdir()} - {"out", "out.manifest.json"}
    found = {
        "lost": truth.throughout - set(versions),
        "phantoms": set(versions) - truth.ever,
        "twice": len(issues) - len(versions),
        "old": old,
        "out of order": created != sorted(created),
        "the manifest": told["issues"] != len(issues) or told["bytes"] != (folder / "out").stat().st_size,
        "left": [
            name for name in left if (folder / name).stat().st_size > 100
        ],  # else of an attempt that found it done
    }
    return [f"{name}: {value}" for name, value in found.items() if value]
