"""The kinds of faults that can be ordered, each with what its argument may be and what it does."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """A kind of fault. `argument` is WAIT, SECONDS, COUNT, ID or TEXT, in brackets if it can be left out, or empty.

    `endpoint` is the only one of Cloud's that it is about; empty where it is about any.
    """

    argument: str
    meaning: str
    endpoint: str = ""


_TABLE = """
429             [WAIT]     too many requests; Retry-After is WAIT: seconds (1), `none`, or `date` for a time 2 s ahead
500             -          internal error, in JSON
502             -          a proxy's HTML: bad gateway
503             [SECONDS]  a node's HTML: it is starting; SECONDS is its Retry-After, none unless told
504             -          a proxy's HTML: time-out
400             -          the query is refused in Jira's words
401             -          the login is refused, in HTML
403             -          no permission, in JSON
captcha         -          403 with the headers of a login that needs a CAPTCHA first
404             -          not found, in JSON
410             -          the endpoint is gone, in JSON
413             -          a proxy's HTML: the request is too large
414             -          a proxy's HTML: the address is too long
413-get         -          413 for every GET; a POST is answered
414-get         -          414 for every GET; a POST is answered
poison          ID         500 where the issue ID is on the page due, if more than `created` and `updated` is asked
poison-deep     ID         500 where the issue ID is on the page due, whatever is asked
control         -          400 whose message holds ESC, BEL and a mark that reverses text
reset           -          the connection is reset before any answer
reset-body      -          half of the body, then a reset
truncate        -          half of the body, then a clean end; Content-Length promises all of it
truncate-short  -          half of the body, and a Content-Length that says so: nothing in HTTP tells
truncate-long   -          all of the body; Content-Length promises more
truncate-none   -          half of the body without a Content-Length: nothing in HTTP tells
chunked-early   -          half of the body in chunks that end properly: nothing in HTTP tells
chunked-cut     -          half of the body in chunks that do not end
gzip-cut        -          half of a gzip stream, with a Content-Length that says so
gzip-tail       -          a gzip stream without its last eight bytes, its checksum and size
bomb            [COUNT]    a small gzip stream that becomes COUNT megabytes (100) of spaces, then the page
hang            [SECONDS]  no answer for so long (3600), then the end of the connection
slow            [SECONDS]  the right answer after so long (5)
drip            [COUNT]    the right answer, COUNT bytes (1) every 0.2 s
endless         -          a body that never ends
no-date         -          the right answer without a Date header, or one of those that Jira adds
empty           -          200 with no body
object          -          200 with {}
errors          -          200 with error messages in place of a page
html            -          200 with a login form
visitor         -          the answer to a visitor who sees no issue, whoever asks, and X-AUSERNAME: anonymous
maintenance     -          200 with a page about maintenance
redirect        [TEXT]     302 to the address TEXT (/login.jsp)
no-issues       -          a page without issues; `total` stays true
repeat          -          the first page's issues, whatever was asked; `startAt` is the one asked for
short           [COUNT]    COUNT issues (1) fewer than `maxResults` says, although more follow
unsorted        -          the page's issues in no order
cap             COUNT      a page of COUNT issues at most, and a `maxResults` that says so
total           TEXT       TEXT in place of `total`: -1, "7", null, 1e3, or `absent`
max             TEXT       TEXT in place of `maxResults`
start           TEXT       TEXT in place of `startAt`
invalid-utf8    -          a byte 0xFF in a string of an issue
surrogate       -          half of a surrogate pair, \\ud83d, in a string of an issue
newline         -          the page with line breaks of both kinds between its tokens
"""
KINDS: dict[str, Kind] = {
    kind: Kind(argument.strip("-"), meaning)
    for kind, argument, meaning in (line.split(maxsplit=2) for line in _TABLE.strip().splitlines())
}
