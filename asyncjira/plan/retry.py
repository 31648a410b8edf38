"""After a try that gave no page: wait for how long, or give up with which error. No clock and no dice here."""

from __future__ import annotations

import math
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from asyncjira.errors import JiraError, ProtocolError, RateLimited, Refused, ServerError, TransportError
from asyncjira.jira.allowance import is_burst, named_wait, retry_after, spent_quota
from asyncjira.jira.exchange import Answer, Broken, Fault, Request, Unusable
from asyncjira.jira.refusal import is_final, refusal
from asyncjira.plan.limits import RetryPolicy

__all__ = ["Try", "Wait", "blames_request", "decide", "exhausted", "refused_as_get"]

T = TypeVar("T")

_TOO_LONG_FOR_A_GET = frozenset({413, 414, 431})  # what proxies and Tomcat say to long addresses and header lines
_RETRIED = frozenset({429, 500, 502, 503, 504})
_BEFORE_THE_FIRST_ANSWER = 3  # tries: a host that never answered is more likely mistyped than down
# Of a Retry-After, at most: clients that were paused together should not come back together.
_LATER_TO_SPREAD = 0.1
# Obeyed pauses of one request until "later" is taken for "no": our choice, half a minute of the usual second each.
_MOST_THROTTLES = 30
# Each issue costs a point where it is read once; "ids" lists it first, and pays for that, too.
_CHEAPER = "; a pull by --strategy ids costs twice the points of one by ranges"
# Of the backoff that may make a named pause longer, in doublings: 8 s with the default policy.
_MOST_DOUBLINGS_OF_A_PAUSE = 4


class Try(msgspec.Struct, frozen=True):
    """What is known when a request fails: how often it failed and was throttled before, and `dice` in [0, 1).

    `reached` tells whether this server has ever answered.
    """

    failures: int
    throttles: int
    reached: bool
    dice: float


class Wait(msgspec.Struct, frozen=True):
    """Ask again after `seconds`. `everyone`: no request of this client before that; `endpoint`: none to the same place.

    `obeyed`: Jira named the time itself, so it is a throttle and no failure. `timed_out`: nothing came in time.
    """

    seconds: float
    reason: str
    everyone: bool = False
    endpoint: bool = False
    obeyed: bool = False
    timed_out: bool = False

    @property
    def is_pause(self) -> bool:
        """Whether other requests wait, too: Jira asked for fewer of them."""
        return self.everyone or self.endpoint

    @property
    def cost(self) -> int:
        """Tokens of the retry budget: 5 for a failure and 10 for a time-out, as botocore takes; 1 for an obeyed pause.

        https://github.com/boto/botocore/blob/develop/botocore/retries/standard.py
        """
        return 1 if self.obeyed else 10 if self.timed_out else 5


def decide(outcome: Answer | Broken | Unusable, tried: Try, policy: RetryPolicy) -> Wait | JiraError:
    """Say whether to ask again, or which error to raise.

    A wait that a 429 or 503 names (see `named_wait`) is obeyed, or the backoff where that is longer, and counts as no
    failure. It, and a 429 without one, pauses every request of the client, or those to one endpoint where Jira says so.
    """
    if isinstance(outcome, Unusable):
        return _after_unusable(outcome, tried, policy)
    if isinstance(outcome, Broken):
        return _after_broken(outcome, tried, policy)
    if outcome.status not in _RETRIED or is_final(outcome):
        return refusal(outcome)
    after = named_wait(outcome) if outcome.status in (429, 503) else None
    if after is not None:
        return _after_throttle(outcome, after, tried, policy)
    if tried.failures + 1 < policy.attempts:
        return _pausing(Wait(_backoff(tried, policy), f"HTTP {outcome.status}"), outcome)
    if outcome.status == 429:
        return _limited(outcome, f"{_times(tried)}: lower --rate, or come back later", None)
    return refusal(outcome)


def blames_request(outcome: Answer | Broken | Unusable) -> bool:
    """Whether the request itself may be too much for the server: one issue of its page, or all of them together."""
    return isinstance(outcome, Answer) and outcome.status in (500, 504)


