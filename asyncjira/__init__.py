"""Pull every issue that a JQL query matches out of Jira: concurrently, in order, in bounded memory, and checked.

In a coroutine::

    async with asyncjira.Jira(url, auth=asyncjira.BasicAuth(email, token)) as jira:
        async with jira.pull("project = OPS", fields=["summary", "status"]) as pull:
            async for issue in pull:
                ...
        print(pull.manifest.guarantee)

The names below are the public ones, each loaded when it is first used: `asyncjira --help` need not wait for aiohttp.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncjira.convert.arrow import to_arrow
    from asyncjira.errors import (
        BadQuery,
        ClosedError,
        ConfigError,
        IncompleteError,
        JiraError,
        NotFound,
        OutputError,
        ProtocolError,
        RateLimited,
        Refused,
        ResultWindow,
        ServerError,
        StatusError,
        TransportError,
    )
    from asyncjira.events import (
        Answered,
        Delivered,
        PageFetched,
        PullFinished,
        PullStarted,
        Resumed,
        Retried,
        Throttled,
    )
    from asyncjira.jira.auth import BasicAuth, BearerAuth
    from asyncjira.jira.field import Field
    from asyncjira.manifest import Manifest
    from asyncjira.net.shared import SharedLimits
    from asyncjira.plan.checkup import Check, Checkup
    from asyncjira.plan.forecast import Plan
    from asyncjira.plan.limits import Limits, RetryPolicy, Timeouts
    from asyncjira.plan.state import State
    from asyncjira.pull.blocking import fetch
    from asyncjira.pull.listing import Listing
    from asyncjira.pull.pull import Page, Pull
    from asyncjira.pull.site import Jira
    from asyncjira.report.recorder import Recorder

__version__ = "0.1.0"

__all__ = [
    "Answered",
    "BadQuery",
    "BasicAuth",
    "BearerAuth",
    "Check",
    "Checkup",
    "ClosedError",
    "ConfigError",
    "Delivered",
    "Field",
    "IncompleteError",
    "Jira",
    "JiraError",
    "Limits",
    "Listing",
    "Manifest",
    "NotFound",
    "OutputError",
    "Page",
    "PageFetched",
    "Plan",
    "ProtocolError",
    "Pull",
    "PullFinished",
    "PullStarted",
    "RateLimited",
    "Recorder",
    "Refused",
    "ResultWindow",
    "Resumed",
    "Retried",
    "RetryPolicy",
    "ServerError",
    "SharedLimits",
    "State",
    "StatusError",
    "Throttled",
    "Timeouts",
    "TransportError",
    "fetch",
    "to_arrow",
]

_HOMES = {
    "asyncjira.convert.arrow": ("to_arrow",),
    "asyncjira.events": (
        "Answered",
        "Delivered",
        "PageFetched",
        "PullFinished",
        "PullStarted",
        "Resumed",
        "Retried",
        "Throttled",
    ),
    "asyncjira.jira.auth": ("BasicAuth", "BearerAuth"),
    "asyncjira.jira.field": ("Field",),
    "asyncjira.net.shared": ("SharedLimits",),
    "asyncjira.plan.checkup": ("Check", "Checkup"),
    "asyncjira.plan.forecast": ("Plan",),
    "asyncjira.plan.limits": ("Limits", "RetryPolicy", "Timeouts"),
    "asyncjira.plan.state": ("State",),
    "asyncjira.pull.blocking": ("fetch",),
    "asyncjira.manifest": ("Manifest",),
    "asyncjira.pull.listing": ("Listing",),
    "asyncjira.pull.pull": ("Page", "Pull"),
    "asyncjira.pull.site": ("Jira",),
    "asyncjira.report.recorder": ("Recorder",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'asyncjira' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME.get(name, "asyncjira.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
