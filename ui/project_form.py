"""The fields of a project: for a new one, and for its settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import streamlit as st
from babel import Locale
from babel.dates import get_day_names
from babel.numbers import get_currency_name, list_currencies

from store import projects
from store.access import Person
from store.projects import Project
from ui import messages, session

_OFTEN = ["EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY"]
_REFUNDS = {
    "order_day": "on the day of the order",
    "refund_day": "on the day of the refund",
}


def _currencies() -> list[str]:
    return _OFTEN + sorted(list_currencies() - set(_OFTEN))


def _currency(code: str) -> str:
    return f"{code} · {get_currency_name(code, locale='en')}"


def _weekday(number: int) -> str:
    return str(get_day_names("wide", locale="en")[number - 1])


def _zones() -> list[str]:
    return sorted(
        z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "posix/", "right/"))
    )


def _guess() -> dict[str, Any]:
    """Time zone, currency and first day of the week as the browser suggests."""
    zone = st.context.timezone
    guess: dict[str, Any] = {"currency": "EUR", "week_start": 1, "time_zone": zone or "Europe/Berlin"}
    try:
        locale = Locale.parse(st.context.locale or "", sep="-")
        guess["week_start"] = locale.first_week_day + 1
    except ValueError:
        pass
    return guess


def fields(of: Project | None, *, disabled: bool = False) -> dict[str, Any]:
    """Render the fields, filled from a project or guessed; what stands in them now."""
    start = vars(of) if of else {"name": "", "refund_policy": "order_day", **_guess()}
    zones = _zones()
    if start["time_zone"] not in zones:
        zones.insert(0, start["time_zone"] if of else "UTC")
    currencies = _currencies()
    return {
        "name": st.text_input(
            "Name", start["name"], max_chars=80, placeholder="The shop or brand", disabled=disabled
        ),
        "currency": st.selectbox(
            "Reporting currency",
            currencies,
            currencies.index(start["currency"]),
            format_func=_currency,
            help="Everything is shown in it. Imported amounts keep their own, so this can be changed.",
            disabled=disabled,
        ),
        "time_zone": st.selectbox(
            "Time zone",
            zones,
            zones.index(start["time_zone"]) if start["time_zone"] in zones else 0,
            help="Where a day of this project begins and ends.",
            disabled=disabled,
        ),
        "week_start": st.selectbox(
            "First day of the week",
            list(range(1, 8)),
            start["week_start"] - 1,
            format_func=_weekday,
            disabled=disabled,
        ),
        "refund_policy": st.selectbox(
            "Refunds count",
            list(_REFUNDS),
            list(_REFUNDS).index(start["refund_policy"]),
            format_func=_REFUNDS.__getitem__,
            help="Which day's net sales a refund lowers.",
            disabled=disabled,
        ),
    }


def new(who: Person) -> None:
    """The form for a new project; goes there when it was created."""
    with st.form("new_project_form"):
        values = fields(None)
        sent = st.form_submit_button("Create project", type="primary")
    if not sent:
        return
    made = messages.attempt(projects.create, who, **values)
    if made is None:
        messages.show()
        return
    session.choose(made.id)
    st.rerun()
