"""Whole answers that are no page of issues: refusals as Jira, Tomcat and proxies word them, and 200s that lie."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from asyncjira.mock.answer import HTML, JSON, Answer, error, page_of_html, plain_json

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REFUSALS", "login_failed", "throttled"]

_LOGIN_FORM = (
    '<form id="login-form" action="/login.jsp" method="post"><input name="os_username" type="text">'
    '<input name="os_password" type="password"><input type="submit" value="Log In"></form>'
)


def login_failed(_: str | None = None) -> Answer:
    """Return the 401 of a wrong password or token."""
    return _basic_failure(401, "Unauthorized (401)", "AUTHENTICATED_FAILED")


def _basic_failure(status: int, title: str, reason: str, **headers: str) -> Answer:
    text = f"Basic Authentication Failure - Reason : {reason}"
    return page_of_html(status, title, text, **{"X-Seraph-LoginReason": reason}, **headers)


def throttled(argument: str | None) -> Answer:
    """Return a 429 whose Retry-After is so many seconds (1 unless told), absent (`none`), or a time (`date`)."""
    headers = {"Retry-After": argument or "1"}
    if argument == "none":
        headers = {}
    elif argument == "date":
        now = time.time()
        headers = {"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + 2, usegmt=True)}
    return page_of_html(429, "HTTP Status 429 – Too Many Requests", "<p>Rate limit exceeded.</p>", **headers)


def _internal(_: str | None) -> Answer:
    return error(500, "Internal server error")


def _bad_gateway(_: str | None) -> Answer:
    return page_of_html(502, "502 Bad Gateway", "<hr>nginx")


def _unavailable(argument: str | None) -> Answer:
    headers = {"Retry-After": argument} if argument else {}
    return page_of_html(503, "HTTP Status 503 – Service Unavailable", "<p>The node is starting.</p>", **headers)


def _gateway_timeout(_: str | None) -> Answer:
    return page_of_html(504, "504 Gateway Time-out", "<hr>nginx")


def _bad_query(_: str | None) -> Answer:
    return error(400, "The value 'NOWHERE' does not exist for the field 'project'.")


def _forbidden(_: str | None) -> Answer:
    return error(403, "You do not have the permission to see the specified issues.")


def _captcha(_: str | None) -> Answer:
    reason = "CAPTCHA_CHALLENGE; login-url=https://jira.example.com/login.jsp"
    headers = {"X-Authentication-Denied-Reason": reason}
    return _basic_failure(403, "Forbidden (403)", "AUTHENTICATION_DENIED", **headers)


def _not_found(_: str | None) -> Answer:
    return error(404, "null for uri: /rest/api/2/search")


def _gone(_: str | None) -> Answer:
    return error(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")


def _too_large(_: str | None) -> Answer:
    return page_of_html(413, "413 Request Entity Too Large", "<hr>nginx")


def _too_long(_: str | None) -> Answer:
    return page_of_html(414, "414 Request-URI Too Large", "<hr>nginx")


def _control(_: str | None) -> Answer:
    return error(400, "\x1b[31mred\x1b[0m and a bell \x07, then \u202eenil a sesrever")


def _empty(_: str | None) -> Answer:
    return Answer(200, b"", {"Content-Type": JSON})


def _object(_: str | None) -> Answer:
    return plain_json(200, {})


def _errors(_: str | None) -> Answer:
    return error(200, "The search could not be completed on this node.")


def _login_page(_: str | None) -> Answer:
    return page_of_html(200, "Log in - Jira", _LOGIN_FORM)


def _maintenance(_: str | None) -> Answer:
    return page_of_html(200, "503 Service Unavailable", "<p>Jira is down for scheduled maintenance. Back at noon.</p>")


def _redirect(argument: str | None) -> Answer:
    return Answer(302, b"", {"Content-Type": HTML, "Location": argument or "/login.jsp"})


REFUSALS: dict[str, Callable[[str | None], Answer]] = {
    "400": _bad_query,
    "401": login_failed,
    "403": _forbidden,
    "404": _not_found,
    "410": _gone,
    "413": _too_large,
    "413-get": _too_large,
    "414": _too_long,
    "414-get": _too_long,
    "429": throttled,
    "500": _internal,
    "502": _bad_gateway,
    "503": _unavailable,
    "504": _gateway_timeout,
    "captcha": _captcha,
    "control": _control,
    "empty": _empty,
    "errors": _errors,
    "html": _login_page,
    "maintenance": _maintenance,
    "object": _object,
    "redirect": _redirect,
}
