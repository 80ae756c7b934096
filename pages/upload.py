"""Upload: drop exported files, see what was understood, answer what they cannot say, import."""

from __future__ import annotations

import streamlit as st

import settings
from store.access import Action, may
from ui import actions, session, uploads

person, project = session.person(), session.project()
st.title("Upload files")
if not may(person, project.id, Action.IMPORT):
    st.info(
        "Only editors and owners of this project may upload files. Ask an owner for the right.",
        icon=":material/lock:",
    )
    st.stop()

TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "zip"]
most = settings.current().max_upload_mb

st.write(
    "Drop reports as you downloaded them: Google, Meta, TikTok, Pinterest, LinkedIn, Microsoft, X and Amazon Ads, "
    "GA4, Search Console, Shopify, WooCommerce, Stripe, Klaviyo, Mailchimp, HubSpot. Any other table can be mapped by hand."
)
# A new key empties the uploader once its files are taken over.
turn = st.session_state.setdefault("upload-turn", 0)
files = st.file_uploader(
    f"CSV, TSV, Excel, OpenDocument or ZIP, up to {most} MB each",
    TYPES,
    accept_multiple_files=True,
    max_upload_size=most,
    key=f"files-{turn}",
)
if files:
    with st.status(f"Taking over {len(files)} files", expanded=False) as status:
        for file in files:
            status.update(label=f"Taking over {file.name}")
            actions.upload(person, project.id, file.name, file.getbuffer())
    st.session_state["upload-turn"] = turn + 1
    st.rerun()

waiting = actions.waiting_uploads(person, project.id)
uploads.import_all(person, project, waiting)
for upload in waiting:
    uploads.card(person, project, upload)
with st.container(horizontal=True):
    st.page_link("../pages/imports.py", label="Earlier imports", icon=":material/history:")
    st.page_link("../pages/offline.py", label="Enter offline spend", icon=":material/edit_note:")
    st.page_link("../pages/overview.py", label="Overview", icon=":material/monitoring:")
