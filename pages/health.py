"""Data health: how far every source reaches, what looks wrong, whether totals match, and what was restated."""

from __future__ import annotations

import streamlit as st

from ui import data, downloads, filters, health, reconciling, session, watch

person, project = session.person(), session.project()
st.title("Data health")

if not data.coverage(person, project):
    watch.or_begin(person, project)
    st.stop()

found, findings = data.standing(person, project)
health.summary(found, findings)

st.subheader("Sources", anchor=False)
health.trouble(person, project, found)
table = health.sources(found, project.time_zone)
downloads.show(table, "sources", "Sources with their state, how far they reach and when they were written")
downloads.offer(person, project, "sources", lambda: table, "sources")

st.subheader("Checks", anchor=False)
health.show_findings(findings)
downloads.offer(person, project, "checks", lambda: health.findings_table(findings), "checks")

st.subheader("Does it match?", anchor=False)
ends = [one.source.covers_through for one in found if one.source.covers_through]
reconciling.show(person, project, max(ends, default=filters.today(project)))

st.subheader("Changed afterwards", anchor=False)
since, said = health.period(person, project)
health.restated(person, project, data.restated(person, project, since), said)
health.note_look(person, project)
