"""One channel: its figures, its course, and its rows from campaign down to the finest that there are."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analytics import channels
from reports import overview
from ui import charts, data, drill, filters, notes, session, states, tables, watch

person, project = session.person(), session.project()
st.title("One channel")

coverage = data.coverage(person, project)
found = {c.channel for c in coverage if c.covers_through and channels.kind(c.channel) not in {"shop", "crm"}}
if not found:
    watch.or_begin(person, project)
    st.stop()

filters.tell_missing("channel", "a channel", map(channels.label, found))
known = sorted(found, key=channels.label)
filters.begin_with("channel", known[0], channels.label(known[0]))
picked = st.selectbox(
    "Channel", known, index=None, format_func=channels.label, key="channel", bind="query-params", width=300
)
channel = picked or known[0]
mine = [c for c in coverage if c.channel == channel]
view = replace(filters.bar(person, project, mine, channel=channel), channels=(channel,))
states.health(person, project, mine)

shown = data.read_overview(person, project, view)
states.notices(shown)
row = shown.channel(channel)
if row is None:
    states.nothing_in_period(mine, bool(view.campaigns))
    st.stop()

kind = channels.kind(channel)
days = data.by_day(person, project, view)
with st.grid(4, min_column_width=160):
    for slug in channels.METRICS[kind][:8]:
        course = overview.course(slug, days)
        versus = filters.VERSUS[view.compare]
        tables.compared_tile(slug, row.now, row.before, course, view.currency, versus, only=channel)

leading = channels.LEADING[kind]
course = overview.course(leading, days)
if any(value is not None for _, value in course):
    label = tables.column_title(leading, view.currency)
    st.subheader(f"{label} by day", anchor=False)
    unit = view.currency if kind == "paid" else ""
    settled = filters.settling(project, mine, view, [leading])
    marks = notes.bar(person, project, view)
    title = f"{label} by day: {channels.label(channel)}"
    picture = charts.course(title, {label: course}, {label: charts.color(channel)}, unit, settled, marks)
    charts.show(person, project, picture, "course", settled=settled)

drill.show(person, project, view, channel)
