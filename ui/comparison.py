"""The compare page's parts: what against what, the table metric by metric, and both courses laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analytics import channels, metrics
from analytics.metrics import Metric
from reports.comparison import KINDS, Asked, Comparison, Line, Side, Subject
from reports.coverage import Coverage, span
from reports.exports import Sheet
from reports.overview import Totals
from reports.pictures import Picture, Series, State
from reports.view import Compare, View
from store.access import Person
from store.projects import Project
from ui import charts, data, filters, formats, tables, views
from ui.sign_in import literal

WHATS = {
    "periods": "Two periods",
    "channels": "Two channels",
    "kinds": "Two kinds of channel",
    "campaigns": "Two campaigns",
}
AGAINST = {"before": "The period before", "year": "A year before", "custom": "Custom dates"}
_CHARTS = 9
"""Small charts that are drawn unless the person picks others: more make a slow page."""


@dataclass(frozen=True)
class Asking:
    """Both sides as the link has them, and what each is called."""

    a: Asked
    b: Asked
    names: tuple[str, str]
    colors: tuple[str, str]


def _dates(label: str, key: str, first: date, last: date) -> tuple[date, date]:
    picked = st.date_input(
        label, (first, last), key=key, bind="query-params", format="YYYY-MM-DD", width=240
    )  # an open range comes back as one date while the person is still picking its end
    ends = tuple(picked) if isinstance(picked, tuple | list) else (picked,)
    return (ends[0], ends[-1]) if ends and all(isinstance(one, date) for one in ends) else (first, last)


def _period(project: Project, found: list[Coverage]) -> tuple[date, date]:
    chosen = st.selectbox(
        "Period", list(filters.PERIODS), format_func=filters.PERIODS.__getitem__, key="period",
        bind="query-params", width=220,
    )  # fmt: skip
    first, last = filters.dates_of(chosen or "latest-30", filters.today(project), span(found))
    return _dates("Dates", "dates", first, last) if chosen == "custom" else (first, last)


def _against(view: View) -> tuple[date, date]:
    """The second period: before the first, a year before it, or free."""
    chosen = st.selectbox(
        "Against",
        list(AGAINST),
        format_func=AGAINST.__getitem__,
        key="against",
        bind="query-params",
        width=190,
    )
    other = replace(view, compare=Compare.YEAR if chosen == "year" else Compare.PREVIOUS).compared
    first, last = other or (view.start, view.end)
    return _dates("Second dates", "second-dates", first, last) if chosen == "custom" else (first, last)


def _money(project: Project) -> tuple[str, datetime | None]:
    shown = [project.currency, *(c for c in filters.CURRENCIES if c != project.currency)]
    currency = st.selectbox("Currency", shown, key="currency", bind="query-params", width=110)
    now = filters.today(project)
    stood = st.date_input(
        "As it stood on", None, key="as-of", bind="query-params", format="YYYY-MM-DD", width=150, max_value=now,
        help="Pick a day to see the figures as they stood at its end; leave it empty to see them as they stand now.",
    )  # fmt: skip
    as_of = None
    if isinstance(stood, date) and stood < now:
        zone = ZoneInfo(project.time_zone)
        as_of = datetime.combine(stood + timedelta(days=1), time.min, zone) - timedelta(seconds=1)
    return currency or project.currency, as_of


def subjects(person: Person, project: Project, found: list[Coverage], what: str) -> list[Subject]:
    """What can stand on a side, in the order of the choice."""
    known = sorted({c.channel for c in found if channels.kind(c.channel) in KINDS}, key=channels.label)
    kinds = [kind for kind in KINDS if any(channels.kind(channel) == kind for channel in known)]
    by_channel = [Subject("channel", channel) for channel in known]
    if what == "channels":
        return by_channel
    if what == "kinds":
        return [Subject("kind", kind) for kind in kinds]
    if what == "campaigns":
        return [Subject("campaign", name) for name in data.campaigns(person, project)]
    return [Subject(), *(Subject("kind", kind) for kind in kinds), *by_channel]


def _side(label: str, key: str, options: Sequence[Subject], place: int) -> Subject:
    """One side's choice. Options are told apart by their words, so kinds and channels never share one."""
    names = {one.label if one.of != "kind" else f"{one.label} (all)": one for one in options}
    words = list(names)
    filters.tell_missing(key, "something to compare", words)
    first = words[min(place, len(words) - 1)]
    filters.begin_with(key, first, first)
    chosen = st.selectbox(label, words, index=None, key=key, bind="query-params", width=240)
    return names[chosen or first]


