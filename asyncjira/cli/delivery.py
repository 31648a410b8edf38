"""A pull into its sink; where it ends early, what came by then is said, and how to go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from asyncjira.errors import ConfigError, JiraError, OutputError

if TYPE_CHECKING:
    from asyncjira.cli.talk import Talk
    from asyncjira.manifest import Manifest
    from asyncjira.out.sink import Sink
    from asyncjira.out.target import FileTarget
    from asyncjira.pull.pull import Flow

__all__ = ["STDOUT", "deliver"]

STDOUT = 1  # the descriptor
_GO_ON = "the same command with --resume goes on from there"


async def deliver(work: Flow, sink: Sink, beside: FileTarget | None, talk: Talk) -> Manifest:
    """Do what `pull.deliver` does; raise what it raises, with a note of what came, unless the talk has said it."""
    from asyncjira.pull.deliver import deliver

    try:
        return await deliver(work, sink, beside)
    except asyncio.CancelledError:
        talk.line(f"asyncjira: interrupted; {_what_came(work, sink)}")
        raise
    except ConfigError:
        raise
    except OutputError as error:
        if sink.can_be_resumed:
            error.add_note(_GO_ON)
        raise
    except JiraError as error:
        error.add_note(_what_came(work, sink))
        raise


def _what_came(work: Flow, sink: Sink) -> str:
    one, many = ("issue", "issues") if work.manifest.path is None else ("item", "items")
    came = f"{sink.issues:,} {many} came, into {sink.place}" if sink.issues else f"no {one} came"
    return f"{came}; {_GO_ON}" if sink.can_be_resumed else came
