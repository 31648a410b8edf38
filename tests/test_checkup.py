"""What the doctor makes of answers: plain values in, a check out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira.errors import printable
from asyncjira.jira.certificate import why_invalid
from asyncjira.jira.exchange import Answer, Broken, Fault, Unusable
from asyncjira.jira.login import read_user
from asyncjira.jira.server import Info, projects, read_info
from asyncjira.plan.admission import login, sight, version
from asyncjira.plan.approach import NAMES, approach, other_places
from asyncjira.plan.capacity import clock, compression, latency, page_size, rate_limit
from asyncjira.plan.checkup import Checkup, blame, error_of, failed, fault, look, ok

NOON = 1_700_000_000.0


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("https://h", ["https://h/jira"]),
        ("https://h/jira", ["https://h"]),
        ("https://h/jira/browse/OPS-1", ["https://h/jira", "https://h"]),
        ("https://h:8443/a/b/c", ["https://h:8443/a", "https://h:8443", "https://h:8443/jira"]),
    ],
)
def test_jira_is_looked_for_above_the_address_and_where_most_have_it(url: str, places: list[str]) -> None:
    assert other_places(url) == places


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=60) | st.sampled_from([b"<html>", b'{"version":"9.4"}', b"[]"]),
    location=st.text(max_size=20),
    stage=st.sampled_from(["name", "connection", "tls", "answer", None]),
)
def test_whatever_comes_there_is_a_check_for_each_step_of_the_way(
    status: int, body: bytes, location: str, stage: str | None
) -> None:
    outcome = Broken("lost", stage=stage) if stage else Answer(status, {"Location": location}, body)  # type: ignore[arg-type]
    checks = approach("https://h/jira", outcome)
    assert [check.name for check in checks] == [*NAMES]
    assert all(check.says and check.says == printable(check.says, 10_000) for check in checks)
    assert sum(check.state == "fault" for check in checks) <= 1


@pytest.mark.parametrize("location", ["/jira/rest/api/2/serverInfo", "https://H:443/jira/rest/api/2/serverInfo?a=b"])
def test_who_is_sent_in_a_circle_is_not_told_to_go_there(location: str) -> None:
    found = approach("https://h/jira", Answer(302, {"Location": location}, b""))[NAMES.index("redirects")]
    assert (found.blame, "sends one on to itself" in found.says) == ("server", True)


@pytest.mark.parametrize(("url", "says"), [("http://h", "whether this is an https port"), ("https://h", "check host")])
def test_what_speaks_no_http_may_be_another_port(url: str, says: str) -> None:
    found = approach(url, Broken("the answer breaks the rules of HTTP"))[NAMES.index("path")]
    assert says in found.says
    assert approach(url, Broken("late", timed_out=True))[NAMES.index("path")].says == "late"


@pytest.mark.parametrize(
    ("date", "own", "here", "state", "says"),
    [
        (NOON, NOON, NOON, "ok", "agrees"),
        (NOON, None, NOON + 5, "ok", "agrees"),
        (NOON, NOON, NOON + 60, "ok", "60 s behind this machine's"),
        (NOON, NOON, NOON - 121.5, "fault", "2 min ahead of this machine's"),
        (NOON + 121.5, NOON, NOON, "fault", "ahead of Jira's own clock"),
        (NOON - 86400, NOON, NOON, "fault", "24 h behind Jira's own clock"),
        (None, NOON, NOON, "look", "no Date"),
    ],
)
def test_clocks_may_be_apart_by_what_a_proof_allows_for(
    date: float | None, own: float | None, here: float, state: str, says: str
) -> None:
    check = clock(date, own, here)
    assert (check.state, check.blame) == (state, "proof" if state == "fault" else "")
    assert says in check.says


@pytest.mark.parametrize(
    ("numbers", "kind", "state"),
    [
        ((10, 3, 2), "bearer", "ok"),
        ((8, 14), "bearer", "ok"),
        ((8, 13, 9), "bearer", "fault"),
        ((8, 13, 9), "basic", "look"),
        ((4, 4, 5), "none", "fault"),
        ((), "none", "look"),
    ],
)
def test_a_version_is_enough_for_the_search_and_for_the_login(numbers: tuple[int, ...], kind: str, state: str) -> None:
    assert version(Info(False, "x", numbers, None), kind).state == state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "where"),
    [
        (Answer(401, {}, b""), "login"),
        (Answer(400, {}, b"{}"), "query"),
        (Answer(404, {}, b""), "usage"),
        (Answer(429, {}, b""), "later"),
        (Answer(503, {"Retry-After": "0"}, b""), "later"),
        (Answer(503, {}, b""), "server"),
        (Answer(500, {}, b"Search limit exceeded"), "server"),
        (Broken("lost"), "server"),
        (Unusable("html", Fault.DAMAGED), "server"),
        (Unusable("html", Fault.LOGIN), "login"),
    ],
)
def test_whose_fault_an_answer_is(outcome: Answer | Broken | Unusable, where: str) -> None:
    assert blame(error_of(outcome)) == where
    assert failed("search", outcome).blame == where


def test_the_first_fault_counts() -> None:
    first, second = fault("login", "no", "login"), fault("clock", "late", "proof")
    assert Checkup("u", (ok("a", "b"), look("c", "d"), first, second), 3).fault == first
    assert Checkup("u", (ok("a", "b"), look("c", "d")), 3).fault is None


@pytest.mark.parametrize("status", [403, 404, 410])
def test_who_may_not_read_the_own_name_may_still_be_let_in(status: int) -> None:
    assert login(Answer(status, {}, b"")).state == "look"
    assert login(Answer(401, {}, b'{"message":"Unauthorized; scope does not match"}')).state == "look"
    assert login(Answer(401, {}, b"")).state == "fault"
    assert login(Answer(200, {}, b"{}")).state == "fault"


def test_no_issue_has_many_reasons() -> None:
    def of(**known: int | None) -> str:
        return sight(
            0, query="a", everything=known.get("everything"), projects=known.get("projects"), kind="basic"
        ).state

    assert [of(everything=3), of(projects=2), of(projects=0), of()] == ["look", "look", "fault", "fault"]
    assert sight(0, query="", everything=None, projects=3, kind="none").blame == "login"


def test_what_answers_tell_of_themselves_is_told() -> None:
    pace = {"X-RateLimit-FillRate": "5", "X-RateLimit-Interval-Seconds": "1", "X-RateLimit-Remaining": "40"}
    assert "5 requests a second, 40 at once now" in rate_limit(Answer(200, pace, b"")).says
    assert rate_limit(Answer(200, {"X-RateLimit-NearLimit": "true"}, b"")).state == "look"
    assert rate_limit(Answer(200, {"X-RateLimit-Limit": "350"}, b"")).says == "X-RateLimit-Limit: 350"
    assert compression(Answer(200, {"Content-Encoding": "gzip"}, b"")).state == "ok"
    assert compression(Answer(200, {}, b"x" * 3000)).state == "look"
    assert compression(Answer(200, {}, b"x")).state == "unasked"
    assert latency([0.1, 0.3, 9.0], 0.5, 50).says == "300 ms for an answer, 500 ms for a page of 50 issues"
    assert latency([3.0], 0.5, 50).state == "look"
    assert [page_size(most, 1000).state for most in (50, 100, 1000)] == ["look", "ok", "ok"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"version":[],"versionNumbers":null}', b'{"displayName":7}', b"[" * 9999]
)
def test_what_is_no_info_and_nobody_is_told_as_such(body: bytes) -> None:
    answer = Answer(200, {}, body)
    assert read_info(answer) in (None, Info(False, "", (), None))
    assert read_user(answer) == ""
    assert projects().read(answer) == (0 if body == b"[]" else None)


@pytest.mark.parametrize("said", ["", "unable to get local issuer certificate", "self signed certificate in chain"])
def test_of_every_certificate_it_is_said_what_to_do(said: str) -> None:
    assert ("SSL_CERT_FILE" in why_invalid(said)) == bool(said)
