"""What a pull says about itself when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import orjson

__all__ = ["Guarantee", "Manifest"]

Guarantee = Literal["proven", "reconciled", "none"]

_Bytes = bytes  # a field of the manifest is named like the type


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The facts of one pull, the same in the library and in the file beside an output. It holds no secret.

    Times are UTC in ISO 8601. `guarantee` says what was checked: "proven" that no issue is missing, as the README says
    it; "reconciled" that every delivered id is different, that there are as many as the last page's `total`, and that
    no issue was seen to leave meanwhile. `uncovered` are intervals of `created` in which issues may be missing,
    `missing_ids` those that Jira lists and cannot serve. `fresh`: every issue is as new as at `caught_up_at`, by Jira's
    clock; where it is not, `stale_ids` are those that are older. `condition` is what the proof takes on trust, if
    anything. `duplicates_dropped` counts rows that came more than once, as pages that overlap bring them. Where only
    what changed was pulled, `updated_since` says since when; `tombstones` counts the lines for issues that are gone.
    `requests` counts every request on the wire, `retries` those that repeat another, `throttled_seconds` how long the
    client was paused meanwhile. `resumed` is how often an interrupted pull went on: `issues` are those of all its
    runs, `started_at` is when the first began to write, and the other counts are the last run's. `bytes` and `sha256`
    are those of the output, None where there is none. Where a list was pulled that is none of issues, `path` and `key`
    say which, `api` is "list", and `issues` counts its items.
    """

    version: str
    url: str
    jql: str
    api: str
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    started_at: str
    finished_at: str
    complete: bool
    guarantee: Guarantee
    issues: int
    duplicates_dropped: int
    refetched_pages: int
    requests: int
    retries: int
    throttled_seconds: float
    total_first: int | None
    total_last: int | None
    bytes: int | None = None
    sha256: str | None = None
    uncovered: tuple[tuple[str, str], ...] = ()
    missing_ids: tuple[str, ...] = ()
    fresh: bool = False
    stale_ids: tuple[str, ...] = ()
    caught_up_at: str | None = None
    condition: str | None = None
    resumed: int = 0
    updated_since: str | None = None
    tombstones: int = 0
    path: str | None = None
    key: str | None = None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> _Bytes:
        """Return it as indented JSON with a line break at its end."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
