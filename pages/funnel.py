"""Funnel: from first contact to the repeat order, split by channel, campaign, country, device or period."""

from __future__ import annotations

import streamlit as st

from ui import data, funnel, funnel_table, session, stages, states, watch

person, project = session.person(), session.project()
st.title("Funnel")

coverage = data.coverage(person, project)
if not any(one.covers_through for one in coverage):
    watch.or_begin(person, project)
    st.stop()

asked = funnel.ask(person, project, coverage)
states.health(person, project, coverage)
found = data.funnel(person, project, asked)
states.notices(found)
agreed = data.stages(person, project).stages
if found.whole.is_empty and all(group.is_empty for group in found.groups):
    states.nothing_in_period(coverage, bool(asked.view.channels or asked.view.campaigns or asked.kind))
    stages.show(person, project)
    st.stop()

funnel.tiles(found, asked, agreed)
if asked.by and not found.groups:
    funnel.no_split(asked, coverage)
else:
    funnel.chart(person, project, found, asked)
    funnel_table.show(person, project, found, asked, agreed)
funnel.notes(found, asked)
stages.show(person, project)
