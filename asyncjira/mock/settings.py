"""What a mock can be told, checked before it starts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asyncjira.errors import ConfigError
from asyncjira.mock.changes import checked_kinds
from asyncjira.mock.enhanced import MOST_ROWS

__all__ = ["Settings"]

# Data Center: jira.search.views.default.max as it comes; Cloud: as measured where more than id and key was asked.
_PAGE_CAPS = {"dc": 1000, "cloud": 100}
_TOKENS = ("cursor", "offset")
_WRONG_LOGINS = ("401", "anonymous", "silent")
_MOST_ISSUES = 10_000_000  # beyond that the seeded times run into the future
_CONTEXT = re.compile(r"(/[\w.~-]+)+", re.ASCII)
_SLOWEST = 3600.0  # seconds
_HOUR = 3600.0  # seconds
_MOST_CHANGES = 1000  # at each search: more than there are issues on a page
_LONGEST_LAG = 1000  # searches; each may keep a list of all issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The arguments of `MockJira`. Raises ConfigError for what makes no sense."""

    flavor: str
    issues: int
    seed: int
    latency: float
    jitter: float
    rate_limit: float | None
    max_page: int | None
    result_window: int | None
    window_empty: bool
    window_told: bool
    mutate: float
    kinds: Sequence[str]
    shuffle_ties: bool
    lag: int
    truth: Path | str | None
    faults: Sequence[str]
    tokens: str
    estimate: float
    points: int | None
    hour: float
    max_ids: int
    scoped: bool
    data: Path | str | None
    gzip: bool
    email: str | None
    token: str | None
    wrong_login: str
    log: Path | str | None
    host: str
    port: int
    context: str

    def __post_init__(self) -> None:
        self._check_flavor()
        _within("issues", self.issues, 0, _MOST_ISSUES)
        _within("latency", self.latency, 0, _SLOWEST)
        _within("jitter", self.jitter, 0, _SLOWEST)
        _within("port", self.port, 0, 65535)
        _within("max_page", self.page_cap, 1, math.inf)
        _within("estimate", self.estimate, 0, 1000)
        _within("max_ids", self.max_ids, 1, MOST_ROWS)
        if self.points is not None:
            _within("points", self.points, 1, math.inf)
        _within("hour", self.hour, 0.001, _HOUR)
        if self.tokens not in _TOKENS:
            raise ConfigError(f"page tokens are one of {', '.join(_TOKENS)}")
        if self.rate_limit is not None:
            _within("rate_limit", self.rate_limit, 0.001, math.inf)
        if self.result_window is not None:
            _within("result_window", self.result_window, 1, math.inf)
        _within("mutate", self.mutate, 0, _MOST_CHANGES)
        _within("lag", self.lag, 0, _LONGEST_LAG)
        checked_kinds(self.kinds)
        if self.changes and self.data:
            raise ConfigError("the issues of a file stay as they are: --data serves no Jira that changes")
        if self.email and not self.token:
            raise ConfigError("an e-mail for the mock's login needs a token, too")
        if self.wrong_login not in _WRONG_LOGINS:
            raise ConfigError(f"a wrong login is answered in one of the ways {', '.join(_WRONG_LOGINS)}")
        if self.context and not _CONTEXT.fullmatch(self.context):
            raise ConfigError(f"the context path must look like /jira, not {self.context!r}")

    def _check_flavor(self) -> None:
        if self.flavor not in _PAGE_CAPS:
            raise ConfigError(f"the flavor is one of {', '.join(_PAGE_CAPS)}")
        if self.is_cloud and self.result_window is not None:
            raise ConfigError("Cloud has no result window: it is Data Center's")
        if self.points is not None and not self.is_cloud:
            raise ConfigError("points are counted by Cloud alone")
        if self.scoped and not (self.is_cloud and self.token):
            raise ConfigError("only a token of Cloud can be scoped")

    @property
    def is_cloud(self) -> bool:
        """Whether the mock is a Jira Cloud."""
        return self.flavor == "cloud"

    @property
    def page_cap(self) -> int:
        """The most issues of one page: as told, or what is usual."""
        return _PAGE_CAPS[self.flavor] if self.max_page is None else self.max_page

    @property
    def changes(self) -> bool:
        """Whether the issues may change, or look as if they did."""
        return bool(self.mutate or self.shuffle_ties or self.lag or self.truth)


def _within(name: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not low <= value <= high or math.isinf(value):
        raise ConfigError(f"the mock's {name} must be between {low:g} and {high:g}, not {value}")
