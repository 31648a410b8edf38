import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import Timeouts
from asyncjira.jira.exchange import Broken
from asyncjira.plan.intake import Intake

MEBIBYTE = 1024 * 1024
TIMEOUTS = Timeouts()


@given(st.lists(st.binary(max_size=20)))
def test_what_came_in_is_what_was_sent(chunks: list[bytes]) -> None:
    intake = Intake(10_000)
    for chunk in chunks:
        intake.take(chunk, 1000)
    assert intake.body() == b"".join(chunks)


def test_the_limit_may_be_reached_but_not_passed() -> None:
    intake = Intake(10, announced=10)
    intake.take(b"0123456789", 10)
    with pytest.raises(Broken, match="larger than 10 bytes") as caught:
        intake.take(b"0", 11)
    assert (caught.value.retry, caught.value.too_large) == (False, True)


def test_what_announces_more_than_the_limit_is_not_begun() -> None:
    with pytest.raises(Broken, match="larger than 10 bytes"):
        Intake(10, announced=11)


def test_only_what_inflates_more_than_any_page_of_issues_is_a_bomb() -> None:
    intake = Intake(64 * MEBIBYTE)
    intake.take(bytes(MEBIBYTE), 1)  # short answers may be all the same
    intake.take(bytes(MEBIBYTE), 2 * MEBIBYTE // 200 + 1)
    with pytest.raises(Broken, match="inflates to more than 200 times") as caught:
        intake.take(bytes(MEBIBYTE), 3 * MEBIBYTE // 200 - 1)
    assert (caught.value.retry, caught.value.too_large) == (False, True)


def test_a_slow_server_is_lived_with_and_a_dripping_one_is_not() -> None:
    intake = Intake(64 * MEBIBYTE)
    for second in range(30, 300, 30):
        intake.check_speed(1000 * second, TIMEOUTS)
    with pytest.raises(Broken, match="less than 100 bytes a second for 30 s") as caught:
        intake.check_speed(1000 * 270 + 2999, TIMEOUTS)
    assert (caught.value.retry, caught.value.timed_out) == (True, True)
