"""What a Jira tells of itself: what it is, how far back a search looks, its time, its projects."""

from __future__ import annotations

from typing import Any

import msgspec

from asyncjira.errors import printable
from asyncjira.jira.dates import milliseconds
from asyncjira.jira.exchange import Answer, Request

__all__ = ["Info", "is_cloud", "projects", "read_info", "result_window", "server_time"]


class _Info(msgspec.Struct):
    deploymentType: str = ""  # noqa: N815 - the wire's spelling
    serverTime: str = ""  # noqa: N815 - the wire's spelling
    version: Any = ""
    versionNumbers: Any = ()  # noqa: N815 - the wire's spelling


class Info(msgspec.Struct, frozen=True):
    """What a server info says: `numbers` are the version's, `time` is in seconds since 1970, None where untold."""

    is_cloud: bool
    version: str
    numbers: tuple[int, ...]
    time: float | None


def read_info(answer: Answer) -> Info | None:
    """Read the answer to `is_cloud`; None where it is no server info. One that names no version may be no Jira's."""
    try:
        found = msgspec.json.decode(answer.body, type=_Info)
    except (msgspec.MsgspecError, RecursionError):
        return None
    try:
        time = milliseconds(found.serverTime) / 1000
    except ValueError:
        time = None
    version = found.version if isinstance(found.version, str) else ""
    listed = found.versionNumbers if isinstance(found.versionNumbers, list) else []
    numbers = tuple(number for number in listed if isinstance(number, int))
    return Info(found.deploymentType == "Cloud", printable(version), numbers, time)


def is_cloud() -> Request[bool]:
    """Build the request that tells Jira Cloud from Data Center and Server: both answer it, and to everybody.

    It can be done without: the answers of a search tell it, too. So a Jira that limits strangers holds up no search.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-server-info/
    """

    def read(answer: Answer) -> bool:
        return (info := read_info(answer)) is not None and info.is_cloud

    return Request("GET", "/rest/api/2/serverInfo", read, "server info", is_public=True, is_dispensable=True)


def result_window(api_version: str) -> Request[int | None]:
    """Build the request for the most rows that a search looks at; Jira before 11.3 answers with 404.

    https://developer.atlassian.com/server/jira/platform/rest/v11003/
    """

    def read(answer: Answer) -> int | None:
        try:
            return msgspec.json.decode(answer.body, type=int)
        except (msgspec.MsgspecError, RecursionError):
            return None

    return Request("GET", f"/rest/api/{api_version}/searchLimits/maxResultWindow", read, "result window")


def projects() -> Request[int | None]:
    """Build the request for how many projects the user may browse; None where that cannot be read.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-project/
    """

    def read(answer: Answer) -> int | None:
        try:
            return len(msgspec.json.decode(answer.body, type=list[msgspec.Raw]))
        except (msgspec.MsgspecError, RecursionError):
            return None

    return Request("GET", "/rest/api/2/project", read, "projects")


def server_time(api_version: str) -> Request[float | None]:
    """Build the request for the server's clock, in seconds since 1970; None where it does not tell.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-serverinfo/
    """

    def read(answer: Answer) -> float | None:
        return info.time if (info := read_info(answer)) is not None else None

    return Request("GET", f"/rest/api/{api_version}/serverInfo", read, "server time")
