"""The form of a report: which view, to whom, when, and on which condition."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import streamlit as st

from analytics import metrics
from analytics.crossing import TESTS, Line
from analytics.timetable import Timetable
from destinations import mail
from errors import BadInput, SoundingsError
from reports import rendering
from reports.rendered import Figure
from store import deliveries, views
from store.access import Person
from store.deliveries import Content, Delivery
from store.projects import Project
from store.views import SavedView
from syncing import dispatch
from ui import messages, navigation

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY = {"daily": "Every day", "weekly": "Every week", "monthly": "Every month"}
KINDS = {"mail": "E-mail", "slack": "Slack or another webhook"}
ALWAYS = "Always"


def setting_up() -> None:
    """What is missing before mails can be sent."""
    if not mail.is_set_up():
        st.warning(f"{mail.NOT_SET_UP} Webhooks work without it.", icon=":material/mail_off:")


def new_button(person: Person, project: Project) -> bool:
    """Start a report; a link from the saved views page opens it for one view. Whether there is a view to send."""
    offered = [one for one in views.listed(person, project.id) if _can_be_sent(one)]
    asked = st.query_params.get("view", "")
    chosen = next((one for one in offered if str(one.id) == asked), None)
    if not offered and deliveries.listed(person, project.id):
        st.info("There is no saved view that can be sent. Open a dashboard and press “Save view” first.")
    elif (offered and st.button("New report", type="primary", icon=":material/add:")) or chosen:
        if chosen:
            del st.query_params["view"]
        dialog(person, project, None, chosen)
    if asked and not chosen and offered:
        st.warning(
            "The view of this link was removed, cannot be sent, or is not yours to see.",
            icon=":material/search_off:",
        )
    return bool(offered)


def _can_be_sent(one: SavedView) -> bool:
    try:
        rendering.check(one)
    except BadInput:
        return False
    return True


@st.dialog("Report", width="large")
def dialog(person: Person, project: Project, one: Delivery | None, chosen: SavedView | None) -> None:
    """A new report (of a view), or the change of one."""
    offered = [view for view in views.listed(person, project.id) if _can_be_sent(view)]
    wanted = chosen.id if chosen else one.content.view_id if one else None
    place = next((n for n, view in enumerate(offered) if view.id == wanted), 0)
    if not offered:
        st.info("There is no saved view that can be sent. Open a dashboard and press “Save view” first.")
        return
    view = st.selectbox(
        "View",
        offered,
        index=place,
        format_func=lambda v: f"{v.name} ({navigation.title(v.page)})",
        key="report-view",
    )
    try:
        found = rendering.render(person, project.id, view)
    except SoundingsError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.text_input("Name", one.content.name if one else view.name, max_chars=deliveries.LONGEST_NAME, key="report-name",
                  help="Stands in the mail's subject.")  # fmt: skip
    _where(one)
    _when(project, one)
    _condition(one, found.figures)
    st.caption("It is made with your rights, and follows the view: what is changed there is sent changed.")
    if st.button("Save", type="primary", on_click=_submit, args=(person, project, one.id if one else None)):
        st.rerun()


def _where(one: Delivery | None) -> None:
    kind = st.segmented_control(
        "Send by", list(KINDS), default=one.content.kind if one else "mail", format_func=KINDS.__getitem__,
        key="report-kind", required=True,
    )  # fmt: skip
    if kind == "mail":
        setting_up()
        st.text_area(
            "To", "\n".join(one.content.recipients) if one else "", key="report-to",
            placeholder="ann@example.com\nbob@example.com",
            help=f"E-mail addresses, one a line; at most {deliveries.MOST_RECIPIENTS}. Everybody sees who else gets it.",
        )  # fmt: skip
        return
    known = one.webhook if one else ""
    st.text_input(
        "Webhook's address", "", key="report-webhook", type="password",
        placeholder=f"{known}: leave empty to keep it" if known else "https://hooks.slack.com/services/…",
        help="Slack: create an app, switch on Incoming Webhooks, add one to a channel and copy its address. It is kept "
        "locked, and never shown again.",
    )  # fmt: skip
    st.caption(
        "Webhooks take no files: the post has the figures, up to 20 lines of each table and a link; charts and the workbook come by mail only."
    )


def _when(project: Project, one: Delivery | None) -> None:
    table = one.content.timetable if one else Timetable("weekly", 8)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        every = st.selectbox("How often", list(EVERY), index=list(EVERY).index(table.every), format_func=EVERY.__getitem__,
                             key="report-every", width=160)  # fmt: skip
        if every == "weekly":
            st.selectbox("On", range(1, 8), index=table.weekday - 1, format_func=lambda n: WEEKDAYS[n - 1],
                         key="report-weekday", width=150)  # fmt: skip
        if every == "monthly":
            st.number_input("On day", 1, 31, table.month_day, key="report-month-day", width=120,
                            help="In shorter months: their last day")  # fmt: skip
        st.selectbox("At", range(24), index=table.hour, format_func=lambda n: f"{n:02}:00", key="report-hour", width=110,
                     help=f"In the project's time zone, {project.time_zone}")  # fmt: skip


def _condition(one: Delivery | None, figures: Sequence[Figure]) -> None:
    known = one.content.line if one else None
    tests = {"": ALWAYS} | {test: f"Only when a figure {words}" for test, words in TESTS.items()}
    test = st.selectbox("Send it", list(tests), index=list(tests).index(known.test if known else ""),
                        format_func=tests.__getitem__, key="report-test")  # fmt: skip
    if not test:
        return
    labels = {
        figure.key: f"{figure.label} (now {figure.text}{', ' + figure.change if figure.change else ''})"
        for figure in figures
    }
    if not labels:
        st.info("This view has no figure to watch at the moment.")
        return
    keys = list(labels)
    place = keys.index(one.content.metric) if one and one.content.metric in keys else 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Figure", keys, index=place, format_func=labels.__getitem__, key="report-metric", width=300
        )
        st.text_input("Percent" if test == "changed" else "Value", _shown(one, known), key="report-limit", width=140,
                      help="Percentages in percent: 2.5 for 2.5%")  # fmt: skip
    st.caption(
        "Sent once when it crosses the line, and again only after it was back. The first look counts as crossing."
    )


def _is_percent(key: str, test: str) -> bool:
    return test == "changed" or (key in metrics.REGISTRY and metrics.metric(key).unit == "percent")


def _shown(one: Delivery | None, known: Line | None) -> str:
    if one is None or known is None:
        return ""
    scale = 100 if _is_percent(one.content.metric, known.test) else 1
    return f"{(known.limit * scale).normalize():f}"


def _submit(person: Person, project: Project, delivery_id: int | None) -> None:
    messages.attempt(_save, person, project, delivery_id, done="The report is saved.")


def _save(person: Person, project: Project, delivery_id: int | None) -> int:
    given = st.session_state
    view, kind, test = given["report-view"], str(given["report-kind"]), str(given["report-test"])
    table = Timetable(
        str(given["report-every"]), int(given["report-hour"]), int(given.get("report-weekday") or 1),
        int(given.get("report-month-day") or 1),
    )  # fmt: skip
    metric = str(given.get("report-metric") or "") if test else ""
    if test and not metric:
        raise BadInput("This view has no figure to watch at the moment. The report was not saved.")
    line = (
        Line(test, limit(str(given.get("report-limit") or ""), percent=_is_percent(metric, test)))
        if test
        else None
    )
    to = tuple(
        part
        for part in str(given.get("report-to") or "").replace(",", "\n").replace(";", "\n").split()
        if part
    )
    content = Content(str(given.get("report-name") or ""), view.id, kind, table, to, metric, line)
    webhook = str(given.get("report-webhook") or "") if kind == "slack" else ""
    return dispatch.save(person, project.id, content, webhook=webhook, delivery_id=delivery_id)


def limit(text: str, *, percent: bool) -> Decimal:
    """The value of a line as it was typed; a percentage becomes a part. Raises BadInput."""
    try:
        value = Decimal(text.strip().removesuffix("%").replace(",", ""))
    except InvalidOperation as error:
        raise BadInput(
            f"“{text[:30]}” is not a number such as 1000 or 2.5. The report was not saved."
        ) from error
    return value / 100 if percent else value
