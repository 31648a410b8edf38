"""Python's garbage collector, which has nothing to find in modules, and looks through all of them again and again.

To do so while those of a pull are imported, and once more at the end of the process, took a sixth of the CPU time of
pulling one issue (docs/decisions.md).
"""

from __future__ import annotations

import gc

__all__ = ["collect", "leave"]


_is_left = False


def leave() -> None:
    """Collect nothing until `collect`. Only for a process of our own: others may have garbage."""
    global _is_left
    _is_left = gc.isenabled()
    gc.disable()


def collect() -> None:
    """Where `leave` has left garbage, collect it from now on, but for what is there by now: modules stay to the end."""
    global _is_left
    if _is_left:
        _is_left = False
        gc.freeze()
        gc.enable()
