"""Saved views: links with a name, one's own and those shared with the project."""

from __future__ import annotations

import streamlit as st

from ui import session, views

person, project = session.person(), session.project()
st.title("Saved views")
st.caption(
    "A view is a page with its filters. Yours are private until you share them; views of Explore can be drawn on the overview."
)
views.listing(person, project)
