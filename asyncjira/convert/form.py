"""Which table a path names, by its suffixes."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Literal

__all__ = ["TableForm", "form_of"]

TableForm = Literal["parquet", "csv", "duckdb", "sqlite"]
_FORMS: dict[str, TableForm] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".duckdb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}


def form_of(path: str | os.PathLike[str]) -> tuple[TableForm | None, str]:
    """Return the form of a table and its compression ("", "gz", "zst"); None where the suffixes name no table."""
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    compression = suffixes.pop()[1:] if suffixes and suffixes[-1] in (".gz", ".zst") else ""
    return _FORMS.get(suffixes[-1]) if suffixes else None, compression
