"""Every file in `examples/` runs as it stands, against a mock and over real sockets."""

import asyncio
import importlib.util
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from asyncjira import BearerAuth, Jira, Limits
from asyncjira.mock import MockJira

from .conftest import SWIFT, requests_of_a_proof, sockets_to

EXAMPLES = Path(__file__).parent.parent / "examples"
TOKEN, JQL = "s3cret", "project = OPS"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start(mock_jira: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MockJira]:
    """Start a mock, and name it in the environment as the examples want it."""

    def start(**settings: Any) -> MockJira:
        mock: MockJira = mock_jira(token=TOKEN, **settings)
        monkeypatch.setenv("JIRA_URL", mock.url)
        monkeypatch.setenv("JIRA_PAT", TOKEN)
        monkeypatch.setattr("random.random", lambda: 0.0)  # no backoff
        monkeypatch.setattr("asyncjira.Limits", partial(Limits, rate=0))  # no pacing
        return mock

    return start


@asynccontextmanager
async def fastapi() -> AsyncIterator[tuple[str, Callable[[], Jira]]]:
    app = load("fastapi_stream").app
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.001)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", lambda: app.state.jira
    server.should_exit = True
    await serving


@asynccontextmanager
async def aiohttp_web() -> AsyncIterator[tuple[str, Callable[[], Jira]]]:
    module = load("aiohttp_web")
    app = module.make_app()
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", lambda: app[module.JIRA]
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


Serving = Callable[[], AbstractAsyncContextManager[tuple[str, Callable[[], Jira]]]]
services = pytest.mark.parametrize("serve", [fastapi, aiohttp_web])


async def stream(session: aiohttp.ClientSession, url: str, *, leaves: bool = False) -> bytes:
    async with session.get(f"{url}/issues", params={"jql": JQL}) as response:
        assert (response.status, response.content_type) == (200, "application/x-ndjson")
        if not leaves:
            return await response.read()
        first = await response.content.readany()
        response.close()
        return first


@services
async def test_a_service_streams_every_issue_as_jira_sent_it(serve: Serving, start: Any, nothing_left: Any) -> None:
    mock = start(issues=450)
    check = nothing_left(mock)
    async with serve() as (url, _), aiohttp.ClientSession() as session:
        assert (await stream(session, url)).splitlines() == list(mock.expected("*all"))
    await check()


@services
async def test_what_goes_wrong_before_the_first_byte_has_a_status(serve: Serving, start: Any) -> None:
    mock = start(issues=300)
    found = {}
    async with serve() as (url, _), aiohttp.ClientSession() as session:
        for fault in ("400", "500", "401"):
            mock.faults = [f"{fault}@1-"]
            async with session.get(f"{url}/issues", params={"jql": JQL}) as response:
                found[fault] = response.status
                assert TOKEN not in await response.text()
    assert found == {"400": 400, "500": 502, "401": 401 if serve is fastapi else 502}


@services
async def test_who_asks_for_the_head_alone_starts_no_pull(serve: Serving, start: Any) -> None:
    mock = start(issues=300)
    async with serve() as (url, _), aiohttp.ClientSession() as session:
        async with session.head(f"{url}/issues", params={"jql": JQL}) as response:
            assert (response.status, len(mock.wire)) == (405, 0)


@services
async def test_a_stream_that_cannot_go_on_breaks_off(serve: Serving, start: Any, nothing_left: Any) -> None:
    mock = start(issues=2000, latency=0.01)
    check = nothing_left(mock)
    async with serve() as (url, _), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/issues", params={"jql": JQL}) as response:
            assert await response.content.readany()
            mock.faults = ["500@1-"]
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
    await check()


@services
async def test_of_fifty_clients_half_hang_up_and_nothing_is_left(
    serve: Serving, start: Any, nothing_left: Any, caplog: Any
) -> None:
    mock = start(issues=400, latency=0.005)
    check = nothing_left(mock)
    async with serve() as (url, jira):
        idle = asyncio.all_tasks()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            bodies = await asyncio.gather(*(stream(session, url, leaves=number % 2 == 0) for number in range(50)))
        assert [body.count(b"\n") for body in bodies[1::2]] == [400] * 25
        assert len(mock.wire) < 50 * requests_of_a_proof(mock, 100), "who left did so in the middle"
        await until(lambda: "0 pulls" in repr(jira()) and asyncio.all_tasks() <= idle)
        assert sockets_to(urlsplit(mock.url).port or 0) <= 8, "those of the one client"
    await check()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@services
