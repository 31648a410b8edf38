"""The pytest fixture `mock_jira`, found by pytest through the entry point `asyncjira`.

pytest imports this file in every run of everybody who has asyncjira installed: nothing but pytest is imported here.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asyncjira.mock import MockJira


@pytest.fixture
def mock_jira() -> Iterator[Callable[..., MockJira]]:
    """Start mocks, each in a thread of its own, with the arguments of `MockJira`; all end with the test."""
    from asyncjira.mock import MockJira

    with ExitStack() as running:

        def start(**settings: Any) -> MockJira:
            return running.enter_context(MockJira(**settings))

        yield start