def ask(person: Person, project: Project, found: list[Coverage]) -> Asking | None:
    """Show the choices; both sides, or None where there are no two things to compare."""
    chosen = st.segmented_control(
        "Compare", list(WHATS), default="periods", format_func=WHATS.__getitem__, key="what",
        bind="query-params", required=True,
    )  # fmt: skip
    what = str(chosen)
    options = subjects(person, project, found, what)
    if what != "periods" and len(options) < 2:
        st.info(f"This project has fewer than {WHATS[what].lower()}: there is nothing to compare yet.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        if what == "periods":
            first = second = _side("Of", "of", options, 0)
        else:
            first = _side("First", f"first-{what}", options, 0)
            second = _side("Second", f"second-{what}", options, 1)
        start, end = _period(project, found)
        view = View(start, end, project.currency, Compare.NONE)
        other = _against(view) if what == "periods" else (start, end)
        currency, as_of = _money(project)
        views.save_button(person, project)
    a = replace(view, currency=currency, as_of=as_of)
    b = replace(a, start=other[0], end=other[1])
    if what == "periods":
        names = formats.days(a.start, a.end), formats.days(b.start, b.end)
        return Asking((first, a), (second, b), names, (_color(first), charts.OTHER))
    return Asking(
        (first, a), (second, b), (first.label, second.label), (_color(first), _second(first, second))
    )


def _color(subject: Subject) -> str:
    return charts.color(subject.name) if subject.of == "channel" else charts.SPEND


def _second(first: Subject, second: Subject) -> str:
    return charts.color(second.name) if second.of == "channel" and first != second else charts.OTHER


def words(asking: Asking) -> str:
    """The periods in words, and what follows from their lengths."""
    (_, a), (_, b) = asking.a, asking.b
    text = f"{formats.days(a.start, a.end)} ({a.length} days)"
    if (a.start, a.end) == (b.start, b.end):
        return f"{text} · amounts in {a.currency}{_stood(a)}"
    text += f" against {formats.days(b.start, b.end)} ({b.length} days) · amounts in {a.currency}{_stood(a)}"
    if a.length != b.length:
        text += (
            f". The periods are not equally long: sums of the longer one have {abs(a.length - b.length)} more days in "
            "them, so read the ratios, or pick equal periods. Charts lay day 1 over day 1 and end where each period ends."
        )
    elif a.start.weekday() != b.start.weekday():
        text += ". Day 1 lies over day 1; the weekdays differ."
    return text


def _stood(view: View) -> str:
    return f" · as it stood at the end of {view.as_of:%d %b %Y}" if view.as_of else ""


def _said(found: Metric, value: Decimal | None, currency: str) -> str:
    return formats.metric(found, value, currency)


def _difference(line: Line, currency: str) -> str:
    found, value = metrics.metric(line.slug), line.difference
    if value is None:
        return formats.NONE
    sign = "±" if line.verdict == "equal" or not value else "+" if value > 0 else "−"
    if found.unit == "percent":
        return f"{sign}{abs(value) * 100:,.2f} points"
    return f"{sign}{_said(found, abs(value), currency)}"


_VERDICTS = {"better": "▲ better", "worse": "▼ worse", "equal": "equal", "": formats.NONE}


def table(person: Person, project: Project, found: Comparison, asking: Asking) -> None:
    """Every metric on both sides, with difference, relative change and whether it is for the better."""
    view = asking.a[1]
    one, other = asking.names if asking.names[0] != asking.names[1] else ("First", "Second")
    rows = [
        {
            "Metric": tables.column_title(line.slug, view.currency),
            one: _said(metrics.metric(line.slug), line.a, view.currency),
            other: _said(metrics.metric(line.slug), line.b, view.currency),
            "Difference": _difference(line, view.currency),
            "Change": formats.change(line.change) or formats.NONE,
            "First is": _VERDICTS[line.verdict],
        }
        for line in found.lines
    ]
    right: dict[str, Any] = {
        name: st.column_config.TextColumn(name, alignment="right")
        for name in (one, other, "Difference", "Change")
    }
    right["Metric"] = st.column_config.TextColumn("Metric", pinned=True, width=230)
    right["First is"] = st.column_config.TextColumn(
        f"{one} is", help="By the direction that is better for the metric; “–” where neither is better."
    )
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=right, alt="Both sides metric by metric",
        height="content" if len(rows) < 30 else "auto",
    )  # fmt: skip
    st.caption(
        f"Difference and change: {literal(one)} against {literal(other)}. Every ratio is that of the sums."
    )
    made = sheet(
        "Comparison", found, asking, [[("all days", found.a.totals)], [("all days", found.b.totals)]]
    )
    tables.downloads(person, project, view, "comparison", lambda: made, "comparison")


