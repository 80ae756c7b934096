"""Syncs: what is being read now, how each source is and when it is read next, and how it went before."""

from __future__ import annotations

import streamlit as st

from analytics import channels
from store.access import Action, may
from syncing import refreshing
from ui import formats, messages, session, syncs

person, project = session.person(), session.project()
may_refresh = may(person, project.id, Action.REFRESH)
st.title("Syncs")
found = refreshing.freshness(person, project.id)
if not found:
    with st.container(border=True):
        st.subheader("No account is connected", anchor=False)
        st.write(
            "Connect an ad account, shop or analytics property, and it is read here by itself twice a day."
        )
        if st.button("Go to Connections", type="primary", icon=":material/cable:"):
            st.switch_page("../pages/connections.py")
    st.stop()

if may_refresh:
    st.button(
        "Refresh all now",
        type="primary",
        icon=":material/sync:",
        on_click=messages.attempt,
        args=(refreshing.refresh, person, project.id),
        kwargs={"done": "All accounts are being refreshed."},
    )
syncs.at_work(person, project, found, may_refresh)

st.subheader("Sources", anchor=False)
for one in found:
    syncs.source(person, project, one, may_refresh)

st.subheader("History", anchor=False)
names = {one.source.id: channels.account_label(one.source.channel, one.source.name) for one in found}
wanted = st.selectbox(
    "Source", [None, *names], format_func=lambda key: names.get(key, "All sources"), key="history_source"
)
history = refreshing.history(person, project.id, wanted)
if not history:
    st.caption("Nothing was read yet.")
    st.stop()
st.dataframe(
    {
        "Source": [
            channels.account_label(platform, name) if name else "removed" for _, name, platform in history
        ],
        "Asked for": [formats.moment(run.requested_at, project.time_zone) for run, _, _ in history],
        "Why": [syncs.WHY.get(run.params.get("mode", ""), "") for run, _, _ in history],
        "Took": [syncs.took(run) for run, _, _ in history],
        "Rows written": [run.rows_written for run, _, _ in history],
        "How it went": [syncs.outcome(run) for run, _, _ in history],
    },
    hide_index=True,
    column_config={"How it went": st.column_config.TextColumn(width="large")},
)
