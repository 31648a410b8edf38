"""The tree is the architecture: imports only point down, and what decides does no I/O."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "asyncjira"
# Lowest first. The mock sees only the facts of floor 0.
FLOORS = [
    {"errors", "events", "manifest"},
    {"jira"},
    {"plan"},
    {"net"},
    {"out"},
    {"convert"},
    {"pull"},
    {"report"},
    {"mock"},
    {"cli"},
    {"__main__"},
]
SEES_ONLY = {"mock": {"mock", "jira", "errors"}, "convert": {"convert", "out", "jira", "errors"}}
WITHOUT_IO = {"errors", "events", "manifest", "jira", "plan"}
IO = {"aiohttp", "anyio", "asyncio", "http", "os", "random", "requests", "socket", "threading", "time"}


def imports(path: Path) -> set[str]:
    """All absolute module names that a file imports while it runs, `if TYPE_CHECKING` left out."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
        todo.extend(ast.iter_child_nodes(node))
    return found


def room(module: str) -> str | None:
    parts = module.split(".")
    known = set().union(*FLOORS)
    return parts[1] if parts[0] == "asyncjira" and len(parts) > 1 and parts[1] in known else None


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    seen = {room(module) for module in imports(path)} - {None, own}
    assert not {name for name in seen if floor(name) >= floor(own)}
    assert seen <= SEES_ONLY.get(own, seen)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in WITHOUT_IO]
)
def test_what_decides_does_no_io(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports(path)} & IO


def test_only_one_file_knows_aiohttp_as_a_client() -> None:
    knowing = {
        path.relative_to(PACKAGE).parts for path in FILES if "aiohttp" in {m.split(".")[0] for m in imports(path)}
    }
    assert {parts for parts in knowing if parts[0] != "mock"} == {("net", "transport.py")}


def test_wire_words_live_on_the_floor_that_knows_jira() -> None:
    speaking = {
        path.relative_to(PACKAGE).parts[0]
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("startAt", "maxResults", "nextPageToken")
    }
    assert speaking <= {"jira", "mock"}
