import math
from typing import Any

import pytest

from asyncjira import (
    BadQuery,
    JiraError,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    RetryPolicy,
    ServerError,
    TransportError,
)
from asyncjira.jira.allowance import named_wait, retry_after
from asyncjira.jira.exchange import Answer, Broken, Fault, Unusable
from asyncjira.jira.login import refused_login
from asyncjira.plan.budget import RetryBudget
from asyncjira.plan.retry import Try, Wait, decide, exhausted

POLICY = RetryPolicy()
DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def after(outcome: Any, failures: int = 0, throttles: int = 0, *, reached: bool = True, dice: float = 1.0) -> Any:
    return decide(outcome, Try(failures, throttles, reached, dice), POLICY)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("2", 2),
        (" 7 ", 7),
        ("9" * 30, math.inf),
        ("Mon, 23 Nov 2026 10:00:05 GMT", 5),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_against_the_answers_own_date(value: str, seconds: float | None) -> None:
    assert retry_after(answer(429, Retry_After=value, Date=DATE)) == seconds


def test_a_date_without_a_date_to_hold_it_against_is_no_retry_after() -> None:
    assert retry_after(answer(429, Retry_After="Mon, 23 Nov 2026 10:00:05 GMT")) is None
    assert retry_after(answer(429)) is None


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("2026-11-23T10:00:30Z", 30),
        ("2026-11-23T10:02Z", 120),
        ("2026-11-23T12:00:40+0200", 40),
        (" 2026-11-23T10:00:00.500Z ", 0.5),
        ("2026-11-23T09:00Z", 0),
        ("2026-11-23T10:02", None),
        ("1795428000", None),
        ("20261123", None),
        ("soon", None),
        ("", None),
    ],
)
def test_where_retry_after_is_missing_the_reset_counts_by_the_answers_own_clock(
    reset: str, seconds: float | None
) -> None:
    assert named_wait(answer(429, X_RateLimit_Reset=reset, Date=DATE)) == seconds
    assert named_wait(answer(429, X_RateLimit_Reset=reset)) is None
    assert named_wait(answer(503, X_RateLimit_Reset=reset, Date=DATE)) is None


@pytest.mark.parametrize(
    ("reason", "after", "seconds"),
    [
        ("jira-quota-tenant-based", "20", 120),
        ("jira-quota-global-based", "200", 200),
        ("jira-burst-based", "2", 2),
        ("jira-cost-based", "89", 89),
        ("", "5", 5),
    ],
)
def test_only_a_quota_is_waited_for_until_its_reset(reason: str, after: str, seconds: float) -> None:
    both = {"Retry_After": after, "X_RateLimit_Reset": "2026-11-23T10:02Z", "RateLimit_Reason": reason, "Date": DATE}
    assert named_wait(answer(429, **both)) == seconds


def test_a_reset_is_obeyed_like_a_retry_after_also_from_a_gateway_that_speaks_html() -> None:
    limited = answer(429, b"<html>Too many requests</html>", X_RateLimit_Reset="2026-11-23T10:00:40Z", Date=DATE)
    assert after(limited, dice=0.0) == Wait(40, "HTTP 429, reset in 40 s", everyone=True, obeyed=True)
    assert isinstance(after(answer(429, b"<html>"), failures=5), RateLimited)


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"X_RateLimit_Reset": "2026-11-23T11:00Z", "Date": DATE}, " until 2026-11-23T11:00:00Z"),
        ({"Retry_After": "3600", "Date": DATE}, " until 2026-11-23T11:00:00Z"),
        ({"Retry_After": "3600"}, ""),
    ],
)
def test_a_quota_that_resets_too_late_is_named_with_its_end_and_what_is_cheaper(
    headers: dict[str, str], until: str
) -> None:
    error = after(answer(429, RateLimit_Reason="jira-quota-tenant-based", **headers))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3600
    assert str(error) == (
        f"HTTP 429: the quota jira-quota-tenant-based is used up{until}: Jira asks to wait 3600 s, over the 300 s "
        "allowed: run it again later, or raise --max-retry-after; a pull by --strategy ids costs twice the points of "
        "one by ranges"
    )


def test_a_long_wait_for_anything_but_a_quota_blames_none() -> None:
    error = str(after(answer(429, Retry_After="301", RateLimit_Reason="jira-burst-based", Date=DATE)))
    assert "quota" not in error
    assert "--strategy" not in error


