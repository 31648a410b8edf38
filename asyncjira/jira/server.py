"""What a Jira tells of itself: what it is, how far back a search looks, and what time it is there."""

from __future__ import annotations

import msgspec

from asyncjira.jira.dates import milliseconds
from asyncjira.jira.exchange import Answer, Request

__all__ = ["is_cloud", "result_window", "server_time"]


class _Info(msgspec.Struct):
    deploymentType: str = ""  # noqa: N815 - the wire's spelling
    serverTime: str = ""  # noqa: N815 - the wire's spelling


def is_cloud() -> Request[bool]:
    """Build the request that tells Jira Cloud from Data Center and Server: both answer it, and to everybody.

    It can be done without: the answers of a search tell it, too. So a Jira that limits strangers holds up no search.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-server-info/
    """

    def read(answer: Answer) -> bool:
        try:
            return msgspec.json.decode(answer.body, type=_Info).deploymentType == "Cloud"
        except (msgspec.MsgspecError, RecursionError):
            return False

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


def server_time(api_version: str) -> Request[float | None]:
    """Build the request for the server's clock, in seconds since 1970; None where it does not tell.

    https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-serverinfo/
    """

    def read(answer: Answer) -> float | None:
        try:
            return milliseconds(msgspec.json.decode(answer.body, type=_Info).serverTime) / 1000
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    return Request("GET", f"/rest/api/{api_version}/serverInfo", read, "server time")
