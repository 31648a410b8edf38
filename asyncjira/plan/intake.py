"""The body of one answer while it comes in: when it is too large, inflates too much, or comes too slowly."""

from __future__ import annotations

from dataclasses import dataclass, field

from asyncjira.jira.exchange import Broken
from asyncjira.plan.limits import Timeouts

__all__ = ["Intake"]

# JSON of issues packs 5 to 30 times, DEFLATE 1,032 times at most (https://zlib.net/zlib_tech.html): what inflates more
# than 200 times is no page of issues. Looked at from a mebibyte on, as short answers may be all the same.
_MOST_INFLATED = 200
_FREELY_INFLATED = 1024 * 1024
_ADVICE = "ask for smaller pages, or for fewer fields"


@dataclass(slots=True)
class Intake:
    """Collects an answer of at most `limit` inflated bytes. `announced` is its Content-Length, where it has one.

    All methods raise Broken where there is no use in reading on.
    """

    limit: int
    announced: int | None = None
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _raw: int = 0

    def __post_init__(self) -> None:
        if self.announced is not None and self.announced > self.limit:
            raise self._too_large()

    def take(self, chunk: bytes, raw: int) -> None:
        """Take the next inflated bytes; those so far, with these, were `raw` bytes on the wire."""
        self._size += len(chunk)
        if self._size > self.limit or raw > self.limit:  # gzip can also go on for ever and become nothing
            raise self._too_large()
        if self._size > max(_FREELY_INFLATED, _MOST_INFLATED * raw):
            reason = f"the answer inflates to more than {_MOST_INFLATED} times what was sent, as no page of issues does"
            raise Broken(f"{reason}: {_ADVICE}, and check what stands before Jira", retry=False, too_large=True)
        self._chunks.append(chunk)

    def check_speed(self, raw: int, timeouts: Timeouts) -> None:
        """Look back at the `speed_time` seconds since the last call; `raw` bytes have come over the wire so far."""
        came, self._raw = raw - self._raw, raw
        if came < timeouts.speed_limit * timeouts.speed_time:
            reason = (
                f"the answer came at less than {timeouts.speed_limit:g} bytes a second for {timeouts.speed_time:g} s"
            )
            raise Broken(reason, timed_out=True)

    def body(self) -> bytes:
        """Return all of it."""
        return b"".join(self._chunks)

    def _too_large(self) -> Broken:
        return Broken(f"the answer is larger than {self.limit} bytes: {_ADVICE}", retry=False, too_large=True)
