"""Lines that say of an issue that it is gone."""

from __future__ import annotations

import orjson

__all__ = ["tombstone"]


def tombstone(issue_id: str, *, deleted: bool) -> bytes:
    """Return the line for an issue that was `deleted` (or hidden), or that exists and does not match any more."""
    facts = {"id": issue_id, "deleted": True} if deleted else {"id": issue_id, "deleted": False, "matches": False}
    return orjson.dumps(facts)