async def test_who_hangs_up_before_the_first_page_ends_the_pull_as_well(
    serve: Serving, start: Any, nothing_left: Any
) -> None:
    mock = start(issues=400, faults=["hang@1-"])
    check = nothing_left(mock)
    async with serve() as (url, jira):
        async with aiohttp.ClientSession() as session:
            asking = asyncio.create_task(stream(session, url))
            while not mock.wire:
                await asyncio.sleep(0.001)
            asking.cancel()
            await asyncio.wait([asking])
        await until(lambda: "0 pulls" in repr(jira()))
    await check()


def spans_of(exporter: InMemorySpanExporter, kind: str) -> list[Any]:
    return [span for span in exporter.get_finished_spans() if (span.name == "pull") == (kind == "pull")]


async def test_each_pull_is_a_span_with_its_own_requests_in_it(start: Any, tmp_path: Path) -> None:
    mock, exporter, provider = start(issues=400, faults=["500@3", "reset@5"]), InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("jira")
    async with Jira(
        mock.url, auth=BearerAuth(TOKEN), retry=SWIFT, on_event=load("opentelemetry_spans").Spans(tracer)
    ) as jira:

        async def pull(name: str) -> int:
            with tracer.start_as_current_span("pull"):
                return (await jira.pull_to(tmp_path / name, JQL)).requests

        requests = await asyncio.gather(pull("one"), pull("two"))
    pulls, children = spans_of(exporter, "pull"), spans_of(exporter, "request")
    assert len(children) == len(mock.wire) == sum(requests)
    for span in pulls:
        own = [child for child in children if child.parent.span_id == span.context.span_id]
        assert len(own) == span.attributes["jira.requests"]
        assert span.attributes["jira.guarantee"] == "proven"
        assert all(span.start_time <= child.start_time <= child.end_time <= span.end_time for child in own)
    assert {child.status.status_code for child in children} == {StatusCode.UNSET, StatusCode.ERROR}
    assert [event.name for span in pulls for event in span.events] == ["Retried"]
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert not re.search(f"{TOKEN}|{JQL}|OPS|jql", told)
    provider.shutdown()


async def test_a_notebook_whose_loop_is_running_gets_its_frame(start: Any) -> None:
    mock = start(issues=250)
    frame = load("notebook").frame
    assert list(frame.index) == [json.loads(issue)["key"] for issue in mock.expected("summary,created,updated")]
    assert str(frame["created"].dtype).startswith("datetime64")


def test_an_airflow_dag_pulls_its_slices(start: Any, tmp_path: Path) -> None:
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("Airflow is 139 packages: this runs where it is installed")
    mock, home = start(issues=250), tmp_path / "airflow"
    places = {"AIRFLOW_HOME": home, "AIRFLOW__CORE__DAGS_FOLDER": EXAMPLES, "JIRA_FOLDER": tmp_path}
    path = os.pathsep.join([str(EXAMPLES), str(EXAMPLES.parent)])
    environment = {**os.environ, **{name: str(place) for name, place in places.items()}, "PYTHONPATH": path}
    for command in (
        ["-m", "airflow", "db", "migrate"],
        ["-c", "from airflow_dag import jira; print(jira.test().state)"],
    ):
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("success")
    assert {path.name for path in tmp_path.glob("*.gz")} == {"ops.ndjson.gz", "dev.ndjson.gz"}
    assert len(mock.wire) > 0


def test_every_example_has_its_line_in_the_readme_and_its_test_here() -> None:
    files = {path.stem for path in EXAMPLES.glob("*.py")}
    listed = set(re.findall(r"^- \[`(\w+)\.py`\]", (EXAMPLES / "README.md").read_text(), re.MULTILINE))
    assert files == listed == {"fastapi_stream", "aiohttp_web", "airflow_dag", "notebook", "opentelemetry_spans"}
