"""Who has a turn and when, what is asked, and what several rounds say together."""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ["arguments", "busy", "interleaved", "median", "ratio", "told", "where_measured"]

BUSY = 4  # load average; a server and a pull at 0 ms make about 2 of their own


def arguments(doc: str | None, **defaults: float | str) -> argparse.ArgumentParser:
    """Return a parser for a benchmark whose docstring says what its options, all with a default, are about."""
    options = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        options.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return options


def told(asked: argparse.Namespace) -> dict[str, object]:
    """Return what was asked, without commands and addresses, which belong to one machine."""
    return {name: value for name, value in vars(asked).items() if not name.endswith(("_command", "server"))}


def interleaved(
    names: Iterable[str],
    rounds: int,
    once: Callable[[str], Mapping[str, Any]],
    *,
    warm: bool = True,
    fewer: Mapping[str, int] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Let all have their turn, round by round; some in `fewer` rounds. What `warm`s up comes first, and is dropped."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(-1 if warm else 0, rounds):
        for name, runs in found.items():
            if number < (fewer or {}).get(name, rounds):
                facts = {**once(name), "load": round(os.getloadavg()[0], 2)}
                print(number, name, facts, flush=True)
                runs.extend([facts] * (number >= 0))
    return found


def median(runs: Iterable[Mapping[str, Any]], name: str) -> float:
    """Return the median of one fact of several runs."""
    return statistics.median(float(each[name]) for each in runs)


def ratio(some: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], name: str = "seconds") -> float:
    """Return how many times more `some` took than `others`: the median of what each round says."""
    return statistics.median(one[name] / other[name] for one, other in zip(some, others, strict=False))


def busy(runs: Iterable[Mapping[str, Any]]) -> str:
    """Return how much else the machine did, for a caption."""
    loads = [run["load"] for run in runs]
    warning = ": **provisional, the machine was busy**" if statistics.median(loads) > BUSY else ""
    spread = " to ".join(dict.fromkeys(f"{each:.1f}" for each in (min(loads), max(loads))))
    return f"load average {spread}{warning}"


def where_measured(found: Mapping[str, Any]) -> str:
    """Return where and when a result was measured, for a caption."""
    where = found["environment"]
    return f"{where['date']}, {where['machine']}, Python {where['python']}"
