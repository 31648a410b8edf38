"""A Jira to develop, test and measure against: a real socket, seeded issues, and faults down to the byte.

    with MockJira(issues=500, faults=["429:1@3", "truncate@5%"]) as mock:      # its own thread; `async with` works too
        ...                                                                    # mock.url, mock.wire, mock.expected()

It is a Data Center: `startAt`, `maxResults`, `total`. With `flavor="cloud"` it is a Cloud: `search/jql` by page token,
`issue/bulkfetch`, an approximate count. Everything else in this package is private to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncjira.mock.server import MockJira

__all__ = ["MockJira"]


def __getattr__(name: str) -> Any:
    """Load the server, and with it aiohttp, when it is first asked for (PEP 562)."""
    if name != "MockJira":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from asyncjira.mock.server import MockJira

    return MockJira
