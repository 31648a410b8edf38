"""Everything that asyncjira raises on purpose.

JiraError
├─ ConfigError          you asked for something impossible; found before the first request        your side
├─ TransportError       no whole answer came back, after retries           .attempts .too_large   the wire
├─ StatusError          an answer came, and it is a refusal                .status
│  ├─ BadQuery          400: Jira's own words about the query                                     your side
│  ├─ Refused           401, 403, a login page: who you are, or what you may see   .login         your side
│  ├─ NotFound          404, 410: nothing answers at this address                                 your side
│  ├─ RateLimited       429 or 503: come back later                        .retry_after           their side
│  └─ ServerError       any other refusal, after retries                                          their side
│     └─ ResultWindow   rows further back than Jira lets a search look     .limit                 their side
├─ ProtocolError        an answer that is not what Jira documents                                 their side
├─ ClosedError          the client was closed while a pull was under way                          your side
├─ IncompleteError      the pull ended, but cannot say that it is whole    .manifest              their side
└─ OutputError          the output cannot be written                                              your side

Text that came from a server or a query is escaped by `printable` before it enters a message, and no message holds a
header: an error can be logged as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncjira.manifest import Manifest

__all__ = [
    "BadQuery",
    "ClosedError",
    "ConfigError",
    "IncompleteError",
    "JiraError",
    "NotFound",
    "OutputError",
    "ProtocolError",
    "RateLimited",
    "Refused",
    "ResultWindow",
    "ServerError",
    "StatusError",
    "TransportError",
    "printable",
]

# Characters that reorder or hide text in a terminal (https://www.unicode.org/reports/tr9/) and the line separators.
_BIDI_AND_SEPARATORS = {*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x061C, 0xFEFF}
_LONGEST_MESSAGE = 500  # characters of a server's words that fit on a few lines of a terminal


def printable(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """Return `text` as one line that a terminal shows as it is: controls, bidi marks and surrogates are escaped."""
    shown = "".join(_escape(char) for char in text[:longest])
    return shown + "…" if len(text) > longest else shown


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in _BIDI_AND_SEPARATORS or 0xD800 <= code < 0xE000:
        return " " if char in "\r\n\t" else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return char


class JiraError(Exception):
    """The base of all errors that asyncjira raises on purpose."""


class ConfigError(JiraError):
    """You asked for something impossible: a bad URL, a limit of zero. Raised before the first request."""


class TransportError(JiraError):
    """No whole answer came back: refused, reset, timed out or damaged on the way, also after retries.

    `attempts` is how often the request was tried. `too_large` tells that the answer was larger than `Limits.body`, or
    inflated as no page of issues does: smaller pages or fewer fields may help.
    """

    def __init__(self, message: str, *, attempts: int = 1, too_large: bool = False) -> None:
        super().__init__(message)
        self.attempts, self.too_large = attempts, too_large


class StatusError(JiraError):
    """Jira answered, and the answer is a refusal. `status` is the HTTP status, `said` are Jira's own words, if any."""

    said = ""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class BadQuery(StatusError):
    """Jira rejected the query (HTTP 400); the message holds Jira's own words."""


class Refused(StatusError):
    """Jira does not let you in (401, 403, a login page). Never retried: retries lock accounts.

    `login` tells whether the login itself was refused (401 but for a missing scope, a CAPTCHA, answers as to an
    anonymous visitor): then the client sends nothing more, and whatever else it is asked ends with the same error.
    """

    def __init__(self, message: str, *, status: int, login: bool = False) -> None:
        super().__init__(message, status=status)
        self.login = login


class NotFound(StatusError):
    """Nothing answers at this address (404), or not any more (410)."""


class RateLimited(StatusError):
    """Jira asks to wait longer than allowed. `retry_after` is in seconds, or None where Jira named no time."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class ServerError(StatusError):
    """Jira failed (5xx), or answered with a status that no search answers with, also after retries."""


class ResultWindow(ServerError):
    """Jira does not let a search look at rows so far back. `limit` is the number of rows it allows, None where unsaid.

    https://support.atlassian.com/jira/kb/handling-jql-rest-api-searching-exceeding-max_result_window-in-jira/
    """

    def __init__(self, message: str, *, status: int, limit: int | None = None) -> None:
        super().__init__(message, status=status)
        self.limit = limit


class ProtocolError(JiraError):
    """The answer is not what Jira documents: a negative total, an issue without an id, a page from elsewhere."""


class ClosedError(JiraError):
    """The pull was closed, by `Jira.aclose()` or by leaving its `async with`, while somebody still consumed it."""


class IncompleteError(JiraError):
    """The pull ended, but what it delivered cannot be called whole. `manifest` says what is missing."""

    def __init__(self, message: str, *, manifest: Manifest) -> None:
        super().__init__(message)
        self.manifest = manifest


class OutputError(JiraError):
    """The output cannot be written: no space, no permission, another process writes it."""
