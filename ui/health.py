"""The parts of Data health: sources with their states, what the monitors found, and what was restated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import streamlit as st

from reports import monitors, restatement, wording
from reports.health import SourceHealth
from reports.monitors import Finding
from reports.restatement import Restated
from store import looks
from store.access import Action, Person, enter, may, reading
from store.projects import Project
from ui import downloads, formats
from ui.sign_in import literal

STATES = {
    "healthy": "✓ Healthy",
    "syncing": "↻ Being read",
    "queued": "… In line",
    "waiting": "… Waits for a limit",
    "stale": "▲ Stale",
    "error": "✕ Error",
    "needs_reconnecting": "✕ Needs reconnecting",
    "never_synced": "▲ Never read",
    "paused": "Paused",
    "uploaded": "Uploaded",
}
SIGNS = {
    "error": (":material/error:", "red", "Error"),
    "warning": (":material/warning:", "orange", "Warning"),
    "info": (":material/info:", "blue", "Note"),
}
LOOKED, WEEK, MONTH = "Since you last looked", "Last 7 days", "Last 35 days"
_MOST_SENTENCES = 8
_FARTHEST = timedelta(days=35)
_VISIT = "health_since"  # session state: (project, since when changes are news) of this visit


def summary(found: list[SourceHealth], findings: list[Finding]) -> None:
    """Four figures: fresh sources, how far all reach, what needs attention, which checks could not run."""
    connected = [one for one in found if not one.is_uploaded]
    reach = [one.source.covers_through for one in found if one.source.covers_through]
    wanting = sum(one.needs_somebody for one in found) + len(monitors.urgent(findings))
    blind = sum(one.state == "not_run" for one in findings)
    fresh = f"{sum(one.is_fresh for one in connected)} of {len(connected)}" if connected else formats.NONE
    with st.grid(4, min_column_width=180):
        st.metric(
            "Fresh sources", fresh, border=True, help="Connected sources that reach as far as they should."
        )
        st.metric(
            "All data through",
            formats.day(min(reach)) if reach else formats.NONE,
            border=True,
            help="The last complete day that every source covers.",
        )
        st.metric(
            "Needs attention",
            f"{wanting}",
            border=True,
            help="Sources in trouble, and warnings and errors below.",
        )
        st.metric("Checks not run", f"{blind} of {len(findings)}", border=True)


def trouble(person: Person, project: Project, found: list[SourceHealth]) -> None:
    """Each source that needs somebody: what is the matter, what to do, and the way there."""
    can_act = may(person, project.id, Action.REFRESH)
    for one in found:
        if not one.needs_somebody:
            continue
        with st.container(border=True, key=f"trouble-{one.source.id}"):
            st.markdown(f"**{literal(one.label)}** · {STATES[one.state]}")
            st.write(f"{literal(one.diagnosis)} {literal(one.cure)}")
            there = "connections" if one.state == "needs_reconnecting" else "syncs"
            if can_act and st.button(
                f"Go to {there.capitalize()}", key=f"go-{one.source.id}", icon=":material/arrow_forward:"
            ):
                st.switch_page(f"../pages/{there}.py")


def sources(found: list[SourceHealth], zone: str) -> pl.DataFrame:
    """All sources with their state: what the page shows and what it downloads."""
    return pl.DataFrame(
        {
            "Source": [one.label for one in found],
            "State": [STATES[one.state] for one in found],
            "Covers through": [one.source.covers_through for one in found],
            "Days behind": pl.Series([one.days_behind for one in found], dtype=pl.Int64),
            "What is the matter": [one.diagnosis for one in found],
            "What to do": [one.cure for one in found],
            "Last written": [formats.moment(one.source.written_at, zone) for one in found],
            "Last read or uploaded": [formats.moment(one.brought_in_at, zone) for one in found],
            "In totals": ["yes" if one.source.in_totals else "no: comes in elsewhere" for one in found],
        },
        schema_overrides={"Covers through": pl.Date},
    )


def show_findings(found: list[Finding]) -> None:
    """What the monitors found, the worst first; then those that could not run, then the quiet ones."""
    for one in found:
        if one.state == "found":
            _found(one)
    blind = [one for one in found if one.state == "not_run"]
    quiet = [one for one in found if one.state == "quiet"]
    if blind:
        names = ", ".join(one.monitor.title.lower() for one in blind)
        with st.expander(f"{len(blind)} could not run: {names}", icon=":material/help:"):
            for one in blind:
                st.markdown(f"**{one.monitor.title}**: {literal(' '.join(one.unchecked[:3]))}")
    if quiet:
        with st.expander(f"{len(quiet)} looked and found nothing", icon=":material/check_circle:"):
            for one in quiet:
                st.markdown(f"**{one.monitor.title}**: looked at {one.monitor.looks_at}.")
                _left_out(one)


def _found(one: Finding) -> None:
    icon, color, severity = SIGNS[one.severity or "info"]
    with st.container(border=True, key=f"monitor-{one.monitor.slug}"):
        counted = wording.count(one.count, one.monitor.counted.removesuffix("s"))
        st.markdown(f":{color}[{icon} {severity}] **{one.monitor.title}** · {counted}")
        st.markdown("\n".join(f"- {literal(example)}" for example in one.examples))
        st.markdown(f"*What to do:* {one.monitor.cure}")
        _left_out(one)


def _left_out(one: Finding) -> None:
    if one.unchecked:
        more = f" And {len(one.unchecked) - 3} more." if len(one.unchecked) > 3 else ""
        st.caption(f"Not looked at: {literal(' '.join(one.unchecked[:3]))}{more}")


def findings_table(found: list[Finding]) -> pl.DataFrame:
    """All monitors, for the download."""
    said = {"found": "", "quiet": "found nothing", "not_run": "could not run"}
    return pl.DataFrame(
        {
            "Check": [one.monitor.title for one in found],
            "Result": [one.severity or said[one.state] for one in found],
            "Count": [one.count for one in found],
            "Counted": [one.monitor.counted for one in found],
            "Examples": [" ".join(one.examples) for one in found],
            "What to do": [one.monitor.cure if one.state == "found" else "" for one in found],
            "Not looked at": [" ".join(one.unchecked) for one in found],
        }
    )


def last_look(person: Person, project: Project) -> datetime | None:
    """When the person looked before this visit; the same through all of this tab's runs of the page."""
    now = datetime.now(UTC)
    kept = st.session_state.get(_VISIT)
    if kept and kept[0] == project.id and now - kept[2] < looks.VISIT:
        found: datetime | None = kept[1]
    else:
        with reading(person, project.id) as connection:
            found = looks.last(connection, project.id, person.id, now)
    st.session_state[_VISIT] = (project.id, found, now)
    return found


