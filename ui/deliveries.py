"""Reports that are sent by themselves: the list with its states, the form, the preview, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analytics import metrics
from analytics.crossing import TESTS
from destinations import mail
from errors import SoundingsError
from reports import formats, rendering
from reports.rendered import Rendered
from store import deliveries, views
from store.access import Action, Person, may
from store.deliveries import Content, Delivery, Run
from store.projects import Project
from store.views import SavedView
from syncing import dispatch
from ui import messages, navigation, report_form
from ui import views as links
from ui.report_form import EVERY, KINDS, WEEKDAYS
from ui.sign_in import literal

STATES = {
    "waiting": "waits", "preparing": "is being made", "sending": "is being sent", "sent": "sent",
    "quiet": "not sent: line not crossed",
    "failed": "failed", "unknown": "may have been sent", "dropped": "not sent: changed meanwhile",
}  # fmt: skip
_OPEN = {"waiting", "preparing", "sending"}
_BAD = {"failed", "unknown"}


def when_said(content: Content, zone: str) -> str:
    """'Every week on Monday at 08:00 Europe/Berlin'."""
    table = content.timetable
    on = ""
    if table.every == "weekly":
        on = f" on {WEEKDAYS[table.weekday - 1]}"
    elif table.every == "monthly":
        on = f" on day {table.month_day}" + (" (or the month's last)" if table.month_day > 28 else "")
    return f"{EVERY[table.every]}{on} at {table.hour:02}:00 {zone}"


def to_said(one: Delivery) -> str:
    """Where it goes."""
    return ", ".join(one.content.recipients) if one.content.kind == "mail" else one.webhook


def listing(person: Person, project: Project, can_be_sent: bool) -> None:
    """All reports with their state, and what an editor does with them; whether any view `can_be_sent` yet."""
    found, can_edit = deliveries.listed(person, project.id), may(person, project.id, Action.EDIT_ANALYSIS)
    if not found:
        with st.container(border=True):
            st.subheader("No reports yet")
            if can_edit:
                st.write(
                    "There is no saved view that can be sent: open a dashboard and press “Save view” first. "
                    "Then come back, press “New report” and say to whom it goes, and when."
                    if not can_be_sent
                    else "Press “New report” and say which saved view goes to whom, and when."
                )
            else:
                st.write("An editor of the project can have a saved view sent by mail or to a webhook.")
    known = {one.id: one for one in views.listed(person, project.id)}
    for one in found:
        _row(person, project, one, known.get(one.content.view_id), can_edit)
    if can_edit:
        _removed(person, project)


def _row(person: Person, project: Project, one: Delivery, view: SavedView | None, can_edit: bool) -> None:
    with st.container(border=True, key=f"report-{one.id}"):
        st.markdown(f"**{literal(one.content.name)}**" + (" · :gray[paused]" if one.paused else ""))
        st.caption(
            f"{when_said(one.content, project.time_zone)} · {literal(KINDS[one.content.kind])} to {literal(to_said(one))}"
        )
        if one.content.line:
            st.caption(f"Only when {literal(_line_said(one.content))}, once each time it crosses that line")
        if view is None:
            st.caption(":material/search_off: Its saved view was removed, or you do not see it.")
        else:
            links.link(project, view, f"{literal(view.name)} ({navigation.title(view.page)})")
        _state(project, one)
        if can_edit:
            _deeds(person, project, one)
        _log(person, project, one)


def _line_said(content: Content) -> str:
    assert content.line
    limit = content.line.limit
    text = formats.percent(limit, 1) if content.line.test == "changed" else f"{limit.normalize():,f}"
    return f"{_metric_said(content.metric)} {TESTS[content.line.test]} {text}"


def _metric_said(key: str) -> str:
    if key in metrics.REGISTRY:
        return metrics.metric(key).label
    return key.removeprefix("stage.").replace("_", " ").capitalize()


def _state(project: Project, one: Delivery) -> None:
    parts = [] if one.paused else [f"Next: {formats.moment(one.next_at, project.time_zone)}"]
    if one.last_at:
        parts.append(
            f"last: {formats.moment(one.last_at, project.time_zone)}, {STATES.get(one.last_state, one.last_state)}"
        )
    else:
        parts.append("not sent yet")
    parts.append(f"made with the rights of {literal(one.owner or 'somebody who is gone')}")
    st.caption(" · ".join(parts))
    if one.last_state in _BAD and one.last_result:
        st.error(literal(one.last_result), icon=":material/error:")


def _deeds(person: Person, project: Project, one: Delivery) -> None:
    args, key = (person, project.id, one.id), one.id
    with st.container(horizontal=True, key=f"report-deeds-{key}"):
        if st.button("Preview", key=f"report-preview-{key}", icon=":material/visibility:", type="tertiary"):
            _preview_dialog(person, project, one)
        to = "you alone" if one.content.kind == "mail" else "the webhook"
        st.button(
            "Send a test now", key=f"report-try-{key}", icon=":material/send:", type="tertiary",
            help=f"As it is now, to {to}, whatever its condition", on_click=messages.attempt,
            args=(deliveries.ask, *args), disabled=one.content.kind == "mail" and not mail.is_set_up(),
            kwargs={"done": "The test leaves within half a minute. Below “What was sent” you see how it went."},
        )  # fmt: skip
        if st.button("Edit", key=f"report-edit-{key}", icon=":material/edit:", type="tertiary"):
            report_form.dialog(person, project, one, None)
        messages.button("Resume" if one.paused else "Pause", f"report-pause-{key}", "play_arrow" if one.paused else "pause",
            partial(deliveries.pause, *args, not one.paused), "It is sent again." if one.paused else "It is paused.",
            partial(deliveries.pause, *args, one.paused),
        )  # fmt: skip
        messages.button("Remove", f"report-remove-{key}", "delete", partial(deliveries.remove, *args), "The report is removed.",
               partial(deliveries.restore, *args))  # fmt: skip


def _log(person: Person, project: Project, one: Delivery) -> None:
    found = deliveries.log(person, project.id, one.id)
    if not found:
        return
    with st.expander(
        f"What was sent ({len(found)}{'+' if len(found) == 20 else ''})", icon=":material/history:"
    ):
        if any(run.state in _OPEN for run in found):
            _watch(person, project, one)
        else:
            _runs(project, found)


@st.fragment(run_every=5)
def _watch(person: Person, project: Project, one: Delivery) -> None:
    _runs(project, deliveries.log(person, project.id, one.id))


def _runs(project: Project, found: Sequence[Run]) -> None:
    rows = [
        {
            "When": formats.moment(run.finished_at or run.planned_at, project.time_zone),
            "What": ("Test: " if run.is_test else "") + STATES.get(run.state, run.state),
            "Recipients": run.sent_to,
            "More": run.detail,
        }
        for run in found
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="What was sent when",
        column_config={"More": st.column_config.TextColumn(width="large")},
    )


def _removed(person: Person, project: Project) -> None:
    gone = [
        (
            literal(one.content.name),
            f"report-back-{one.id}",
            partial(deliveries.restore, person, project.id, one.id),
        )
        for one in deliveries.removed(person, project.id)
    ]
    messages.removed(gone, "The report is back.")


# --- the preview ---------------------------------------------------------------------------------------


@st.dialog("What would be sent", width="large")
def _preview_dialog(person: Person, project: Project, one: Delivery) -> None:
    try:
        view = views.read(person, project.id, one.content.view_id)
        preview(rendering.render(person, project.id, view, one.content.name), one.content)
    except SoundingsError as error:
        st.error(str(error), icon=":material/error:")


def preview(found: Rendered, content: Content | None = None) -> None:
    """A rendered view as its reader gets it: figures, charts as the pictures that are sent, tables."""
    st.subheader(literal(found.name), anchor=False)
    st.caption(literal(f"{found.title} · {found.project} · {found.said}"))
    if content and content.line:
        st.info(literal(dispatch.condition_said(content, found)), icon=":material/rule:")
    with st.grid(4, min_column_width=150):
        for one in found.figures:
            st.metric(
                one.label, one.text, one.change or None, delta_color="off", border=True, height="stretch"
            )
    if content and content.kind == "slack":
        st.caption(
            "Webhooks take no files: the post has the figures, up to 20 lines of each table and a link; no charts."
        )
    else:
        for picture, image in zip(found.charts, found.images, strict=True):
            st.image(image, caption=picture.title, width="stretch")
    for table in found.tables:
        st.markdown(f"**{literal(table.title)}**")
        st.dataframe(pd.DataFrame(table.rows, columns=list(table.header)), hide_index=True, alt=table.title)
    for line in (*found.notes, *found.health):
        st.caption(literal(line))
