"""The page of a run, opened in a real browser: every chart is drawn, and nothing that came from outside runs."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from asyncjira import Jira, Recorder
from asyncjira.mock import MockJira
from asyncjira.report.facts import Facts, gather
from asyncjira.report.page import page
from asyncjira.report.record import read

from .conftest import SWIFT, UNLIMITED

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0"),
    "--virtual-time-budget=20000",  # of the page's clock, which jumps: what is drawn is waited for
]
HOSTILE = "</script><script>document.body.dataset.hacked=1</script><img src=x onerror=alert(1)><!--<script>"
CHARTS = ["issues", "bytes", "in-flight", "waterfall", "latency", "sizes"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path = tmp_path_factory.mktemp("report") / "run.record"
    asyncio.run(record(path))
    text = path.read_text().replace("HTTP 503", HOSTILE)  # a reason, too, may be a server's words
    path.write_text(text)
    return gather(read(path))


@pytest.fixture(scope="module")
def html(run: Facts) -> str:
    return page(run)


async def record(path: Path) -> None:
    faults = ["429:0@5", "503@7-9", "reset@12"]
    async with MockJira(issues=900, mutate=0.5, seed=3, faults=faults) as mock:
        with Recorder(path) as recorder:
            async with Jira(mock.url, limits=UNLIMITED, retry=SWIFT, on_event=recorder) as jira:
                async with jira.pull(f'summary ~ "{HOSTILE}"') as pull:
                    async for _ in pull.pages():
                        pass


def test_the_page_holds_what_was_said_as_text(run: Facts, html: str) -> None:
    assert run.jql == f'summary ~ "{HOSTILE}"'
    assert HOSTILE in run.again
    assert "dataset.hacked" in html
    assert "<script>document" not in html
    assert "<img" not in re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert html.count("<script") == html.count("</script>") == 3
    outside = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"<[a-z][^>]*\s(src|href)=(?!\"data:,\")", outside)
    assert "url(" not in outside
    assert "@import" not in outside
    assert "default-src &#x27;none&#x27;" in html
    assert len(html.encode()) < 2_000_000


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_draws_every_chart_without_a_word_in_its_console(run: Facts, html: str, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    path.write_text(html, encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *FLAGS, profile, "--dump-dom", path.as_uri()]
    seen = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert [line for line in seen.stderr.splitlines() if "CONSOLE" in line] == []
    dom = seen.stdout
    assert f'data-drawn="{len(CHARTS)}"' in dom
    assert "data-hacked" not in dom
    drawn = dict(re.findall(r'<div [^>]*id="chart-([a-z-]+)"(.*?)</figure>', dom, flags=re.DOTALL))
    assert [*drawn] == CHARTS
    assert all("<svg" in chart for chart in drawn.values())
    colours = re.findall(r'<path[^>]*fill="var\(--([a-z-]+)\)"', drawn["waterfall"])
    assert len([colour for colour in colours if colour != "pause"]) == run.requests
    assert colours.count("failed") == sum(bar.has_failed for bar in run.waterfall.bars()) >= 5
    assert {"page", "catch-up", "question"} <= set(colours)
    assert drawn["issues"].count('fill="var(--page)"') == len(run.timeline.bins(run.seconds))
    for name in ("latency", "sizes"):
        assert 'fill="var(--page)"' in drawn[name]
