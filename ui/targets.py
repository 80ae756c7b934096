"""Targets as people see them: a line for each with its pace in words, and the form that sets one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from analytics import channels, metrics
from analytics.pace import Pace
from errors import BadInput
from reports.coverage import Coverage
from reports.targets import Followed, adds_up
from reports.view import View
from store import targets
from store.access import Action, Person, may
from store.projects import Project
from store.targets import Content, Target
from ui import data, downloads, filters, formats, messages
from ui.sign_in import literal

_STATES = {
    "not_started": "not started",
    "no_days": "no complete day yet",
    "not_measured": "not measured",
    "running": "running",
    "ended": "ended",
}
_OFFERED = sorted(
    filter(targets.can_be_set, metrics.REGISTRY), key=lambda s: metrics.metric(s).label.casefold()
)


def verdict(content: Content, going: Pace) -> str:
    """How it goes, in words: by the direction that is better for the metric."""
    if not going.verdict:
        return _STATES[going.state]
    direction = metrics.metric(content.metric).direction
    if going.state == "ended":
        if direction == "none":
            return {"on": "as planned", "above": "ended above plan", "below": "ended below plan"}[
                going.verdict
            ]
        met = going.actual is not None and (
            going.actual >= content.value if direction == "up" else going.actual <= content.value
        )
        return "reached" if met else "missed"
    if going.verdict == "on":
        return "on plan"
    if direction == "none":
        return f"{going.verdict} plan"
    good = (going.verdict == "above") == (direction == "up")
    if adds_up(content.metric):
        return "ahead of plan" if good else "behind plan"
    return "better than planned" if good else "worse than planned"


_ICONS = {
    "on plan": "check_circle", "ahead of plan": "trending_up", "better than planned": "trending_up",
    "behind plan": "warning", "worse than planned": "warning", "above plan": "arrow_upward",
    "below plan": "arrow_downward", "reached": "check_circle", "as planned": "check_circle", "missed": "cancel",
    "not measured": "help", "not started": "schedule", "no complete day yet": "schedule",
}  # fmt: skip


def _worth(content: Content, value: Decimal | None) -> str:
    return formats.metric(metrics.metric(content.metric), value, content.currency)


def card(one: Followed) -> None:
    """One target: where it stands, what was to be expected, and where the pace leads."""
    content, going = one.target.content, one.pace
    said = verdict(content, going)
    found = metrics.metric(content.metric)
    of = f" · {channels.label(content.channel)}" if content.channel else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(content.name)}**", width="stretch")
        st.markdown(f":material/{_ICONS.get(said, 'flag')}: {said}")
    whole = f"{_worth(content, going.actual)} of {_worth(content, content.value)}"
    if going.actual is not None and adds_up(content.metric):
        st.progress(float(min(max(going.actual / content.value, Decimal(0)), Decimal(1))), _plain(whole))
    else:
        st.markdown(_plain(f"{_worth(content, going.actual)}, target {_worth(content, content.value)}"))
    st.caption(
        _plain(
            " · ".join(
                [f"{found.label}{literal(of)}", formats.days(content.first, content.last), *_told(one)]
            )
        )
    )


def _plain(text: str) -> str:
    """Amounts with their currency: $ … $ would be set as a formula."""
    return text.replace("$", "\\$")


def _told(one: Followed) -> list[str]:
    content, going = one.target.content, one.pace
    parts = []
    if going.state in {"running", "ended"}:
        parts.append(f"{going.elapsed} of {going.days} days")
    if going.pace is not None and adds_up(content.metric) and going.state == "running":
        parts.append(f"{_worth(content, going.expected)} expected by now")
        parts.append(f"pace {formats.percent(going.pace, 0)}")
        parts.append(f"{_worth(content, going.forecast)} at the end at this pace")
    elif going.pace is not None:
        parts.append(f"{formats.percent(going.pace, 0)} of the target")
    if going.state == "not_measured":
        parts.append("no account reports this metric on these days")
    if one.late and going.state == "running":
        parts.append(f"counted through {formats.day(one.through)}: {literal(one.late)} reaches no further")
    return parts


def on_overview(person: Person, project: Project, view: View) -> None:
    """Targets that run on days of a view."""
    found = targets.covering(person, project.id, view.start, view.end)
    if not found:
        return
    followed = data.followed(person, project, tuple(found[:6]), filters.today(project))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Targets", anchor=False, width="stretch")
        st.page_link("../pages/targets.py", label="All targets", icon=":material/flag:", width="content")
    with st.grid(3, min_column_width=280):
        for one in followed:
            with st.container(border=True, key=f"target-{one.target.id}"):
                card(one)


def listing(person: Person, project: Project, coverage: list[Coverage]) -> None:
    """All targets with their progress; editors set, change and remove them."""
    found = targets.listed(person, project.id)
    can_edit = may(person, project.id, Action.EDIT_ANALYSIS)
    if can_edit and st.button("New target", type="primary", icon=":material/add:", key="target-new"):
        _dialog(person, project, coverage, None)
    if not found:
        with st.container(border=True):
            st.subheader("No targets yet")
            st.write(
                "A target says what a metric should reach in a period: €10,000 of spend in November, say. Here and on the "
                "overview you then see how it goes."
                + ("" if can_edit else " An editor or owner of the project can set one.")
            )
    followed = data.followed(person, project, tuple(found), filters.today(project))
    with st.grid(2, min_column_width=330):
        for one in followed:
            with st.container(border=True, key=f"target-{one.target.id}"):
                card(one)
                if can_edit:
                    _controls(person, project, coverage, one.target)
    if followed:
        downloads.offer(person, project, "targets", partial(frame, followed), "targets")
    if can_edit:
        _removed(person, project)


def _controls(person: Person, project: Project, coverage: list[Coverage], target: Target) -> None:
    with st.container(horizontal=True):
        if st.button("Edit", key=f"target-edit-{target.id}", type="tertiary", icon=":material/edit:"):
            _dialog(person, project, coverage, target)
        args = (person, project.id, target.id)
        messages.button(
            "Remove", f"target-remove-{target.id}", "delete", partial(targets.remove, *args), "The target is removed.",
            partial(targets.restore, *args),
        )  # fmt: skip


def _removed(person: Person, project: Project) -> None:
    gone = [
        (
            f"{literal(one.content.name)} · {formats.days(one.content.first, one.content.last)}",
            f"target-back-{one.id}",
            partial(targets.restore, person, project.id, one.id),
        )
        for one in targets.removed(person, project.id)
    ]
    messages.removed(gone, "The target is back.")


def _key(name: str, target: Target | None) -> str:
    return f"target-{name}-{target.id}" if target else f"target-{name}"


@st.dialog("Target")
def _dialog(person: Person, project: Project, coverage: list[Coverage], target: Target | None) -> None:
    old = target.content if target else None
    slug = st.selectbox(
        "Metric", _OFFERED, index=_OFFERED.index(old.metric if old else "spend"),
        format_func=lambda s: metrics.metric(s).label, key=_key("metric", target),
    )  # fmt: skip
    with st.form(_key("form", target), border=False):
        _amount(project, target, slug)
        now = filters.today(project)
        known = sorted({c.channel for c in coverage}, key=channels.label)
        options = ["", *known, *([old.channel] if old and old.channel not in ["", *known] else [])]
        st.selectbox(
            "Channel", options, index=options.index(old.channel) if old else 0, key=_key("channel", target),
            format_func=lambda c: channels.label(c) if c else "All channels",
        )  # fmt: skip
        st.date_input(
            "First and last day", (old.first, old.last) if old else (now.replace(day=1), _end_of_month(now)),
            key=_key("days", target), format="YYYY-MM-DD",
        )  # fmt: skip
        st.text_input(
            "Name", old.name if old else "", max_chars=targets.LONGEST_NAME, key=_key("name", target),
            placeholder=metrics.metric(slug).label,
        )  # fmt: skip
        if st.form_submit_button(
            "Save target", type="primary", on_click=_submit, args=(person, project, target)
        ):
            st.rerun()


def _amount(project: Project, target: Target | None, slug: str) -> None:
    """The amount in the metric's unit, and the currency of money."""
    old, unit = target.content if target else None, metrics.metric(slug).unit
    scale = 100 if unit == "percent" else 1
    start = float(old.value * scale) if old and old.metric == slug else 0.0
    label = {"percent": "Target (%)", "multiple": "Target (×)", "seconds": "Target (seconds)"}.get(
        unit, "Target"
    )
    st.number_input(label, 0.0, 1e15, start, key=_key("value", target), format="%.2f")
    if unit == "money":
        options = [project.currency, *(c for c in filters.CURRENCIES if c != project.currency)]
        index = options.index(old.currency) if old and old.currency in options else 0
        st.selectbox("Currency", options, index=index, key=_key("currency", target))