def refused_as_get(request: Request[T], outcome: Answer | Broken | Unusable) -> bool:
    """Whether the server refused the length of a request that can be sent as a POST instead."""
    return request.as_post is not None and isinstance(outcome, Answer) and outcome.status in _TOO_LONG_FOR_A_GET


def exhausted(outcome: Answer | Broken | Unusable, wait: Wait, tries: int) -> JiraError:
    """Return the error for a pull whose retry budget is used up, with the last of its failures."""
    used_up = "the retry budget of this pull is used up"
    if not isinstance(outcome, Answer):
        return TransportError(f"{used_up} (last: {wait.reason}): the way to Jira fails too often", attempts=tries)
    if wait.is_pause:
        return _limited(outcome, f"{used_up}: lower --rate, or come back later", None)
    return ServerError(f"{used_up}: {refusal(outcome)}", status=outcome.status)


def _after_throttle(answer: Answer, after: float, tried: Try, policy: RetryPolicy) -> Wait | JiraError:
    if after > policy.max_retry_after:
        return _limited(answer, _too_long(answer, after, policy), after)
    if tried.throttles >= _MOST_THROTTLES:
        return _limited(answer, f"{tried.throttles} pauses did not help: lower --rate, or come back later", after)
    calm = replace(tried, throttles=min(tried.throttles, _MOST_DOUBLINGS_OF_A_PAUSE))
    seconds = max(after, _backoff(calm, policy)) + after * _LATER_TO_SPREAD * tried.dice
    named = "Retry-After" if after == retry_after(answer) else "reset in"
    return _pausing(Wait(seconds, f"HTTP {answer.status}, {named} {after:.0f} s", obeyed=True), answer)


def _too_long(answer: Answer, after: float, policy: RetryPolicy) -> str:
    named = "a very long time" if math.isinf(after) else f"{after:.0f} s"
    quota = spent_quota(answer, after)
    return (
        f"{quota + ': ' if quota else ''}Jira asks to wait {named}, over the {policy.max_retry_after:g} s allowed: "
        f"run it again later, or raise --max-retry-after{_CHEAPER if quota else ''}"
    )


def _pausing(wait: Wait, answer: Answer) -> Wait:
    """Return the wait as a pause for those whom Jira meant by its answer, if that asked for less."""
    if answer.status == 429 and is_burst(answer):
        return replace(wait, endpoint=True)
    return replace(wait, everyone=answer.status == 429 or wait.obeyed)


def _limited(answer: Answer, message: str, after: float | None) -> RateLimited:
    return RateLimited(f"HTTP {answer.status}: {message}", status=answer.status, retry_after=after)


def _after_broken(broken: Broken, tried: Try, policy: RetryPolicy) -> Wait | JiraError:
    attempts = policy.attempts if tried.reached else min(policy.attempts, _BEFORE_THE_FIRST_ANSWER)
    if broken.retry and tried.failures + 1 < attempts:
        return Wait(_backoff(tried, policy), str(broken), timed_out=broken.timed_out)
    message = f"{broken} ({_times(tried)})"
    return TransportError(message, attempts=tried.failures + 1, too_large=broken.too_large)


def _after_unusable(unusable: Unusable, tried: Try, policy: RetryPolicy) -> Wait | JiraError:
    if unusable.fault is Fault.LOGIN:
        return Refused(f"{unusable}: check the token, and whether --url leads past the single sign-on", status=200)
    if unusable.fault is Fault.PROTOCOL:
        return ProtocolError(f"{unusable}: the server, or a proxy before it, does not answer as Jira documents")
    if tried.failures + 1 < policy.attempts:
        return Wait(_backoff(tried, policy), str(unusable))
    return TransportError(f"{unusable} ({_times(tried)})", attempts=tried.failures + 1)


def _times(tried: Try) -> str:
    return "tried once" if tried.failures == 0 else f"{tried.failures + 1} times in a row"


def _backoff(tried: Try, policy: RetryPolicy) -> float:
    doubled = min(tried.failures + tried.throttles, 64)  # 2.0 ** 1024 would overflow
    return tried.dice * min(policy.longest, policy.first * 2.0**doubled)
