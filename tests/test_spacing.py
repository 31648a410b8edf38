"""Moments at which requests are due, whatever the clock does in between."""

from hypothesis import given
from hypothesis import strategies as st

from asyncjira.plan.spacing import Spacing


def leave(rate: float, late: list[float]) -> list[float]:
    """Return when requests leave that always want to, each `late` seconds after its timer, where it needs one."""
    spacing, now, times = Spacing(), 0.0, []
    for delay in late:
        if wait := spacing.reserve(now, 1 / rate):
            now += wait + delay
        spacing.left(now)
        times.append(now)
    return times


def test_the_first_leaves_at_once_and_the_others_evenly() -> None:
    times = leave(100, [0.0] * 201)
    assert times[0] == 0
    assert 1.98 <= times[-1] <= 2.02


def test_timers_that_are_late_by_some_milliseconds_take_nothing_from_the_rate() -> None:
    times = leave(500, [0.001, 0.006, 0.0] * 500)
    assert 0.97 * 500 <= (len(times) - 1) / (times[-1] - times[0]) <= 500


def test_after_a_long_stall_nothing_is_made_up_for() -> None:
    times = leave(100, [*[0.0] * 50, 5.0, *[0.0] * 50])
    assert sum(time < times[50] + 0.25 for time in times[50:]) <= 27


@given(st.floats(1, 2000), st.lists(st.floats(0, 0.05), min_size=1, max_size=300))
def test_no_second_sees_more_than_the_rate_and_one(rate: float, late: list[float]) -> None:
    times = leave(rate, [*late, *[0.0] * (2 * int(rate))])
    first = 0
    for last, time in enumerate(times):
        while times[first] <= time - 1:
            first += 1
        assert last - first + 1 <= rate + 1
