"""The mock's Cloud flavour answers in the shapes of Atlassian's own description of the REST API.

The description is not part of this repository. JIRA_CLOUD_OPENAPI names a copy (`.json` or `.json.gz`) of
https://developer.atlassian.com/cloud/jira/platform/swagger-v3.v3.json
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from asyncjira.mock import MockJira
from tests.test_mock_cloud import BULK, COUNT, JQL, LOGIN, get, ids, post

OPENAPI = os.environ.get("JIRA_CLOUD_OPENAPI")  # read now: tests run without any JIRA_ variable
EXPAND = "names,schema,renderedFields,changelog"

pytestmark = pytest.mark.skipif(not OPENAPI, reason="JIRA_CLOUD_OPENAPI names no description of the REST API")


@pytest.fixture(scope="module")
def description():
    packed = Path(OPENAPI or "").read_bytes()
    return json.loads(gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed)


@pytest.fixture(scope="module")
def conforms(description):
    """Check a value against a schema of the description, by name."""
    jsonschema = pytest.importorskip("jsonschema")

    def check(value, name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        wrong = [
            f"{error.json_path}: {error.message[:200]}"
            for error in jsonschema.Draft4Validator(schema).iter_errors(value)
        ]
        assert wrong == []

    return check


@pytest.fixture(scope="module")
def shared():
    with MockJira(flavor="cloud", issues=230) as mock:
        yield mock


def people(value):
    """Yield every person in an issue."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        if "displayName" in value:
            yield value
        for item in value.values():
            yield from people(item)


def test_a_schema_is_taken_seriously(conforms):
    with pytest.raises(AssertionError, match="total"):
        conforms({"issues": [], "total": 7}, "SearchAndReconcileResults")
    with pytest.raises(AssertionError, match="None is not of type"):
        conforms({"issues": [], "nextPageToken": None}, "SearchAndReconcileResults")


@pytest.mark.parametrize("ask", [get, post])
@pytest.mark.parametrize("size", [100, 5000])
def test_pages_of_a_search(shared, conforms, ask, size):
    for fields in (None, "id", "id,key", "*all", "*navigable", "summary,created,-created"):
        for expand in ("", EXPAND):
            more = {} if fields is None else {"fields": fields if ask is get else [fields]}
            page = ask(shared, jql="project = OPS", maxResults=size, expand=expand, **more)
            conforms(page.json(), "SearchAndReconcileResults")
            assert page.json()["issues"]


def test_every_issue_and_every_person_of_it(shared, conforms):
    issues = [json.loads(row) for row in shared.expected("*all", EXPAND.split(","))]
    found = [person for issue in issues for person in people(issue)]
    assert len(found) > 1000
    for issue in issues[:50]:
        conforms(issue, "IssueBean")
    for person in {json.dumps(person) for person in found}:
        conforms(json.loads(person), "UserDetails")


def test_batches_and_errors_of_issues(mock_jira, conforms):
    mock = mock_jira(flavor="cloud", issues=120, faults=["issue-errors:50@bulkfetch:3-"])
    names = ids(get(mock))
    for body in ({}, {"fields": ["*all"], "expand": EXPAND.split(",")}):
        answer = post(mock, BULK, issueIdsOrKeys=[*names, "1"], **body)
        assert len(ids(answer)) == len(names)
        conforms(answer.json(), "BulkIssueResults")
    answer = post(mock, BULK, issueIdsOrKeys=names)
    assert answer.json()["issueErrors"]
    conforms(answer.json(), "BulkIssueResults")


def test_what_else_is_answered(shared, conforms):
    conforms(post(shared, COUNT, jql="project = OPS").json(), "JQLCountResultsBean")
    conforms(get(shared, "/rest/api/3/myself", auth=LOGIN).json(), "User")
    conforms(get(shared, "/rest/api/3/serverInfo").json(), "ServerInformation")
    for field in get(shared, "/rest/api/3/field").json():
        conforms(field, "FieldDetails")


def test_lists_of_other_things_than_issues(shared, conforms):
    issue = json.loads(next(row for row in shared.expected("*all") if b'"body"' in row))["key"]
    shapes = {
        "project/search": "PageBeanProject",
        "label": "PageBeanString",
        f"issue/{issue}/comment": "PageOfComments",
        f"issue/{issue}/worklog": "PageOfWorklogs",
    }
    for path, name in shapes.items():
        conforms(get(shared, f"/rest/api/2/{path}").json(), name)
    users = get(shared, "/rest/api/3/users/search").json()
    assert len(users) == 50
    for user in users:
        conforms(user, "User")


def test_refusals(shared, conforms):
    refused = [get(shared, "/rest/api/3/search"), get(shared, jql=""), get(shared, maxResults=0), get(shared, "/x")]
    refused += [get(shared, "/rest/api/3/myself"), post(shared, startAt=0), post(shared, BULK), get(shared, BULK)]
    for answer in refused:
        assert answer.status_code >= 400
        conforms(answer.json(), "ErrorCollection")


def test_the_mock_knows_every_parameter_and_every_key_of_a_body(shared, description):
    """Whatever the description allows is no error, and nothing else is allowed."""
    bodies = {
        JQL: ("SearchAndReconcileRequestBean", {"jql": "project = OPS"}),
        BULK: ("BulkFetchIssueRequestBean", {"issueIdsOrKeys": ["10000"]}),
        COUNT: ("JQLCountRequestBean", {"jql": "project = OPS"}),
    }
    empty = {"array": [], "string": "", "boolean": False, "integer": 50}
    for path, (name, least) in bodies.items():
        schema = description["components"]["schemas"][name]
        assert schema["additionalProperties"] is False
        full = {key: empty[about["type"]] for key, about in schema["properties"].items()} | least
        assert post(shared, path, **full).status_code == 200
        assert post(shared, path, **full, another=1).status_code == 400
