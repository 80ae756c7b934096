"""Tag audit: advertising against the tags of web traffic, from both sides, and aliases that join the two."""

from __future__ import annotations

import streamlit as st

from store import agreements
from ui import agreed, data, session, tagging, watch

person, project = session.person(), session.project()
st.title("Tag audit")
st.write("Which campaigns spend without a visit that names them, and which paid visits name no campaign.")
aliases = agreed.read(person, project, agreements.read_aliases)
agreed.problem(aliases)
editable = agreed.may_edit(person, project)

if not data.coverage(person, project):
    watch.or_begin(person, project)
    st.stop()

found = data.tag_audit(person, project)
if found.why:
    st.info(f"Spend and visits cannot be compared. {found.why}", icon=":material/help:")
else:
    tagging.summary(found)
    if editable:
        tagging.pairs(person, project, found, aliases)
    tagging.silent(person, project, found)
    tagging.lost(person, project, found)
tagging.known(person, project, aliases, editable=editable)
