"""The filter bar. Its widgets are bound to the URL, so every view is a link."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from analytics import channels
from reports.coverage import Coverage, span
from reports.view import Compare, View
from store.access import Person
from store.projects import Project
from ui import data, formats

CURRENCIES = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "AUD",
    "BRL",
    "CAD",
    "CNY",
    "CZK",
    "DKK",
    "HKD",
    "HUF",
    "IDR",
    "ILS",
    "INR",
    "ISK",
    "JPY",
    "KRW",
    "MXN",
    "MYR",
    "NOK",
    "NZD",
    "PHP",
    "PLN",
    "RON",
    "SEK",
    "SGD",
    "THB",
    "TRY",
    "ZAR",
]
PERIODS = {
    "latest-30": "Latest 30 days with data",
    "last-7": "Last 7 days",
    "last-30": "Last 30 days",
    "last-90": "Last 90 days",
    "this-month": "This month",
    "last-month": "Last month",
    "this-year": "This year",
    "last-365": "Last 365 days",
    "all": "All data",
    "custom": "Custom dates",
}
COMPARES = {
    Compare.PREVIOUS: "Previous period",
    Compare.YEAR: "Year before",
    Compare.NONE: "Nothing",
}


VERSUS = {Compare.PREVIOUS: "vs before", Compare.YEAR: "vs year before", Compare.NONE: ""}


def today(project: Project) -> date:
    """Today in the project's time zone."""
    return datetime.now(ZoneInfo(project.time_zone)).date()


def dates_of(period: str, now: date, covered: tuple[date, date] | None) -> tuple[date, date]:
    """First and last day of a preset. 'Last n days' end yesterday, since today is not over."""
    yesterday = now - timedelta(days=1)
    first_of_month = now.replace(day=1)
    if period.startswith("last-") and period[5:].isdigit():
        return yesterday - timedelta(days=int(period[5:]) - 1), yesterday
    if period == "this-month":
        return first_of_month, now
    if period == "last-month":
        end = first_of_month - timedelta(days=1)
        return end.replace(day=1), end
    if period == "this-year":
        return now.replace(month=1, day=1), now
    first, last = covered or (yesterday - timedelta(days=29), yesterday)
    if period == "all":
        return max(first, last - timedelta(days=366 * 11)), last
    return max(first, last - timedelta(days=29)), last


def _period(now: date, covered: tuple[date, date] | None) -> tuple[date, date]:
    chosen = st.selectbox(
        "Period", list(PERIODS), format_func=PERIODS.__getitem__, key="period", bind="query-params", width=220
    )
    first, last = dates_of(chosen or "latest-30", now, covered)
    if chosen != "custom":
        return first, last
    # An open range comes back as one date while the person is still picking its end.
    picked = st.date_input(
        "Dates", (first, last), key="dates", bind="query-params", format="YYYY-MM-DD", width=240
    )
    ends = tuple(picked) if isinstance(picked, (tuple, list)) else (picked,)
    return (ends[0], ends[-1]) if ends else (first, last)


def bar(
    person: Person, project: Project, found: list[Coverage], *, channel: str = "", by_campaign: bool = True
) -> View:
    """Show the filters; the view they describe. A page of one `channel` has no filter for channels, a page
    without campaigns none for those.

    Raises BadInput for an impossible period.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        start, end = _period(today(project), span(found))
        compare = st.selectbox(
            "Compare with",
            list(COMPARES),
            format_func=COMPARES.__getitem__,
            key="compare",
            bind="query-params",
            width=170,
        )
        chosen = [channel] if channel else []
        if not channel:
            chosen = st.multiselect(
                "Channels",
                sorted({c.channel for c in found}, key=channels.label),
                format_func=channels.label,
                key="channels",
                bind="query-params",
                placeholder="All channels",
                width=240,
            )
        campaigns = _campaigns(person, project, chosen) if by_campaign else []
        shown = [project.currency, *(c for c in CURRENCIES if c != project.currency)]
        currency = st.selectbox("Currency", shown, key="currency", bind="query-params", width=110)
        stood = st.date_input(
            "As it stood on", None, key="as-of", bind="query-params", format="YYYY-MM-DD", width=150,
            max_value=today(project),
            help="Platforms change figures afterwards. Pick a day to see them as they stood at its end; leave it "
            "empty to see them as they stand now. Names and budgets are always today's.",
        )  # fmt: skip
    view = View(
        start,
        end,
        currency or project.currency,
        Compare(compare or Compare.PREVIOUS),
        tuple(chosen),
        tuple(campaigns),
        _end_of(stood, project) if isinstance(stood, date) and stood < today(project) else None,
    )
    st.caption(said(view))
    return view


def _campaigns(person: Person, project: Project, chosen: list[str]) -> list[str]:
    return st.multiselect(
        "Campaigns",
        data.campaigns(person, project, tuple(chosen)),
        key="campaigns",
        bind="query-params",
        placeholder="All campaigns",
        width=240,
    )


def _end_of(day: date, project: Project) -> datetime:
    """The last moment of a day in the project's time zone."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(project.time_zone)) - timedelta(
        seconds=1
    )


def said(view: View) -> str:
    """The period and what it is compared with, in words."""
    text = f"{formats.days(view.start, view.end)} ({view.length} days)"
    if view.compared:
        text += f" compared with {formats.days(*view.compared)}, same weekdays"
    if view.as_of:
        text += f" · as it stood at the end of {view.as_of:%d %b %Y}"
    return f"{text} · amounts in {view.currency}"
