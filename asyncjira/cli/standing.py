"""How a pull stands, learnt from its events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from asyncjira.cli.figures import Figures, Phase
from asyncjira.errors import printable
from asyncjira.events import Answered, Delivered, Event, PageFetched, PullFinished, Resumed, Retried, Throttled

__all__ = ["Standing"]

_LATELY = 10.0  # seconds that a rate is taken over: long enough for pages to even out, short enough to see a change
_SOON = 0.5  # seconds of deliveries without which a rate, and a time that is left, would be made of nothing
_GRAIN = 0.1  # seconds between two deliveries that are noted: what bounds how many are


class Standing:
    """How the pull `name` stands by the events that are told to `hear`; `clock` gives seconds."""

    def __init__(self, name: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self._clock = name, clock
        self._issues, self._is_estimate = 0, False
        self._total: int | None = None
        self._phase: Phase = "begins"
        self._bytes = self._others = self._retries = 0
        self._is_replaced = False  # whether a request has left in the place of the last that ended
        self._reason = self._pause = ""
        self._resumes_at = 0.0
        self._noted: deque[tuple[float, int]] = deque()  # when so many issues were there, of the last seconds

    def hear(self, event: Event) -> None:
        """Learn what has happened."""
        match event:
            case Delivered():
                self._deliver(event.issues)
            case Answered():
                self._bytes += event.bytes
                self._others, self._is_replaced = event.in_flight - 1, True
                if event.purpose != "question":
                    self._phase = "catches up" if event.purpose == "catch-up" else "pulls"
            case PageFetched():
                self._total, self._is_estimate = event.total, event.is_estimate
            case Retried() | Throttled():
                self._retry(event)
            case Resumed():
                self._issues = event.issues
                self._noted.clear()
            case PullFinished():
                self._issues, self._is_estimate = event.manifest.issues, False
                self._others, self._is_replaced = 0, False
                self._phase = "complete" if event.manifest.complete else "incomplete"

    def figures(self) -> Figures:
        """Return how it stands now."""
        paused = max(0.0, self._resumes_at - self._clock())
        rate = self._rate()
        total = None if self._total is None else max(self._total, self._issues)
        is_over = self._phase in ("complete", "incomplete")
        is_moving = bool(rate) and total is not None and not paused and not is_over
        all_came = self._phase == "pulls" and total == self._issues and not self._is_estimate
        return Figures(
            phase="checks" if all_came else self._phase,
            issues=self._issues,
            total=total,
            is_estimate=self._is_estimate,
            rate=rate,
            eta_seconds=(total - self._issues) / rate if is_moving and rate and total is not None else None,
            bytes=self._bytes,
            in_flight=self._others + (self._is_replaced and not paused),
            retries=self._retries,
            reason=self._reason,
            paused_seconds=paused,
            pause=self._pause if paused else "",
        )

    def _deliver(self, issues: int) -> None:
        now = self._clock()
        if len(self._noted) > 1 and now - self._noted[-2][0] < _GRAIN:
            self._noted.pop()
        self._noted.append((now, issues))
        self._forget(now)
        self._issues = issues

    def _retry(self, event: Retried | Throttled) -> None:
        self._retries, self._is_replaced = self._retries + 1, False
        self._reason = printable(event.reason)
        if isinstance(event, Throttled) and (until := self._clock() + event.seconds) > self._resumes_at:
            self._resumes_at, self._pause = until, self._reason

    def _forget(self, now: float) -> None:
        while len(self._noted) > 1 and self._noted[1][0] <= now - _LATELY:
            self._noted.popleft()

    def _rate(self) -> float | None:
        """Return issues a second of the last seconds; None while there is too little to tell."""
        now = self._clock()
        self._forget(now)
        if not self._noted or now - self._noted[0][0] < _SOON:
            return None
        began, issues = self._noted[0]
        return max(0, self._issues - issues) / min(now - began, _LATELY)
