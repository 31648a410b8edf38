"""What the mock can answer: an honest HTTP answer, or a script of bytes that breaks the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HTML", "JSON", "Answer", "Script", "error", "page_of_html", "plain_json"]

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that aiohttp frames. `delay` is in seconds; `user` is who it takes for logged in, if another."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """What goes to the socket as it is: a head, then bytes to write and seconds to wait, then an end of the connection.

    `status` is for the wire log: None unless the client gets an answer that HTTP allows.
    """

    head: bytes
    steps: Iterable[bytes | float]
    end: Literal["close", "abort"] = "close"
    status: int | None = None


def plain_json(status: int, value: Any, **headers: str) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, orjson.dumps(value), {"Content-Type": JSON} | headers)


def error(status: int, *messages: str, **headers: str) -> Answer:
    """Return a refusal in Jira's words: an ErrorCollection."""
    return plain_json(status, {"errorMessages": messages, "errors": {}}, **headers)


def page_of_html(status: int, title: str, text: str, **headers: str) -> Answer:
    """Return an answer in HTML: Tomcat's, a proxy's, a login page."""
    body = f"<!doctype html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1>\n{text}\n</body></html>"
    return Answer(status, body.encode(), {"Content-Type": HTML} | headers)
