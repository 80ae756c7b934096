"""The charts: one colour per channel everywhere, zero-based, gaps drawn as gaps, readable on a phone.

Colours are Paul Tol's "muted" and "bright" schemes (https://personal.sro.nl/~pault/), which stay apart
for colour-blind readers; the same channel has the same colour on every page and in both themes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go

from analytics import channels
from ui import formats

_SET = {
    "google_ads": "#4477AA",
    "meta_ads": "#CC6677",
    "tiktok_ads": "#44AA99",
    "pinterest_ads": "#AA4499",
    "linkedin_ads": "#88CCEE",
    "microsoft_ads": "#DDCC77",
    "amazon_ads": "#EE7733",
    "x_ads": "#999933",
    "spotify_ads": "#117733",
    "search_console": "#66CCEE",
    "ga4": "#EE8866",
    "klaviyo": "#BBCC33",
    "mailchimp": "#FFAABB",
    "shopify": "#77AADD",
}
_OTHERS = ("#AAAA00", "#99DDFF", "#EEDD88", "#882255", "#6699CC", "#997700", "#EE99AA", "#994455")
SPEND, SALES, FALLING = "#4477AA", "#44AA99", "#CC6677"
Points = Sequence[tuple[date, Decimal | None]]


def color(channel: str) -> str:
    """The channel's colour; a name that is not a platform gets one that depends on the name alone."""
    return _SET.get(channel) or _OTHERS[zlib.crc32(channel.encode()) % len(_OTHERS)]


def _plain(values: Sequence[Decimal | None]) -> list[float | None]:
    return [None if v is None else float(v) for v in values]


def _figure(unit: str) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        height=320,
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.18, "x": 0},
        barmode="stack",
        bargap=0.15,
    )
    figure.update_yaxes(
        rangemode="tozero", ticksuffix=f" {unit}" if unit else "", tickformat="~s", automargin=True
    )
    figure.update_xaxes(automargin=True)
    return figure


def bars_by_channel(series: Mapping[str, Points], currency: str) -> go.Figure:
    """Stacked bars by day, one colour a channel, the largest channel at the bottom."""
    figure = _figure(currency)
    by_size = sorted(series, key=lambda c: -sum(v or Decimal(0) for _, v in series[c]))
    for channel in by_size:
        points = series[channel]
        figure.add_bar(
            x=[day for day, _ in points],
            y=_plain([value for _, value in points]),
            name=channels.label(channel),
            marker_color=color(channel),
            hovertemplate="%{y:,.2f} " + currency,
        )
    return figure


def lines(
    series: Mapping[str, Points], colors: Mapping[str, str], unit: str, incomplete_from: date | None
) -> go.Figure:
    """Lines by day; days that are not complete yet are dashed."""
    figure = _figure(unit)
    for name, points in series.items():
        solid = [(d, v) for d, v in points if incomplete_from is None or d < incomplete_from]
        dashed = [(d, v) for d, v in points if incomplete_from is not None and d >= incomplete_from]
        if dashed and solid:
            dashed.insert(0, solid[-1])
        for part, dash, shown in ((solid, "solid", True), (dashed, "dot", False)):
            if part:
                figure.add_scatter(
                    x=[day for day, _ in part],
                    y=_plain([value for _, value in part]),
                    name=name,
                    mode="lines+markers" if len(part) < 3 else "lines",
                    showlegend=shown or not solid,
                    line={"color": colors.get(name, SPEND), "dash": dash, "width": 2.5},
                    hovertemplate="%{y:,.2f} " + unit,
                )
    return figure


def contributions(names: Sequence[str], amounts: Sequence[Decimal], unit: str) -> go.Figure:
    """What each brought to a change: bars from zero to either side, the largest on top."""
    figure = _figure("")
    figure.add_bar(
        x=_plain(list(amounts)),
        y=list(names),
        orientation="h",
        marker_color=[SALES if amount >= 0 else FALLING for amount in amounts],
        hovertemplate="%{x:+,.2f} " + unit + "<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", rangemode="normal", tickformat=None)
    small = max((abs(amount) for amount in amounts), default=Decimal(0)) < 10
    figure.update_xaxes(
        zeroline=True, ticksuffix=f" {unit}" if unit else "", tickformat=".2~f" if small else "~s"
    )
    figure.update_layout(height=90 + 44 * len(names), showlegend=False, hovermode="closest")
    return figure


def describe(title: str, series: Mapping[str, Points], currency: str) -> str:
    """Words for people who do not see the chart: the sum of each line."""
    sums = {name: sum((v or Decimal(0) for _, v in points), Decimal(0)) for name, points in series.items()}
    said = ", ".join(
        f"{channels.label(name)} {formats.money(total, currency)}" for name, total in sums.items()
    )
    return f"{title}: {said}" if said else title


CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"], "responsive": True}
"""Plotly's toolbar, with its download as PNG."""
