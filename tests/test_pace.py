"""The pace of requests, as numbers: nothing here waits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.jira.allowance import Allowance, is_burst, read_allowance
from asyncjira.jira.exchange import Answer
from asyncjira.plan.pace import Pace

RATES = st.floats(0.1, 1000)


def cut(pace: Pace, times: int, measured: float = 0) -> None:
    for number in range(times):
        pace.pause(10.0 * number, 1, sent_at=10.0 * number, measured=measured)


def told(fill: str = "5", interval: str = "1", remaining: str = "3") -> Allowance | None:
    headers = {
        "X-RateLimit-FillRate": fill,
        "X-RateLimit-Interval-Seconds": interval,
        "X-RateLimit-Remaining": remaining,
    }
    return read_allowance(Answer(200, headers, b""))


def test_a_throttle_takes_three_tenths() -> None:
    pace = Pace(50)
    cut(pace, 1)
    assert pace.rate == pytest.approx(35)


def test_one_pause_is_one_cut_however_many_requests_it_meets() -> None:
    pace = Pace(50)
    pace.pause(10, 1, sent_at=9.9, measured=0)
    pace.pause(10.1, 1, sent_at=9.95, measured=0)  # during the pause
    pace.pause(12, 1, sent_at=9.99, measured=0)  # after it, by a request that had been sent before
    assert pace.rate == pytest.approx(35)
    assert pace.resume_at == 13
    pace.pause(14, 1, sent_at=13.5, measured=0)
    assert pace.rate == pytest.approx(24.5)


@given(RATES, st.integers(0, 50))
def test_no_throttle_makes_it_slower_than_a_twentieth_or_half_a_request_a_second(ceiling: float, times: int) -> None:
    pace = Pace(ceiling)
    cut(pace, times)
    assert min(ceiling, max(ceiling / 20, 0.5)) <= pace.rate <= ceiling


def test_successes_bring_the_rate_back_to_the_ceiling_and_no_further() -> None:
    pace = Pace(50)
    cut(pace, 1)
    for _ in range(749):
        pace.succeeded()
    assert pace.rate == pytest.approx(49.98)
    for _ in range(10):
        pace.succeeded()
    assert pace.rate == 50


def test_without_a_ceiling_nothing_is_limited_before_the_first_throttle() -> None:
    pace = Pace(0)
    assert (pace.rate, pace.units()) == (math.inf, 0)
    pace.succeeded()
    assert pace.rate == math.inf


def test_without_a_ceiling_the_first_throttle_starts_from_what_was_measured() -> None:
    pace = Pace(0)
    cut(pace, 1, measured=200)
    assert pace.rate == pytest.approx(140)
    for _ in range(100_000):
        pace.succeeded()
    assert pace.rate == 400


def test_without_a_ceiling_a_first_request_that_is_refused_does_not_stop_everything() -> None:
    pace = Pace(0)
    cut(pace, 1, measured=0)
    assert pace.rate == 0.5


@given(st.sampled_from([0.0, 1.0, 7.0, 50.0, 200.0]), st.integers(1, 12), st.integers(1, 200), st.floats(1, 300))
def test_what_requests_pay_is_their_number_times_their_price(
    ceiling: float, cuts: int, requests: int, measured: float
) -> None:
    pace = Pace(ceiling)
    cut(pace, cuts, measured)
    paid = [pace.units() for _ in range(requests)]
    assert sum(paid) == pytest.approx(requests * pace.grain / pace.rate, abs=1)
    assert min(paid) >= (1 if ceiling else 0)


@pytest.mark.parametrize(
    ("allowance", "rate"),
    [
        (Allowance(10, 100), 10 + 100 - 2),  # what is left may be used up within a second
        (Allowance(10, 2), 10),  # the reserve is there: as much as flows in
        (Allowance(10, 0), 9),  # it is not: a little less
        (Allowance(0.01, 0), 0.1),  # hardly anything flows in: that is left to 429s
    ],
)
def test_what_the_server_tells_is_followed(allowance: Allowance, rate: float) -> None:
    pace = Pace(0)
    pace.advise(allowance)
    assert pace.rate == pytest.approx(rate)
    pace.advise(None)
    assert pace.rate == math.inf


@given(st.floats(0.001, 1e9), st.floats(0, 1e9), RATES)
def test_no_advice_is_beyond_the_ceiling(fill: float, remaining: float, ceiling: float) -> None:
    pace = Pace(ceiling)
    pace.advise(Allowance(fill, remaining))
    assert 0.1 <= pace.rate <= ceiling


def test_data_centers_headers_are_read() -> None:
    assert told("10", "60", "7") == Allowance(10 / 60, 7)


@pytest.mark.parametrize("junk", ["", "-1", "1.5", "x", "9" * 400, "٣", "nan", "1e9"])
@pytest.mark.parametrize("name", ["fill", "interval", "remaining"])
def test_junk_in_data_centers_headers_is_ignored(name: str, junk: str) -> None:
    assert told(**{name: junk}) is None


def test_clouds_headers_of_the_same_names_are_not_taken_for_data_centers() -> None:
    cloud = {"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "2", "X-RateLimit-NearLimit": "true"}
    assert read_allowance(Answer(200, cloud, b"")) is None


def test_a_bucket_that_never_fills_is_junk() -> None:
    assert told(fill="0") is told(interval="0") is None


@pytest.mark.parametrize(
    ("reason", "burst"),
    [
        ("jira-burst-based", True),
        *((f"jira-{name}", False) for name in ("quota-global-based", "quota-tenant-based", "per-issue-on-write")),
        ("", False),
    ],
)
def test_a_burst_is_told_from_a_quota(reason: str, burst: bool) -> None:
    assert is_burst(Answer(429, {"RateLimit-Reason": reason}, b"")) is burst
