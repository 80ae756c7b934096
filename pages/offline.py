"""Offline spend: print, radio and events by hand in a small grid, or from a template."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from errors import BadInput
from spreadsheets import template
from store.access import Action, may
from ui import actions, filters, session

person, project = session.person(), session.project()
st.title("Offline spend")
if not may(person, project.id, Action.IMPORT):
    st.info(
        "Only editors and owners of this project may enter spend. Ask an owner for the right.",
        icon=":material/lock:",
    )
    st.stop()

st.write(
    "One row for each channel and day. With a last day, the amount is spread evenly over the days. "
    "Each save is an import of its own and can be undone under Imports."
)
CHANNELS = ["Radio", "Print", "Out of home", "TV", "Events", "Sponsoring", "Podcast", "Direct mail"]
COLUMNS = {
    "day": st.column_config.DateColumn("Day", required=True, format="YYYY-MM-DD"),
    "last_day": st.column_config.DateColumn("Last day (optional)", format="YYYY-MM-DD"),
    "channel": st.column_config.TextColumn("Channel", required=True, max_chars=60, help="Such as " + ", ".join(CHANNELS)),
    "campaign": st.column_config.TextColumn("Campaign", max_chars=120),
    "currency": st.column_config.SelectboxColumn(
        "Currency", options=[project.currency, *(c for c in filters.CURRENCIES if c != project.currency)],
        default=project.currency, required=True,
    ),
    "spend": st.column_config.TextColumn("Spend", required=True, help="Such as 1250 or 1250.50"),
    "impressions": st.column_config.NumberColumn("Impressions", min_value=0, step=1),
}  # fmt: skip

saved = actions.manual_rows(person, project.id)
known = pd.DataFrame(saved, columns=list(COLUMNS)).astype(
    {
        "channel": "string",
        "campaign": "string",
        "currency": "string",
        "spend": "string",
        "impressions": "Int64",
    }
)
known["day"], known["last_day"] = (pd.to_datetime(known[name]) for name in ("day", "last_day"))
turn = st.session_state.setdefault("offline-turn", 0)
edited = st.data_editor(
    known,
    column_config=COLUMNS,
    num_rows="dynamic",
    hide_index=True,
    key=f"grid-{turn}",
    alt="Offline spend by day and channel",
)
with st.container(horizontal=True):
    if st.button("Save", type="primary", icon=":material/save:", disabled=edited.equals(known)):
        try:
            done = actions.save_manual(person, project.id, saved, edited.to_dict("records"))
        except BadInput as error:
            st.error(str(error), icon=":material/error:")
        else:
            st.toast(done, icon=":material/check_circle:")
            st.session_state["offline-turn"] = turn + 1
            st.rerun()
    st.download_button(
        "Template (CSV)",
        lambda: template.template_bytes("csv"),
        "soundings-template.csv",
        "text/csv",
        on_click="ignore",
    )
    st.download_button(
        "Template (XLSX)",
        lambda: template.template_bytes("xlsx"),
        "soundings-template.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
    )
st.caption("The template takes any channel and metric; fill it in and drop it under Upload.")
st.page_link("../pages/imports.py", label="Imports and undo", icon=":material/history:")
