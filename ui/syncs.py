"""The parts of the Syncs page: runs at work, a source with its schedule and settings, and how runs are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import streamlit as st

import connectors
from analytics import channels
from store.access import Action, Person, may
from store.projects import Project
from store.runs import Run
from syncing import connecting, refreshing, schedule
from syncing.status import Freshness
from ui import formats, messages
from ui.sign_in import literal

WHY = {
    "first": "first reading",
    "schedule": "schedule",
    "manual": "somebody asked",
    "backfill": "a period again",
    "daily": "command line",
    "incremental": "command line",
}
_OWN = "own"


@dataclass(frozen=True)
class Pace:
    """Where a run was when this page began to watch it. Its own start tells no pace: it may have waited since."""

    at: datetime
    units: int
    rows: int

    def eta(self, run: Run, now: datetime) -> str:
        """When a run will be done, as far as that can honestly be said."""
        done = run.units_done - self.units
        if not run.units_total or done <= 0:
            return "calculating how long it takes"
        left = (now - self.at) / done * (run.units_total - run.units_done)
        minutes = round(left.total_seconds() / 60)
        return "about a minute left" if minutes <= 1 else f"about {minutes:,} minutes left"

    def rate(self, run: Run, now: datetime) -> str:
        """Rows so far, and how many a second."""
        seconds, rows = (now - self.at).total_seconds(), run.rows_written - self.rows
        more = f", {rows / seconds:,.0f} a second" if seconds >= 2 and rows else ""
        return f"{run.rows_written:,} rows{more}"


def watched(run: Run, now: datetime) -> Pace:
    """Since when, and from where on, this tab watches a run; anew when the run began anew."""
    paces: dict[int, Pace] = st.session_state.setdefault("sync_paces", {})
    if run.id not in paces or run.units_done < paces[run.id].units:
        paces[run.id] = Pace(now, run.units_done, run.rows_written)
    return paces[run.id]


def took(run: Run) -> str:
    """How long a run was at work."""
    if run.started_at is None or run.finished_at is None:
        return formats.NONE
    seconds = int((run.finished_at - run.started_at).total_seconds())
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def outcome(run: Run) -> str:
    """How a run went, in plain words."""
    if run.state == "done":
        result = run.result or {}
        text = (
            f"{result.get('new', 0):,} new, {result.get('changed', 0):,} changed, {result.get('removed', 0):,} removed; "
            f"{result.get('days', 0):,} daily reports read"
        )
        problems = result.get("problems") or {}
        return text + "".join(f". Not read: {name} ({why})" for name, why in problems.items())
    if run.state == "failed":
        return run.error or "failed"
    return {"queued": waiting(run), "running": run.stage or "reads", "cancelled": "cancelled"}[run.state]


def waiting(run: Run) -> str:
    """What a run waits for: the platform, or other accounts. Its last stage says nothing about that."""
    if run.not_before:
        return run.stage
    if run.started_at:
        return "Waits while the newest days of other accounts are read; it goes on where it was."
    return "Waits for its turn."


def at_work(person: Person, project: Project, found: list[Freshness], may_refresh: bool) -> None:
    """Syncs that wait or work, kept up to date; the page follows when one begins or ends."""
    _watch(person, project, [run.id for _, run in _unfinished(found)], may_refresh)


def _unfinished(found: list[Freshness]) -> list[tuple[Freshness, Run]]:
    return [(one, one.latest) for one in found if one.latest and not one.latest.is_over]


@st.fragment(run_every=2.0)
def _watch(person: Person, project: Project, known: list[int], may_refresh: bool) -> None:
    found = _unfinished(refreshing.freshness(person, project.id))
    if [run.id for _, run in found] != known:
        messages.follow()
    for one, run in found:
        _at_work(person, project, one, run, may_refresh)


def _name(one: Freshness) -> str:
    return literal(channels.account_label(one.source.channel, one.source.name))


def _at_work(person: Person, project: Project, one: Freshness, run: Run, may_refresh: bool) -> None:
    now = datetime.now(UTC)
    with st.container(border=True, key=f"run-{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_name(one)}**", width="stretch")
            if may_refresh:
                st.button(
                    "Cancel",
                    key=f"cancel-{run.id}",
                    icon=":material/close:",
                    on_click=messages.attempt,
                    args=(refreshing.cancel, person, project.id, run.id),
                    kwargs={"done": "Cancelled. What was read so far stays."},
                )
        if run.state == "queued":
            st.caption(literal(waiting(run)))
            return
        total, done = run.units_total or 0, run.units_done
        st.progress(min(done / total, 1.0) if total else 0.0, literal(run.stage) or "Starting")
        counted = f"{done:,} of {total:,} daily reports · " if total else ""
        pace = watched(run, now)
        st.caption(f"{counted}{pace.rate(run, now)} · {pace.eta(run, now)} · you can close this page")


def source(person: Person, project: Project, one: Freshness, may_refresh: bool) -> None:
    """One source: when it was read, when it is next, and what can be changed about that."""
    zone = project.time_zone
    with st.container(border=True, key=f"source-{one.source.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_name(one)}**", width="stretch")
            if may_refresh:
                st.button(
                    "Refresh now",
                    key=f"refresh-{one.source.id}",
                    icon=":material/sync:",
                    disabled=bool(one.latest and not one.latest.is_over),
                    on_click=messages.attempt,
                    args=(refreshing.refresh, person, project.id, [one.source.id]),
                    kwargs={"done": f"{literal(one.source.name)} is being refreshed."},
                )
        planned = one.schedule.next_at if one.schedule and not one.schedule.paused else None
        st.caption(
            f"{literal(one.diagnosis)}{'' if one.cure == 'Nothing to do.' else f' {literal(one.cure)}'} · covers "
            f"{formats.days(one.source.covers_from, one.source.covers_through) if one.source.covers_from and one.source.covers_through else 'nothing yet'}"
            f" · next {formats.moment(planned, zone) if planned else 'not planned'}"
        )
        if may_refresh:
            with st.expander("Schedule, period and what is read"):
                _again(person, project, one)
                if may(person, project.id, Action.MANAGE_CONNECTIONS):
                    _when(person, project, one)
                    _what(person, project, one)


def _again(person: Person, project: Project, one: Freshness) -> None:
    today = datetime.now(UTC).date()
    with st.form(f"again-{one.source.id}", border=False):
        period = st.date_input(
            "Read a period again",
            (today - timedelta(30), today),
            max_value=today,
            help="Also for days before the first that was read. The run begins with the newest days.",
        )
        if st.form_submit_button("Read again", icon=":material/history:"):
            if not isinstance(period, tuple) or len(period) != 2:
                st.warning("Pick a first and a last day.")
                return
            _ask_again(person, project, one, *period)


def _ask_again(person: Person, project: Project, one: Freshness, first: date, last: date) -> None:
    later = ", with the next refresh: one is at work already" if one.state == "syncing" else ""
    done = f"{formats.days(first, last)} is read again{later}."
    messages.attempt(refreshing.backfill, person, project.id, one.source.id, first, last, done=done)
    st.rerun()


def _when(person: Person, project: Project, one: Freshness) -> None:
    if one.schedule is None:
        return
    cron = one.schedule.cron
    presets = {**schedule.PRESETS, _OWN: "A schedule of your own (cron)"}
    chosen = st.selectbox(
        "When it is read",
        list(presets),
        index=list(presets).index(cron if cron in schedule.PRESETS else _OWN),
        format_func=presets.__getitem__,
        key=f"when-{one.source.id}",
    )
    own = cron
    if chosen == _OWN:
        own = st.text_input(
            "Minute, hour, day, month, weekday",
            cron if cron not in schedule.PRESETS else "0 6 * * *",
            key=f"cron-{one.source.id}",
            help=f"In the project's time zone, {project.time_zone}. 0 6,18 * * mon-fri: at 6 and 18 on weekdays.",
        )
    on = st.toggle("Read it by itself", not one.schedule.paused, key=f"paused-{one.source.id}")
    wanted = own if chosen == _OWN else chosen
    if (wanted, on) != (cron, not one.schedule.paused) and st.button(
        "Save schedule", key=f"save-when-{one.source.id}", type="primary"
    ):
        messages.attempt(
            refreshing.set_schedule,
            person,
            project.id,
            one.source.id,
            wanted,
            paused=not on,
            done="Schedule saved.",
        )
        st.rerun()


def _what(person: Person, project: Project, one: Freshness) -> None:
    kind = connectors.find(one.source.platform)
    names = {stream.slug: stream.label for stream in kind.streams}
    now = connecting.read_streams(one.source)
    with st.form(f"what-{one.source.id}", border=False):
        wanted = st.multiselect("What is read", list(names), now, format_func=names.__getitem__)
        window = max(stream.window for stream in kind.streams)
        days = st.number_input(
            "Days read again on every run",
            0,
            400,
            one.source.lookback if one.source.lookback is not None else window,
            help=f"{kind.label} still changes recent days; {window} is its usual span.",
        )
        if st.form_submit_button("Save"):
            done = "Saved. It holds from the next refresh on."
            if set(wanted) != set(now):
                messages.attempt(
                    connecting.choose_streams, person, project.id, one.source.id, wanted, done=done
                )
            if int(days) != (one.source.lookback if one.source.lookback is not None else window):
                messages.attempt(
                    connecting.set_lookback, person, project.id, one.source.id, int(days), done=done
                )
            st.rerun()
