"""What a pull will take, foretold from its first page: requests, seconds, points. Plain numbers in and out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil, erf, sqrt
from typing import Literal

import msgspec

from asyncjira.jira.allowance import Allowance
from asyncjira.jira.bulk import BATCH
from asyncjira.plan.errand import Server
from asyncjira.plan.ranges import EVEN, PAGES, PARTS
from asyncjira.plan.source import LISTED_AHEAD
from asyncjira.plan.tenant import LISTED

__all__ = ["Pace", "Plan", "by_ids", "by_offsets", "by_proof", "by_ranges"]

_QUOTA = (
    65_000  # points an hour of an app of tier 1: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a pull of so many `issues` will take from a Jira that does not change meanwhile.

    `is_estimate`: Cloud only estimates the `issues`. `pages` are those of issues, or on Cloud batches of them by id, of
    `page_size` at most; `requests` are all. `seconds` is the least that latency and the rate allow: a real pull takes
    longer. `points` are Cloud's, as an app with OAuth pays them; None where none are paid. `why` says how it is pulled,
    and what bounds it.
    """

    strategy: Literal["proof", "offsets", "ids", "ranges"]
    issues: int
    is_estimate: bool
    page_size: int
    pages: int
    requests: int
    seconds: float
    points: int | None
    why: tuple[str, ...]


class Pace(msgspec.Struct, frozen=True):
    """How fast requests go: each takes `latency` seconds, `concurrency` of them at once, `rate` a second (0: any).

    `allowance` is what Data Center tells of its own limit.
    """

    latency: float
    concurrency: int
    rate: float
    allowance: Allowance | None = None

    def least(self, pages: int, requests: int) -> tuple[float, str]:
        """Return the least seconds for `requests`, `pages` of which follow the first side by side, and what bounds it.

        Latency allows L * (1 + ceil((pages - 1) / concurrency)); a rate requests / rate, and a bucket of tokens that
        fills at that rate so many fewer as it holds now.
        """
        rounds = 1 + ceil((pages - 1) / self.concurrency)
        bounds = [(self.latency * rounds, f"latency: {self.latency * 1000:,.0f} ms, {self.concurrency} at once")]
        if self.rate:
            bounds.append((requests / self.rate, f"--rate {self.rate:g}"))
        if self.allowance is not None:
            over = max(0.0, requests - self.allowance.remaining)
            bounds.append(
                (over / self.allowance.fill, f"Jira's own limit of {self.allowance.fill:g} requests a second")
            )
        seconds, reason = max(bounds)
        return seconds, f"the time is bounded by {reason}"


def by_offsets(total: int, *, page: int, questions: int, pace: Pace, window: int | None, why: str) -> Plan:
    """Foretell concurrent offsets: total // page + 1 pages, since a last page that is full is followed by an empty one.

    `questions` are asked beside the pages: which Jira this is, who logs in. Rows beyond the `window` are refused.
    """
    pages = total // page + 1
    seconds, bound = pace.least(pages, pages + questions)
    reasons = [why, bound]
    if window is not None and total > window:
        reasons.append(f"it will fail beyond row {window:,}, which Jira refuses: --proof on pulls it in parts")
    return _plan("offsets", total, page, pages, pages + questions, seconds, reasons)


