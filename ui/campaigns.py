"""The campaigns page's parts: the way down as links, the list with its budgets and totals, groups by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from analytics import channels, metrics
from errors import NotFound
from reports import campaigns
from reports.campaigns import CHANGES, TABLE, Course, Row
from reports.coverage import Coverage
from reports.exports import Sheet
from reports.pacing import Pace, Untold
from reports.places import Place
from reports.view import View
from store.access import Person
from store.projects import Project
from ui import charts, data, filters, formats, notes, tables
from ui.campaign_labels import LISTS, Labels
from ui.sign_in import literal

LEVELS = {"platform": "Platforms", "campaign": "Campaigns", "ad_group": "Ad groups", "ad": "Ads"}
STATUSES = {s: s or "unknown" for s in ("active", "paused", "ended", "removed", "draft", "")}
_OF_A_LIST = ("find", "status", "list", "labelled")
_DEEPEST = 4
_PLATFORMS, _CAMPAIGNS = "Platforms", "Campaigns"
_BUDGETS = ("Budget", "Budget used", "Period over", "Pace")
_FIRST = ("Name", "Platform", "Status", "spend", "spend change", *_BUDGETS)
"""Columns in the order that people look for them; the other metrics follow, and the account."""


def way(person: Person, project: Project) -> list[Place]:
    """The way down to the place in the address; says so where there is no such place, and begins at the top."""
    try:
        return data.trail(person, project, st.query_params.get("at", ""))
    except NotFound as error:
        st.warning(f"{error} You see all platforms.", icon=":material/search_off:")
        return []


def _of_list(name: str, depth: int) -> str:
    """Key of a widget that belongs to one list: each depth of the drill has its own, so none outlives its list."""
    return f"{name}-{depth}" if depth else name


def _link(label: str, place: str, icon: str | None = None) -> None:
    """A link to a place that keeps the filters of the page, and none of the list that is left."""
    left = {"at", *(_of_list(name, depth) for name in _OF_A_LIST for depth in range(_DEEPEST))}
    kept = {name: st.query_params.get_all(name) for name in st.query_params if name not in left}
    where = {**kept, "at": [place]} if place else kept
    st.page_link("../pages/campaigns.py", label=label, icon=icon, query_params=where)


def crumbs(trail: Sequence[Place]) -> None:
    """The way down; each step above the last is a link."""
    if not trail:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="crumbs"):
        _link("All platforms", "", ":material/account_tree:")
        for place in trail[:-1]:
            _link(literal(place.name), place.key, ":material/chevron_right:")
        st.markdown(f":material/chevron_right: **{literal(trail[-1].name)}**")


def what(trail: Sequence[Place]) -> str:
    """Which list a platform or the top shows; below a campaign there is only one."""
    if len(trail) > 1:
        return _CAMPAIGNS
    lists = [_CAMPAIGNS, *LISTS]
    options = lists if trail else [_PLATFORMS, *lists]
    return str(
        st.segmented_control(
            "List",
            options,
            default=options[0],
            key=_of_list("list", len(trail)),
            bind="query-params",
            required=True,
        )
    )


@dataclass(frozen=True)
class Picked:
    """The rows to show, in which order they stand, and whether any were filtered away."""

    rows: list[Row]
    all: bool
    by: str
    smallest: bool


def picked(rows: list[Row], depth: int, labels: Labels, *, of_platforms: bool, with_pace: bool) -> Picked:
    """Search, labels, status and order, from the link."""
    options = [*TABLE, "pace", "name"] if with_pace else [*TABLE, "name"]
    names = {"pace": "Pace of the budget", "name": "Name"} | {s: metrics.metric(s).label for s in TABLE}
    with st.container(horizontal=True, vertical_alignment="bottom", key="list-filters"):
        search = st.text_input(
            "Find by name",
            key=_of_list("find", depth),
            bind="query-params",
            placeholder="Part of a name",
            width=220,
        )
        statuses: list[str] = []
        if not of_platforms:
            statuses = st.multiselect(
                "Status", list(STATUSES), format_func=STATUSES.__getitem__, key=_of_list("status", depth), bind="query-params",
                placeholder="Any status", width=220,
            )  # fmt: skip
        labelled = (
            labels.filter(rows, _of_list("labelled", depth)) if depth < 2 and not of_platforms else rows
        )
        by = st.selectbox(
            "Sort by", options, format_func=names.__getitem__, key="sort", bind="query-params", width=200
        )
        smallest = st.toggle("Smallest first", key="smallest", bind="query-params")
    found = campaigns.matching(labelled, search or "", statuses, labels.words)
    ordered = campaigns.in_order(found, by or "spend", smallest=bool(smallest))
    return Picked(ordered, len(found) == len(rows), by or "spend", bool(smallest))


def _budget(pace: Pace) -> str:
    if pace.budget is None:
        return ""
    per = {"day": " a day", "lifetime": " in all"}.get(pace.period, "")
    return formats.money(pace.budget, pace.currency, exact=True) + per


def _used(pace: Pace) -> str:
    if pace.used is None:
        return ""
    return f"{formats.money(pace.spent, pace.currency, exact=True)} ({formats.percent(pace.used, 0)})"


def _over(pace: Pace) -> str:
    if pace.over is None or pace.day is None:
        return ""
    return f"{formats.percent(pace.over, 0)} of {pace.day.day} {pace.day:%b}"


def _pace(pace: Pace) -> str:
    if pace.pace is not None:
        return f"{formats.percent(pace.pace, 0)} of plan"
    return f"– {pace.untold}" if pace.untold else ""


def _names(rows: list[Row], of_platforms: bool, count: int) -> dict[str, list[str]]:
    """The text columns that say something for these rows; the first line is the total."""
    columns = {
        "Name": [f"Total of {count:,}", *(r.name or r.account for r in rows)],
        "Platform": ["", *(channels.label(r.channel) for r in rows)],
        "Account": ["", *(r.account for r in rows)],
        "Status": ["", *(STATUSES.get(r.status, r.status) for r in rows)],
        "Budget": ["", *(_budget(r.pace) for r in rows)],
        "Budget used": ["", *(_used(r.pace) for r in rows)],
        "Period over": ["", *(_over(r.pace) for r in rows)],
        "Pace": ["", *(_pace(r.pace) for r in rows)],
    }
    if of_platforms:
        return {"Name": columns["Name"]}
    if not any(r.pace.budget is not None or r.pace.untold is Untold.BELOW for r in rows):
        columns |= {name: [] for name in _BUDGETS}
    several = {"Platform", "Account"}
    return {n: v for n, v in columns.items() if any(v[1:]) and (n not in several or len(set(v[1:])) > 1)}


def frame(names: dict[str, list[str]], rows: Sequence[Row], view: View) -> pd.DataFrame:
    """Names and metrics, and behind some metrics their change, in percent."""
    shown = tables.frame(names, [row.now for row in rows], TABLE)
    for slug in CHANGES:
        moved = [row.change(slug) for row in rows]
        if view.compared and slug in shown and any(value is not None for value in moved):
            values = [None if v is None else round(float(v) * 100, 1) for v in moved]
            shown.insert(shown.columns.get_loc(slug) + 1, f"{slug} change", values)
    return shown


def config(view: View) -> dict[str, Any]:
    """How the columns of a list look."""
    found: dict[str, Any] = {slug: tables.column(slug, view.currency) for slug in TABLE}
    versus = formats.days(*view.compared) if view.compared else ""
    for slug in CHANGES:
        found[f"{slug} change"] = st.column_config.NumberColumn(
            "± %", format="%+.1f%%", help=f"{metrics.metric(slug).label} against {versus}, same weekdays"
        )
    found["Name"] = st.column_config.TextColumn("Name", pinned=True, width="medium")
    found["Pace"] = st.column_config.TextColumn(
        "Pace",
        help="Spent part of the budget ÷ part of its period that is over; 100% is on plan. A day budget is looked at "
        "on the newest day that the account has figures of. A lifetime budget has no pace: platforms' end dates are not read.",
    )
    return found


def total_row(rows: Sequence[Row]) -> Row:
    """The sum of rows, as a row."""
    now, before = (campaigns.total(totals) for totals in ([r.now for r in rows], [r.before for r in rows]))
    return Row("", "Total", "", "", now=now, before=before)


def table(
    person: Person, project: Project, view: View, rows: list[Row], title: str, *, of_platforms: bool
) -> Row | None:
    """The list under its total, with downloads; the row that the person picked."""
    shown, lines = rows[:_MOST], [total_row(rows), *rows[:_MOST]]
    names = _names(shown, of_platforms, len(rows))
    shown_frame = frame(names, lines, view)
    rest = [name for name in shown_frame.columns if name not in (*_FIRST, "Account")]
    chosen = st.dataframe(
        shown_frame,
        hide_index=True,
        column_order=[name for name in (*_FIRST, *rest, "Account") if name in shown_frame.columns],
        column_config=config(view),
        on_select="rerun",
        selection_mode="single-row",
        key=f"list-{title}",
        placeholder=formats.NONE,
        alt=f"{title} with their total: sums, and ratios of the sums",
    )
    shortened = f" Only the first {_MOST:,} are shown; the total has all." if len(rows) > _MOST else ""
    st.caption(
        f"Total: sums, and ratios of the sums. Conversions and their value are the platform's own claim.{shortened}"
    )
    sheet = Sheet(title[:31], told(names, lines, view), [r.now for r in lines], TABLE, view.currency)
    tables.downloads(person, project, view, title, lambda: sheet, "list")
    place = chosen.selection.rows[0] if chosen.selection.rows else 0
    return shown[place - 1] if 0 < place <= len(shown) else None


_MOST = 5_000


def told(names: dict[str, list[str]], rows: Sequence[Row], view: View) -> dict[str, list[str]]:
    """The text columns of a download: names, and changes as they read on the page."""
    changes = {
        f"{metrics.metric(slug).label} change": [formats.change(row.change(slug)) or "" for row in rows]
        for slug in CHANGES
    }
    return {**names, **(changes if view.compared else {})}


def open_link(row: Row) -> None:
    """The way one level down from a row, where there is one."""
    if row.level in {"platform", "campaign", "ad_group"}:
        _link(f"Open {literal(row.name)}", row.key, ":material/arrow_downward:")


def chart(
    person: Person,
    project: Project,
    course: Course,
    view: View,
    title: str,
    color: str,
    coverage: list[Coverage],
) -> None:
    """One metric by day, over the compared period laid onto the same weekdays."""
    slug = st.selectbox(
        "Chart", list(TABLE), format_func=lambda s: metrics.metric(s).label, key="chart", bind="query-params",
        width=240,
    )  # fmt: skip
    found = metrics.metric(slug or "spend")
    scale = 100 if found.unit == "percent" else 1
    series, colors = {}, {}
    for name, days, tint in (
        ("This period", course.now, color),
        ("Compared period", course.before, charts.OTHER),
    ):
        values = [(day, metrics.evaluate(found.slug, totals)) for day, totals in days]
        if any(value is not None for _, value in values):
            series[name] = [(day, None if v is None else v * scale) for day, v in values]
            colors[name] = tint
    if not series:
        st.info(f"No day of this period has a value of {found.label} here.")
        return
    unit = {"money": view.currency, "percent": "%", "multiple": "×"}.get(found.unit, "")
    st.subheader(f"{found.label} by day: {literal(title)}", anchor=False)
    settled = filters.settling(project, coverage, view, [found.slug])
    marks = notes.bar(person, project, view)
    named = f"{found.label} by day: {title}"
    picture = charts.course(named, series, colors, unit, settled, marks, sums=not found.is_ratio)
    whole = campaigns.total([totals for _, totals in course.now])
    alt = f"{found.label} by day of {title}; over the days {formats.metric(found, metrics.evaluate(found.slug, whole), view.currency)}"
    charts.show(person, project, picture, "course", settled=settled, alt=alt)
