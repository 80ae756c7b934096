"""The filter bar. Its widgets are bound to the URL, so every view is a link."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import streamlit as st

from analytics import channels
from reports import links
from reports.coverage import Coverage, span
from reports.links import COMPARES as COMPARES
from reports.links import CURRENCIES as CURRENCIES
from reports.links import PERIODS as PERIODS
from reports.links import VERSUS as VERSUS
from reports.links import Choice
from reports.links import dates_of as dates_of
from reports.links import said as said
from reports.links import settling as settling
from reports.links import today as today
from reports.view import Compare, View
from store.access import Person
from store.projects import Project
from ui import data, views
from ui.sign_in import literal


def _period(project: Project, found: list[Coverage]) -> tuple[str, tuple[date, ...]]:
    chosen = st.selectbox(
        "Period", list(PERIODS), format_func=PERIODS.__getitem__, key="period", bind="query-params", width=220
    )
    if chosen != "custom":
        return chosen or "latest-30", ()
    # An open range comes back as one date while the person is still picking its end.
    picked = st.date_input(
        "Dates", dates_of(chosen, today(project), span(found)), key="dates", bind="query-params",
        format="YYYY-MM-DD", width=240,
    )  # fmt: skip
    return chosen, tuple(picked) if isinstance(picked, (tuple, list)) else (picked,)


def tell_missing(key: str, what: str, options: Iterable[str]) -> None:
    """Say what a link (a saved view, say) asks for that this project does not have (any more).

    To be called before the widget of that key, which forgets what it cannot offer.
    """
    gone = _not_among(key, options)
    if gone:
        st.warning(
            f"This link asks for {what} that this project has no figures of (any more): {_named(gone)}. You see it without.",
            icon=":material/search_off:",
        )


def tell_unknown(**choices: Iterable[str]) -> None:
    """Say which words of a link are none of the choices that there are, by the key of each widget.

    To be called before the widgets, as `tell_missing`.
    """
    gone = [text for key, options in choices.items() for text in _not_among(key, options)]
    if gone:
        st.warning(
            f"This link asks for what is not among the choices: {_named(gone)}. You see it without.",
            icon=":material/search_off:",
        )


def _not_among(key: str, options: Iterable[str]) -> list[str]:
    known = set(options)
    return [text for text in st.query_params.get_all(key) if text and text not in known]


def _named(words: list[str]) -> str:
    return ", ".join(literal(text[:60]) for text in words[:3]) + (" …" if len(words) > 3 else "")


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
    shown = [project.currency, *(c for c in CURRENCIES if c != project.currency)]
    compares = {"compare": COMPARES.values()} if compare else {}
    tell_unknown(period=PERIODS.values(), **compares, currency=shown)
    if not channel:
        tell_missing("channels", "channels", map(channels.label, known))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        period, dates = _period(project, found)
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
        currency = st.selectbox("Currency", shown, key="currency", bind="query-params", width=110)
        stood = _stood(project)
    choice = Choice(
        period,
        dates,
        Compare(against or Compare.PREVIOUS),
        tuple(chosen),
        tuple(campaigns),
        currency or project.currency,
        stood,
    )
    view = links.view(choice, project, found)
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
