"""The way to a Jira, by the first answer: its host, TLS, who sends one elsewhere, and where Jira begins on the host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from asyncjira.errors import printable
from asyncjira.jira.address import is_same
from asyncjira.jira.exchange import Answer, Broken, Fault, Stage
from asyncjira.jira.refusal import is_login_path, sent_on_to
from asyncjira.jira.server import read_info
from asyncjira.jira.words import html_fault
from asyncjira.plan.checkup import Check, failed, fault, look, ok, unasked

__all__ = ["NAMES", "approach", "bars_strangers", "is_let_through", "is_other_place", "other_places"]

NAMES = ("address", "TLS", "redirects", "path")
_REACHED: dict[Stage, str] = {"name": "address", "connection": "address", "tls": "TLS", "answer": "path"}
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_API = "/rest/api/"
_PLACES = 3  # other places on the host that are tried: more would be guessing
_USUAL = "/jira"  # the context path of most who have one, also in the vendor's own examples


def approach(url: str, outcome: Answer | Broken, *, found_at: str = "", is_let_in: bool = False) -> list[Check]:
    """Return the checks `NAMES` by what asking for the server info brought, as anybody may, without a login.

    `found_at` is where it is answered instead. `is_let_in`: who logs in is answered here, whatever strangers are.
    """
    at = urlsplit(url)
    if isinstance(outcome, Broken):
        return _unreached(at.scheme, outcome)
    address = ok("address", f"{at.netloc} answers")
    tls = ok("TLS", "the certificate is accepted") if at.scheme == "https" else look("TLS", "none: this is plain http")
    if is_let_in:
        elsewhere = "strangers are sent elsewhere, this login is not" if bars_strangers(outcome) else "none"
        return [address, tls, ok("redirects", elsewhere), _begins(url)]
    return [address, tls, *_answered(url, outcome, found_at)]


def bars_strangers(answer: Answer) -> bool:
    """Whether somebody before Jira may let through who logs in, and sends others to log in first."""
    return 300 <= answer.status < 400 or (answer.status == 200 and _is_login_page(answer))


def is_let_through(answer: Answer) -> bool:
    """Whether Jira itself has answered, if only to refuse a stranger."""
    if answer.status == 200:
        return (info := read_info(answer)) is not None and bool(info.version or info.is_cloud)
    return answer.status in (401, 403)


def is_other_place(answer: Answer) -> bool:
    """Whether Jira may be elsewhere on the host: nothing is there, or what is there is no Jira and no login."""
    is_something_else = answer.status == 200 and not is_let_through(answer)
    return answer.status == 404 or (is_something_else and not _is_login_page(answer))


def other_places(url: str) -> list[str]:
    """Return where else on the host Jira may begin: above what was given (an address out of a browser), or at /jira."""
    at = urlsplit(url)
    host, parts = f"{at.scheme}://{at.netloc}", [part for part in at.path.split("/") if part]
    above = ["/".join([host, *parts[:length]]) for length in range(len(parts) - 1, 0, -1)]
    places = dict.fromkeys([*above[-1:], host, host + _USUAL])
    return [place for place in places if place != url][:_PLACES]


def _unreached(scheme: str, broken: Broken) -> list[Check]:
    """Return a fault where the way ended, and what could not be known behind it."""
    at = NAMES.index(_REACHED[broken.stage])
    before = [ok("address", "the host answers"), ok("TLS", "the connection stands" if scheme == "https" else "none")]
    end = failed(NAMES[at], broken)
    if broken.stage == "answer" and broken.retry and not broken.timed_out:
        advice = "check host and port" + (", and whether this is an https port" if scheme == "http" else "")
        end = fault(end.name, f"{end.says}: {advice}", "server")
    why = "the certificate was not accepted" if broken.stage == "tls" else "no answer came"
    behind = [unasked(name, why) for name in NAMES[at + 1 :]]
    middle = [unasked("redirects", why)] if broken.stage == "answer" else []
    return [*before[:at], *middle, end, *behind]


def _answered(url: str, answer: Answer, found_at: str) -> list[Check]:
    if 300 <= answer.status < 400:
        return [_redirected(url, answer), unasked("path", "another address was named instead")]
    redirects = ok("redirects", "none")
    if is_let_through(answer):
        return [redirects, _begins(url)]
    if found_at:
        return [
            redirects,
            fault("path", f"no Jira here, but one at {printable(found_at)}: put that into --url", "usage"),
        ]
    if answer.status == 200 or (answer.status != 404 and answer.body.lstrip().startswith(b"<")):
        return [redirects, _other_page(answer)]
    return [redirects, failed("path", answer)]


def _begins(url: str) -> Check:
    path = urlsplit(url).path
    return ok("path", f"Jira answers below {printable(path)}" if path else "Jira answers at the root")


def _is_login_page(answer: Answer) -> bool:
    return html_fault(answer.body).fault is Fault.LOGIN


def _redirected(url: str, answer: Answer) -> Check:
    """Say where a redirect leads; it is never followed, since it would take the credentials along."""
    at, target = urlsplit(url), sent_on_to(answer)
    sent = f"HTTP {answer.status}"
    host = printable(target.netloc.rpartition("@")[2])
    if host and target.hostname != at.hostname:
        advice = "let the API past it (/rest/ in its rules), or give the address that leads around it"
        return fault("redirects", f"{sent}: sent on to {host}, a single sign-on or another site: {advice}", "login")
    if _API in target.path and not is_login_path(target.path):
        scheme, base = target.scheme or at.scheme, target.path.partition(_API)[0]
        better = f"{scheme}://{host or at.netloc}{base}"
        if is_same(better, url):
            advice = "ask who runs it whether the proxy before Jira is set up well"
            return fault("redirects", f"{sent}: this address sends one on to itself: {advice}", "server")
        return fault("redirects", f"{sent}: the address moved: put {printable(better)} into --url", "usage")
    return failed("redirects", answer)


def _other_page(answer: Answer) -> Check:
    """Say what answers in place of Jira with a page of HTML, or with something else."""
    title = _TITLE.search(answer.body)
    shown = f" ({printable(' '.join(title[1].decode('utf-8', 'replace').split()))})" if title else ""
    if answer.status == 200 and _is_login_page(answer):
        advice = "a single sign-on stands before Jira: let the API past it, or give the address that leads around it"
        return fault("path", f"a login page answers{shown}: {advice}", "login")
    if not answer.body.lstrip().startswith(b"<"):
        return fault("path", "what answers is no Jira: check --url and its context path", "usage")
    if answer.status in (429, 503):
        return failed("path", answer)
    advice = "ask who runs it whether Jira is up" if answer.status != 200 else "check --url, or wait for maintenance"
    return fault("path", f"HTTP {answer.status}: a page of HTML{shown} by a proxy, not by Jira: {advice}", "server")
