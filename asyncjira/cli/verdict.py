"""The one line that a complete pull ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncjira.cli.talk import Talk
    from asyncjira.manifest import Manifest

__all__ = ["summary", "tell"]


def tell(manifest: Manifest, output: str, talk: Talk, site: str = "") -> None:
    """Say how a pull into `output` has ended: its warnings, and the one line; of which site, where there are more."""
    named = f"{site}: " if site else ""
    for warning in manifest.warnings:
        talk.warn(f"asyncjira: {named}{warning}")
    talk.warn(named + summary(manifest, "stdout" if output == "-" else output, talk.seconds))


def summary(manifest: Manifest, where: str, seconds: float) -> str:
    """Return the one line that a complete pull ends with."""
    speed = f"{manifest.issues / seconds:,.0f}/s" if not manifest.resumed else f"run {manifest.resumed + 1}"
    size = f", {manifest.bytes / 1e6:,.1f} MB" if manifest.bytes is not None else ""
    since = f" changed since {manifest.updated_since}" if manifest.updated_since else ""
    gone = f" and {manifest.tombstones:,} gone" if manifest.tombstones else ""
    what = "issues" if manifest.path is None else "items"
    cost = f"({speed}{size}, {manifest.requests} requests)"
    return (
        f"{manifest.issues:,} {what}{since}{gone} in {seconds:.1f} s {cost} -> {where}"
        f" | {manifest.guarantee}: {_checked(manifest)}"
    )


def _checked(manifest: Manifest) -> str:
    is_cloud = manifest.api == "cloud"
    if manifest.path is not None and manifest.condition:
        return manifest.condition
    if manifest.guarantee != "proven":
        return "every id that was listed came" if is_cloud else "ids distinct, count agrees with Jira's"
    covered = "every id that was listed came" if is_cloud else "every moment of `created` is covered"
    if not manifest.stale_ids:
        return f"{covered}, changes caught up with"
    return f"{covered}; {len(manifest.stale_ids):,} changed meanwhile and are older here (stale_ids in a --manifest)"
