"""The filter bar. Its widgets are bound to the URL, so every view is a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from analytics import channels
from reports import settling as settlings
from reports.coverage import Coverage, span
from reports.settling import Settling
from reports.view import Compare, View
from store.access import Person
from store.projects import Project
from ui import data, formats, views
from ui.sign_in import literal

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


def tell_missing(key: str, what: str, options: Iterable[str]) -> None:
    """Say what a link (a saved view, say) asks for that this project does not have (any more).

    To be called before the widget of that key, which forgets what it cannot offer.
    """
    known = set(options)
    gone = [text for text in st.query_params.get_all(key) if text and text not in known]
    if gone:
        named = ", ".join(literal(text[:60]) for text in gone[:3]) + (" …" if len(gone) > 3 else "")
        st.warning(
            f"This link asks for {what} that this project has no figures of (any more): {named}. You see it without.",
            icon=":material/search_off:",
        )


def begin_with(key: str, option: str, words: str) -> None:
    """Choose an option, `words` in a link, where the link names none; for a widget without a default of its own.

    Links leave defaults out. One that depends on what the project has (its first channel) would mean something
    else once a channel is added; chosen this way it stands in the link.
    """
    if key not in st.session_state and not st.query_params.get(key):
        st.query_params[key] = words
        st.session_state[key] = option


def bar(
    person: Person,
    project: Project,
    found: list[Coverage],
    *,
    channel: str = "",
    compare: bool = True,
    by_campaign: bool = True,
) -> View:
    """Show the filters; the view they describe. A page of one `channel` has no filter for channels, one that
    compares nothing none for that, and one without campaigns none for those.

    Raises BadInput for an impossible period.
    """
    known = sorted({c.channel for c in found}, key=channels.label)
    if not channel:
        tell_missing("channels", "channels", map(channels.label, known))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        start, end = _period(today(project), span(found))
        against: Compare | None = Compare.NONE
        if compare:
            against = st.selectbox(
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
                known,
                format_func=channels.label,
                key="channels",
                bind="query-params",
                placeholder="All channels",
                width=240,
            )
        campaigns = _campaigns(person, project, chosen) if by_campaign else []
        shown = [project.currency, *(c for c in CURRENCIES if c != project.currency)]
        currency = st.selectbox("Currency", shown, key="currency", bind="query-params", width=110)
        stood = _stood(project)
    view = View(
        start,
        end,
        currency or project.currency,
        Compare(against or Compare.PREVIOUS),
        tuple(chosen),
        tuple(campaigns),
        _end_of(stood, project) if stood and stood < today(project) else None,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="view-line"):
        st.caption(said(view), width="stretch")
        views.save_button(person, project)
    return view


def _campaigns(person: Person, project: Project, chosen: list[str]) -> list[str]:
    named = data.campaigns(person, project, tuple(chosen))
    tell_missing("campaigns", "campaigns", named)
    return st.multiselect(
        "Campaigns",
        named,
        key="campaigns",
        bind="query-params",
        placeholder="All campaigns",
        width=240,
    )


def _stood(project: Project) -> date | None:
    """The past day as whose figures the page is to be shown."""
    picked = st.date_input(
        "As it stood on", None, key="as-of", bind="query-params", format="YYYY-MM-DD", width=150,
        max_value=today(project),
        help="Platforms change figures afterwards. Pick a day to see them as they stood at its end; leave it "
        "empty to see them as they stand now. Names and budgets are always today's.",
    )  # fmt: skip
    return picked if isinstance(picked, date) else None


def from_link(params: Mapping[str, Sequence[str]], project: Project, found: list[Coverage]) -> View:
    """The view that the filter bar would make of a link's parameters, without showing it; nothing is compared.

    What a link asks for that is not there is left out. Raises BadInput for an impossible period.
    """
    first_of = {name: values[0] for name, values in params.items() if values}
    period = next((k for k, label in PERIODS.items() if label == first_of.get("period")), "latest-30")
    start, end = dates_of(period, today(project), span(found))
    if period == "custom":
        days = [day for day in map(_day_of, params.get("dates", ())) if day]
        start, end = (days[0], days[-1]) if days else (start, end)
    asked = params.get("channels", ())
    chosen = tuple(sorted({c.channel for c in found if channels.label(c.channel) in asked}))
    currency = first_of.get("currency", project.currency)
    stood = _day_of(first_of.get("as-of", ""))
    return View(
        start,
        end,
        currency if currency in CURRENCIES else project.currency,
        Compare.NONE,
        chosen,
        tuple(params.get("campaigns", ())),
        _end_of(stood, project) if stood and stood < today(project) else None,
    )


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _end_of(day: date, project: Project) -> datetime:
    """The last moment of a day in the project's time zone."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(project.time_zone)) - timedelta(
        seconds=1
    )


def settling(project: Project, found: list[Coverage], view: View, slugs: Sequence[str]) -> Settling:
    """Which days of metrics in a view are final, as of the day that the view shows them."""
    now = view.as_of.astimezone(ZoneInfo(project.time_zone)).date() if view.as_of else today(project)
    return settlings.settling(found, view.channels, slugs, now)


def said(view: View) -> str:
    """The period and what it is compared with, in words."""
    text = f"{formats.days(view.start, view.end)} ({view.length} days)"
    if view.compared:
        text += f" compared with {formats.days(*view.compared)}, same weekdays"
    if view.as_of:
        text += f" · as it stood at the end of {view.as_of:%d %b %Y}"
    return f"{text} · amounts in {view.currency}"
