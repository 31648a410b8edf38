"""The charts of the page, in Vega-Lite: colours are variables of its style sheet, which knows light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt

from asyncjira.report.facts import Facts
from asyncjira.report.quantities import size, time
from asyncjira.report.spread import Spread
from asyncjira.report.waterfall import Bar
from asyncjira.report.words import CAPTIONS, PURPOSES

__all__ = ["Chart", "charts"]

Chart = dict[str, Any]

_FAILED = "failed"
_KINDS = [*PURPOSES, _FAILED]
_NAMES = [*PURPOSES.values(), _FAILED]
_COLOURS = [f"var(--{kind})" for kind in _KINDS]
_TALLEST, _THINNEST, _THICKEST = 420, 3, 14  # pixels: of all lines of the waterfall, and of one of them
_AXIS: Chart = {
    **dict.fromkeys(("gridColor", "domainColor", "tickColor", "labelColor", "titleColor"), "currentColor"),
    "gridOpacity": 0.12,
    "domainOpacity": 0.4,
    "tickOpacity": 0.4,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
}
_STYLE: Chart = {
    "width": "container",
    "autosize": {"type": "fit-x", "contains": "padding"},
    "background": None,
    "config": {"font": "inherit", "axis": _AXIS, "mark": {"aria": False}, "view": {"stroke": None}},
}


def charts(facts: Facts) -> dict[str, Chart]:
    """Return the charts by the names of their places on the page; those that have something to show."""
    bins = facts.timeline.bins(facts.seconds)
    rates: list[Chart] = [
        {
            "begin": round(each.begin, 4),
            "end": round(each.begin + each.seconds, 4),
            "issues": round(each.issues / each.seconds, 1),
            "megabytes": round(each.bytes / each.seconds / 1e6, 3),
            "in_flight": each.in_flight,
        }
        for each in bins
    ]
    found: dict[str, alt.TopLevelMixin] = {}
    if rates:
        found["issues"] = _over_time(facts, rates, "issues", "issues a second", ",.0f")
        found["bytes"] = _over_time(facts, rates, "megabytes", "MB a second", ",.2f")
        found["in-flight"] = _over_time(facts, rates, "in_flight", "requests at once", ",.0f")
    if bars := facts.waterfall.bars():
        found["waterfall"] = _waterfall(facts, bars)
    if any(kind.seconds.count for kind in facts.kinds.values()):
        found["latency"] = _spread({name: kind.seconds for name, kind in facts.kinds.items()}, "seconds", time)
        found["sizes"] = _spread({name: kind.bytes for name, kind in facts.kinds.items()}, "bytes", size)
    return {name: _spec(chart, CAPTIONS[name]) for name, chart in found.items()}


def _time_axis(facts: Facts) -> alt.X:
    scale = alt.Scale(domain=[0, max(facts.seconds, 0.001)], nice=False)
    return alt.X("begin:Q", title="seconds since the pull began", scale=scale)


def _pauses(facts: Facts) -> alt.Chart:
    rows = [
        {"begin": pause.begin, "end": min(pause.end, facts.seconds), "reason": pause.reason, "times": pause.times}
        for pause in facts.pauses
    ]
    tips = [
        alt.Tooltip("reason:N", title="pause"),
        alt.Tooltip("begin:Q", title="from, s", format=".2f"),
        alt.Tooltip("end:Q", title="to, s", format=".2f"),
        alt.Tooltip("times:Q", title="answers that said so"),
    ]
    band: alt.Chart = alt.Chart(_values(rows)).mark_rect(color="var(--pause)", opacity=0.35, clip=True)
    return band.encode(x=_time_axis(facts), x2="end:Q", tooltip=tips)


def _over_time(facts: Facts, rates: list[Chart], field: str, title: str, form: str) -> alt.TopLevelMixin:
    columns = (
        alt.Chart(_values(rates))
        .mark_rect(color="var(--page)")
        .encode(
            x=_time_axis(facts),
            x2="end:Q",
            y=alt.Y(f"{field}:Q", axis=_side(tickCount=4)),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("begin:Q", title="from, s", format=".2f"),
                alt.Tooltip("end:Q", title="to, s", format=".2f"),
                alt.Tooltip(f"{field}:Q", title=title, format=form),
            ],
        )
    )
    return alt.layer(_pauses(facts), columns).properties(height=130)


def _waterfall(facts: Facts, bars: list[Bar]) -> alt.TopLevelMixin:
    rows = [_row(bar) for bar in bars]
    lines = 1 + max(bar.line for bar in bars)
    thickness = max(_THINNEST, min(_THICKEST, _TALLEST // lines))
    drawn = (
        alt.Chart(_values(rows))
        .mark_rect(clip=True)
        .encode(
            x=_time_axis(facts),
            x2="end:Q",
            y=alt.Y("top:Q", scale=alt.Scale(domain=[lines, 0], nice=False), axis=_side(labels=False, ticks=False)),
            y2="bottom:Q",
            color=_colour("kind"),
            stroke=alt.when("datum.again").then(alt.value("currentColor")).otherwise(alt.value("transparent")),
            strokeWidth=alt.value(1.5),
            tooltip=[
                alt.Tooltip("label:N", title="request"),
                alt.Tooltip("purpose:N", title="for"),
                alt.Tooltip("outcome:N", title="ended"),
                alt.Tooltip("repeats:N", title="repeats another"),
                alt.Tooltip("begin:Q", title="left at, s", format=".3f"),
                alt.Tooltip("took:N", title="took"),
                alt.Tooltip("size:N", title="received"),
            ],
        )
    )
    zoom = alt.selection_interval(encodings=["x"], bind="scales", zoom="wheel![event.ctrlKey]")
    return alt.layer(_pauses(facts), drawn.add_params(zoom)).properties(height=lines * thickness)


def _row(bar: Bar) -> Chart:
    status = "the connection broke" if bar.status is None else f"HTTP {bar.status}"
    return {
        "begin": round(bar.begin, 4),
        "end": round(bar.end, 4),
        "top": bar.line + 0.08,
        "bottom": bar.line + 0.92,
        "label": bar.label,
        "purpose": PURPOSES.get(bar.purpose, bar.purpose),
        "kind": _FAILED if bar.has_failed else PURPOSES.get(bar.purpose, bar.purpose),
        "outcome": f"{bar.reason}: asked again" if bar.reason else status,
        "again": bar.is_again,
        "repeats": "yes" if bar.is_again else "no",
        "took": time(bar.end - bar.begin),
        "size": size(bar.bytes),
    }


def _spread(spreads: dict[str, Spread], title: str, shown: Callable[[float], str]) -> alt.TopLevelMixin:
    rows = [*_stacked(spreads, shown)]
    low, high = min(row["from"] for row in rows), max(row["to"] for row in rows)
    digits = (1, 2, 5) if high < low * 1000 else (1,)
    ticks = [digit * 10.0**power for power in range(-6, 16) for digit in digits]
    within = [tick for tick in ticks if low / 10 < tick < high * 10]
    named = [{"at": tick, "name": shown(tick)} for tick in within]
    label = "+".join(f"(datum.value == {each['at']!r} ? '{each['name']}' : '')" for each in named)
    axis = alt.Axis(values=within, labelExpr=label, labelOverlap=True, title=f"{title}, each step a quarter more")
    scale = alt.Scale(type="log", domain=[low / 1.2, high * 1.2], nice=False)
    drawn: alt.Chart = alt.Chart(_values(rows)).mark_rect(clip=True)
    return drawn.encode(
        x=alt.X("from:Q", scale=scale, axis=axis),
        x2="to:Q",
        y=alt.Y("bottom:Q", axis=_side(tickCount=4, title="answers")),
        y2="top:Q",
        color=_colour("kind"),
        tooltip=[
            alt.Tooltip("range:N", title=title),
            alt.Tooltip("kind:N", title="for"),
            alt.Tooltip("count:Q", title="answers", format=","),
        ],
    ).properties(height=170)


def _stacked(spreads: dict[str, Spread], shown: Callable[[float], str]) -> Iterator[Chart]:
    """Yield the columns of all purposes, those of the same values one on top of another."""
    tops: Counter[float] = Counter()
    for purpose, name in PURPOSES.items():
        for low, high, count in spreads[purpose].columns() if purpose in spreads else ():
            row = {"from": low, "to": high, "count": count, "kind": name, "range": f"{shown(low)} to {shown(high)}"}
            yield row | {"bottom": tops[low], "top": tops[low] + count}
            tops[low] += count


def _side(**settings: Any) -> alt.Axis:
    """Return the axis at the left side, as wide for each chart, so that times stand under each other."""
    return alt.Axis(**{"title": None, "minExtent": 46, **settings})


def _colour(field: str) -> alt.Color:
    scale = alt.Scale(domain=_NAMES, range=_COLOURS)
    return alt.Color(f"{field}:N", scale=scale, legend=None)  # the page has one of its own, for all charts


def _values(rows: list[Chart]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _spec(chart: alt.TopLevelMixin, caption: str) -> Chart:
    spec = chart.to_dict()
    del spec["$schema"], spec["config"]
    return {**spec, **_STYLE, "description": f"{caption}: a chart; the tables tell the figures"}
