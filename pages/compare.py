"""Compare: two periods, channels, kinds of channel or campaigns, metric by metric and day by day."""

from __future__ import annotations

import streamlit as st

from ui import comparison, data, session, states, watch

person, project = session.person(), session.project()
st.title("Compare")

coverage = data.coverage(person, project)
if not coverage:
    watch.or_begin(person, project)
    st.stop()

asking = comparison.ask(person, project, coverage)
if asking is None:
    st.stop()
st.caption(comparison.words(asking))
states.health(person, project, coverage)
if asking.a == asking.b:
    st.info("Both sides are the same. Pick another for one of them.")
    st.stop()

found = data.compare(person, project, asking.a, asking.b)
states.notices(found)
if not found.lines:
    states.nothing_in_period(coverage, filtered=False)
    st.stop()
comparison.table(person, project, found, asking)
comparison.multiples(person, project, found, asking, coverage)
