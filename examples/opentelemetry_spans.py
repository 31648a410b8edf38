"""OpenTelemetry: a span for each pull, and one in it for each of its requests, without the query or a secret.

tracer = opentelemetry.trace.get_tracer("jira")
async with asyncjira.Jira(url, auth=..., on_event=Spans(tracer)) as jira:
    with tracer.start_as_current_span("pull"):      # what is current where a pull is entered becomes the parent
        manifest = await jira.pull_to("issues.ndjson.gz", jql)
"""

import asyncio
import time

from opentelemetry import trace

import asyncjira
from asyncjira.events import Event


class Spans:
    """Makes spans of what it hears: each pull runs in the context in which it was entered, and so do its requests."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def __call__(self, event: Event) -> None:
        """Hear an event: pass the object itself as `on_event`."""
        if isinstance(event, asyncjira.Answered):
            self._request(event)
        elif isinstance(event, asyncjira.Retried | asyncjira.Throttled):
            why = {"label": event.label, "reason": event.reason}
            trace.get_current_span().add_event(type(event).__name__, why)
        elif isinstance(event, asyncjira.PullFinished):
            end = event.manifest
            span = trace.get_current_span()
            span.set_attributes({"jira.issues": end.issues, "jira.requests": end.requests})
            span.set_attribute("jira.guarantee", end.guarantee)

    def _request(self, event: asyncjira.Answered) -> None:
        began = time.time() - (asyncio.get_running_loop().time() - event.sent_at)  # the loop's clock is no calendar
        told = {"jira.purpose": event.purpose, "http.response.body.size": event.bytes}
        if event.status is not None:
            told["http.response.status_code"] = event.status
        start, kind = int(began * 1e9), trace.SpanKind.CLIENT
        span = self._tracer.start_span(event.label, kind=kind, attributes=told, start_time=start)
        if event.status != 200:
            span.set_status(trace.StatusCode.ERROR)
        span.end(int((began + event.seconds) * 1e9))
