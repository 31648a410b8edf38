"""Which issues a mock serves: seeded ones, those of a file, or seeded ones that change."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from asyncjira.mock.corpus import Corpus
from asyncjira.mock.living import Living
from asyncjira.mock.pages import ChangingPages, Pages
from asyncjira.mock.record import of_corpus
from asyncjira.mock.recording import Recording

if TYPE_CHECKING:
    from asyncjira.mock.settings import Settings

__all__ = ["stock"]


def stock(settings: Settings) -> tuple[Pages, Living | None]:
    """Return the pages that a mock of these settings serves, and the model behind them if they may change."""
    if settings.data:
        return Pages(Recording(Path(settings.data))), None
    corpus = Corpus(settings.issues, settings.seed)
    if not settings.changes:
        return Pages(corpus), None
    living = Living(
        of_corpus(corpus, settings.seed),
        clock=lambda: time.time_ns() // 1_000_000,
        rate=settings.mutate,
        seed=settings.seed,
        kinds=settings.kinds,
        shuffle_ties=settings.shuffle_ties,
        lag=settings.lag,
    )
    return ChangingPages(living, corpus), living
