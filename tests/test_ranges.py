"""Disjoint ranges of `created`, cut by what Jira estimates, and each pulled by a chain of its own."""

from __future__ import annotations

import pytest

from .cloud_model import cloud, pull


@pytest.mark.parametrize("issues", [0, 1, 4])
def test_an_estimate_that_is_far_too_high_cuts_nothing_where_the_first_page_is_the_last(issues: int) -> None:
    jira = cloud(range(issues), estimate=100, cap=4)
    pulled = pull(jira, way="ranges", page_size=4, in_flight=2)
    assert len(pulled.order) == issues
    assert [kind for kind, _ in jira.asked].count("jql") == 2  # the page, and what changed meanwhile
