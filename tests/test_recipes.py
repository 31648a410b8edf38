"""What the documentation shows of notebooks, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars
import pytest

import asyncjira
from asyncjira.cli import main
from asyncjira.mock import MockJira

from .documents import ROOT, Reader, blocks

ISSUES = 60


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with what was pulled from a Jira, and the URL of that."""
    folder = tmp_path_factory.mktemp("recipes")
    with MockJira(issues=ISSUES) as mock:
        assert main(["pull", "-q", "--url", mock.url, "-o", str(folder / "ops.ndjson.gz")]) == 0
        assert main(["convert", "-q", str(folder / "ops.ndjson.gz"), str(folder / "ops.parquet")]) == 0
        yield folder, mock.url


@pytest.fixture
def jira(pulled: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL, in the folder."""
    monkeypatch.chdir(pulled[0])
    monkeypatch.setenv("JIRA_URL", pulled[1])
    return pulled[1]


def test_from_install_to_select(jira: str) -> None:
    assert main(["pull", "project = OPS", "-q", "-o", "all.parquet"]) == 0
    counts = duckdb.sql("SELECT status, count(*) FROM 'all.parquet' GROUP BY 1").fetchall()
    assert sum(count for _, count in counts) == ISSUES
    assert {status for status, _ in counts} <= {"To Do", "In Progress", "Done"}


def test_what_has_no_column_is_in_the_fields(jira: str) -> None:
    query = "SELECT fields->>'$.status.statusCategory.key', count(*) FROM 'ops.parquet' GROUP BY 1"
    assert sum(count for _, count in duckdb.sql(query).fetchall()) == ISSUES


def test_lines_without_a_table(jira: str) -> None:
    query = (
        "SELECT fields->>'$.status.name', count(*) FROM read_json('ops.ndjson.gz', columns={fields: 'JSON'}) GROUP BY 1"
    )
    assert sum(count for _, count in duckdb.sql(query).fetchall()) == ISSUES


def test_pandas(jira: str) -> None:
    frame = asyncjira.to_arrow("ops.ndjson.gz").to_pandas()
    assert frame.groupby("status").size().sum() == ISSUES
    assert str(frame["created"].dt.tz) == "UTC"


def test_pandas_in_a_notebook_without_a_file(jira: str) -> None:
    frame = asyncjira.to_arrow(asyncjira.fetch(jira, "project = OPS"), wide=True).to_pandas()
    assert len(frame) == ISSUES
    assert frame["fields_status"].str.contains("statusCategory").all()


def test_polars(jira: str) -> None:
    frame = polars.from_arrow(asyncjira.to_arrow("ops.ndjson.gz"))
    assert isinstance(frame, polars.DataFrame)
    assert frame.group_by("status").len()["len"].sum() == ISSUES
    lazy = polars.scan_parquet("ops.parquet").select(
        polars.col("fields").str.json_path_match("$.status.statusCategory.key").alias("category"),
        polars.col("created").dt.year(),
    )
    assert lazy.collect()["category"].null_count() == 0


async def test_a_service_in_a_few_lines(jira: str, tmp_path: Path) -> None:
    block = next(text for _, text in blocks(ROOT / "docs" / "recipes.md") if "FastAPI" in text)
    reader = Reader(tmp_path, {"https://jira.example.com": jira}, {"asyncjira": asyncjira, "token": "s3cret"})
    reader.run(block)
    app = reader.names["app"]
    async with app.router.lifespan_context(app):
        assert len(await reader.names["summaries"]("project = OPS")) == ISSUES
    assert [route.path for route in app.routes if route.name == "summaries"] == ["/summaries"]
