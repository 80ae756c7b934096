"""The tag audit's parts: campaigns that no visit names, visits that name no campaign, and aliases that join them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl
import streamlit as st

from analytics import channels
from analytics.aliases import Alias, Pair
from reports import tagging
from reports.tagging import Audit, Side
from store import agreements
from store.access import Person
from store.agreements import Agreed
from store.projects import Project
from ui import agreed as agreements_ui
from ui import downloads, formats, messages
from ui.sign_in import literal

_OFFERED = 20


def summary(found: Audit) -> None:
    """Both sides in one figure each."""
    currency = found.figures.currency
    with st.container(horizontal=True):
        st.metric(
            "Spend without tagged visits", formats.money(found.silent.part, currency), border=True, width=280,
            delta=_share(found.silent, formats.money(found.silent.whole, currency)), delta_color="off", delta_arrow="off",
        )  # fmt: skip
        st.metric(
            "Paid sessions without a campaign", formats.number(found.lost.part), border=True, width=280,
            delta=_share(found.lost, formats.number(found.lost.whole)), delta_color="off", delta_arrow="off",
        )  # fmt: skip
    st.caption(
        f"The 35 days up to {formats.day(found.figures.last)}. Names are compared by letters and digits alone, and by ids."
    )


def _share(side: Side, whole: str) -> str | None:
    return f"{formats.percent(side.part / side.whole, 1)} of {whole}" if side.whole else None


def pairs(person: Person, project: Project, found: Audit, agreed: Agreed[tuple[Alias, ...]]) -> None:
    """Tags that look like a campaign without visits, each joined by one click."""
    st.subheader("Probably the same", anchor=False)
    if not found.pairs:
        st.caption("No tag without a campaign resembles the name of a campaign without visits.")
        return
    st.write(
        "An alias lets a tag count as the campaign's name in every report; the tag itself stays as it is."
    )
    sessions = _sessions(found)
    spends = {one.name or one.key: one for one in found.silent.campaigns}
    for pair in found.pairs[:_OFFERED]:
        campaign = spends[pair.canonical]
        with st.container(horizontal=True, vertical_alignment="center", key=f"pair-{pair.raw}"):
            text = (
                f"**{literal(pair.raw)}** ({sessions[pair.raw]:,} sessions) → **{literal(pair.canonical)}** "
                f"({channels.label(found.channel(campaign))}, {formats.money(campaign.spend, found.figures.currency)}) · "
                f"{pair.score:.0%} alike"
            )
            st.markdown(text.replace("$", "\\$"), width="stretch")
            st.button(
                "Make it an alias", icon=":material/link:", key=f"alias-{pair.raw}", on_click=_add,
                args=(person, project, [pair], agreed),
            )  # fmt: skip
    if len(found.pairs) > _OFFERED:
        st.caption(f"The {_OFFERED} likeliest of {len(found.pairs):,} pairs; the tables below name all.")


def _sessions(found: Audit) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in found.lost.tags:
        total[one.campaign] = total.get(one.campaign, 0) + one.sessions
    return total


def _add(person: Person, project: Project, made: Sequence[Pair], agreed: Agreed[tuple[Alias, ...]]) -> None:
    new = tuple(Alias("campaign", pair.raw, pair.canonical) for pair in made)
    note = ", ".join(f"{alias.raw} → {alias.canonical}" for alias in new)[:200]
    messages.attempt(
        agreements.save_aliases, person, project.id, (*agreed.value, *new), seen=agreed.version, note=note,
        done=f"{note}: one campaign from now on. Undo stands under Aliases.",
    )  # fmt: skip


def silent(person: Person, project: Project, found: Audit) -> None:
    """Campaigns that spend, and no session names."""
    st.subheader("Spend without tagged visits", anchor=False)
    side = found.silent
    if not side.campaigns:
        st.success(
            f"All {side.examined:,} campaigns that were clicked have visits.", icon=":material/check_circle:"
        )
        return
    st.write("Tag the ads' links with utm_campaign = the campaign's name or id, or switch on auto-tagging.")
    likely = {pair.canonical: pair for pair in found.pairs}
    named = [likely.get(one.name or one.key) for one in side.campaigns]
    spends = [one.spend for one in side.campaigns]
    table = pl.DataFrame(
        {
            "Campaign": [one.name or one.key for one in side.campaigns],
            "Platform": [channels.label(found.channel(one)) for one in side.campaigns],
            f"Spend ({found.figures.currency})": downloads.numbers(spends, 2),
            "Share of clicked spend %": downloads.numbers([_part(s, side.whole) for s in spends], 1),
            "Clicks": [one.clicks for one in side.campaigns],
            "Probably tagged as": pl.Series([pair.raw if pair else None for pair in named], dtype=pl.Utf8),
            "Id": [one.key for one in side.campaigns],
        }
    )
    downloads.show(table, "silent", "Campaigns that cost money and that no session names")
    downloads.offer(person, project, "spend-without-visits", lambda: table, "silent")


def _part(value: Decimal | None, whole: Decimal) -> Decimal | None:
    return 100 * value / whole if value is not None and whole else None


def lost(person: Person, project: Project, found: Audit) -> None:
    """Tags of paid visits that are no campaign."""
    st.subheader("Paid visits without a campaign", anchor=False)
    side = found.lost
    if not side.tags:
        what = (
            f"All {side.examined:,} tags of paid visits name a campaign."
            if side.examined
            else "No session came by a paid medium."
        )
        st.success(what, icon=":material/check_circle:")
        return
    st.write("Correct the links, or connect the account that these campaigns belong to.")
    likely = {pair.raw: pair for pair in found.pairs}
    named = [likely.get(one.campaign) for one in side.tags]
    table = pl.DataFrame(
        {
            "Source / medium": [one.source_medium for one in side.tags],
            "Campaign": [one.campaign for one in side.tags],
            "Sessions": [one.sessions for one in side.tags],
            "Share of paid sessions %": downloads.numbers(
                [_part(Decimal(one.sessions), side.whole) for one in side.tags], 1
            ),
            "What is the matter": [f"sessions {tagging.said(one)}" for one in side.tags],
            "Probably the campaign": pl.Series(
                [pair.canonical if pair else None for pair in named], dtype=pl.Utf8
            ),
        }
    )
    downloads.show(table, "lost", "Tags of paid visits that name no known campaign")
    downloads.offer(person, project, "visits-without-campaign", lambda: table, "lost")


def known(person: Person, project: Project, agreed: Agreed[tuple[Alias, ...]], *, editable: bool) -> None:
    """Aliases in force: one by hand, away with one, all versions."""
    st.subheader("Aliases", anchor=False)
    if agreed.value:
        st.dataframe(
            {
                "Field": [alias.field for alias in agreed.value],
                "In the links": [alias.raw for alias in agreed.value],
                "Counts as": [alias.canonical for alias in agreed.value],
            },
            hide_index=True, key="aliases", alt="Tags that count as others",
        )  # fmt: skip
    else:
        st.caption("No tag counts as another one.")
    if editable:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            field = st.selectbox("Field", ("campaign", "source", "medium"), key="alias-field", width=140)
            raw = st.text_input("In the links", key="alias-raw", width=240)
            canonical = st.text_input("Counts as", key="alias-canonical", width=240)
            st.button(
                "Add alias", key="add-alias", disabled=not (raw and canonical), on_click=_save,
                args=(person, project, (*agreed.value, Alias(field or "campaign", raw, canonical)), agreed.version, "Added."),
            )  # fmt: skip
        if agreed.value:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                n = st.selectbox(
                    "Alias", range(len(agreed.value)), key=f"alias-picked-{agreed.version}", width=420,
                    format_func=lambda n: f"{agreed.value[n].raw} → {agreed.value[n].canonical}",
                )  # fmt: skip
                left = tuple(alias for k, alias in enumerate(agreed.value) if k != n)
                st.button(
                    "Remove alias", key="remove-alias", on_click=_save,
                    args=(person, project, left, agreed.version, "Removed. Tags count as themselves again."),
                )  # fmt: skip
                agreements_ui.undo(
                    person, project, agreements.ALIASES, agreed.version, "Undo the last change"
                )
    agreements_ui.history(
        person, project, agreements.ALIASES, agreed.version, lambda c: f"{len(c)} aliases", editable=editable
    )


def _save(person: Person, project: Project, made: tuple[Alias, ...], seen: int, done: str) -> None:
    messages.attempt(agreements.save_aliases, person, project.id, made, seen=seen, done=done)
