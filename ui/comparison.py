"""The compare page's parts: what against what, the table metric by metric, and both courses laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from analytics import metrics
from reports import comparing, links
from reports.comparing import (
    AGAINST,
    CHARTS,
    VERDICTS,
    WHATS,
    Asking,
    difference,
    has_course,
    overlaid,
    sheet,
    subjects,
)
from reports.comparing import words as words
from reports.comparison import Comparison, Subject
from reports.coverage import Coverage, span
from reports.view import Compare, View
from store.access import Person
from store.projects import Project
from ui import charts, data, filters, formats, tables, views
from ui.sign_in import literal


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
    first, last = comparing.second_period(view, chosen or "before")
    return _dates("Second dates", "second-dates", first, last) if chosen == "custom" else (first, last)


def _money(project: Project) -> tuple[str, datetime | None]:
    shown = [project.currency, *(c for c in filters.CURRENCIES if c != project.currency)]
    currency = st.selectbox("Currency", shown, key="currency", bind="query-params", width=110)
    now = filters.today(project)
    stood = st.date_input(
        "As it stood on", None, key="as-of", bind="query-params", format="YYYY-MM-DD", width=150, max_value=now,
        help="Pick a day to see the figures as they stood at its end; leave it empty to see them as they stand now.",
    )  # fmt: skip
    as_of = links.as_of(stood if isinstance(stood, date) else None, project)
    return currency or project.currency, as_of


def _side(label: str, key: str, options: Sequence[Subject], place: int) -> Subject:
    """One side's choice. Options are told apart by their words, so kinds and channels never share one."""
    names = comparing.named(options)
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
    campaigns = data.campaigns(person, project) if what == "campaigns" else []
    options = subjects(found, what, campaigns)
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
    view = replace(view, currency=currency, as_of=as_of)
    return comparing.asking(what, first, second, view, other)


def table(person: Person, project: Project, found: Comparison, asking: Asking) -> None:
    """Every metric on both sides, with difference, relative change and whether it is for the better."""
    view = asking.a[1]
    one, other = asking.names if asking.names[0] != asking.names[1] else ("First", "Second")
    rows = [
        {
            "Metric": tables.column_title(line.slug, view.currency),
            one: formats.metric(metrics.metric(line.slug), line.a, view.currency),
            other: formats.metric(metrics.metric(line.slug), line.b, view.currency),
            "Difference": difference(line, view.currency),
            "Change": formats.change(line.change) or formats.NONE,
            "First is": VERDICTS[line.verdict],
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


def multiples(
    person: Person, project: Project, found: Comparison, asking: Asking, coverage: list[Coverage]
) -> None:
    """One small chart a metric: the first side solid, the second dashed, by day of the period."""
    charted = [line.slug for line in found.lines if has_course(found.a, line) or has_course(found.b, line)]
    if not charted:
        st.info("No metric has figures by day in these periods.")
        return
    st.subheader("Day by day", anchor=False)
    wanted = st.multiselect(
        "Metrics", charted, format_func=lambda slug: metrics.metric(slug).label, key="metrics", bind="query-params",
        placeholder=f"The first {min(CHARTS, len(charted))}",
    )  # fmt: skip
    one, other = map(literal, asking.names)
    st.caption(
        f"Solid line: {one}. Dashed line: {other}. Dotted ({one}) or dashes and dots ({other}): days that are not complete, "
        "or that platforms may still change."
    )
    with st.grid(3, min_column_width=260):
        for slug in wanted or charted[:CHARTS]:
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


def _alt(slug: str, found: Comparison, asking: Asking) -> str:
    shown, currency = metrics.metric(slug), asking.a[1].currency
    values = (formats.metric(shown, side.value(slug), currency) for side in (found.a, found.b))
    texts = [f"{name} {value}" for name, value in zip(asking.names, values, strict=True)]
    return f"{shown.label} by day of the period: {', '.join(texts)}"
