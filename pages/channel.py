"""One channel: its figures, its course, and its rows from campaign down to the finest that there are."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analytics import channels
from reports import detail, exports
from reports.detail import Detail
from store.access import Action, may
from ui import charts, data, filters, session, states, tables, watch

person, project = session.person(), session.project()
st.title("Channel")

COLUMNS = {
    "paid": [
        "spend",
        "impressions",
        "clicks",
        "ctr",
        "cpc",
        "cpm",
        "conversions",
        "cpa",
        "conversion_value",
        "roas_reported",
        "reach",
        "video_views_3s",
        "engagements",
        "saves",
    ],
    "search": ["clicks", "impressions", "ctr", "position"],
    "email": [
        "sent",
        "delivered",
        "unique_opens",
        "open_rate",
        "unique_clicks",
        "click_rate",
        "ctor",
        "unsubscribes",
        "unsubscribe_rate",
        "bounces",
        "spam_complaints",
        "conversions",
        "conversion_value",
    ],
    "web": [
        "sessions",
        "engaged_sessions",
        "engagement_rate_web",
        "users",
        "new_users",
        "pageviews",
        "event_count",
        "key_events",
        "conversion_value",
    ],
}
LEADING = {"paid": "spend", "search": "clicks", "email": "delivered", "web": "sessions"}
CAMPAIGNS = "Campaigns"


def pick_grain(channel: str) -> int | None:
    """The grain to show; None for campaigns from their roll-up."""
    found = data.grains(person, project, channel)
    options = {detail.grain_label(g): g for g in found if g != 200}
    first = ["E-mails" if kind == "email" else CAMPAIGNS] if any(g >= 200 for g in found) else []
    if not first and not options:
        return None
    chosen = st.segmented_control(
        "Level",
        [*first, *options],
        default=(first or list(options))[0],
        key="level",
        bind="query-params",
        required=True,
    )
    return options.get(str(chosen))


def names_of(rows: list[Detail]) -> dict[str, list[str]]:
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


def open_campaign(name: str, channel: str) -> None:
    """Filter to one campaign and go one level down."""
    finer = [g for g in data.grains(person, project, channel) if g >= 300 and g % 100 == 0]
    st.session_state["campaigns"] = [name]
    if finer:
        st.session_state["level"] = detail.grain_label(finer[0])


coverage = data.coverage(person, project)
shops = {c.channel for c in coverage if channels.kind(c.platform) not in LEADING}
choices = sorted({c.channel for c in coverage} - shops, key=channels.label)
if not choices:
    if not watch.runs(person, project):
        states.nothing_yet(person, may(person, project.id, Action.IMPORT))
    st.stop()

channel = st.selectbox(
    "Channel", choices, format_func=channels.label, key="channel", bind="query-params", width=300
)
assert channel is not None
platform = next(c.platform for c in coverage if c.channel == channel)
kind = channels.kind(platform)
slugs = COLUMNS[kind]
mine = [c for c in coverage if c.channel == channel]
view = replace(filters.bar(person, project, mine, channel=channel), channels=(channel,))
states.health(mine, project.time_zone)

found = data.read_overview(person, project, view)
states.notices(found.left_out, found.without_rate)
row = next(
    (r for r in [*found.paid, *(r for rs in found.others.values() for r in rs)] if r.channel == channel), None
)
if row is None:
    states.nothing_in_period(mine, bool(view.campaigns))
    st.stop()

versus = filters.VERSUS[view.compare]
with st.grid(4, min_column_width=160):
    for slug in slugs[:8]:
        tables.compared_tile(slug, row.now, row.before if view.compared else {}, view.currency, versus)

course = data.course(person, project, view, LEADING[kind])
if any(v is not None for _, v in course):
    label = tables.column_title(LEADING[kind], view.currency)
    st.subheader(f"{label} by day", anchor=False)
    unit = view.currency if kind == "paid" else ""
    figure = charts.lines({label: course}, {label: charts.color(channel)}, unit, filters.today(project))
    st.plotly_chart(
        figure, config=charts.CONFIG, alt=charts.describe(label, {label: course}, view.currency), key="course"
    )

grain = pick_grain(channel)
rows = data.details(person, project, view, grain)
if not rows:
    st.info("No rows at this level in this period. Pick another level or a longer period.")
    st.stop()
names = names_of(rows)
shown = tables.frame(names, [r.totals for r in rows], slugs, view.currency)
config = {slug: tables.column(slug, view.currency) for slug in slugs}
picked = st.dataframe(
    shown,
    hide_index=True,
    column_config=config,
    on_select="rerun",
    selection_mode="single-row",
    key=f"rows-{grain}",
)
st.caption(
    f"{len(rows):,} rows. Total: {tables.said(detail.total(rows), slugs[:5], view.currency)}"
    + (f". Only the first {detail.MOST_ROWS:,} rows are shown." if len(rows) == detail.MOST_ROWS else "")
)
if grain is None and picked.selection.rows:
    chosen = rows[picked.selection.rows[0]].name
    st.button(
        f"Open “{chosen}”", on_click=open_campaign, args=(chosen, channel), icon=":material/arrow_downward:"
    )
sheet = exports.Sheet(channels.label(channel), names, [r.totals for r in rows], tuple(slugs), view.currency)
tables.downloads(
    person,
    project,
    view,
    f"{channel} {detail.grain_label(grain) if grain else CAMPAIGNS}",
    lambda: sheet,
    "rows",
)
