"""The drill on a channel's page: which level to show, its rows, and the way one level down."""

from __future__ import annotations

import streamlit as st

from analytics import channels
from reports import detail, exports
from reports.detail import Detail
from reports.view import View
from store.access import Person
from store.projects import Project
from ui import data, tables

_CAMPAIGN = 200
"""Grain of campaigns and e-mails; they are read from their roll-up."""


def _tops(channel: str, found: list[int]) -> str | None:
    """Label of the campaigns level, where there is anything at or below it."""
    if not any(grain >= _CAMPAIGN for grain in found):
        return None
    return "E-mails" if channels.kind(channel) == "email" else "Campaigns"


def level(person: Person, project: Project, channel: str) -> tuple[str, int | None]:
    """Let the person pick a level; its label, and its grain or None for campaigns."""
    found = data.grains(person, project, channel)
    top = _tops(channel, found)
    options: dict[str, int | None] = {top: None} if top else {}
    options |= {detail.grain_label(grain): grain for grain in found if grain != _CAMPAIGN}
    chosen = st.segmented_control(
        "Level", list(options), default=next(iter(options)), key="level", bind="query-params", required=True
    )
    return str(chosen), options[str(chosen)]


def _names(rows: list[Detail]) -> dict[str, list[str]]:
    """The text columns that say something for these rows."""
    columns = {
        "Name": [r.name or r.account for r in rows],
        "Breakdown": [r.segment.partition("=")[2] or r.segment for r in rows],
        "Ad group": [r.parent if r.parent not in {r.campaign, r.name} else "" for r in rows],
        "Campaign": [r.campaign if r.campaign != r.name else "" for r in rows],
        "Status": [r.status for r in rows],
        "Account": [r.account for r in rows],
    }
    several = len(set(columns["Account"])) > 1
    return {n: v for n, v in columns.items() if n == "Name" or (any(v) and (n != "Account" or several))}


def _open(person: Person, project: Project, channel: str, campaign: str) -> None:
    """Filter to one campaign and go one level down."""
    finer = [g for g in data.grains(person, project, channel) if g > _CAMPAIGN and g % 100 == 0]
    st.session_state["campaigns"] = [campaign]
    if finer:
        st.session_state["level"] = detail.grain_label(finer[0])


def show(person: Person, project: Project, view: View, channel: str) -> None:
    """The level's table with its totals and downloads; a campaign that is picked can be opened."""
    label, grain = level(person, project, channel)
    rows = data.details(person, project, view, grain)
    if not rows:
        st.info("No rows at this level in this period. Pick another level or a longer period.")
        return
    names, totals = _names(rows), [r.totals for r in rows]
    slugs = tuple(channels.measured(channel, totals))
    picked = st.dataframe(
        tables.frame(names, totals, slugs),
        hide_index=True,
        column_config={slug: tables.column(slug, view.currency) for slug in slugs},
        on_select="rerun",
        selection_mode="single-row",
        key=f"rows-{label}",
        alt=f"{label} of {channels.label(channel)}",
    )
    shortened = (
        f" Only the first {detail.MOST_ROWS:,} rows are shown." if len(rows) == detail.MOST_ROWS else ""
    )
    st.caption(
        f"{len(rows):,} rows. Total: {tables.said(detail.total(rows), slugs[:5], view.currency)}.{shortened}"
    )
    if grain is None and picked.selection.rows:
        name = rows[picked.selection.rows[0]].name
        wanted = (person, project, channel, name)
        st.button(f"Open “{name}”", on_click=_open, args=wanted, icon=":material/arrow_downward:")
    sheet = exports.Sheet(f"{channels.label(channel)} {label}", names, totals, slugs, view.currency)
    tables.downloads(person, project, view, sheet.title, lambda: sheet, "rows")
