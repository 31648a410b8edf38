"""Which search a Jira has is found out while the first page is asked for, so that it costs no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asyncjira.errors import JiraError, NotFound, ProtocolError
from asyncjira.jira.search import Query
from asyncjira.jira.server import is_cloud
from asyncjira.plan.chain import NoTokens
from asyncjira.plan.strategy import Ask, Outcome, Rows, Strategy

__all__ = ["Choice"]


class Choice:
    """Follows `offset()`, or `cloud()` once Jira says that it is Cloud: by its server info, or by a 410.

    The first page that comes settles it.
    """

    def __init__(self, offset: Callable[[], Strategy], cloud: Callable[[], Strategy]) -> None:
        self._offset, self._cloud = offset, cloud
        self._is_settled = self._has_turned = False
        self._question: Ask | None = Ask(is_cloud(), 0, 0)
        self._asked: dict[Ask, Strategy | None] = {}
        self.chosen: Strategy = offset()
        self.is_cloud = False

    @property
    def query(self) -> Query:
        """What is asked for."""
        return self.chosen.query

    @property
    def foresees(self) -> bool:
        """Whether the one that is followed does."""
        return self.chosen.foresees

    @property
    def total(self) -> int:
        """How many issues there seem to be."""
        return self.chosen.total

    @property
    def is_estimate(self) -> bool:
        """Whether the one that is followed estimates it."""
        return self.chosen.is_estimate

    @property
    def finished(self) -> bool:
        """Whether every row was taken."""
        return self.chosen.finished

    def next(self) -> Ask | None:
        """Return what to ask now: first what this Jira is."""
        if self._question is not None:
            question, self._question = self._question, None
            self._asked[question] = None
            return question
        ask = self.chosen.next()
        if ask is not None:
            self._asked[ask] = self.chosen
        return ask

    def on_sent(self, ask: Ask) -> None:
        """Let the strategy learn that its request goes out."""
        if (strategy := self._asked.get(ask)) is not None:
            strategy.on_sent(ask)

    def on_answer(self, ask: Ask, answer: Any) -> None:
        """Choose, or let the strategy learn. Raises what it raises."""
        strategy = self._asked.pop(ask)
        if strategy is None:
            if answer and not self.is_cloud and not self._is_settled:
                self._turn(to_cloud=True)
        elif strategy is self.chosen:
            try:
                strategy.on_answer(ask, answer)
            except NoTokens:
                self._turn(to_cloud=False)
            else:
                self._is_settled |= bool(ask.size)

    def on_failure(self, ask: Ask, error: JiraError) -> None:
        """Choose the other search where there is none of this kind, or let the strategy decide. Raises `error`."""
        strategy = self._asked.pop(ask)
        if strategy is not None and strategy is self.chosen:
            if not isinstance(error, NotFound) or error.status != 410 or self.is_cloud or self._is_settled:
                strategy.on_failure(ask, error)
            else:
                self._turn(to_cloud=True)

    def _turn(self, *, to_cloud: bool) -> None:
        """Go over to the other search, once. Raises ProtocolError where that was tried before, or rows came already."""
        if self._is_settled or (self._has_turned and not self.is_cloud):
            raise ProtocolError("this Jira answers neither as Cloud nor as Data Center: check --url")
        self._has_turned, self.is_cloud = True, to_cloud
        self.chosen = self._cloud() if to_cloud else self._offset()

    def take(self) -> Rows | None:
        """Return the next rows in order."""
        return self.chosen.take()

    def outcome(self) -> Outcome:
        """Say how it ended, or how it stands."""
        return self.chosen.outcome()