@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-quota-\x1b[31m" + "x" * 999])
def test_no_reason_of_a_server_is_shown_as_it_is_or_at_any_length(reason: str) -> None:
    error = str(after(answer(429, Retry_After="9" * 30, RateLimit_Reason=reason, Date=DATE)))
    assert error.isprintable()
    assert len(error) < 300


@pytest.mark.parametrize("status", [429, 503])
def test_a_named_wait_is_obeyed_by_everyone_and_is_no_failure(status: int) -> None:
    wait = after(answer(status, Retry_After="20"), dice=0.5)
    assert wait == Wait(20 + 1.0, f"HTTP {status}, Retry-After 20 s", everyone=True, obeyed=True)
    assert wait.cost == 1


def test_a_retry_after_of_zero_still_backs_off() -> None:
    assert [after(answer(429, Retry_After="0"), throttles=n).seconds for n in range(4)] == [0.5, 1, 2, 4]


def test_without_a_named_wait_the_backoff_doubles_up_to_its_limit() -> None:
    policy = RetryPolicy(attempts=20)
    waits = [decide(answer(500), Try(n, 0, True, 1.0), policy) for n in range(9)]
    assert [wait.seconds for wait in waits if isinstance(wait, Wait)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert after(answer(500), dice=0.25).seconds == 0.125


def test_a_429_pauses_everyone_and_a_server_error_only_its_own_request() -> None:
    assert after(answer(429)).everyone
    assert not after(answer(500)).everyone
    assert not after(answer(503)).everyone


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_as_often_as_the_policy_says(status: int) -> None:
    assert [isinstance(after(answer(status), failures=n), Wait) for n in range(7)] == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadQuery),
        (401, Refused),
        (403, Refused),
        (404, NotFound),
        (410, NotFound),
        (413, ServerError),
        (414, ServerError),
        (418, ServerError),
        (301, NotFound),
        (204, ServerError),
        (501, ServerError),
    ],
)
def test_what_will_not_pass_is_not_tried_again(status: int, error: type[JiraError]) -> None:
    assert type(after(answer(status))) is error


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, RateLimited), (500, ServerError), (502, ServerError), (503, ServerError), (504, ServerError)],
)
def test_the_last_failure_tells_what_it_was(status: int, error: type[JiraError]) -> None:
    assert type(after(answer(status), failures=5)) is error


def test_a_wait_that_is_too_long_ends_the_pull() -> None:
    error = after(answer(429, Retry_After="301"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 301
    assert isinstance(after(answer(503, Retry_After="9" * 400)), RateLimited)


def test_a_server_that_only_says_later_is_left_in_the_end() -> None:
    assert isinstance(after(answer(429, Retry_After="1"), throttles=29), Wait)
    assert isinstance(after(answer(429, Retry_After="1"), throttles=30), RateLimited)


def test_a_host_that_never_answered_is_given_up_sooner() -> None:
    assert [isinstance(after(Broken("x"), failures=n, reached=False), Wait) for n in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert [isinstance(after(Broken("x"), failures=n), Wait) for n in range(6)] == [True] * 5 + [False]
    error = after(Broken("gone"), failures=5)
    assert isinstance(error, TransportError)
    assert (str(error), error.attempts) == ("gone (6 times in a row)", 6)


def test_a_bad_certificate_is_not_tried_again() -> None:
    assert isinstance(after(Broken("bad certificate", retry=False)), TransportError)


def test_an_unusable_answer_is_asked_again_only_where_that_can_help() -> None:
    assert isinstance(after(Unusable("cut", Fault.DAMAGED)), Wait)
    assert isinstance(after(Unusable("cut", Fault.DAMAGED), failures=5), TransportError)
    assert isinstance(after(Unusable("login", Fault.LOGIN)), Refused)
    assert isinstance(after(Unusable("odd", Fault.PROTOCOL)), ProtocolError)


@pytest.mark.parametrize("status", [401, 403])
def test_a_captcha_is_named(status: int) -> None:
    for headers in (
        {"X_Seraph_LoginReason": "AUTHENTICATION_DENIED"},
        {"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; x"},
    ):
        assert "CAPTCHA" in str(after(answer(status, **headers)))


def test_a_200_to_an_anonymous_visitor_is_a_failed_login() -> None:
    assert isinstance(refused_login(answer(200, X_Seraph_LoginReason="AUTHENTICATED_FAILED")), Refused)
    assert refused_login(answer(200, X_Seraph_LoginReason="OK")) is None
    assert refused_login(answer(200)) is None


def test_jiras_own_words_are_told_without_control_characters() -> None:
    body = b'{"errorMessages":["The value \'\\u001b[31mX\' does not exist.\\nAt all."],"errors":{"field":"bad"}}'
    assert str(after(answer(400, body))) == (
        "Jira rejected the query: The value '\\x1b[31mX' does not exist. At all.; field: bad"
    )


def test_a_redirection_names_its_target_but_not_what_it_carries() -> None:
    login = after(answer(302, Location="https://sso.example.com/saml/login?token=hunter2"))
    assert isinstance(login, Refused)
    assert "sso.example.com/saml/login" in str(login)
    assert "hunter2" not in str(login)
    moved = after(answer(301, Location="https://ann:hunter2@jira.example.com/rest/api/2/search"))
    assert isinstance(moved, NotFound)
    assert "hunter2" not in str(moved)
    assert isinstance(after(answer(302, Location="http://[")), NotFound)


def test_the_budget_has_botocores_prices() -> None:
    budget = RetryBudget(11)
    assert [budget.take(5), budget.take(5), budget.take(5)] == [True, True, False]
    for _ in range(4):
        budget.succeeded()
    assert budget.take(5)
    for _ in range(50):
        budget.succeeded()
    assert budget.spent == 0


def test_an_exhausted_budget_tells_the_last_failure() -> None:
    limited = exhausted(answer(429), after(answer(429, Retry_After="1")), 7)
    assert isinstance(limited, RateLimited)
    broken = exhausted(Broken("reset"), after(Broken("reset")), 7)
    assert isinstance(broken, TransportError)
    assert ("reset" in str(broken), broken.attempts) == (True, 7)
    failed = exhausted(answer(502), after(answer(502)), 7)
    assert isinstance(failed, ServerError)
    assert failed.status == 502


def test_rows_beyond_the_result_window_are_not_asked_for_again() -> None:
    body = b'{"errorMessages":["Search limit exceeded. 10,100 results, over the limit of 10,000."],"errors":{}}'
    error = after(answer(500, body))
    assert isinstance(error, ServerError)
    assert "limit of 10,000" in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"errorMessages":["bad"],"errors":null}', "bad"),
        (b'{"errorMessages":null,"errors":{"jql":"bad","x":1}}', "jql: bad"),
        (b'{"message":"bad","status-code":400}', "bad"),
        (b'{"errorMessage":"bad"}', "bad"),
        (b'["bad"]', "without a reason"),
        (b"bad", "without a reason"),
    ],
)
def test_jiras_words_are_found_wherever_it_puts_them(body: bytes, words: str) -> None:
    error = after(answer(400, body))
    assert isinstance(error, BadQuery)
    assert str(error) == f"Jira rejected the query: {words}"


