"""What stands on the page beside the charts: headings, sentences and tables."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from html import escape

from asyncjira.errors import printable
from asyncjira.report.facts import Facts
from asyncjira.report.proof import proof
from asyncjira.report.quantities import size, time
from asyncjira.report.words import CAPTIONS, PURPOSES, figures, kinds, left_out, pauses, troubles, verdict, when

__all__ = ["escaped", "sections", "title"]

_LONGEST = 20_000  # characters of one text: queries may be long


def title(facts: Facts) -> str:
    """Return what the page is called."""
    return f"A pull from {facts.url or 'Jira'}, {when(facts)}"


def sections(facts: Facts, charts: Container[str]) -> str:
    """Return the body of the page: with a place for each of the `charts`."""
    ended, sentence = verdict(facts)
    parts = [
        f"<h1>A pull from {escaped(facts.url or 'Jira')}</h1>",
        _about(facts),
        f'<p class="verdict {ended}" role="status">{escaped(sentence)}</p>',
        _figures(facts),
        *_result(facts),
        *_over_time(charts),
        *_requests(facts, charts),
        *_answers(facts, charts),
        *_troubles(facts),
        *_rest(facts),
    ]
    return "\n".join(parts)


def escaped(text: str) -> str:
    """Return text as HTML shows it, without characters that would hide or turn around what stands beside them."""
    return escape(printable(text, _LONGEST))


def _about(facts: Facts) -> str:
    return (
        f'<p class="soft">What asyncjira {escaped(facts.version)} did from {escaped(when(facts))} on to bring issues '
        "out of this Jira: how fast they came, what went wrong on the way, and what can be said of the result.</p>"
    )


def _figures(facts: Facts) -> str:
    tiles = [
        f'<div><dt>{escaped(name)}</dt><dd><div class="value">{escaped(value)}</div>'
        f'<div class="note">{escaped(note)}</div></dd></div>'
        for name, value, note in figures(facts)
    ]
    return f'<dl class="figures">{"".join(tiles)}</dl>'


def _result(facts: Facts) -> Iterator[str]:
    yield "<h2>The result, and how far it can be trusted</h2>"
    query = f"<code>{escaped(facts.jql)}</code>" if facts.jql else "none: every issue that the login may see"
    rows = [("Query", query)]
    if facts.manifest is None:
        rows.append(("Proof", "None: the pull did not come to its end, or the record does not."))
    else:
        rows.append(("Fields", f"<code>{escaped(', '.join(facts.manifest.fields))}</code>"))
        rows += [(escaped(about), _with_code(sentences)) for about, sentences in proof(facts.manifest)]
    yield f'<dl class="about">{"".join(f"<dt>{about}</dt><dd>{text}</dd>" for about, text in rows)}</dl>'


def _with_code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped(text))


def _over_time(charts: Container[str]) -> Iterator[str]:
    if "issues" in charts:
        yield "<h2>How fast it went</h2>"
        yield "<p>Bands in yellow are pauses that Jira asked for; point at one to read why.</p>"
        yield _figure("issues", charts)
        yield _figure("bytes", charts)
        yield _figure("in-flight", charts)


def _requests(facts: Facts, charts: Container[str]) -> Iterator[str]:
    if "waterfall" not in charts:
        return
    yield "<h2>Every request</h2>"
    yield (
        "<p>A bar is one request, from when it left to when its answer had come; those under each other were under way "
        "at the same time. With an outline: it repeats one that had failed.</p>"
    )
    yield (
        '<p class="screen soft">Point at a bar to read what it was. Hold Ctrl and turn the wheel to look closer, drag '
        "to move along, double-click to see all again.</p>"
    )
    yield _legend()
    yield _figure("waterfall", charts)
    yield "".join(f'<p class="soft">{escaped(sentence)}</p>' for sentence in left_out(facts))


def _legend() -> str:
    names = [*PURPOSES.items(), ("failed", "failed"), ("pause", "pause")]
    return f'<ul class="legend">{"".join(_key(kind, words) for kind, words in names)}</ul>'


def _key(kind: str, words: str) -> str:
    return f'<li><i style="background: var(--{kind})"></i>{escaped(words)}</li>'


def _answers(facts: Facts, charts: Container[str]) -> Iterator[str]:
    yield "<h2>How long answers took, and how large they were</h2>"
    rows = [
        (
            name,
            f"{kind.seconds.count:,}",
            f"{kind.failed:,}",
            *(time(value) if kind.seconds.count else "" for value in kind.times),
            size(kind.bytes.total),
            size(kind.bytes.most) if kind.bytes.count else "",
        )
        for name, kind in kinds(facts)
    ]
    yield _table(("for", "answered", "failed", "half within", "95% within", "slowest", "in all", "largest"), rows)
    if "latency" in charts:
        latency = _figure("latency", charts)
        yield f'<div class="beside">{latency}{_figure("sizes", charts)}</div>'


def _troubles(facts: Facts) -> Iterator[str]:
    yield "<h2>What went wrong, and was asked again</h2>"
    again = [(f"{count:,}", reason) for reason, count in troubles(facts)]
    yield _table(("times", "why"), again, "said") if again else "<p>Nothing.</p>"
    if waits := [*pauses(facts)]:
        yield "<p>Pauses that Jira asked for, in which no request like these left:</p>"
        yield _table(("from", "for", "why"), waits, "said")


def _rest(facts: Facts) -> Iterator[str]:
    yield (
        '<footer class="soft">Made by <code>asyncjira report</code>. A size is that of a body as it was read, after '
        "decompression; kB and MB are 1,000 and 1,000,000 bytes. Times of answers are counted in steps of 5%. "
        "Questions bring no issues: which server this is, whether the login holds, on Cloud also which ids there are. "
        "Pages share some rows on purpose, so more rows arrive than there are issues. This file loads nothing."
        "<noscript> The charts need JavaScript; all else does not.</noscript></footer>"
    )


def _figure(name: str, charts: Container[str]) -> str:
    if name not in charts:
        return ""
    caption = f"<figcaption>{escaped(CAPTIONS[name])}</figcaption>"
    return f'<figure>{caption}<div class="chart" id="chart-{name}"></div></figure>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "numbers") -> str:
    head = "".join(f'<th scope="col">{escaped(each)}</th>' for each in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
