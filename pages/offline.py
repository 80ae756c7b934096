"""Offline spend: print, radio and events by hand, or from a template."""

from __future__ import annotations

import streamlit as st

from spreadsheets import template
from store.access import Action, may
from ui import actions, offline, session, tables

person, project = session.person(), session.project()
st.title("Offline spend")
if not may(person, project.id, Action.IMPORT):
    st.info(
        "Only editors and owners of this project may enter spend. Ask an owner for the right.",
        icon=":material/lock:",
    )
    st.stop()

st.write(
    "Spend that no platform reports. Each save is an import of its own and can be undone under Imports; "
    "each channel stands beside the others in all reports."
)
saved = actions.manual_rows(person, project.id)
offline.add(person, project, saved)
if saved:
    st.subheader("Entries", anchor=False)
    offline.grid(person, project, saved)

st.subheader("Many rows?", anchor=False)
st.write("Fill in the template, which takes any channel and metric, and drop it under Upload.")
with st.container(horizontal=True):
    for kind, mime in (("csv", "text/csv"), ("xlsx", tables.XLSX)):
        st.download_button(
            f"Template ({kind.upper()})",
            lambda kind=kind: template.template_bytes(kind),
            f"soundings-template.{kind}",
            mime,
            icon=":material/download:",
            on_click="ignore",
        )
st.page_link("../pages/imports.py", label="Imports and undo", icon=":material/history:")
