"""How much a Jira gives, how fast, and by what clock: page size, result window, rate limit, latency, gzip, time."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from asyncjira.errors import ResultWindow, printable
from asyncjira.jira.allowance import read_allowance
from asyncjira.jira.exchange import Answer, Broken
from asyncjira.plan.checkup import Check, error_of, failed, fault, look, ok, unasked
from asyncjira.plan.proof import INDEX_MARGIN

__all__ = ["clock", "compression", "latency", "page_size", "rate_limit", "told_window", "tried_window"]

_USUAL_PAGE = 100  # issues that a pull asks for at a time
_WORTH_PACKING = 2048  # bytes: Tomcat packs nothing smaller (compressionMinSize)
_ODD = 5.0  # seconds that two clocks may be apart before it is worth a word: whole seconds, latency, and NTP at rest
_SLOW = 2.0  # seconds for an answer: then --concurrency decides how long a pull takes


def page_size(most: int, asked: int) -> Check:
    """Say how many issues a page holds at `most`, where `asked` were wanted."""
    if most < min(asked, _USUAL_PAGE):
        more = f"a pull takes more requests than with the usual {_USUAL_PAGE}"
        return look("page size", f"a page holds {most:,} issues at most: {more}")
    larger = "; --page-size auto finds out whether larger pages pay" if most > _USUAL_PAGE else ""
    return ok("page size", f"{most:,} issues a page{' or more' if most >= asked else ''}{larger}")


def told_window(rows: int) -> Check:
    """Say what it means that a search looks at so many rows."""
    return ok("result window", f"{rows:,} rows: longer results are pulled in ranges of `created`")


def tried_window(outcome: Answer | Broken, rows: int) -> Check:
    """Say what it means that row `rows` was asked for, and what came."""
    if isinstance(outcome, Answer) and isinstance(error := error_of(outcome), ResultWindow):
        return told_window(error.limit or rows)
    if isinstance(outcome, Answer) and outcome.status == 200:
        return ok("result window", f"rows beyond {rows:,} can be read")
    return failed("result window", outcome)


def rate_limit(answer: Answer) -> Check:
    """Say what an answer tells of a limit for requests."""
    if allowance := read_allowance(answer):
        pace = f"{allowance.fill:,g} requests a second, {allowance.remaining:,.0f} at once now"
        return ok("rate limit", f"{pace}: asyncjira keeps to it by itself")
    told = {name: printable(answer.headers.get(name, ""), 60) for name in _LIMITS}
    if told["X-RateLimit-NearLimit"].lower() == "true":
        return look("rate limit", "less than a fifth is left: wait, or pull with a lower --rate")
    shown = "; ".join(f"{name}: {value}" for name, value in told.items() if value)
    return ok("rate limit", shown or "none told; --rate (50 a second) is the ceiling")


# https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
_LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-NearLimit", "RateLimit-Policy", "RateLimit")


def latency(seconds: Sequence[float], page: float, rows: int) -> Check:
    """Say how long answers take: those to small questions, and that to a `page` of so many `rows`."""
    usual = median(seconds)
    said = f"{usual * 1000:,.0f} ms for an answer, {page * 1000:,.0f} ms for a page of {rows:,} issues"
    return look("latency", f"{said}: slow; --concurrency hides it") if usual > _SLOW else ok("latency", said)


def compression(answer: Answer) -> Check:
    """Say whether pages come compressed, by one of them."""
    if "gzip" in answer.headers.get("Content-Encoding", "").lower():
        return ok("gzip", "pages come compressed")
    if len(answer.body) < _WORTH_PACKING:
        return unasked("gzip", "the answers are too small to tell")
    return look("gzip", "pages come as they are: turn on gzip in Jira's general configuration, or in the proxy")


def clock(date: float | None, own: float | None, here: float) -> Check:
    """Compare three clocks, in seconds since 1970: of the Date header, of Jira itself (its server time), and `here`.

    A proof asks again for what was updated from INDEX_MARGIN before the first Date on, and what is incremental goes on
    from there. `updated` is by Jira's own clock: where Date, which a proxy may write, is later than that by more than
    the margin, changes are missed. A clock that is set back later makes `--state` miss as much.
    """
    if date is None:
        return look(
            "clock", "answers have no Date: a pull asks for the server's time, and catches up with an hour more"
        )
    if own is not None and abs(date - own) > INDEX_MARGIN:
        apart = f"the Date of the answers is {_apart(date - own)} Jira's own clock"
        return fault("clock", f"{apart}, more than the two minutes that a proof allows for: set both by NTP", "proof")
    server = own if own is not None else date
    if abs(server - here) > INDEX_MARGIN:
        means = "pulls go by Jira's clock alone, but when that is set right, an incremental one may miss as much"
        return fault(
            "clock", f"Jira's clock is {_apart(server - here)} this machine's: set both by NTP; {means}", "proof"
        )
    if abs(server - here) > _ODD:
        return ok("clock", f"Jira's is {_apart(server - here)} this machine's: less than a proof allows for")
    return ok("clock", "Jira's agrees with this machine's")


def _apart(seconds: float) -> str:
    size = abs(seconds)
    shown = f"{size:,.0f} s" if size < 120 else f"{size / 60:,.0f} min" if size < 7200 else f"{size / 3600:,.0f} h"
    return f"{shown} {'ahead of' if seconds > 0 else 'behind'}"