def by_proof(
    total: int, *, page: int, overlap: int, failing: float, window: int | None, questions: int, pace: Pace
) -> Plan:
    """Foretell pages that share `overlap` rows, in parts where the result `window` is shorter than all of them.

    `questions` are the other requests, among them the one for what changed meanwhile.
    A part of n rows takes 1 + (n - overlap) // (page - overlap) pages, and once more the share `failing` of those that
    follow the first, where all the rows that two of them share were created in one second. A cut takes a request.
    """
    parts = list(_parts(total, Server(page, window=window).longest))
    further = sum(max(0, (rows - overlap) // (page - overlap)) for rows in parts)
    pages = len(parts) + round(further * (1 + failing))
    requests = pages + len(parts) - 1 + questions
    seconds, bound = pace.least(pages, requests)
    why = [f"proven: pages by `created` that share {overlap} rows, then what changed meanwhile"]
    if len(parts) > 1:
        why.append(f"in {len(parts)} parts: Jira looks at {window:,} rows of a search")
    return _plan("proof", total, page, pages, requests, seconds, [*why, bound])


def by_ids(total: int, *, batch: int, listings: int, questions: int, pace: Pace, has_quota: bool, why: str) -> Plan:
    """Foretell Cloud's ids, 5,000 to a page and one page after another, and the issues in batches beside it.

    `listings` is how often all ids are listed, `questions` are the other requests.
    Points: 1 for a request, 1 for an issue that it returns, and so 2 for each issue, listed and fetched.
    """
    listing, batches = max(1, ceil(total / LISTED)), sum(1 for _ in _batches(total, batch, pace.concurrency))
    requests = listing * listings + batches + questions
    seconds, bound = pace.least(1 + batches, requests)
    one_by_one = pace.latency * (listing * listings + 1)
    if one_by_one > seconds:
        seconds, bound = one_by_one, "the time is bounded by the pages of ids, of which each names the next"
    points = requests + (1 + listings) * total if has_quota else None
    reasons = [why, f"{listing:,} pages of ids, {batches:,} batches of issues", bound, *_of_quota(points)]
    return _plan("ids", total, batch, batches, requests, seconds, reasons, points=points, is_estimate=True)


def by_ranges(
    total: int,
    *,
    page: int,
    busy: float,
    in_own_order: bool,
    listings: int,
    questions: int,
    pace: Pace,
    has_quota: bool,
    why: str,
) -> Plan:
    """Foretell Cloud's ranges of `created`, each a chain of pages, which takes counts to find where to cut.

    What is not long enough is one chain, and so is a query `in_own_order`, whose ids are listed `listings` times more.
    As if issues were created by chance (Poisson), and evenly in the share `busy` of the time since the first: a range
    meant for n issues holds n, give or take sqrt(n). Real ones come in bursts: then it takes more counts.
    Points: 1 for a request, 1 for an issue that it returns.
    """
    is_cut = total > 2 * PAGES * page and not in_own_order
    pages, counts = _cut(total, page, busy) if is_cut else (max(1, ceil(total / page)), 0)
    pages = round(pages) + is_cut  # the first page tells when the first issue was created
    requests = pages + counts + listings * max(1, ceil(total / LISTED)) + questions
    seconds, bound = (pace if is_cut else msgspec.structs.replace(pace, concurrency=1)).least(pages, requests)
    points = requests + (1 + listings) * total if has_quota else None
    how = f"{counts:,} counts to cut it evenly" if is_cut else "one page after another"
    reasons = [why, how, bound, *_of_quota(points)]
    return _plan("ranges", total, page, pages, requests, seconds, reasons, points=points, is_estimate=True)


def _plan(
    strategy: Literal["proof", "offsets", "ids", "ranges"],
    total: int,
    page: int,
    pages: int,
    requests: int,
    seconds: float,
    why: list[str],
    *,
    points: int | None = None,
    is_estimate: bool = False,
) -> Plan:
    return Plan(
        strategy=strategy,
        issues=total,
        is_estimate=is_estimate,
        page_size=page,
        pages=pages,
        requests=requests,
        seconds=seconds,
        points=points,
        why=tuple(why),
    )


def _parts(total: int, longest: float) -> Iterator[int]:
    """Yield how many rows each part holds: as long as one is too long, it is cut before row `longest`."""
    while total > longest:
        yield int(longest)
        total -= int(longest)
    yield total


def _batches(total: int, most: int, concurrency: int) -> Iterator[int]:
    """Yield how many ids each batch holds: an even share of those that wait, at least 100, as `Batches` takes them.

    A page of ids comes in each round of requests, as long as there are more.
    """
    listed = waiting = min(total, LISTED)
    while waiting:
        is_listing = listed < total
        for _ in range(max(1, concurrency - is_listing)):
            batch = min(waiting, most, max(BATCH, ceil(waiting / concurrency)))
            waiting -= batch
            if batch:
                yield batch
        if is_listing and waiting < LISTED_AHEAD:
            fresh = min(LISTED, total - listed)
            listed, waiting = listed + fresh, waiting + fresh


def _cut(total: int, page: int, busy: float) -> tuple[float, int]:
    """Return how many pages and counts it takes to cut the time from the first issue to now, as `Ranges` does.

    The issues were created in the first part of it, as large as `busy`, and evenly.
    """
    counts = 0

    def ranges(low: float, high: float) -> Iterator[float]:
        nonlocal counts
        issues = total * max(0.0, min(high, busy) - low) / busy
        parts = ceil(issues / (PAGES * page))
        if issues <= 2 * PAGES * page:
            yield issues
            return
        is_even, parts = parts <= EVEN, min(parts, PARTS)
        for at in range(parts):
            if is_even:
                yield issues / parts
            else:
                counts += 1
                yield from ranges(low + (high - low) * at / parts, low + (high - low) * (at + 1) / parts)

    merged: list[float] = []
    for issues in ranges(0, 1):
        if merged and merged[-1] + issues <= PAGES * page:
            merged[-1] += issues
        else:
            merged.append(issues)
    return sum(_chain(issues, page) for issues in merged), counts


@cache
def _chain(issues: float, page: int) -> float:
    """Return how many pages a chain of about so many issues takes: P(more than k pages hold), summed over k."""
    spread = sqrt(2 * max(1.0, issues))
    most = ceil((issues + 4 * spread) / page)
    return 1 + sum((1 - erf((page * full - issues) / spread)) / 2 for full in range(1, most + 1))


def _of_quota(points: int | None) -> list[str]:
    if points is None:
        return []
    hours = f": {ceil(points / _QUOTA):,} hours of it" if points > _QUOTA else ""
    return [f"{points:,} points of an app's quota, which is {_QUOTA:,} an hour in tier 1{hours}"]
