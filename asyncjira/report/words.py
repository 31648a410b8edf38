"""What happened in a run, in words that the terminal and the page share. All of it may hold what a server said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from asyncjira.report.facts import Facts, Kind
from asyncjira.report.quantities import counted, size, time

__all__ = [
    "CAPTIONS",
    "PURPOSES",
    "Verdict",
    "figures",
    "kinds",
    "left_out",
    "pauses",
    "troubles",
    "verdict",
    "when",
]

PURPOSES = {
    "page": "pages of issues",
    "gap": "gaps filled",
    "catch-up": "changed meanwhile",
    "question": "questions",
}

CAPTIONS = {
    "issues": "Issues that arrived, a second",
    "bytes": "MB that arrived, a second",
    "in-flight": "Requests under way at once, at most",
    "waterfall": "Requests over time",
    "latency": "Time from a request to the end of its answer",
    "sizes": "Size of an answer, uncompressed",
}


class Verdict(NamedTuple):
    """How a run ended: a word for it, and a sentence."""

    ended: Literal["complete", "incomplete", "failed", "unknown"]
    sentence: str


def verdict(facts: Facts) -> Verdict:
    """Say how the run ended."""
    manifest = facts.manifest
    if manifest is not None and manifest.complete and facts.failed is None:
        return Verdict("complete", f"Complete: all {counted(manifest.issues, 'issue')}, {manifest.guarantee}.")
    if manifest is not None and not manifest.complete:
        return Verdict("incomplete", f"Not complete: {'; '.join(manifest.warnings) or 'it cannot be called whole'}.")
    if facts.failed is not None:
        said = facts.failed.reason or facts.failed.error
        if facts.failed.error in ("CancelledError", "KeyboardInterrupt"):
            said = "it was interrupted"
        return Verdict("failed", f"Failed after {counted(facts.rows, 'row')}: {said}.")
    return Verdict("unknown", f"Cut off after {counted(facts.rows, 'row')}: how it ended was not recorded.")


def when(facts: Facts) -> str:
    """Say when the record began."""
    day, _, clock = facts.started_at.partition("T")
    return f"{day} {clock[:8]} UTC" if clock.endswith("Z") else facts.started_at


def figures(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Tell the figures of the run: (name, value, what to know about it)."""
    seconds = facts.seconds or 1e-6
    yield "issues", f"{facts.issues:,}", f"{facts.issues / seconds:,.0f} a second"
    first = "" if facts.first_page is None else f"first page after {time(facts.first_page)}"
    yield "time", time(facts.seconds), first
    yield "received", size(facts.bytes), f"{size(facts.bytes / seconds)} a second, uncompressed"
    yield "requests", f"{facts.requests:,}", f"at most {facts.most_in_flight} at once"
    yield "repeated", f"{facts.repeated.total():,}", "requests that had to be asked again"
    paused = sum(pause.end - pause.begin for pause in facts.pauses)
    paused = paused if facts.manifest is None else facts.manifest.throttled_seconds
    yield "paused", time(paused) if paused else "never", "because Jira asked for it" if paused else ""


def kinds(facts: Facts) -> Iterator[tuple[str, Kind]]:
    """Tell what requests were made for what, in the order in which a pull makes them."""
    for purpose, words in PURPOSES.items():
        if purpose in facts.kinds:
            yield words, facts.kinds[purpose]


def troubles(facts: Facts) -> Iterator[tuple[str, int]]:
    """Tell why requests were asked again, and how often, the most frequent first."""
    yield from facts.repeated.most_common()


def pauses(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Tell of each pause when it began, how long it was to take, and why."""
    for pause in facts.pauses:
        more = f" ({pause.times} answers said so)" if pause.times > 1 else ""
        yield time(pause.begin), time(pause.end - pause.begin), pause.reason + more


def left_out(facts: Facts) -> Iterator[str]:
    """Tell what the charts and tables do not show."""
    drawn = len(facts.waterfall.bars())
    if drawn < facts.requests:
        yield (
            f"{drawn:,} of {facts.requests:,} requests are drawn one by one: the first and the last 500, and those "
            "around what failed. All are in the other charts and in the tables."
        )
    if facts.pauses_left_out:
        yield f"{counted(facts.pauses_left_out, 'later pause')} are not shown."
    if facts.manifest is not None and (unseen := facts.manifest.requests - facts.requests) > 0:
        yield f"{counted(unseen, 'request')} had not ended when the pull did, as nothing was wanted of them any more."
    if facts.pulls > 1:
        yield f"{facts.pulls} pulls were recorded: what is said of the result is that of the last one."
