"""A list that Jira serves page by page at an address below `/rest/`: what may be asked, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from asyncjira.errors import ConfigError, printable
from asyncjira.jira.exchange import Request
from asyncjira.jira.list_page import PAGINGS, ListPage, Paging, read_list

__all__ = ["Resource"]

_ROOT = "/rest/"
_PAGES_ITSELF = {name for paging in PAGINGS for name in paging}
_SIGNS = frozenset("\\;#?")  # in no path of Jira, and read in different ways by proxies and by Tomcat


@dataclass(frozen=True, slots=True)
class Resource:
    """The list at `path`, asked for with `params`, in the answer's array `key`.

    `path` may be encoded as in a URL, and is kept as it reads; a query in it counts as parameters. `key` "auto" takes
    the only array that there is, or an answer that is a bare one. Raises ConfigError for a path that leads elsewhere
    than below /rest/ of the Jira that is asked.
    """

    path: str
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key: str = "auto"

    def __post_init__(self) -> None:
        path, _, query = self.path.partition("?")
        pairs = [*parse_qsl(query, keep_blank_values=True), *_pairs(self.params)]
        params: dict[str, list[str]] = {}
        for name, value in pairs:
            params.setdefault(name, []).append(value)
        object.__setattr__(self, "path", _checked(path))
        object.__setattr__(self, "params", params)
        if own := sorted(_PAGES_ITSELF & params.keys()):
            raise ConfigError(f"{own[0]} is set anew for every page: leave it out, --page-size is for that")
        if not all(text.isprintable() for pair in pairs for text in pair) or not self.key.isprintable():
            raise ConfigError("a parameter, or the key, holds a control character")

    @property
    def address(self) -> str:
        """The path and the parameters, as they stand in a URL."""
        path = quote(self.path)
        return f"{path}?{urlencode(self.params, doseq=True)}" if self.params else path

    def page(self, start: int, size: int, *, paging: Paging, key: str) -> Request[ListPage]:
        """Build the request for `size` items from item `start` on, in the words of `paging`."""
        params = {**self.params, paging.start: [str(start)], paging.size: [str(size)]}
        label = f"{printable(self.path)} from {start}"
        return Request("GET", self.path, lambda answer: read_list(answer.body, key), label, params=params)


def _pairs(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values; of a sequence each value by itself, and booleans as JSON spells them."""
    pairs = []
    for name, value in params.items():
        values = [value] if isinstance(value, str | int) else list(value)
        pairs += [(name, str(each).lower() if isinstance(each, bool) else str(each)) for each in values]
    return pairs


def _checked(path: str) -> str:
    if "://" in path or path.startswith("//"):
        raise ConfigError(f"{printable(path)!r} names a host: give the path alone; --url says which Jira")
    if not path.startswith(_ROOT):
        hint = "; a context path belongs to --url" if _ROOT in path else ""
        raise ConfigError(f"PATH begins with {_ROOT}, as in /rest/agile/1.0/board, and not {printable(path)!r}{hint}")
    plain = unquote(path)
    read = unquote(plain)  # by a proxy that decodes what is decoded once more behind it
    if not read.isprintable() or _SIGNS & set(read):
        raise ConfigError(f"{printable(path)!r} is no path of Jira's: it holds a sign that none has")
    if any(set(segment) == {"."} for segment in read.split("/") if segment):
        raise ConfigError(f"{printable(path)!r} leads out of where it begins: name the path itself, without . and ..")
    return plain
