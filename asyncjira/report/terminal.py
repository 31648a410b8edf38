"""A run in the terminal: one screen of text."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from asyncjira.errors import printable
from asyncjira.report.facts import Facts, Kind
from asyncjira.report.proof import proof
from asyncjira.report.quantities import listed, size, time
from asyncjira.report.words import figures, kinds, left_out, pauses, troubles, verdict, when

__all__ = ["told"]

_COLUMN = 19  # characters: the longest name, and two blanks
_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_PAUSES = 5  # told one by one: what the page is for
_LONGEST = 2000  # characters of one line


def told(facts: Facts, width: int = 100) -> str:
    """Tell of a run, in lines of up to `width` characters that a terminal shows as they are."""
    return "".join(f"{line}\n" for each in _lines(facts) for line in _broken(printable(each, _LONGEST), width))


def _broken(line: str, width: int) -> list[str]:
    indent = " " * _COLUMN
    return wrap(line, max(width, 2 * _COLUMN), subsequent_indent=indent, break_long_words=False) or [""]


def _lines(facts: Facts) -> Iterator[str]:
    yield verdict(facts).sentence
    yield ""
    yield _row("Jira", facts.url or "unknown")
    yield _row("query", facts.jql or "none: every issue that the login may see")
    yield _row("recorded", f"{when(facts)}, by asyncjira {facts.version}")
    for name, value, note in figures(facts):
        yield _row(name, f"{value}  ({note})" if note else value)
    if bins := facts.timeline.bins(facts.seconds):
        rates = [each.issues / each.seconds for each in bins]
        yield _row("issues a second", f"{_sparks(rates)}  at most {max(rates):,.0f}")
    yield ""
    for name, kind in kinds(facts):
        yield _row(name, _answered(kind))
    if again := [f"{count:,} x {reason}" for reason, count in troubles(facts)]:
        yield _row("repeated", listed(again))
    for begin, length, reason in [*pauses(facts)][:_MOST_PAUSES]:
        yield _row("pause", f"{length} from {begin} on: {reason}")
    yield ""
    if facts.manifest is not None:
        for about, sentences in proof(facts.manifest):
            yield _row(about, sentences)
    for sentence in left_out(facts):
        yield _row("not shown", sentence)


def _answered(kind: Kind) -> str:
    failed = f", {kind.failed:,} failed" if kind.failed else ""
    half, most, slowest = map(time, kind.times)
    took = f": half within {half}, 95% within {most}, the slowest {slowest}" if kind.seconds.count > 1 else ""
    return f"{kind.seconds.count:,} answered{failed}{took}; {size(kind.bytes.total)}"


def _row(name: str, text: str) -> str:
    return f"{name:{_COLUMN}}{text}"


def _sparks(values: list[float]) -> str:
    most = max(values) or 1.0
    return "".join(_BLOCKS[min(int(value / most * len(_BLOCKS)), len(_BLOCKS) - 1)] for value in values)
