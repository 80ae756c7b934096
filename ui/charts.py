"""The charts: one colour per channel everywhere, zero-based, gaps drawn as gaps, readable on a phone.

A chart is described once (`reports.pictures.Picture`), drawn here for the page and on the server for its downloads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from reports import pictures, settling
from reports.courses import accounts as accounts
from reports.courses import by_channel as by_channel
from reports.courses import course as course
from reports.palette import FALLING as FALLING
from reports.palette import OTHER as OTHER
from reports.palette import SALES as SALES
from reports.palette import SPEND as SPEND
from reports.palette import color as color
from reports.pictures import HIGH, LOW, Mark, Picture, Series
from reports.settling import Settling
from store import audit
from store.access import Action, Person, enter
from store.projects import Project
from ui import formats
from ui.sign_in import literal

Points = Sequence[tuple[date, Decimal | None]]
_DASHES = {"": "solid", "settling": "dash", "open": "dot"}
_COMPARED = {"": "dash", "settling": "longdashdot", "open": "dashdot"}
_HATCHES = {"": "", "settling": "/", "open": "x"}


def _plain(values: Sequence[Decimal | None]) -> list[float | None]:
    return [None if v is None else float(v) for v in values]


def parts_of_change(title: str, names: Sequence[str], amounts: Sequence[Decimal], unit: str) -> Picture:
    """What each brought to a change: bars from zero to either side, the largest on top."""
    rise = tuple(amount if amount >= 0 else None for amount in amounts)
    fall = tuple(amount if amount < 0 else None for amount in amounts)
    series = (Series("Rise", SALES, rise), Series("Fall", FALLING, fall))
    return Picture("horizontal", title, unit, tuple(names), series)


@lru_cache(maxsize=256)
def figure(picture: Picture, *, small: bool = False) -> go.Figure:
    """The chart for a page; a small one stands among others like it, under one legend.

    Plotly takes longer to check a figure than a report to answer, so what was drawn lately is kept: not to be changed.
    """
    drawn = go.Figure()
    legend = len(picture.series) > 1 and picture.kind not in {"scatter", "heat"} and not picture.is_disjoint
    drawn.update_layout(
        margin={"l": 8, "r": 20 if picture.is_dated else 8, "t": 12 if small else 32, "b": 8},
        height=170 if small else _height(picture),
        hovermode="x unified" if picture.kind in {"line", "bar", "stacked"} else "closest",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        showlegend=legend and not small,
        barmode="group" if picture.kind in {"bar", "horizontal"} and not picture.is_disjoint else "relative",
        bargap=0.15,
    )
    {"line": _lines, "scatter": _points, "heat": _cells}.get(picture.kind, _bars)(drawn, picture)
    _axes(drawn, picture)
    _mark(drawn, picture)
    if small:
        drawn.update_xaxes(nticks=5)
        drawn.update_yaxes(nticks=4)
    return drawn


def _height(picture: Picture) -> int:
    if picture.kind == "horizontal":
        each = 34 if picture.is_disjoint else 18 * len(picture.series) + 16
        return 90 + each * len(picture.places)
    if picture.kind == "heat":
        return 110 + 30 * len(picture.series)
    return 320 + 20 * max(len(picture.series) - 4, 0)  # on a phone each name takes a line of the legend


def _axes(drawn: go.Figure, picture: Picture) -> None:
    """Numbers short and with their unit, from zero; names and days kept within the chart."""
    percent = picture.unit in {"%", "×"}
    suffix = picture.unit if percent else f" {picture.unit}" if picture.unit else ""
    top = max((abs(v) for one in picture.series for v in one.values if v is not None), default=Decimal(0))
    form = "~s" if top >= 1000 else ".4~g"  # SI prefixes would write 600m for 0.6
    drawn.update_xaxes(automargin=True)
    drawn.update_yaxes(automargin=True)
    if picture.is_dated and picture.kind != "horizontal":
        drawn.update_xaxes(**_calendar(picture))
    if picture.kind == "horizontal":
        drawn.update_yaxes(autorange="reversed", type="category")
        drawn.update_xaxes(zeroline=True, ticksuffix=suffix, tickformat=form, rangemode="tozero")
    elif picture.kind == "heat":
        drawn.update_yaxes(autorange="reversed", type="category")
    elif picture.kind == "scatter":
        drawn.update_xaxes(title=picture.axes[0], rangemode="tozero")
        drawn.update_yaxes(title=picture.axes[1], rangemode="tozero")
    else:
        drawn.update_yaxes(rangemode="tozero", ticksuffix=suffix, tickformat=form)
        if not picture.is_dated:
            drawn.update_xaxes(type="category")


def _calendar(picture: Picture) -> dict[str, Any]:
    """Days as people write them; weeks and months have their name below their own bar or point, not beside it."""
    days = [place for place in picture.places if isinstance(place, date)]
    steps = {(after - before).days for before, after in pairwise(days)}
    if not steps or min(steps) < 7:
        return {"tickformatstops": _DAYS, "hoverformat": "%-d %b %Y"}
    monthly = all(day.day == 1 for day in days)
    named = days[:: -(-len(days) // (_MOST_MONTHS if monthly else _MOST_WEEKS))]
    texts = [f"{day:%b}" if monthly else f"{day.day} {day:%b}" for day in named]
    firsts = [n == 0 or day.year != named[n - 1].year for n, day in enumerate(named)]
    return {
        "tickvals": named,
        "ticktext": [
            f"{text}<br>{day.year}" if first else text
            for text, day, first in zip(texts, named, firsts, strict=True)
        ],
        "hoverformat": "%b %Y" if monthly else "%-d %b %Y",
    }


_DAY, _MOST_WEEKS, _MOST_MONTHS = 86_400_000, 5, 7  # names that fit side by side on a phone
_DAYS = [
    {"dtickrange": [None, _DAY - 1], "value": "%H:%M\n%-d %b %Y"},
    {"dtickrange": [_DAY, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", None], "value": "%b\n%Y"},
]
"""How Plotly writes a day by the distance of two ticks; the year stands once, in a second line."""


def _lines(drawn: go.Figure, picture: Picture) -> None:
    for one in picture.series:
        values, shown = _plain(one.values), True
        lonely = sum(value is not None for value in values) < 3
        for state, places in pictures.runs(one):
            first = places[0]
            joins = first < len(values) and one.state(first) != state
            hover = "%{y:,.2f} " + picture.unit + ("" if not one.hints else " (%{customdata})")
            drawn.add_scatter(
                x=[picture.places[n] for n in places],
                y=[values[n] for n in places],
                customdata=[one.hints[n] for n in places] if one.hints else None,
                name=one.name,
                legendgroup=one.name,
                showlegend=shown and len(picture.series) > 1,
                mode="lines+markers" if lonely else "lines",
                line={"color": one.color, "width": 2.5,
                      "dash": (_COMPARED if one.dashed else _DASHES)[state]},
                # The place where two stretches join is told by the first of them.
                hovertemplate=["" if joins and n == first else hover for n in places],
                hoverinfo=["skip" if joins and n == first else "all" for n in places],
            )  # fmt: skip
            shown = False


def _bars(drawn: go.Figure, picture: Picture) -> None:
    lying = picture.kind == "horizontal"
    for one in picture.series:
        values = _plain(one.values)
        shapes = [_HATCHES[one.state(n)] for n in range(len(values))] if one.states else ""
        drawn.add_bar(
            x=values if lying else list(picture.places),
            y=list(picture.places) if lying else values,
            orientation="h" if lying else "v",
            name=one.name,
            marker={
                "color": one.color,
                "pattern": {"shape": shapes, "solidity": 0.35, "fillmode": "overlay"},
            },
            hovertemplate=("%{x:,.2f} " if lying else "%{y:,.2f} ") + picture.unit,
        )


def _points(drawn: go.Figure, picture: Picture) -> None:
    across, up = picture.series
    drawn.add_scatter(
        x=_plain(across.values),
        y=_plain(up.values),
        mode="markers",
        marker={"size": 11, "color": up.color, "opacity": 0.85},
        text=[_place(place) for place in picture.places],
        hovertemplate="<b>%{text}</b><br>"
        + f"{picture.axes[0]}: %{{x:,.2f}}<br>{picture.axes[1]}: %{{y:,.2f}}<extra></extra>",
    )


def _cells(drawn: go.Figure, picture: Picture) -> None:
    columns = [f"{p.day} {p:%b}" if isinstance(p, date) else p for p in picture.places]
    drawn.add_heatmap(
        x=columns,
        y=[one.name for one in picture.series],
        z=[_plain(one.values) for one in picture.series],
        colorscale=[[0, LOW], [1, HIGH]],
        xgap=1,
        ygap=1,
        colorbar={"thickness": 10, "ticksuffix": picture.unit if picture.unit in {"%", "×"} else ""},
        hovertemplate="%{y}, %{x}: %{z:,.2f} " + picture.unit + "<extra></extra>",
    )
    drawn.update_xaxes(type="category")


def _place(place: date | str) -> str:
    return formats.day(place) if isinstance(place, date) else place


def _mark(drawn: go.Figure, picture: Picture) -> None:
    """A thin line a note; its number stands on it, its words show on hovering and below the chart."""
    if not picture.marks or not picture.is_dated:
        return
    line: dict[str, Any] = {"color": OTHER, "width": 1}
    for mark in picture.marks:
        drawn.add_vline(x=mark.first.isoformat(), line=line)
        if mark.last > mark.first:
            after = (mark.last + timedelta(1)).isoformat()
            drawn.add_vrect(x0=mark.first.isoformat(), x1=after, fillcolor=OTHER, opacity=0.12, line_width=0)
        drawn.add_annotation(
            x=mark.first.isoformat(), y=1, yref="paper", yanchor="bottom", text=f"<b>{mark.number}</b>",
            hovertext=_safe(mark.text), showarrow=False, font={"size": 11},
        )  # fmt: skip


def _safe(text: str) -> str:
    """Words in a chart: Plotly would read < as the start of markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def describe(picture: Picture) -> str:
    """Words for people who do not see the chart: the sum of each line, or its first and last value."""
    said = []
    for one in picture.series:
        known = [value for value in one.values if value is not None]
        if not known:
            continue
        if picture.kind == "scatter":
            said.append(f"{one.name} from {_worth(min(known), picture)} to {_worth(max(known), picture)}")
        elif picture.sums and len(picture.places) > 1:
            said.append(f"{one.name} {_worth(sum(known, Decimal(0)), picture)}")
        else:
            said.append(f"{one.name} from {_worth(known[0], picture)} to {_worth(known[-1], picture)}")
    return f"{picture.title}: {', '.join(said)}" if said else picture.title


