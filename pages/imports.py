"""Imports: what was written when and by whom, what was left out, and taking it back."""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics import channels
from spreadsheets import writing
from store.access import Action, may
from store.batches import Batch
from ui import actions, data, formats, messages, session, states, watch

person, project = session.person(), session.project()
st.title("Imports")
may_undo = may(person, project.id, Action.UNDO)


@st.dialog("Take this import back?")
def confirm(batch: Batch) -> None:
    st.write(
        f"**{batch.title}** with {batch.rows:,} rows is taken back. Its days show again what stood there before it, "
        "from earlier imports, or nothing. You can upload the file again at any time."
    )
    undo = (actions.undo, person, project.id, batch.id)
    if st.button(
        "Take it back", type="primary", icon=":material/undo:", on_click=messages.attempt, args=undo
    ):
        st.rerun()


def show(batch: Batch, who: str) -> None:
    with st.container(border=True, key=f"batch-{batch.id}"):
        days = (
            formats.days(batch.date_from, batch.date_to) if batch.date_from and batch.date_to else "no dates"
        )
        st.markdown(f"**{batch.title}**" + (" (taken back)" if batch.undone_at else ""))
        st.caption(
            f"{channels.label(batch.platform)} · {days} · {batch.rows:,} rows: {batch.result.get('new', 0):,} new, "
            f"{batch.result.get('changed', 0):,} changed, {batch.result.get('unchanged', 0):,} unchanged, "
            f"{batch.result.get('removed', 0):,} removed · {formats.moment(batch.imported_at, project.time_zone)} · {who}"
        )
        with st.container(horizontal=True):
            if batch.problems:
                st.download_button(
                    f"{len(batch.problems):,} bad cells",
                    lambda: writing.write_csv(pl.DataFrame(batch.problems)),
                    f"bad-cells-{batch.id}.csv",
                    "text/csv",
                    key=f"bad-{batch.id}",
                    icon=":material/download:",
                    on_click="ignore",
                )
            if (
                may_undo
                and not batch.undone_at
                and st.button("Undo", key=f"undo-{batch.id}", icon=":material/undo:")
            ):
                confirm(batch)


working = watch.runs(person, project)
history = actions.history(person, project.id)
if working and not history:
    st.stop()
if not history:
    states.nothing_yet(person, project.id)
    st.stop()
page = st.pagination((len(history) + 19) // 20, key="page") if len(history) > 20 else 1
for batch, who in history[(page - 1) * 20 : page * 20]:
    show(batch, who)

st.subheader("Sources", anchor=False)
coverage = data.coverage(person, project)
may_edit = may(person, project.id, Action.EDIT_PROJECT)
for source in coverage:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.write(
            f"{channels.account_label(source.channel, source.account)} · through {formats.day(source.covers_through)} · "
            f"written {formats.moment(source.written_at, project.time_zone)}"
        )
        counts = st.toggle(
            "Counts in totals",
            source.in_totals,
            key=f"counts-{source.source_id}",
            disabled=not may_edit,
            help="Switch off where the same sales also come from another source, such as payments beside a shop.",
        )
        if counts != source.in_totals:
            actions.count_in_totals(person, project.id, source.source_id, counts)
            st.rerun()
