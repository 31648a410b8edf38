import pytest

from asyncjira.convert.form import form_of


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.parquet", ("parquet", "")),
        ("a.b/c.CSV", ("csv", "")),
        ("a.csv.gz", ("csv", "gz")),
        ("a.csv.zst", ("csv", "zst")),
        ("a.duckdb", ("duckdb", "")),
        ("a.sqlite", ("sqlite", "")),
        ("a.sqlite3", ("sqlite", "")),
        ("a.ndjson.gz", (None, "gz")),
        ("a.csv/b", (None, "")),
        (".csv", (None, "")),
        ("-", (None, "")),
    ],
)
def test_the_suffixes_of_a_path_tell_the_form_of_a_table(path: str, form: tuple[str | None, str]) -> None:
    assert form_of(path) == form