def _submit(person: Person, project: Project, target: Target | None) -> None:
    given = {name: st.session_state.get(_key(name, target)) for name in _FIELDS}
    undo = partial(targets.change, person, project.id, target.id, target.content) if target else None
    messages.attempt(_save, person, project, target, given, done="The target is saved.", undo=undo)


_FIELDS = ("metric", "value", "currency", "channel", "days", "name")


def _save(person: Person, project: Project, target: Target | None, given: dict[str, Any]) -> None:
    slug, days = str(given["metric"]), given["days"]
    picked = days if isinstance(days, tuple) else (days,)
    if not picked or not all(isinstance(day, date) for day in picked):
        raise BadInput("A target needs a first and a last day. It was not saved.")
    unit = metrics.metric(slug).unit
    value = Decimal(f"{given['value'] or 0:.4f}") / (100 if unit == "percent" else 1)
    currency = str(given["currency"] or project.currency) if unit == "money" else ""
    content = Content(
        str(given["name"] or ""), slug, str(given["channel"] or ""), picked[0], picked[-1], value, currency
    )
    if target is None:
        targets.add(person, project.id, content)
    else:
        targets.change(person, project.id, target.id, content)


def _end_of_month(day: date) -> date:
    return filters.dates_of("last-month", _next_month(day), None)[1]


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def frame(followed: list[Followed]) -> pl.DataFrame:
    """Targets with their progress, for the download; percentages as parts."""
    contents = [one.target.content for one in followed]
    return pl.DataFrame(
        {
            "Target": [c.name for c in contents],
            "Metric": [metrics.metric(c.metric).label for c in contents],
            "Channel": [channels.label(c.channel) if c.channel else "all" for c in contents],
            "From": [c.first for c in contents],
            "To": [c.last for c in contents],
            "Value": downloads.numbers([c.value for c in contents]),
            "Currency": [c.currency for c in contents],
            "Counted through": pl.Series([one.through for one in followed], dtype=pl.Date),
            "Actual": downloads.numbers([one.pace.actual for one in followed]),
            "Expected": downloads.numbers([one.pace.expected for one in followed]),
            "Pace": downloads.numbers([one.pace.pace for one in followed]),
            "At the end": downloads.numbers([one.pace.forecast for one in followed]),
            "How it goes": [verdict(one.target.content, one.pace) for one in followed],
        }
    )
