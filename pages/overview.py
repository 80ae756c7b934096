"""Overview: sixteen figures in four groups, spend and net sales by day, and all channels side by side."""

from __future__ import annotations

import streamlit as st

from analytics import channels, metrics
from reports import exports
from reports.overview import OTHERS, SLUGS, ChannelRow, Overview
from reports.view import View
from ui import charts, data, explore, filters, formats, notes, session, states, tables, targets, watch

person, project = session.person(), session.project()
st.title("Overview")


def tiles(found: Overview, view: View) -> None:
    versus = filters.VERSUS[view.compare]
    for group, shown in found.groups.items():
        st.subheader(group, anchor=False)
        with st.grid(4, min_column_width=160):
            for tile in shown:
                tables.tile(tile.slug, tile.value, tile.change, tile.course, view.currency, versus)


def trends(found: Overview, view: View) -> None:
    marks = notes.bar(person, project, view)
    title = "Spend and net sales by day"
    series = {"Spend": found.spend, "Net sales": found.net_sales}
    series = {name: points for name, points in series.items() if any(v is not None for _, v in points)}
    if series:
        st.subheader(title, anchor=False)
        colors = {"Spend": charts.SPEND, "Net sales": charts.SALES}
        slugs = {"Spend": "spend", "Net sales": "revenue_net"}
        settled = {name: filters.settling(project, coverage, view, [slugs[name]]) for name in series}
        picture = charts.course(title, series, colors, view.currency, settled, marks)
        charts.show(person, project, picture, "trend", settled=next(iter(settled.values())))
    if found.spend_by_channel:
        title = "Spend by channel by day"
        st.subheader(title, anchor=False)
        settled = filters.settling(project, coverage, view, ["spend"])
        picture = charts.by_channel(title, found.spend_by_channel, view.currency, settled, marks)
        charts.show(person, project, picture, "spend-by-channel", settled=settled)


def paid_table(found: Overview, view: View) -> None:
    st.subheader("Advertising channels", anchor=False)
    names = {"Channel": [channels.label(r.channel) for r in found.paid] + ["Total"]}
    totals = [*(r.now for r in found.paid), found.paid_total]
    shown = tables.frame(names, totals, SLUGS)
    spend = found.paid_total.get("spend")
    shown.insert(2, "Share", tables.shares([t.get("spend") for t in totals], spend))
    before = [*(r.before for r in found.paid), found.paid_total_before]
    if view.compared:
        moved = [metrics.change(t.get("spend"), b.get("spend")) for t, b in zip(totals, before, strict=True)]
        shown.insert(2, "Spend change", [formats.change(v) or formats.NONE for v in moved])
    config = {slug: tables.column(slug, view.currency) for slug in SLUGS}
    config["Share"] = tables.percent_column("Share of spend")
    st.dataframe(
        shown, hide_index=True, column_config=config, alt="Advertising channels with totals as ratios of sums"
    )
    st.caption(
        "Total: sums, and ratios of the sums. Conversions and their value are each platform's own claim."
    )
    sheet = exports.Sheet("Advertising channels", names, totals, SLUGS, view.currency)
    tables.downloads(person, project, view, "channels", lambda: sheet, "channels")


def other_table(kind: str, rows: list[ChannelRow], view: View) -> None:
    title, slugs = OTHERS[kind]
    names = {"Channel": [channels.label(r.channel) for r in rows]}
    st.subheader(title, anchor=False)
    config = {slug: tables.column(slug, view.currency) for slug in slugs}
    st.dataframe(
        tables.frame(names, [r.now for r in rows], slugs),
        hide_index=True,
        column_config=config,
    )
    sheet = exports.Sheet(title, names, [r.now for r in rows], slugs, view.currency)
    tables.downloads(person, project, view, title, lambda: sheet, kind)


coverage = data.coverage(person, project)
if not any(one.covers_through for one in coverage):
    watch.or_begin(person, project)
    st.stop()

view = filters.bar(person, project, coverage)
states.health(person, project, coverage)
found = data.read_overview(person, project, view)
states.notices(found)
states.sales_missing(coverage, view.start)
if found.is_empty:
    states.nothing_in_period(coverage, bool(view.channels or view.campaigns))
    st.stop()
tiles(found, view)
targets.on_overview(person, project, view)
trends(found, view)
explore.pinned(person, project, coverage)
if found.paid:
    paid_table(found, view)
for kind, rows in {"shop": found.shops, **found.others}.items():
    if rows:
        other_table(kind, rows, view)
