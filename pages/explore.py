"""Explore: any metrics by any dimension in any chart, from the link and back into it."""

from __future__ import annotations

import streamlit as st

from reports.questions import BY
from ui import data, explore, filters, session, states, watch

person, project = session.person(), session.project()
st.title("Explore")

coverage = data.coverage(person, project)
if not any(one.covers_through for one in coverage):
    watch.or_begin(person, project)
    st.stop()

question, chart = explore.ask(project)
view = filters.bar(person, project, coverage, compare=False)
states.health(person, project, coverage)
if question is None:
    st.stop()
found = data.explore(person, project, view, question)
states.notices(found)
if explore.is_empty(found):
    if question.by in {"country", "device", "ad_group", "ad", "campaign"}:
        st.info(
            f"No account has these metrics by {BY[question.by].lower()} in this period. Choose another dimension or period."
        )
    states.nothing_in_period(coverage, bool(view.channels or view.campaigns))
    st.stop()
explore.draw(person, project, found, chart, view, coverage)
explore.table(person, project, found, view)
