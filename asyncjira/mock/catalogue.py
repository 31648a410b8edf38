"""Which fields the mock's issues have: what `GET field` lists and what `expand=names,schema` explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["CATALOGUE", "CUSTOM", "Field"]

_SYSTEM_KEYS = "com.atlassian.jira.plugin.system.customfieldtypes:"

# id, name, type of the value (an array says of what after a slash). The order is that of an issue's JSON.
_SYSTEM = """
issuetype,Issue Type,issuetype|timespent,Time Spent,number|project,Project,project
fixVersions,Fix Version/s,array/version|creator,Creator,user
aggregatetimespent,Σ Time Spent,number|resolution,Resolution,resolution|resolutiondate,Resolved,datetime
workratio,Work Ratio,number|lastViewed,Last Viewed,datetime|watches,Watchers,watches|created,Created,datetime
priority,Priority,priority|labels,Labels,array/string|versions,Affects Version/s,array/version
issuelinks,Linked Issues,array/issuelinks|assignee,Assignee,user|updated,Updated,datetime|status,Status,status
components,Component/s,array/component|timeoriginalestimate,Original Estimate,number|description,Description,string
timetracking,Time Tracking,timetracking|summary,Summary,string|subtasks,Sub-Tasks,array/issuelinks
reporter,Reporter,user|environment,Environment,string|duedate,Due Date,date|progress,Progress,progress|votes,Votes,votes
attachment,Attachment,array/attachment|comment,Comment,comments-page|worklog,Log Work,array/worklog
"""
_NOT_NAVIGABLE = {"attachment", "comment", "worklog"}

# kind: (type of the value, its items, Jira's key of the custom field's type)
_KINDS: dict[str, tuple[str, str, str]] = {
    "string": ("string", "", _SYSTEM_KEYS + "textfield"),
    "text": ("string", "", _SYSTEM_KEYS + "textarea"),
    "url": ("string", "", _SYSTEM_KEYS + "url"),
    "number": ("number", "", _SYSTEM_KEYS + "float"),
    "option": ("option", "", _SYSTEM_KEYS + "select"),
    "options": ("array", "option", _SYSTEM_KEYS + "multiselect"),
    "user": ("user", "", _SYSTEM_KEYS + "userpicker"),
    "users": ("array", "user", _SYSTEM_KEYS + "multiuserpicker"),
    "date": ("date", "", _SYSTEM_KEYS + "datepicker"),
    "datetime": ("datetime", "", _SYSTEM_KEYS + "datetime"),
    "cascade": ("option-with-child", "", _SYSTEM_KEYS + "cascadingselect"),
    "labels": ("array", "string", _SYSTEM_KEYS + "labels"),
    "sprint": ("array", "string", "com.pyxis.greenhopper.jira:gh-sprint"),
    "epic": ("any", "", "com.pyxis.greenhopper.jira:gh-epic-link"),
    "rank": ("any", "", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
}
_CUSTOM = """
rank:Rank|epic:Epic Link|sprint:Sprint|number:Story Points|string:Team|option:Severity|user:Approver|date:Start date
text:Acceptance Criteria|options:Affected Regions|number:Cost Estimate|cascade:Product Area|datetime:Incident Start
users:Request Participants|string:Vendor Reference|number:Ledger Number|labels:Tags|url:Runbook|option:Environment Tier
date:Target Date|number:Confidence|text:Rollback Plan|string:Ticket Reference|datetime:Incident End|option:Change Type
options:Platforms|number:Business Value|user:Tech Lead|cascade:Location|string:Cost Centre|number:Downtime Minutes
date:Go Live|text:Root Cause|labels:Keywords|option:Risk|url:Design Document|number:Sensor Reading|string:Serial Number
datetime:First Response|users:Reviewers|options:Channels|string:Contract|number:WSJF|date:Warranty End|option:Impact
text:Workaround|string:Build|number:Votes from Portal|url:Dashboard|option:Urgency|string:Customer|datetime:SLA Deadline
labels:Skills|cascade:Category|number:Revision|string:Übersetzung|option:Escalation|date:契約日|text:Release Note
string:Legacy ID
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its id (`customfield_10003`), its kind in the mock, and Jira's own description of it."""

    id: str
    name: str
    kind: str
    schema: dict[str, Any]
    navigable: bool = True

    @property
    def description(self) -> dict[str, Any]:
        """The entry of `GET field`."""
        custom = "custom" in self.schema
        names = [f"cf[{self.schema['customId']}]", self.name] if custom else [self.id]
        return {
            "id": self.id,
            "name": self.name,
            "custom": custom,
            "orderable": custom or self.id not in {"created", "updated", "votes", "watches"},
            "navigable": self.navigable,
            "searchable": True,
            "clauseNames": names,
            "schema": self.schema,
        }


def _entries(table: str, separator: str) -> list[list[str]]:
    return [entry.split(separator) for line in table.split("\n") if line for entry in line.split("|")]


def _system(name: str, title: str, kind: str) -> Field:
    type_, _, items = kind.partition("/")
    schema = {"type": type_} | ({"items": items} if items else {}) | {"system": name}
    return Field(name, title, kind, schema, name not in _NOT_NAVIGABLE)


def _custom(number: int, kind: str, title: str) -> Field:
    type_, items, key = _KINDS[kind]
    schema: dict[str, Any] = {"type": type_} | ({"items": items} if items else {})
    return Field(f"customfield_{number}", title, kind, schema | {"custom": key, "customId": number})


def _fields() -> dict[str, Field]:
    system = [_system(*entry) for entry in _entries(_SYSTEM, ",")]
    # 10003 and then every fifth or so: a real site's numbers have gaps, too
    custom = [_custom(10003 + 5 * row + row % 3, *entry) for row, entry in enumerate(_entries(_CUSTOM, ":"))]
    return {field.id: field for field in [*system, *custom]}


CATALOGUE: dict[str, Field] = _fields()
CUSTOM: tuple[Field, ...] = tuple(field for field in CATALOGUE.values() if "custom" in field.schema)
