"""Tables that hold more than metrics by slug, as CSV and XLSX; each download stands in the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from reports.exports import numbers as numbers
from spreadsheets import writing
from store import audit
from store.access import Action, Person, enter
from store.projects import Project
from ui import formats
from ui.tables import XLSX

_MONEY = re.compile(r"\([A-Z]{3}\)$")
_WIDTHS = {"Source": 250, "Figure": 125, "Why": 420, "Day": 95, "What is the matter": 300, "What to do": 300}


def show(table: pl.DataFrame, key: str, alt: str) -> None:
    """Such a table on a page: numbers with separators, days as days, a dash where there is nothing."""
    config: dict[str, Any] = {}
    for name, kind in table.schema.items():
        width = _WIDTHS.get(name)
        if kind == pl.Date:
            config[name] = st.column_config.DateColumn(name, format="D MMM YYYY", width=width)
        elif kind.is_numeric():
            form = "%+.2f %%" if name.endswith("%") else "localized"
            step = 0.01 if _MONEY.search(name) else None  # as many decimals in every line
            config[name] = st.column_config.NumberColumn(name, format=form, width=width, step=step)
        elif width:
            config[name] = st.column_config.TextColumn(name, width=width)
    st.dataframe(
        table.to_pandas(), hide_index=True, column_config=config, placeholder=formats.NONE, key=key, alt=alt
    )


def offer(person: Person, project: Project, name: str, make: Callable[[], pl.DataFrame], key: str) -> None:
    """Two buttons: CSV, and XLSX with project and time on a second sheet."""

    def content(kind: str) -> bytes:
        with enter(person, project.id, Action.EXPORT) as connection:
            found = writing.write_csv(make()) if kind == "csv" else _book(project, name, make())
            audit.record(
                connection, who=person, action="export", subject=f"{name}.{kind}", project_id=project.id
            )
        return found

    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("xlsx", XLSX)):
            st.download_button(
                kind.upper(),
                lambda kind=kind: content(kind),  # type: ignore[misc]
                f"{name}.{kind}",
                mime,
                key=f"{key}-{kind}",
                icon=":material/download:",
                on_click="ignore",
            )


def _book(project: Project, name: str, table: pl.DataFrame) -> bytes:
    now = formats.moment(datetime.now(UTC), project.time_zone)
    about = pl.DataFrame(
        {"What": ["Table", "Project", "As of"], "Meaning": [name, project.name, f"{now} {project.time_zone}"]}
    )
    return writing.write_xlsx({name.capitalize()[:31]: table, "About": about})
