"""The wire log: one entry for each request that reached the mock."""

from __future__ import annotations

import time
from collections import deque
from typing import IO, TYPE_CHECKING, Any

import orjson

from asyncjira.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Wire"]

_KEPT = 100_000  # entries, about 100 MB at most


class Wire:
    """Entries in `entries`, oldest first, and as lines of JSON in the file `log`.

    An entry says when its request arrived (`t`, seconds since 1970), its `method`, its `path` without the query, how
    many requests were `in_flight` (with this one), the `status` (null where the connection was broken), the `bytes` of
    the body and the `seconds` it took. A search also has its number `n`, its `fault` if one struck, `startAt` and
    `maxResults` as asked, and `jql_length`. No header is kept. On Cloud, a bulk fetch has these, too, with the number
    of its ids for `maxResults`; both have their `endpoint` (`jql`, `bulkfetch`, `count` for an approximate count), the
    number `nth` among its requests, and how many `issues` were on the page.

    An entry appears when its request arrives. `status`, `bytes` and `seconds` are filled in, and the line is written,
    just before the answer goes out, so that whoever has the answer finds them; where an answer is damaged, drips or
    hangs, before the connection ends.
    """

    def __init__(self, log: Path | None) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._log = log
        self._file: IO[bytes] | None = None
        self._in_flight = 0

    def open(self) -> None:
        """Open the file, to append to it. Raises ConfigError."""
        if self._log is None:
            return
        try:
            self._file = self._log.open("ab", buffering=0)
        except OSError as error:
            raise ConfigError(f"cannot write the log of requests {self._log}: {error.strerror}") from None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def arrive(self, method: str, path: str) -> dict[str, Any]:
        """Make the entry of a request that has just come in."""
        self._in_flight += 1
        entry = {"t": time.time(), "n": None, "method": method, "path": path, "status": None, "fault": None, "bytes": 0}
        entry |= {"seconds": None, "in_flight": self._in_flight, "jql_length": None}
        self.entries.append(entry)
        return entry

    def finish(self, entry: dict[str, Any], status: int | None, size: int) -> None:
        """Complete an entry, once: what was sent, and how long that took. `status` is None for a broken connection."""
        if entry["seconds"] is not None:
            return
        entry |= {"status": status, "bytes": size, "seconds": round(time.time() - entry["t"], 6)}
        if self._file is not None:
            self._file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))

    def leave(self, entry: dict[str, Any]) -> None:
        """Count a request as no longer in flight."""
        self._in_flight -= 1
        self.finish(entry, None, 0)
