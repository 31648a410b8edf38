"""How a pull stands at one moment, in plain values; how several do; and both in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Figures", "Phase", "count", "details", "state", "together"]

Phase = Literal["begins", "pulls", "catches up", "checks", "complete", "incomplete"]

_IN_WORDS: dict[Phase, str] = {
    "begins": "waiting for the first page",
    "pulls": "",
    "catches up": "catching up with what changed",
    "checks": "last checks",
    "complete": "complete",
    "incomplete": "incomplete",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`issues` of `total` are delivered, at `rate` a second; `eta_seconds` are left for the rest.

    None is what is not known. `bytes` of inflated bodies came, `in_flight` requests are under way, `retries` were sent
    again, the last of them for `reason`. No request leaves for `paused_seconds`, as Jira has asked for by `pause`.
    """

    phase: Phase = "begins"
    issues: int = 0
    total: int | None = None
    is_estimate: bool = False
    rate: float | None = None
    eta_seconds: float | None = None
    bytes: int = 0
    in_flight: int = 0
    retries: int = 0
    reason: str = ""
    paused_seconds: float = 0.0
    pause: str = ""

    @property
    def share(self) -> float | None:
        """What part of the total is delivered, from 0 to 1."""
        return min(1.0, self.issues / self.total) if self.total else None

    @property
    def is_over(self) -> bool:
        """Whether the pull has ended by itself."""
        return self.phase in ("complete", "incomplete")


def together(pulls: Sequence[Figures]) -> Figures:
    """Add up several pulls, that go on side by side: the slowest says how long it takes. Of no pulls nothing is known.

    Where the total or the time that is left is unknown of one that is under way, it is of all.
    """
    running = [each for each in pulls if not each.is_over]
    totals = [each.issues if each.is_over and each.total is None else each.total for each in pulls]
    etas = [each.eta_seconds for each in running]
    rates = [each.rate for each in running if each.rate is not None]
    return Figures(
        phase=_phase(pulls, running),
        issues=sum(each.issues for each in pulls),
        total=None if None in totals else sum(total or 0 for total in totals),
        is_estimate=any(each.is_estimate for each in pulls),
        rate=sum(rates) if rates else None,
        eta_seconds=None if None in etas else max((eta or 0.0 for eta in etas), default=None),
        bytes=sum(each.bytes for each in pulls),
        in_flight=sum(each.in_flight for each in pulls),
        retries=sum(each.retries for each in pulls),
    )


def _phase(pulls: Sequence[Figures], running: Sequence[Figures]) -> Phase:
    if not running and pulls:
        return "incomplete" if any(each.phase == "incomplete" for each in pulls) else "complete"
    phases = {each.phase for each in running}
    return phases.pop() if len(phases) == 1 else "pulls" if phases else "begins"


def count(figures: Figures) -> str:
    """Say how many issues of how many: `1,200 of ~5,000`."""
    if figures.total is None:
        return f"{figures.issues:,}"
    total = f"{'~' if figures.is_estimate else ''}{figures.total:,}"
    return f"{figures.issues:{len(total)},} of {total}"


def state(figures: Figures) -> str:
    """Say how fast it goes, or why it does not."""
    if figures.is_over:
        return _IN_WORDS[figures.phase]
    if figures.paused_seconds > 0:
        return f"paused {_seconds(figures.paused_seconds)}: {figures.pause}"
    speed = f"{figures.rate:,.0f}/s" if figures.rate is not None else ""
    left = f"{_seconds(figures.eta_seconds)} left" if figures.eta_seconds is not None else ""
    return _IN_WORDS[figures.phase] or ", ".join(filter(None, [speed, left])) or "pulling"


def details(figures: Figures) -> str:
    """Say what it costs: bytes, requests in flight, and retries with the reason of the last one."""
    parts = [f"{figures.bytes / 1e6:,.1f} MB of JSON", f"{figures.in_flight} in flight"]
    if figures.retries:
        reason = f" (last: {figures.reason})" if figures.reason else ""
        parts.append(f"{figures.retries:,} {'retry' if figures.retries == 1 else 'retries'}{reason}")
    return ", ".join(parts)


def _seconds(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02} min"
