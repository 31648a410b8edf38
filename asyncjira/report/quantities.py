"""Numbers with their units, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "listed", "size", "time"]

_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def time(seconds: float) -> str:
    """Return a time in ms, s, min or h."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.00995 else f"{seconds * 1000:.1f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} min {left} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """Return a size in bytes, kB (1,000 bytes), MB, GB or TB."""
    for unit, name in _SIZES:
        if count >= unit * 0.9995:
            return f"{count / unit:.3g} {name}" if count < unit * 999.5 else f"{count / unit:,.0f} {name}"
    return f"{count:.0f} bytes"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: `counted(2, "page")` is "2 pages"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(texts: Sequence[str], most: int = 20) -> str:
    """Return texts with commas; of many the first ones, and how many more there are."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
