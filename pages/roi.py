"""ROI: what advertising brings by the platforms' claim and by the shop, and what is left after all costs."""

from __future__ import annotations

import streamlit as st

from ui import costs, data, filters, roi, session, states, watch

person, project = session.person(), session.project()
st.title("ROI")

coverage = data.coverage(person, project)
if not any(one.covers_through for one in coverage):
    watch.or_begin(person, project)
    st.stop()

view = filters.bar(person, project, coverage)
states.health(person, project, coverage)
found = data.roi(person, project, view)
states.notices(found)
states.sales_missing(coverage, view.start)
if found.is_empty:
    states.nothing_in_period(coverage, bool(view.channels or view.campaigns))
    costs.show(person, project, wanted=False)
    st.stop()

roi.scope(found, view)
roi.tiles(found, view)
roi.missing(found)
roi.waterfall(person, project, found, view)
roi.band(person, project, found)
roi.table(person, project, found, view)
roi.course(person, project, found, view, coverage)
costs.show(person, project, wanted=not found.agreed.periods)
