"""What the manifest says of a pull, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator

from asyncjira.manifest import Manifest
from asyncjira.report.quantities import counted, listed

__all__ = ["proof"]

_CHECKED = {
    ("proven", "offset"): "The pages that came cover every moment of `created`, so no issue can have slipped between "
    "two of them, and what changed while they were read was asked for once more.",
    (
        "proven",
        "cloud",
    ): "Every id that Jira lists came or is named below, and what changed meanwhile was asked for once more.",
    ("reconciled", "offset"): "No issue came twice, and as many came as Jira counts. One that moved from page to page "
    "while they were read may have been missed unseen.",
    ("reconciled", "cloud"): "Every id that Jira lists came.",
}


def proof(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Tell what was checked, and what is missing or old: (what it is about, sentences)."""
    checked = _CHECKED.get((manifest.guarantee, manifest.api), "Nothing is promised.")
    yield "Guarantee", f"{manifest.guarantee.capitalize()}. {checked}"
    if manifest.condition:
        yield "On the condition", f"{manifest.condition}."
    yield from _age(manifest)
    if manifest.uncovered:
        intervals = [f"{begin} to {end}" for begin, end in manifest.uncovered]
        yield "Not covered", f"Issues created in these intervals may be missing: {listed(intervals)}."
    if manifest.missing_ids:
        ids = listed(manifest.missing_ids)
        yield "Not served", f"Jira lists {counted(len(manifest.missing_ids), 'id')} that it cannot serve: {ids}."
    yield from _counts(manifest)
    for warning in manifest.warnings:
        yield "Warning", warning


def _age(manifest: Manifest) -> Iterator[tuple[str, str]]:
    if manifest.updated_since:
        yield "Asked for", f"Only what changed since {manifest.updated_since}."
    if manifest.fresh and manifest.caught_up_at:
        yield "How new", f"Every issue is at least as new as at {manifest.caught_up_at}, by Jira's clock."
    if manifest.stale_ids:
        changed = counted(len(manifest.stale_ids), "issue")
        ids = listed(manifest.stale_ids)
        yield "Older than now", f"{changed} changed after they were read, and stand there as first read: {ids}."
    if manifest.tombstones:
        yield "Gone", f"{counted(manifest.tombstones, 'issue')} of earlier pulls match no more, and are named as gone."


def _counts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    first, last = manifest.total_first, manifest.total_last
    if first is not None and last is not None:
        same = first == last
        moved = "the same number at the end" if same else f"{last:,} at the end"
        yield "Jira's own count", f"{first:,} issues at the beginning, {moved}."
    if manifest.duplicates_dropped:
        shared = ": neighbouring pages share some on purpose, so that a gap shows" if manifest.api == "offset" else ""
        yield "Came twice", f"{counted(manifest.duplicates_dropped, 'row')}, each kept once{shared}."
    if manifest.refetched_pages:
        yield "Asked for again", f"{counted(manifest.refetched_pages, 'page')}, for what was missing in between."
    if manifest.resumed:
        yield "Went on", f"{counted(manifest.resumed, 'time')} after an interruption; the record is of the last run."
