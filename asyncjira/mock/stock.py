"""Which issues a mock serves: seeded ones, those of a file, or seeded ones that change."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from asyncjira.mock.corpus import Corpus
from asyncjira.mock.issues import LivingIssues, StillIssues
from asyncjira.mock.living import Living
from asyncjira.mock.pages import ChangingPages, Pages
from asyncjira.mock.record import of_corpus
from asyncjira.mock.recording import Recording

if TYPE_CHECKING:
    from asyncjira.mock.issues import Issues
    from asyncjira.mock.settings import Settings

__all__ = ["Stock", "stock"]


class Stock(NamedTuple):
    """The issues of a mock as Data Center pages them and as Cloud hands them out, and the model if they may change."""

    pages: Pages
    issues: Issues
    living: Living | None


def stock(settings: Settings) -> Stock:
    """Return what a mock of these settings serves."""
    if settings.data:
        recording = Recording(Path(settings.data))
        return Stock(Pages(recording), StillIssues(recording), None)
    corpus = Corpus(settings.issues, settings.seed, cloud=settings.is_cloud)
    if not settings.changes:
        return Stock(Pages(corpus), StillIssues(corpus), None)
    living = Living(
        of_corpus(corpus, settings.seed),
        clock=lambda: time.time_ns() // 1_000_000,
        rate=settings.mutate,
        seed=settings.seed,
        kinds=settings.kinds,
        shuffle_ties=settings.shuffle_ties,
        lag=settings.lag,
    )
    issues = LivingIssues(living, corpus, positional=settings.tokens == "offset")
    return Stock(ChangingPages(living, corpus), issues, living)
