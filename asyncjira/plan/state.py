"""What a pull leaves for the next one, which then asks only for what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import Any

import msgspec
import orjson
from msgspec.structs import asdict, replace

from asyncjira.errors import ConfigError, printable
from asyncjira.jira.dates import iso
from asyncjira.plan.delivery import Delivery
from asyncjira.plan.idset import IdSet
from asyncjira.plan.roll import Roll
from asyncjira.plan.start import Start
from asyncjira.plan.versions import Version

__all__ = ["ANONYMOUS", "SOMEBODY", "Archived", "State"]

_FORMAT = 1
ANONYMOUS, SOMEBODY = "anonymous", "somebody"
# Milliseconds that Jira's clock may seem to go back: nodes of Data Center differ by so much, as the margin allows.
_SKEW = 120_000


class Archived(msgspec.Struct, frozen=True):
    """How far an archive is whole: its first `size` bytes, which end with some whose `digest` this is."""

    size: int
    compression: str
    digest: str


class _Ids(msgspec.Struct, forbid_unknown_fields=True):
    blocks: dict[str, str]
    others: list[str]


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    url: str
    jql: str
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    since_ms: int
    taken_at: str
    versions: dict[str, tuple[int, int]]
    ids: _Ids | None
    archive: Archived | None
    user: str
    keys: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class State:
    """How a complete, proven pull has left things: `jira.pull(jql, state=state)` then pulls what changed since.

    `url`, `jql`, `fields` and `expand` are as they were asked for: only the same again can go on. Every change before
    `since_ms` (milliseconds since 1970, by Jira's clock) was delivered; of what was delivered and changed later,
    `versions` holds the versions. `ids`, kept with tombstones, are all that were delivered and still matched.
    `archive` is what an archive held at that time, where the output went into one. `user` is who pulled, as Jira names
    them, or ANONYMOUS, or SOMEBODY where Jira does not tell. `keys` are those under which custom fields were delivered,
    by id, and are from then on; None without names. It holds no secret.
    """

    url: str
    jql: str
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    since_ms: int
    taken_at: str
    versions: Mapping[str, Version]
    ids: IdSet | None = None
    archive: Archived | None = None
    user: str = SOMEBODY
    keys: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return f"<State of {self.url} as of {self.taken_at}>"

    @property
    def names(self) -> bool:
        """Whether custom fields were delivered under their names."""
        return self.keys is not None

    @classmethod
    def after(cls, delivery: Delivery, roll: Roll | None, before: State | None, **facts: Any) -> State:
        """Return the state after a pull from the one `before`: what was delivered, and listed after that.

        What was found newer and not delivered is left for the next pull.
        """
        recent = {**delivery.versions(), **delivery.stale}
        since_ms = max(int(delivery.since_ms), before.since_ms if before is not None else 0)
        kept = {name: each for name, each in recent.items() if each is not None and each[0] >= since_ms}
        ids: IdSet | None = None
        if roll is not None:
            ids = roll.ids()
            kept = {name: each for name, each in kept.items() if name in ids}
        elif before is not None and before.ids is not None:
            ids = IdSet()
            ids.update(chain(before.ids, delivery.ids))
        archive = before.archive if before is not None else None
        return cls(since_ms=since_ms, versions=kept, ids=ids, archive=archive, **facts)

    def start(self, interrupted: Start | None = None) -> Start:
        """Return where the next pull begins, or goes on from where it was `interrupted`."""
        start = interrupted or Start()
        return replace(start, part=replace(start.part, updated_since_ms=self.since_ms), known=self.versions)

    def check(self, **asked: object) -> None:
        """Raise ConfigError unless this was pulled from the same Jira, by the same query: `url`, `jql` and so on."""
        for name, value in asked.items():
            if (old := getattr(self, name)) != value:
                raise ConfigError(
                    f"the state belongs to another pull: its {name} is {_worded(old)}, and not {_worded(value)}: "
                    "name another file for this one"
                )

    def stranger(self, user: str) -> str:
        """Say why a pull by `user` cannot go on here: who sees other issues would miss changes, or call them gone."""
        is_alike = user == self.user or (SOMEBODY in (user, self.user) and ANONYMOUS not in (user, self.user))
        if is_alike:
            return ""
        return (
            f"the state was left by {printable(self.user)}, and this is {printable(user)}, who may see other issues: "
            "log in as before, or name another file for this one"
        )

    def doubt(self, since_ms: int) -> str:
        """Say why a pull from this state, which itself asks for changes from `since_ms` on, may have missed some."""
        if since_ms >= self.since_ms - _SKEW:
            return ""
        return (
            f"Jira's clock says that it is before {iso(self.since_ms / 1000)}, up to which changes were pulled: later "
            "ones may be missed: begin anew without the state"
        )

    def to_json(self) -> bytes:
        """Return it as one line of JSON, with a checksum."""
        ids = None if self.ids is None else {"blocks": self.ids.blocks, "others": self.ids.others}
        archive = None if self.archive is None else asdict(self.archive)
        names = ("url", "jql", "fields", "expand", "since_ms", "taken_at", "versions", "user")
        content = {"format": _FORMAT, **{name: getattr(self, name) for name in names}, "ids": ids, "archive": archive}
        if self.names:
            content["keys"] = self.keys
        return orjson.dumps({**content, "checksum": _checksum(content)}, option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_json(cls, text: bytes | str) -> State:
        """Read what `to_json` returned. Raises ConfigError where it is damaged, or of another version of asyncjira."""
        try:
            content = msgspec.json.decode(text, type=dict[str, Any])
            if content.get("format") != _FORMAT:
                found = printable(repr(content.get("format")), 20)
                raise ConfigError(f"the state has format {found}, and this asyncjira reads {_FORMAT}: begin anew")
            if content.pop("checksum", None) != _checksum(content):
                raise ValueError("its checksum is another")
            stored = msgspec.convert(content, _Stored)
            ids = None if stored.ids is None else IdSet.of(stored.ids.blocks, stored.ids.others)
        except (ValueError, TypeError, msgspec.MsgspecError) as error:
            raise ConfigError(f"the state is damaged ({printable(str(error), 100)}): begin anew without it") from None
        facts = asdict(stored)
        del facts["format"]
        return cls(**{**facts, "ids": ids})


def _checksum(content: dict[str, Any]) -> str:
    """Return a hash of the members, in whatever order a database gives them back."""
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _worded(value: object) -> str:
    return printable(repr(",".join(value) if isinstance(value, tuple) else value), 100)
