"""What the logger `asyncjira` writes of the events of a client: no query, no address of a request, no secret."""

from __future__ import annotations

import logging

from asyncjira.errors import printable
from asyncjira.events import Answered, Event, PullFinished, Resumed, Retried, Throttled
from asyncjira.manifest import Manifest

__all__ = ["log", "logs_requests"]

_LOGGER = logging.getLogger("asyncjira")
# https://docs.python.org/3/howto/logging.html#configuring-logging-for-a-library
_LOGGER.addHandler(logging.NullHandler())


def logs_requests() -> bool:
    """Whether somebody wants every request in the log."""
    return _LOGGER.isEnabledFor(logging.DEBUG)


def log(site: str | None, event: Event) -> None:
    """Write down what happened at the host `site`.

    DEBUG is every request; INFO that a pull goes on or has ended; WARNING what is asked again, a pause that Jira wants,
    and an end that is not complete. What raises is not logged: who catches it knows what it means.
    """
    match event:
        case Answered():
            answer, spent = event.status or "no whole answer", (1000 * event.seconds, event.bytes, event.in_flight)
            _LOGGER.debug("%s: %s: %s in %.0f ms, %d bytes, %d in flight", site, event.label, answer, *spent)
        case Retried():
            _LOGGER.warning("%s: %s: %s; again in %.1f s", site, event.label, event.reason, event.seconds)
        case Throttled():
            _LOGGER.warning("%s: %s: %s; a pause of %.1f s", site, event.label, event.reason, event.seconds)
        case Resumed():
            begins = f"goes on behind {event.issues} issues" if event.issues else "begins afresh"
            _LOGGER.info("%s: %s %s", site, printable(event.place), begins)
        case PullFinished():
            level = logging.INFO if event.manifest.complete else logging.WARNING
            _LOGGER.log(level, "%s: %s", site, _summary(event.manifest))


def _summary(end: Manifest) -> str:
    """Put a manifest into a line. Its warnings are counted only: they may quote the query."""
    whole = f"complete, {end.guarantee}" if end.complete else "INCOMPLETE"
    cost = f"{end.requests} requests, {end.retries} retries, {end.throttled_seconds:.1f} s paused"
    return f"{end.issues} issues, {whole}; {cost}, {len(end.warnings)} warnings"
