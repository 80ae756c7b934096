"""Campaign names: how campaigns are named, which names break it and what they spend, and the dimensions in the names."""

from __future__ import annotations

import streamlit as st

from analytics import channels
from analytics import naming as conventions
from store import agreements
from ui import (
    agreed,
    campaign_groups,
    campaign_labels,
    data,
    filters,
    naming,
    session,
    states,
    watch,
)

person, project = session.person(), session.project()
st.title("Campaign names")
st.write("Names that all follow one order can be read: spend by market, by kind, by topic, across platforms.")
found = agreed.read(person, project, agreements.read_convention)
agreed.problem(found)
editable = agreed.may_edit(person, project)

everything = data.coverage(person, project)
coverage = [c for c in everything if channels.kind(c.channel) == "paid"]
view, rows = None, []
if coverage:
    view = filters.bar(person, project, coverage)
    rows = [row for row in data.listing(person, project, view, None).rows if row.level == "campaign"]
elif everything:
    st.info(
        "This project has no advertising account yet, so there are no campaigns whose names could be read."
    )
else:
    watch.or_begin(person, project)

st.subheader("Convention", anchor=False)
convention = found.value
if editable:
    if found.value is None:
        naming.begin(project, found, [row.name for row in rows])
    convention = naming.edit(person, project, found)
elif convention is None:
    st.info("No naming convention is agreed on yet.")
else:
    st.code(conventions.example(convention), language=None)
agreed.history(person, project, agreements.NAMING, found.version, naming.described, editable=editable)

if convention is None or view is None:
    st.stop()
if not rows:
    states.nothing_in_period(coverage, bool(view.channels or view.campaigns))
    st.stop()
if convention != found.value:
    st.caption(
        ":material/edit: What follows is by the convention as it stands above, which is not saved yet."
    )
parsed = conventions.parse(convention, [row.name for row in rows])
st.subheader("Names that break it", anchor=False)
naming.shares(view, rows, parsed)
naming.violations(person, project, view, rows, parsed)

st.subheader("Dimensions", anchor=False)
dimension = st.selectbox("Dimension", convention.names, key="dimension", bind="query-params", width=220)
labels = campaign_labels.Labels(convention, parsed)
campaign_groups.by_dimension(person, project, view, rows, labels, dimension or convention.names[0])
