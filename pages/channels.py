"""Channels by kind: advertising, organic social, e-mail, web, search and sales, each in its own metrics."""

from __future__ import annotations

import streamlit as st

from analytics import channels
from ui import channels as parts
from ui import data, filters, session, states, watch

person, project = session.person(), session.project()
st.title("Channels")

coverage = [c for c in data.coverage(person, project) if c.covers_through]
there = {channels.kind(c.channel) for c in coverage}
kinds = [kind for kind in channels.KINDS if kind in there]
if not kinds:
    watch.or_begin(person, project)
    st.stop()

kind = parts.pick(kinds)
mine = [c for c in coverage if channels.kind(c.channel) == kind]
view = filters.bar(person, project, mine, by_campaign=kind not in {"shop", "web", "search"})
states.health(person, project, mine)
found = data.of_kind(person, project, view, kind)
states.notices(found)
if found.is_empty:
    states.nothing_in_period(mine, bool(view.channels or view.campaigns))
    st.stop()

parts.tiles(found, view)
parts.course(person, project, found, view, mine)
parts.table(person, project, found, view)
parts.leaders(person, project, found, view)
if kind == "shop":
    parts.sold(person, project, view)
if kind == "web":
    parts.visits(person, project, view)
