"""A record, summed up: the facts of one run as plain values, in memory that does not grow with its length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from asyncjira.errors import ConfigError
from asyncjira.events import Answered, Event, PageFetched, PullFinished, PullStarted, Resumed, Retried, Throttled
from asyncjira.manifest import Manifest
from asyncjira.report.record import Failed, Heading, Heard
from asyncjira.report.spread import Spread
from asyncjira.report.timeline import Timeline
from asyncjira.report.waterfall import Waterfall, is_of_use

__all__ = ["Facts", "Kind", "Pause", "gather"]

_MOST_PAUSES, _MOST_REASONS = 200, 50  # told one by one; more are counted together
_OTHER = "other reasons"


@dataclass(slots=True)
class Kind:
    """The requests of one purpose: the answers that could be used, by their time and size, and how many could not."""

    seconds: Spread = field(default_factory=Spread)
    bytes: Spread = field(default_factory=Spread)
    failed: int = 0

    @property
    def times(self) -> tuple[float, float, float]:
        """Within how many seconds half of them came, 95%, and the slowest."""
        return self.seconds.quantile(0.5), self.seconds.quantile(0.95), self.seconds.most


@dataclass(slots=True)
class Pause:
    """From `begin` to `end` Jira wanted fewer requests, as `times` answers said; `reason` is that of the first."""

    begin: float
    end: float
    reason: str
    times: int = 1


@dataclass(slots=True)
class Facts:
    """What is known of a run. Times are seconds since its first event, sizes are bytes of inflated bodies.

    `rows` are those of all pages, which share some; `again` and `paused` count the reasons. `manifest` is the last
    pull's where there were several, None where it did not come to its end by itself; `failed` is what ended it then.
    """

    version: str
    started_at: str
    url: str = ""
    jql: str = ""
    pulls: int = 0
    seconds: float = 0.0
    first_page: float | None = None
    rows: int = 0
    bytes: int = 0
    most_in_flight: int = 0
    resumed: int = 0
    statuses: Counter[int | None] = field(default_factory=Counter)
    kinds: dict[str, Kind] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    paused: Counter[str] = field(default_factory=Counter)
    pauses: list[Pause] = field(default_factory=list)
    pauses_left_out: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    waterfall: Waterfall = field(default_factory=Waterfall)
    manifest: Manifest | None = None
    failed: Failed | None = None

    @property
    def requests(self) -> int:
        """How many requests were seen to end."""
        return self.waterfall.count

    @property
    def repeated(self) -> Counter[str]:
        """Why requests had to be repeated, and how often."""
        silently = Counter({"the connection broke": self.waterfall.broken})
        return self.again + self.paused + silently

    @property
    def issues(self) -> int:
        """How many issues were delivered; where that is not known, how many rows came."""
        return self.manifest.issues if self.manifest is not None else self.rows


def gather(lines: Iterable[Heading | Heard]) -> Facts:
    """Sum up a record, line by line. Raises ConfigError where nothing was heard, and what reading raises."""
    facts: Facts | None = None
    origin: float | None = None
    for line in lines:
        if isinstance(line, Heading):
            facts = Facts(line.version, line.started_at)
        elif facts is not None:
            if origin is None:
                origin = line.at - (line.event.seconds if isinstance(line.event, Answered) else 0.0)
            facts.seconds = max(facts.seconds, line.at - origin)
            _add(facts, line.event, max(0.0, line.at - origin))
    if facts is None or origin is None:
        raise ConfigError("the record is empty: it was cut off before anything happened")
    return facts


def _add(facts: Facts, event: Event | Failed, at: float) -> None:
    if isinstance(event, Answered):
        _add_answer(facts, event, at)
    elif isinstance(event, PageFetched):
        facts.rows += event.issues
        facts.first_page = at if facts.first_page is None else facts.first_page
        facts.timeline.add(at, issues=event.issues)
    elif isinstance(event, Retried | Throttled):
        reasons = facts.again if isinstance(event, Retried) else facts.paused
        reasons[event.reason if event.reason in reasons or len(reasons) < _MOST_REASONS else _OTHER] += 1
        facts.waterfall.ask_again(event, at)
        if isinstance(event, Throttled):
            _pause(facts, event, at)
    elif isinstance(event, PullStarted):
        facts.url, facts.jql, facts.pulls = event.url, event.jql, facts.pulls + 1
        facts.manifest = facts.failed = None
    elif isinstance(event, Resumed):
        facts.resumed = event.issues
    elif isinstance(event, PullFinished):
        facts.manifest = event.manifest
    elif isinstance(event, Failed):
        facts.failed = event


def _add_answer(facts: Facts, event: Answered, at: float) -> None:
    facts.statuses[event.status] += 1
    facts.bytes += event.bytes
    facts.most_in_flight = max(facts.most_in_flight, event.in_flight)
    facts.timeline.add(at, size=event.bytes, in_flight=event.in_flight)
    facts.waterfall.add(event, at)
    kind = facts.kinds.setdefault(event.purpose, Kind())
    if is_of_use(event.purpose, event.status):
        kind.seconds.add(event.seconds)
        kind.bytes.add(event.bytes)
    else:
        kind.failed += 1


def _pause(facts: Facts, event: Throttled, at: float) -> None:
    end, latest = at + event.seconds, facts.pauses[-1] if facts.pauses else None
    if latest is not None and at <= latest.end:
        latest.end, latest.times = max(latest.end, end), latest.times + 1
    elif len(facts.pauses) < _MOST_PAUSES:
        facts.pauses.append(Pause(at, end, event.reason))
    else:
        facts.pauses_left_out += 1
