"""Links to dashboards read as what they ask: the same for a page, which shows the choices, and for a mail, which does not.

A link's parameters are texts as people read them (`period=Last 30 days`), so that they can be written by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import settings
from analytics import channels
from reports import formats
from reports import settling as settlings
from reports.coverage import Coverage, span
from reports.settling import Settling
from reports.view import Compare, View
from store.projects import Project

Params = Mapping[str, Sequence[str]]
Key = TypeVar("Key", bound=str)
CURRENCIES = [
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF", "IDR", "ILS",
    "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB",
    "TRY", "ZAR",
]  # fmt: skip
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
"""Periods, as people call them."""
COMPARES: dict[Compare, str] = {
    Compare.PREVIOUS: "Previous period",
    Compare.YEAR: "Year before",
    Compare.NONE: "Nothing",
}
VERSUS = {Compare.PREVIOUS: "vs before", Compare.YEAR: "vs year before", Compare.NONE: ""}


@dataclass(frozen=True)
class Choice:
    """What the filter bar has chosen. `dates` count for the period "custom"; `stood` is the past day as whose
    figures the page is shown."""

    period: str
    dates: tuple[date, ...]
    compare: Compare
    channels: tuple[str, ...]
    campaigns: tuple[str, ...]
    currency: str
    stood: date | None


def view(choice: Choice, project: Project, found: list[Coverage]) -> View:
    """The view that a choice describes. Raises BadInput for an impossible period."""
    start, end = dates_of(choice.period, today(project), span(found))
    if choice.period == "custom" and choice.dates:
        start, end = choice.dates[0], choice.dates[-1]
    return View(
        start, end, choice.currency or project.currency, choice.compare, choice.channels, choice.campaigns,
        as_of(choice.stood, project),
    )  # fmt: skip


def read(
    params: Params,
    project: Project,
    found: list[Coverage],
    campaigns: Collection[str] | None = None,
    *,
    channel: str = "",
    compare: bool = True,
) -> Choice:
    """What the filter bar would choose for a link. What is not there is left out (`missing` names it); `campaigns`
    are those that there are (None: whatever the link names)."""
    known = () if channel else tuple(sorted({c.channel for c in found}, key=channels.label))
    asked = params.get("channels", ())
    stood = day_of(first(params, "as-of"))
    currency = first(params, "currency", project.currency)
    named = tuple(params.get("campaigns", ()))
    return Choice(
        chosen(PERIODS, params, "period", "latest-30"),
        tuple(day for day in map(day_of, params.get("dates", ())) if day),
        chosen(COMPARES, params, "compare", Compare.PREVIOUS) if compare else Compare.NONE,
        (channel,) if channel else tuple(one for one in known if channels.label(one) in asked),
        named if campaigns is None else tuple(one for one in named if one in campaigns),
        currency if currency in {project.currency, *CURRENCIES} else project.currency,
        stood,
    )  # fmt: skip


def missing(params: Params, key: str, options: Collection[str]) -> list[str]:
    """What a link asks for that is not there (any more)."""
    return [text for text in params.get(key, ()) if text and text not in options]


def first(params: Params, name: str, otherwise: str = "") -> str:
    """A parameter's first value."""
    values = params.get(name, ())
    return values[0] if values else otherwise


def chosen(options: Mapping[Key, str], params: Params, name: str, otherwise: Key) -> Key:
    """The key of the option that a parameter names by its words."""
    wanted = first(params, name)
    return next((key for key, label in options.items() if label == wanted), otherwise)


def is_on(params: Params, name: str) -> bool:
    """Whether a switch is on."""
    return first(params, name) == "true"


def day_of(text: str) -> date | None:
    """A day of a link; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_of(stood: date | None, project: Project) -> datetime | None:
    """The last moment of a past day in the project's time zone; None for today and later."""
    if stood is None or stood >= today(project):
        return None
    return datetime.combine(stood + timedelta(days=1), time.min, ZoneInfo(project.time_zone)) - timedelta(
        seconds=1
    )


def address(page: str, params: Params, project: Project) -> str:
    """The whole address of a view, by the server's public one."""
    path = "" if page == "overview" else page
    query = urlencode({**params, "project": [str(project.id)]}, doseq=True)
    return f"{settings.current().address_shown}/{path}?{query}"


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