def test_a_400_of_a_proxy_does_not_blame_the_query() -> None:
    assert isinstance(after(answer(400, b"<html>Request Header Or Cookie Too Large</html>")), ServerError)


@pytest.mark.parametrize(
    ("path", "error"),
    [("/author/rest", NotFound), ("/login.jsp", Refused), ("/saml2/start", Refused), ("/jira/", NotFound)],
)
def test_only_a_login_page_is_taken_for_one(path: str, error: type[JiraError]) -> None:
    assert type(after(answer(302, Location=path))) is error


def test_a_time_out_costs_twice_what_another_failure_costs() -> None:
    assert after(Broken("slow", timed_out=True)).cost == 10
    assert after(Broken("reset")).cost == after(answer(500)).cost == 5


def test_a_budget_that_could_not_pay_once_stays_spent() -> None:
    budget = RetryBudget(5)
    assert (budget.take(5), budget.is_spent) == (True, False)
    assert (budget.take(1), budget.is_spent) == (False, True)
    budget.succeeded()
    assert (budget.take(1), budget.is_spent) == (True, True)


def test_an_answer_that_is_too_large_says_so() -> None:
    error = after(Broken("larger than 9 bytes", retry=False, too_large=True))
    assert isinstance(error, TransportError)
    assert error.too_large
    assert not after(Broken("reset", retry=False)).too_large


@pytest.mark.parametrize(
    ("headers", "status", "login"),
    [
        ({}, 401, True),
        ({}, 403, False),
        ({"X_Seraph_LoginReason": "AUTHENTICATION_DENIED"}, 403, True),
        ({"X_Seraph_LoginReason": "AUTHENTICATED_FAILED"}, 403, True),
        ({"Location": "/login.jsp"}, 302, False),
    ],
)
def test_a_refused_login_is_told_from_a_missing_permission(headers: dict[str, str], status: int, login: bool) -> None:
    assert after(answer(status, **headers)).login is login


@pytest.mark.parametrize(
    "body", [b'{"code":401,"message":"Unauthorized; scope does not match"}', b"Scope does not match"]
)
def test_a_missing_scope_is_no_refused_login(body: bytes) -> None:
    error = after(answer(401, body))
    assert isinstance(error, Refused)
    assert not error.login
    assert "no scope for this" in str(error)
    assert after(answer(403, body)).login is False
    assert "scope for this" not in str(after(answer(403, body)))


def test_a_removed_address_is_cloud_and_says_what_to_ask_instead() -> None:
    assert "--api cloud" in str(after(answer(410)))
