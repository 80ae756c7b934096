"""Targets: what metrics shall reach in a period, how it goes, and where the pace leads."""

from __future__ import annotations

import streamlit as st

from ui import data, session, targets

person, project = session.person(), session.project()
st.title("Targets")
st.caption(
    "Sums are expected evenly over their days; ratios are compared with the target as they are. Only complete days count."
)
targets.listing(person, project, data.coverage(person, project))
