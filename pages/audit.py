"""Audit log: who did what when, in this project or on the whole instance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from spreadsheets import writing
from store import audit
from store.audit import Entry, Filter
from ui import formats, session

PAGE = 50
MOST = 100_000  # lines in one download
person, project = session.person(), session.project()
zone = ZoneInfo(project.time_zone)
st.title("Audit log")


def scope() -> int | None:
    """The project, or None for the whole instance, which administrators may read."""
    if not person.is_admin:
        return project.id
    ways = ["This project", "Whole instance"]
    chosen = st.segmented_control(
        "Show", ways, default=ways[0], required=True, key="scope", bind="query-params"
    )
    return None if chosen == ways[1] else project.id


def filters(project_id: int | None) -> Filter:
    people, actions = audit.choices(person, project_id)
    with st.container(horizontal=True):
        who = st.selectbox("Person", people, None, placeholder="Everybody", key="who", bind="query-params")
        action = st.selectbox(
            "Action",
            actions,
            None,
            format_func=words,
            placeholder="Everything",
            key="action",
            bind="query-params",
        )
        first = st.date_input("From", None, key="from", bind="query-params")
        last = st.date_input("To", None, key="to", bind="query-params")
    since = datetime.combine(first, time(), zone).astimezone(UTC) if first else None
    until = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC) if last else None
    return Filter(who, action, since, until)


def words(action: str) -> str:
    return action.replace("_", " ")


def frame(entries: list[Entry]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            f"When ({project.time_zone})": [f"{e.at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for e in entries],
            "Who": [e.who for e in entries],
            "Action": [words(e.action) for e in entries],
            "Subject": [e.subject for e in entries],
            "Project": [
                e.project or ("" if e.project_id is None else f"no. {e.project_id}") for e in entries
            ],
            "Details": [json.dumps(e.details, ensure_ascii=False) if e.details else "" for e in entries],
            "Address": [e.address or "" for e in entries],
        },
        schema_overrides={"Subject": pl.Utf8},
    )


project_id = scope()
chosen = filters(project_id)
total = audit.count(person, project_id, chosen)
if not total:
    st.info(
        "Nothing was recorded for this choice. Clear a filter to see more.", icon=":material/filter_alt_off:"
    )
    st.stop()
pages = -(-total // PAGE)
number = st.pagination(pages, key=f"page-{pages}") if pages > 1 else 1
entries = audit.read(person, project_id, chosen, limit=PAGE, offset=(number - 1) * PAGE)
st.dataframe(frame(entries), hide_index=True)
st.caption(f"{formats.number(total)} {'line' if total == 1 else 'lines'}, the newest first.")
st.download_button(
    "Download CSV",
    lambda: writing.write_csv(frame(audit.read(person, project_id, chosen, limit=MOST))),
    file_name="audit.csv",
    mime="text/csv",
    icon=":material/download:",
)
