"""Reports: saved views that are mailed or posted by themselves."""

from __future__ import annotations

import streamlit as st

from store.access import Action, may
from ui import deliveries, report_form, session

person, project = session.person(), session.project()
st.title("Reports")
st.caption(
    "A saved view, mailed or posted to a webhook on a schedule, or only when a figure crosses a line. "
    f"Times are in {project.time_zone}."
)
report_form.setting_up()
can_be_sent = may(person, project.id, Action.EDIT_ANALYSIS) and report_form.new_button(person, project)
deliveries.listing(person, project, can_be_sent)
