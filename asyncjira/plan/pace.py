"""How fast requests may go out: slower after Jira has asked for it, then faster again, up to a ceiling.

No clock here: times come from outside, in seconds of any clock that does not go back.
"""

from __future__ import annotations

import math

from asyncjira.jira.allowance import Allowance

__all__ = ["Pace"]

# After "too many requests", as CUBIC and botocore do: https://www.rfc-editor.org/rfc/rfc9438#section-4.6
_CUT = 0.7
# Each success adds so many requests a second. As there are `rate` of them a second, that is 2% a second at any rate: a
# cut is made good in 18 s, and a limit that stays is met again no more often than that. Our choice.
_GROWTH = 0.02
# Never slower than a twentieth of the ceiling that was asked for, nor than a request in two seconds, as in botocore.
_SLOWEST_SHARE, _SLOWEST = 1 / 20, 0.5
# Without a ceiling, one is needed after a cut: twice what was measured, as botocore has it, and no less than the rate
# that is asked for by default (plan/limits.py).
_ABOVE_MEASURED, _LEAST_CEILING = 2.0, 50.0
# Of Data Center's tokens a tenth of a second's worth and one more stay unused: requests do not arrive as evenly as they
# leave. Where there are fewer, 10% less than what flows in is sent, until there are.
_RESERVE, _REFILLING = 0.1, 0.9
_SLOWEST_ADVICE = 0.1  # requests a second; a bucket that fills more slowly is left to its 429s, which users see
_GRAIN = 50.0  # units a second where there is no ceiling: a wait of 20 ms is long for a timer, and short for a request


class Pace:
    """The rate at which requests of one kind may leave, at most `ceiling` a second (0: no ceiling).

    Every request costs units, of which `grain` come a second; with a ceiling it is the grain, and a request costs at
    least one. `resume_at` is the end of the last pause.
    """

    def __init__(self, ceiling: float) -> None:
        self.grain = ceiling or _GRAIN
        self._slowest = min(ceiling or _SLOWEST, max(_SLOWEST, _SLOWEST_SHARE * ceiling))
        self.resume_at = -math.inf
        self._ceiling = self._rate = ceiling or math.inf
        self._advised = math.inf
        self._cut_at = -math.inf
        self._due = 0.0

    @property
    def rate(self) -> float:
        """Requests a second that may leave now; infinite where nothing limits them."""
        return min(self._rate, self._advised)

    def units(self) -> int:
        """Return the whole units to pay for the next request; what is left of them is added to the one after it."""
        self._due += self.grain / self.rate
        whole = int(self._due)
        self._due -= whole
        return whole

    def pause(self, now: float, seconds: float, *, sent_at: float, measured: float) -> None:
        """Let nothing leave for `seconds` from `now`, and less after it: the request sent at `sent_at` was too much.

        One pause is one cut, however many requests it meets: those under way when it began tell nothing new. `measured`
        requests a second left before it.
        """
        if sent_at > self._cut_at:
            self._cut(measured)
            self._cut_at = now
        self.resume_at = max(self.resume_at, now + seconds)

    def succeeded(self) -> None:
        """Learn that a request was answered with what it asked for."""
        self._rate = min(self._ceiling, self._rate + _GROWTH)

    def advise(self, allowance: Allowance | None) -> None:
        """Learn what the server would take: what flows in, and what is left spread over a second; None: all of it."""
        if allowance is None:
            self._advised = math.inf
            return
        spare = allowance.remaining - 1 - _RESERVE * allowance.fill
        self._advised = max(_SLOWEST_ADVICE, _REFILLING * allowance.fill, allowance.fill + spare)

    def _cut(self, measured: float) -> None:
        if math.isinf(self._ceiling):
            self._ceiling, self._rate = max(_LEAST_CEILING, _ABOVE_MEASURED * measured), max(measured, _SLOWEST)
        self._rate = max(self._slowest, _CUT * self._rate)
