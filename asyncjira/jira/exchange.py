"""One exchange with Jira as plain values: a request, its answer, and the ways in which an answer can be of no use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, TypeVar

import msgspec

__all__ = ["Answer", "Broken", "Fault", "Request", "Stage", "Unusable"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (looked up by their usual spelling) and the whole, inflated body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Request(msgspec.Struct, Generic[T], frozen=True):
    """A request that changes nothing in Jira, together with `read`, which turns its answer of 200 into a value.

    `path` begins with `/rest/`; `params` go into the URL, `body` is JSON. `read` raises Unusable. `label` names the
    request in messages and holds neither secrets nor the query. `as_post` asks for the same where a URL is too long.
    One that `is_public` goes out without credentials; one that `is_dispensable` once, and nobody waits on its account.
    """

    method: str
    path: str
    read: Callable[[Answer], T]
    label: str
    params: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes | None = None
    as_post: Request[T] | None = None
    is_public: bool = False
    is_dispensable: bool = False

    @property
    def endpoint(self) -> str:
        """The method and the path, which is how Jira tells requests apart that it limits."""
        return f"{self.method} {self.path}"


class Fault(Enum):
    """Why an answer with status 200 is of no use, which says what to do next."""

    DAMAGED = "cut or mangled on its way, or empty by mischance: ask again"
    LOGIN = "a login page: the credentials were not accepted"
    PROTOCOL = "whole, but not what Jira documents: asking again changes nothing"


class Unusable(Exception):
    """An answer with status 200 that cannot be used; `fault` says why."""

    def __init__(self, reason: str, fault: Fault) -> None:
        super().__init__(reason)
        self.fault = fault


Stage = Literal["name", "connection", "tls", "answer"]


class Broken(Exception):
    """No whole answer arrived. `retry` tells whether asking again can help.

    `timed_out`: it took too long. `too_large`: it was larger than allowed, so that asking for less may help. `stage` is
    how far it came: to the name of the host, to a connection, to TLS, or to an answer.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry: bool = True,
        timed_out: bool = False,
        too_large: bool = False,
        stage: Stage = "answer",
    ) -> None:
        super().__init__(reason)
        self.retry, self.timed_out, self.too_large, self.stage = retry, timed_out, too_large, stage
