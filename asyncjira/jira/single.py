"""One issue by its id: whether Jira can still serve what a search does not list any more.

https://developer.atlassian.com/server/jira/platform/rest/v10003/api-group-issue/
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from asyncjira.jira.body import check_text, unlike
from asyncjira.jira.bulk import Batch
from asyncjira.jira.exchange import Answer, Request

__all__ = ["single"]


class _Issue(msgspec.Struct):
    id: str | int


def single(api_version: str, issue_id: str) -> Request[Batch]:
    """Build the request for nothing but the id of an issue; Jira answers 404 where it was deleted, or is hidden."""

    def read(answer: Answer) -> Batch:
        check_text(answer.body)
        try:
            found = str(msgspec.json.decode(answer.body, type=_Issue).id)
        except msgspec.MsgspecError as error:
            raise unlike("issue", str(error)) from None
        if found != issue_id:
            raise unlike("issue", f"asked for the id {issue_id}, got {found}")
        return Batch([answer.body], [found])

    path = f"/rest/api/{api_version}/issue/{quote(issue_id, safe='')}"
    return Request("GET", path, read, "issue by id", params={"fields": "id"})
