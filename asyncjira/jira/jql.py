"""Queries: where their ORDER BY begins, and the order that asyncjira gives to those without one."""

from __future__ import annotations

import re

import msgspec

from asyncjira.errors import ConfigError

__all__ = ["STABLE_ORDER", "Part", "bounded", "changing", "checked", "moves", "ordered", "split_order"]

# `created` never changes, so rows do not move while pages are fetched; `key` settles most ties.
STABLE_ORDER = "ORDER BY created ASC, key ASC"
# Strings are skipped whole, so that an ORDER BY inside of one is text; a backslash escapes the next character. One that
# is not closed goes on to the end, and nothing is tried twice: the time grows with the length, not with its square.
_STRING_OR_ORDER = re.compile(
    r""" "(?:[^"\\]|\\.)*(?:"|\\?\Z) | '(?:[^'\\]|\\.)*(?:'|\\?\Z) | (\border\s+by\b) """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)

_STRING_OR_BRACKET = re.compile(r""""(?:[^"\\]|\\.)*(?:"|\\?\Z)|'(?:[^'\\]|\\.)*(?:'|\\?\Z)|[()]""", re.DOTALL)
# Functions whose value depends on the moment or on something other than the issue, and dates such as -7d; what stands
# in quotes is skipped, but for dates, which may be quoted.
_CHANGING = re.compile(
    r"""
    (?P<function>\b(?:now|(?:start|end)Of(?:Day|Week|Month|Year)|currentLogin|lastLogin|membersOf|projectsLeadByUser
        |projectsWhereUserHas(?:Permission|Role)|componentsLeadByUser|(?:un)?releasedVersions|latestReleasedVersion
        |earliestUnreleasedVersion|(?:open|closed|future)Sprints|linkedIssues|watchedIssues|votedIssues|issueHistory))\s*\(
    | (?:[<>=,(]|\b(?:after|before|on)\b)\s*(?P<quote>["']?)(?P<relative>[+-]\d+[wdhmy](?:\s+\d+[wdhmy])*\b)(?P=quote)
    | "(?:[^"\\]|\\.)*(?:"|\\?\Z) | '(?:[^'\\]|\\.)*(?:'|\\?\Z)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)

_STILL = re.compile(r"order\s+by\s+(?:(?:created|createdDate|id)(?:\s+(?:asc|desc))?\s*,?\s*)+", re.IGNORECASE)


def checked(jql: str) -> str:
    """Return `jql` stripped. Raises ConfigError for a NUL, for what is not UTF-8, for a `)` that nothing opened.

    Conditions are added to it in parentheses, which it must not be able to leave.
    """
    if "\0" in jql:
        raise ConfigError("the query holds a NUL character")
    try:
        jql.encode()
    except UnicodeEncodeError:
        raise ConfigError("the query holds bytes that are not UTF-8") from None
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(jql):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth < 0:
            raise ConfigError(f"the query closes a parenthesis at character {match.start() + 1} that is not open")
    return jql.strip()


def split_order(jql: str) -> tuple[str, str]:
    """Split a query into its conditions and its own ORDER BY; either may be empty."""
    for match in _STRING_OR_ORDER.finditer(jql):
        if match.group(1):
            return jql[: match.start()].strip(), jql[match.start() :].strip()
    return jql.strip(), ""


def moves(jql: str) -> bool:
    """Whether the order that a query names may change while nobody touches the query: any but that of creation."""
    _, order = split_order(jql)
    return bool(order) and not _STILL.fullmatch(order)


def ordered(jql: str) -> str:
    """Return the query as it is sent: with its own ORDER BY, or else with STABLE_ORDER."""
    where, order = split_order(jql)
    if order or not where:
        return jql if order else STABLE_ORDER
    return f"({where}) {STABLE_ORDER}"


def bounded(jql: str) -> str:
    """Return the conditions of a query; where it has none, one that every issue meets: Cloud refuses to do without.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
    """
    return split_order(jql)[0] or "project is not EMPTY"


def changing(jql: str) -> list[str]:
    """Return what makes the matches of a query change although no issue does: functions, relative dates, sprints.

    https://support.atlassian.com/jira-software-cloud/docs/jql-functions/
    """
    where, _ = split_order(jql)
    found = list(_CHANGING.finditer(where))
    functions = {f"{match['function']}()" for match in found if match["function"]}
    return sorted(functions | {match["relative"] for match in found if match["relative"]})


class Part(msgspec.Struct, frozen=True):
    """A part of what a query matches: created at second `first` or later, before second `before`; updated since.

    Seconds and milliseconds count from 1970. Bounds are sent as milliseconds: dates as text are read in the time zone
    of the user's profile, and only to the minute (https://support.atlassian.com/jira-software-cloud/docs/jql-fields/).
    """

    first: int | None = None
    before: int | None = None
    updated_since_ms: int | None = None

    def of(self, jql: str) -> str:
        """Return the query for this part of `jql`, in STABLE_ORDER whatever the query's own order is."""
        where, _ = split_order(jql)
        conditions = [f"({where})"] if where else []
        if self.first is not None:
            conditions.append(f"created >= {self.first * 1000}")
        if self.before is not None:
            conditions.append(f"created < {self.before * 1000}")
        if self.updated_since_ms is not None:
            conditions.append(f"updated >= {self.updated_since_ms}")
        return f"{' AND '.join(conditions)} {STABLE_ORDER}".strip()
