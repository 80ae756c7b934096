"""Explain this number: how it is computed, what moved it, and the accounts, rows and rates behind it."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from analytics import channels, metrics
from reports import evidence, exports
from reports.explanation import BY, Explanation
from reports.view import View
from ui import charts, data, filters, formats, session, tables, watch

person, project = session.person(), session.project()
st.title("Explain a number")

SLUGS = sorted(
    {slug for group in metrics.OVERVIEW.values() for slugs in group for slug in slugs}
    | {slug for slugs in channels.METRICS.values() for slug in slugs}
    | {"aov", "ncac", "ncroas", "spend_share", "revenue_gross", "refunds", "discounts", "new_customers"}
    | {"cac", "over_claim", "repeat_orders"},
    key=lambda slug: metrics.metric(slug).label,
)


def computed(found: Explanation, view: View) -> None:
    metric = metrics.metric(found.slug)
    st.subheader("How it is computed", anchor=False)
    value = formats.metric(metric, found.value, view.currency)
    if metric.is_ratio:
        top, bottom = (
            formats.metric(metrics.metric(name), found.parts[name], view.currency)
            for name in (metric.numerator, metric.denominator)
        )
        scale = f" × {metric.scale:,}" if metric.scale != 1 else ""
        said = f"{metric.label} = {metric.formula} = {top} ÷ {bottom}{scale} = **{value}**"
    else:
        said = f"{metric.label}: {metric.formula}, added up over {len(found.behind)} accounts = **{value}**"
    st.markdown(said.replace("$", "\\$"))
    st.caption(" ".join(filter(None, [metric.caveat, f"Kind: {metric.kind}."])))


def moved(found: Explanation, view: View, by: str) -> None:
    metric = metrics.metric(found.slug)
    if found.change is None:
        return
    st.subheader("What changed it", anchor=False)
    change = formats.metric(metric, abs(found.change), view.currency)
    way = "rose" if found.change > 0 else "fell" if found.change < 0 else "stayed the same"
    before = formats.metric(metric, found.before, view.currency)
    st.markdown(
        f"It {way}{f' by {change}' if found.change else ''}, from {before}. "
        f"{BY[by]} that explain it, adding up to the change exactly:".replace("$", "\\$")
        if found.movers
        else f"It {way}{f' by {change}' if found.change else ''}, from {before}.".replace("$", "\\$")
    )
    if not found.movers:
        if found.change:
            st.caption("A count of people cannot be taken apart: the same person may be in several accounts.")
        return
    names = [one.key or "All others" for one in found.movers]
    unit = {"money": view.currency, "multiple": "×", "percent": "%"}.get(metric.unit, "")
    scale = 100 if metric.unit == "percent" else 1
    title = f"What changed {metric.label}"
    picture = charts.parts_of_change(title, names, [one.amount * scale for one in found.movers], unit)
    alt = "; ".join(
        f"{name} {formats.signed(metric, one.amount, view.currency)}"
        for name, one in zip(names, found.movers, strict=True)
    )
    charts.show(person, project, picture, "movers", alt=alt)
    st.dataframe(
        {
            BY[by][:-1]: [*names, "Change"],
            "Part of the change": formats.signed_alike(
                metric, [*(one.amount for one in found.movers), found.change], view.currency
            ),
        },
        hide_index=True,
        column_config={
            "Part of the change": st.column_config.TextColumn("Part of the change", alignment="right")
        },
    )


def accounts(found: Explanation, view: View) -> None:
    st.subheader("Where it comes from", anchor=False)
    shown = {
        "Channel": [channels.label(one.channel) for one in found.behind],
        "Account": [one.account for one in found.behind],
    }
    columns: dict[str, list[object]] = dict(shown)
    for name in found.parts:
        columns[name] = [tables.value(name, one.totals) for one in found.behind]
    columns["Rows"] = [f"{one.rows:,} × {one.grain}" if one.rows else formats.NONE for one in found.behind]
    columns["Read"] = [formats.moment(one.extracted_at, project.time_zone) for one in found.behind]
    columns["Run"] = [str(one.run_id or formats.NONE) for one in found.behind]
    columns["Mean rate"] = [
        f"1 {one.currency} = {formats.rate(one.rate)} {view.currency}"
        if one.rate is not None and one.currency != view.currency
        else formats.NONE
        for one in found.behind
    ]
    columns["Attribution"] = [one.attribution or formats.NONE for one in found.behind]
    config = {name: tables.column(name, view.currency) for name in found.parts}
    st.dataframe(columns, hide_index=True, column_config=config, placeholder=formats.NONE)
    sheet = exports.Sheet(
        "Where it comes from", shown, [one.totals for one in found.behind], tuple(found.parts), view.currency
    )
    tables.downloads(person, project, view, f"{found.slug}-accounts", lambda: sheet, "accounts")


def rows(found: Explanation, view: View) -> None:
    st.subheader("Rows", anchor=False)
    one = st.selectbox(
        "Account",
        found.behind,
        format_func=lambda b: channels.account_label(b.channel, b.account),
        key="rows-of",
        width=320,
    )
    stored = data.facts(person, project, view, found.slug, one.source_id)
    names = list(stored[0].totals) if stored else []
    columns: dict[str, list[object]] = {
        "Day": [formats.days(row.day, row.day + timedelta(row.days - 1)) for row in stored],
        "Name": [row.name or "whole account" for row in stored],
    }
    if any(row.segment for row in stored):
        columns["Segment"] = [row.segment for row in stored]
    for name in names:
        unit = f" ({one.currency})" if metrics.metric(name).unit == "money" else ""
        columns[metrics.metric(name).label + unit] = [
            None if row.totals[name] is None else float(row.totals[name]) for row in stored
        ]
    columns["Run"] = [str(row.run_id) for row in stored]
    columns["Read"] = [formats.moment(row.extracted_at, project.time_zone) for row in stored]
    st.dataframe(columns, hide_index=True)
    if len(stored) == evidence.MOST_ROWS:
        st.caption(f"The newest {evidence.MOST_ROWS} rows. Pick a shorter period to see others.")
    texts = {"Day": [str(row.day) for row in stored], "Name": [row.name for row in stored]}
    sheet = exports.Sheet("Rows", texts, [row.totals for row in stored], tuple(names), one.currency)
    tables.downloads(person, project, view, f"{found.slug}-rows", lambda: sheet, "rows")


coverage = data.coverage(person, project)
if not any(one.covers_through for one in coverage):
    watch.or_begin(person, project)
    st.stop()

with st.container(horizontal=True):
    slug = st.selectbox(
        "Metric",
        SLUGS,
        index=SLUGS.index("spend"),
        format_func=lambda slug: metrics.metric(slug).label,
        key="metric",
        bind="query-params",
        width=280,
    )
    by = st.segmented_control(
        "Take a change apart by",
        list(BY),
        default="channel",
        format_func=BY.__getitem__,
        key="by",
        bind="query-params",
    )
view = filters.bar(person, project, coverage)
by = by or "channel"
found = data.explain(person, project, view, slug, by)
if found.value is None:
    with st.container(border=True):
        st.subheader("No value")
        st.write(
            f"{metrics.metric(slug).label} has no value in this view: no account reports "
            f"{' or '.join(metrics.metric(part).label.lower() for part in metrics.parts(slug))} for these days and filters."
        )
    st.stop()
versus = filters.VERSUS[view.compare]
metric = metrics.metric(slug)
st.metric(
    metric.label,
    formats.metric(metric, found.value, view.currency),
    **tables.delta(metrics.change(found.value, found.before), metric.direction, versus),
    border=True,
    width=280,
)
computed(found, view)
moved(found, view, by)
accounts(found, view)
rows(found, view)