def sheet(
    title: str, found: Comparison, asking: Asking, parts: Sequence[Sequence[tuple[str, Totals]]]
) -> Sheet:
    """A line for each part of each side. Ratios that one side cannot tell are left out."""
    names: dict[str, list[str]] = {"Side": [], "From": [], "To": [], "Day": []}
    for side, label, part in zip((found.a, found.b), asking.names, parts, strict=True):
        for day, _ in part:
            for name, text in zip(names, (label, str(side.start), str(side.end), day), strict=True):
                names[name].append(text)
    slugs = tuple(s.slug for s in found.lines if s.slug not in found.a.partly | found.b.partly)
    return Sheet(title, names, [sums for part in parts for _, sums in part], slugs, asking.a[1].currency)


def multiples(
    person: Person, project: Project, found: Comparison, asking: Asking, coverage: list[Coverage]
) -> None:
    """One small chart a metric: the first side solid, the second dashed, by day of the period."""
    charted = [line.slug for line in found.lines if _has_course(found.a, line) or _has_course(found.b, line)]
    if not charted:
        st.info("No metric has figures by day in these periods.")
        return
    st.subheader("Day by day", anchor=False)
    wanted = st.multiselect(
        "Metrics", charted, format_func=lambda slug: metrics.metric(slug).label, key="metrics", bind="query-params",
        placeholder=f"The first {min(_CHARTS, len(charted))}",
    )  # fmt: skip
    one, other = map(literal, asking.names)
    st.caption(
        f"Solid line: {one}. Dashed line: {other}. Dotted: days that are not complete, or that platforms may still change."
    )
    with st.grid(3, min_column_width=260):
        for slug in wanted or charted[:_CHARTS]:
            with st.container(border=True):
                st.markdown(
                    f"**{tables.column_title(slug, asking.a[1].currency)}**", help=tables.explain(slug)
                )
                picture = overlaid(slug, found, asking, project, coverage)
                alt = _alt(slug, found, asking)
                charts.show(person, project, picture, f"multiple-{slug}", small=True, alt=alt)
    by_day = [[(str(day), sums) for day, sums in side.days] for side in (found.a, found.b)]
    made = sheet("Comparison by day", found, asking, by_day)
    tables.downloads(person, project, asking.a[1], "comparison by day", lambda: made, "by-day")


def _has_course(side: Side, line: Line) -> bool:
    return any(value is not None for _, value in side.course(line.slug))


def _alt(slug: str, found: Comparison, asking: Asking) -> str:
    shown, currency = metrics.metric(slug), asking.a[1].currency
    values = (_said(shown, side.value(slug), currency) for side in (found.a, found.b))
    texts = [f"{name} {value}" for name, value in zip(asking.names, values, strict=True)]
    return f"{shown.label} by day of the period: {', '.join(texts)}"


def overlaid(
    slug: str, found: Comparison, asking: Asking, project: Project, coverage: list[Coverage]
) -> Picture:
    """Both sides of a metric over the day of the period, from 1; the second dashed, what is not final dotted."""
    shown = metrics.metric(slug)
    scale = 100 if shown.unit == "percent" else 1
    units = {"money": asking.a[1].currency, "percent": "%", "multiple": "×"}
    length = max(len(found.a.days), len(found.b.days))
    nothing: list[State] = [""] * length
    drawn: list[Series] = []
    for side, name, color, (subject, view) in zip(
        (found.a, found.b), asking.names, asking.colors, (asking.a, asking.b), strict=True
    ):
        course = side.course(slug)
        rest = length - len(course)
        values = [None if value is None else value * scale for _, value in course]
        settled = filters.settling(project, coverage, replace(view, channels=_channels(subject)), [slug])
        states: list[State] = ["open" if state else "" for state in settled.of_days(day for day, _ in course)]
        hints = [formats.day(day) for day, _ in course]
        drawn.append(
            Series(
                name,
                color,
                (*values, *[None] * rest),
                (*states, *nothing[:rest]),
                dashed=bool(drawn),
                hints=(*hints, *[""] * rest),
            )
        )
    places = tuple(f"day {n}" for n in range(1, length + 1))
    title = f"{shown.label} by day: {asking.names[0]} and {asking.names[1]}"
    return Picture("line", title, units.get(shown.unit, ""), places, tuple(drawn), sums=not shown.is_ratio)


def _channels(subject: Subject) -> tuple[str, ...]:
    return (subject.name,) if subject.of == "channel" else ()