def _worth(value: Decimal, picture: Picture) -> str:
    if len(picture.unit) == 3:
        return formats.money(value, picture.unit)
    whole = value == value.to_integral_value()
    return formats.number(value, 0 if whole else 2) + picture.unit


def show(
    person: Person,
    project: Project,
    picture: Picture,
    key: str,
    *,
    settled: Settling | None = None,
    small: bool = False,
    alt: str = "",
    drawn: go.Figure | None = None,
) -> None:
    """The chart, below it what its dashes and notes mean (not below small ones), and its downloads as PNG and SVG.

    `drawn` is shown instead where a page has a form of its own for it; downloads then have the plain one.
    """
    config = {**_CONFIG, "displayModeBar": False} if small else _CONFIG
    shown = drawn if drawn is not None else figure(picture, small=small)
    st.plotly_chart(shown, config=config, alt=alt or describe(picture), key=key)
    with st.container(
        horizontal=True, vertical_alignment="top", horizontal_alignment="right", key=f"{key}-below"
    ):
        text = settling.words(picture.states, settled) if not small else ""
        notes = [f"**{mark.number}** {_when(mark)}: {literal(mark.text)}" for mark in picture.marks]
        if said := " · ".join(filter(None, [text, *notes])):
            st.caption(said, width="stretch")
        for form in pictures.FORMS:
            _download(person, project, picture, form, key)


def _when(mark: Mark) -> str:
    return formats.days(mark.first, mark.last)


def _download(person: Person, project: Project, picture: Picture, form: str, key: str) -> None:
    def make() -> bytes:
        with enter(person, project.id, Action.EXPORT) as connection:
            name = f"{picture.title}.{form}"
            audit.record(connection, who=person, action="export", subject=name, project_id=project.id)
        return pictures.draw(picture, form)

    stem = "-".join("".join(c if c.isalnum() else " " for c in picture.title).lower().split())[:80] or "chart"
    mime = "image/png" if form == "png" else "image/svg+xml"
    st.download_button(
        form.upper(), make, f"{stem}.{form}", mime, key=f"{key}-{form}", icon=":material/download:", type="tertiary",
        on_click="ignore", help=f"This chart as {form.upper()}",
    )  # fmt: skip


_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "toImage"],
    "responsive": True,
}
"""Plotly's toolbar, without its own download: each chart has PNG and SVG below it."""