def note_look(person: Person, project: Project) -> None:
    """The person has seen the page."""
    with enter(person, project.id, Action.VIEW) as connection:
        looks.note(connection, project.id, person.id, datetime.now(UTC))


def period(person: Person, project: Project) -> tuple[datetime, str]:
    """Let the person pick since when changes are told; the time, and how it is said."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    looked = last_look(person, project)
    options = [LOOKED, WEEK, MONTH] if looked else [WEEK, MONTH]
    chosen = st.segmented_control(
        "Changes", options, default=options[0], key="changes", bind="query-params", required=True
    )
    if chosen == LOOKED and looked:
        since = max(looked, now - _FARTHEST)
        return since, f"since you last looked, on {formats.moment(since, project.time_zone)}"
    since = now - (timedelta(days=7) if chosen == WEEK else _FARTHEST)
    return since, f"since {formats.moment(since, project.time_zone)}"


def restated(person: Person, project: Project, found: list[Restated], since: str) -> None:
    """What was restated, in sentences, with all rows below."""
    if not found:
        st.info(f"No total was changed {since}.", icon=":material/check_circle:")
        return
    told = restatement.sentences(found)
    days = len({(one.source_id, one.day) for one in found})
    st.write(f"{wording.count(len(found), 'total')} of {wording.count(days, 'day')} changed {since}:")
    st.markdown("\n".join(f"- {literal(text)}" for text in told[:_MOST_SENTENCES]))
    if len(told) > _MOST_SENTENCES:
        st.caption(f"And {len(told) - _MOST_SENTENCES} more, in the table.")
    table = restated_table(found, project.time_zone)
    with st.expander("All changes", icon=":material/table_rows:"):
        downloads.show(table, "restated-rows", "Each total that was changed, with what it was and is")
    if len(found) == restatement.MOST_ROWS:
        st.caption(f"Only the newest {restatement.MOST_ROWS:,} are listed.")
    downloads.offer(person, project, "restatements", lambda: table, "restated")


def restated_table(found: list[Restated], zone: str) -> pl.DataFrame:
    """Each changed total."""
    return pl.DataFrame(
        {
            "Source": [wording.account(one.channel, one.account) for one in found],
            "Figure": [wording.label(one.metric).removeprefix("platform ").capitalize() for one in found],
            "Day": [one.day for one in found],
            "Was": downloads.numbers([one.old for one in found]),
            "Is": downloads.numbers([one.new for one in found]),
            "Change %": downloads.numbers(
                [None if one.relative is None else one.relative * 100 for one in found], 2
            ),
            "Currency": [one.currency.strip() if one.metric in wording.MONEY else "" for one in found],
            "Changed": [formats.moment(one.at, zone) for one in found],
        }
    )
