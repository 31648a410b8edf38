"""What is shipped: a wheel with all that runs, and an sdist of which the same wheel can be made."""

import os
import tarfile
import zipfile
from pathlib import Path

import hatchling.build
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "asyncjira"


def wheel_of(source: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.chdir(source)
    with zipfile.ZipFile(to / hatchling.build.build_wheel(str(to))) as wheel:
        return set(wheel.namelist())


def test_the_wheel_holds_the_package_and_the_sdist_makes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of(ROOT, tmp_path, monkeypatch)
    kept = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {name for name in wheel if ".dist-info/" not in name} == {str(path.relative_to(ROOT)) for path in kept}
    assert "asyncjira/py.typed" in wheel
    with tarfile.open(tmp_path / hatchling.build.build_sdist(str(tmp_path))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("asyncjira-*/")
    assert {"tests", "docs", "examples", "benchmarks", "README.md", "LICENSE"} <= set(os.listdir(unpacked))
    assert wheel_of(unpacked, tmp_path, monkeypatch) == wheel
