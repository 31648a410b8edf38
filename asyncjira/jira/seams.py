"""The fast way to cut a page into its issues: at what looks like the seams between them.

One server writes all issues of a page alike: each begins with `{"expand":"…","id":"`. To look for so long a text takes
a third of what a parser takes to find where values end (benchmarks/decode.py). Whether the seams are what they look
like is not known here.
"""

from __future__ import annotations

__all__ = ["INSTEAD", "cut"]

_BEFORE, _BEHIND, _ID = b'"issues":[', b"}]", b'"id":"'
_LONGEST_BEGIN = 500  # bytes up to an id; `expand` alone has 80
INSTEAD = b'"cut out"'
"""What stands for all issues in the rest of a body, and nowhere else in it: where it is read as them, they stood there.
"""


def cut(body: bytes) -> tuple[bytes, list[bytes]] | None:
    """Return a body with INSTEAD for its issues, and what may be these; None where nothing looks so."""
    first, end = body.find(_BEFORE) + len(_BEFORE), body.rfind(_BEHIND) + 1
    begin = body[first : body.find(_ID, first, first + _LONGEST_BEGIN) + len(_ID)]
    if first < len(_BEFORE) or end <= first or not begin.startswith(b"{"):
        return None
    rest = body[:first] + INSTEAD + body[end:]
    if rest.count(INSTEAD) > 1:
        return None
    seam, issues, start = b"}," + begin, [], first
    while (at := body.find(seam, start, end)) >= 0:
        issues.append(body[start : at + 1])
        start = at + 2
    return rest, [*issues, body[start:end]]
