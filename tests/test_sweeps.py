"""A few of the sweeps of torture.py: nothing is left of a pull, wherever it is cancelled, and it goes on."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from .kills import MOCKS
from .sweeps import cancelled_everywhere, signalled


@pytest.mark.parametrize("flavor", MOCKS)
def test_a_pull_that_is_cancelled_anywhere_leaves_nothing_and_goes_on(flavor: str, tmp_path: Path) -> None:
    assert asyncio.run(cancelled_everywhere(tmp_path, stride=41, flavor=flavor)) == []


@pytest.mark.parametrize("flavor", MOCKS)
def test_a_signal_at_any_time_ends_a_pull_soon_and_it_goes_on(flavor: str, tmp_path: Path) -> None:
    assert signalled(tmp_path, flavor, Random(5)) == []
