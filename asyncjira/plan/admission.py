"""Whether Jira lets somebody in, and to what: the login, the version that it needs, what there is to see."""

from __future__ import annotations

from typing import Literal

from asyncjira.errors import Refused, printable
from asyncjira.jira.exchange import Answer, Broken
from asyncjira.jira.login import read_user, refused_login
from asyncjira.jira.refusal import sent_on_to
from asyncjira.jira.server import Info
from asyncjira.plan.checkup import Check, error_of, failed, fault, look, ok, unasked

__all__ = ["LoginKind", "barred", "login", "sight", "version"]

LoginKind = Literal["none", "basic", "bearer"]

# /rest/api/2, with the search that is asked, has come with 5.0: https://docs.atlassian.com/jira/REST/5.0-beta1
_SEARCH = (5, 0)
# Personal access tokens: https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
_TOKENS = (8, 14)
_NO_LOGIN = "set JIRA_PAT, or JIRA_EMAIL and JIRA_API_TOKEN"


def version(info: Info | None, kind: LoginKind) -> Check:
    """Say what this Jira is, and whether it is too old for the search, or for the `kind` of login."""
    if info is None:
        return unasked("version", "this Jira does not tell strangers what it is")
    if info.is_cloud:
        return ok("version", "Jira Cloud")
    shown = f"Jira {info.version} (Data Center or Server)"
    if not info.numbers:
        return look("version", f"{shown}: whether it is recent enough cannot be told")
    if info.numbers < _SEARCH:
        return fault("version", f"{shown} is too old: its search came with 5.0", "server")
    if info.numbers < _TOKENS and kind == "bearer":
        advice = "log in by --email and JIRA_API_TOKEN, with the user's name and password"
        return fault("version", f"{shown} knows no personal access tokens, which came with 8.14: {advice}", "login")
    if info.numbers < _TOKENS:
        return look("version", f"{shown} is older than 8.14, the oldest that asyncjira is made for")
    return ok("version", shown)


def login(outcome: Answer | Broken | None) -> Check:
    """Say as whom Jira knows the one who asks, by the answer to that question; None where nobody logs in."""
    if outcome is None:
        return look("login", f"none: Jira shows what an anonymous visitor may see; to log in, {_NO_LOGIN}")
    if isinstance(outcome, Broken):
        return failed("login", outcome)
    if outcome.status == 200:
        if refused := refused_login(outcome):
            return fault("login", str(refused), "login")
        if user := read_user(outcome):
            return ok("login", f"as {user}")
        return fault("login", "Jira was asked who this is, and what answered names nobody: check --url", "server")
    if host := sent_on_to(outcome).hostname if 300 <= outcome.status < 400 else "":
        said = f"HTTP {outcome.status}: sent on to {printable(host)}: the single sign-on there does not take this login"
        return fault("login", said, "login")
    error = error_of(outcome)
    if outcome.status in (403, 404, 410) and not getattr(error, "login", False):
        return look("login", f"Jira does not tell who this is (HTTP {outcome.status}): the search will show")
    if isinstance(error, Refused) and not error.login and outcome.status == 401:
        return look("login", f"{error}: who this is cannot be told")
    return failed("login", outcome)


def barred(check: Check, kind: LoginKind) -> Check:
    """Return the check of a search that was refused, with what to do where nobody has logged in."""
    if check.blame != "login" or kind != "none":
        return check
    return fault(check.name, f"{check.says}; no credentials were given: {_NO_LOGIN}", "login")


def sight(matching: int, *, query: str, everything: int | None, projects: int | None, kind: LoginKind) -> Check:
    """Say what there is to see: issues that are `matching` the query, and where there are none, why that may be.

    `everything` is how many issues there are in all, `projects` how many can be browsed; None where that is not known.
    """
    if matching:
        of = "match the query" if query else "can be seen"
        return ok("search", f"{matching:,} issues {of}")
    if everything:
        return look("search", f"no issue matches the query, of {everything:,} that can be seen: check the query")
    if kind == "none":
        return fault("search", f"an anonymous visitor sees no issue: {_NO_LOGIN}", "login")
    if projects:
        return look(
            "search", f"no issue can be seen, though {projects:,} projects can: they are empty, or hide their issues"
        )
    where = "no project can be browsed, so no issue is seen" if projects == 0 else "no issue can be seen"
    advice = "ask a Jira administrator for the permission Browse Projects"
    return fault("search", f"the login is fine, but {where}: {advice}", "login")
