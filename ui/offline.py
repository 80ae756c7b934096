"""The two ways to enter offline spend: a short form for one more entry, and a grid to correct them all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from errors import BadInput
from store.access import Person
from store.projects import Project
from ui import actions, filters, uploads

CHANNELS = ["Radio", "Print", "Out of home", "TV", "Events", "Sponsoring", "Podcast", "Direct mail"]
_TURN = "offline-turn"
_TYPES = {
    "channel": "string",
    "campaign": "string",
    "currency": "string",
    "spend": "string",
    "impressions": "Int64",
}
Rows = list[dict[str, Any]]


def _currencies(project: Project) -> list[str]:
    return [project.currency, *(c for c in filters.CURRENCIES if c != project.currency)]


def _save(person: Person, project: Project, before: Rows, after: Rows) -> None:
    try:
        done = actions.save_manual(person, project.id, before, after)
    except BadInput as error:
        st.error(str(error), icon=":material/error:")
        return
    st.toast(done, icon=":material/check_circle:")
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def add(person: Person, project: Project, saved: Rows) -> None:
    """One more entry: days, channel, amount."""
    known = sorted({*CHANNELS, *(row["channel"] for row in saved)})
    with st.form("offline_entry", clear_on_submit=False):
        with st.grid(3, min_column_width=200):
            days = st.date_input(
                "Days", [], format="YYYY-MM-DD", help="The amount is spread evenly over them."
            )
            channel = st.selectbox(
                "Channel", known, None, accept_new_options=True, placeholder="Pick or type one"
            )
            campaign = st.text_input("Campaign (optional)", max_chars=120)
            spend = st.text_input("Spend", placeholder="Such as 1250 or 1250.50")
            currency = st.selectbox("Currency", _currencies(project))
        sent = st.form_submit_button("Add", type="primary", icon=":material/add:")
    if not sent:
        return
    ends = list(days) if isinstance(days, (list, tuple)) else [days]
    row = {"day": ends[0] if ends else None, "last_day": ends[-1] if ends else None, "channel": channel or ""}
    row |= {"campaign": campaign or "", "currency": currency, "spend": spend or "", "impressions": None}
    _save(person, project, saved, [*saved, row])


def grid(person: Person, project: Project, saved: Rows) -> None:
    """All entries, to be changed in place."""
    columns = {
        "day": st.column_config.DateColumn("Day", required=True, format="YYYY-MM-DD"),
        "last_day": st.column_config.DateColumn("Last day (optional)", format="YYYY-MM-DD"),
        "channel": st.column_config.TextColumn("Channel", required=True, max_chars=60),
        "campaign": st.column_config.TextColumn("Campaign", max_chars=120),
        "currency": st.column_config.SelectboxColumn(
            "Currency", options=_currencies(project), default=project.currency, required=True
        ),
        "spend": st.column_config.TextColumn("Spend", required=True, help="Such as 1250 or 1250.50"),
        "impressions": st.column_config.NumberColumn("Impressions", min_value=0, step=1),
    }
    known = pd.DataFrame(saved, columns=list(columns)).astype(_TYPES)
    for name in ("day", "last_day"):
        known[name] = pd.to_datetime(known[name])
    edited = st.data_editor(
        known,
        column_config=columns,
        num_rows="dynamic",
        hide_index=True,
        key=f"grid-{st.session_state.get(_TURN, 0)}",
        alt="Offline spend by day and channel",
    )
    if st.button("Save changes", icon=":material/save:", disabled=edited.equals(known)):
        _save(person, project, saved, uploads.records(edited))
