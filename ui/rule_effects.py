"""What channel rules do to the traffic at hand: by channel now and after, and every tag with where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from analytics import grouping, rules
from analytics.grouping import UNASSIGNED, Grouping
from reports import traffic
from reports.traffic import Group, Tagged, Tags
from reports.view import View
from store.access import Person
from store.projects import Project
from ui import downloads, formats, tables

SHOWN = ("sessions", "engaged_sessions", "key_events", "orders", "revenue_net")
_COMPARED = ("sessions", "orders")
_MOST = 1_000


def why_nothing(found: Tags) -> None:
    """Says which of visits and orders are missing, and why."""
    for why, what in ((found.no_visits, "sessions"), (found.no_orders, "orders")):
        if why:
            st.caption(f":material/info: No {what} below: {why[0].lower()}{why[1:]}")


def by_channel(
    person: Person, project: Project, view: View, found: Tags, now: Grouping, after: Grouping | None
) -> None:
    """Sums by channel; with other rules `after`, both side by side, with the difference."""
    before = {group.channel: group for group in traffic.grouped(found.tagged, now)}
    later = {g.channel: g for g in traffic.grouped(found.tagged, after)} if after else before
    names = list(dict.fromkeys([*later, *before]))
    names.sort(key=lambda name: name == UNASSIGNED)
    columns: dict[str, list[Any]] = {"Channel": names}
    config: dict[str, Any] = {}
    for slug in SHOWN if after is None else _COMPARED:
        _column(columns, config, slug, "" if after is None else " now", before, names, view)
        if after is not None:
            _column(columns, config, slug, " after", later, names, view)
            columns[f"{slug} ±"] = [_difference(before.get(n), later.get(n), slug) for n in names]
            config[f"{slug} ±"] = st.column_config.NumberColumn(
                f"± {tables.column_title(slug, view.currency)}", format="%+d"
            )
    columns["Tags"] = [later[n].tags if n in later else 0 for n in names]
    config["Tags"] = st.column_config.NumberColumn(
        "Tags", help="How many different source / medium / campaign"
    )
    table = pd.DataFrame(columns).dropna(axis="columns", how="all")
    alt = "Sessions, orders and sales by channel" + (" now and after the change" if after else "")
    st.dataframe(
        table,
        hide_index=True,
        column_config=config,
        placeholder=formats.NONE,
        key=f"by-channel-{after is None}",
        alt=alt,
    )
    if after is None:
        shown = table.rename(columns={slug: tables.column_title(slug, view.currency) for slug in SHOWN})
        downloads.offer(person, project, "channels", lambda: pl.from_pandas(shown), "by-channel")


def _column(
    columns: dict[str, list[Any]], config: dict[str, Any], slug: str, suffix: str, of: dict[str, Group],
    names: Sequence[str], view: View,
) -> None:  # fmt: skip
    key = slug + suffix
    columns[key] = [tables.value(slug, of[n].now) if n in of else None for n in names]
    config[key] = st.column_config.NumberColumn(
        tables.column_title(slug, view.currency) + suffix, format="localized", help=tables.explain(slug)
    )


def _difference(before: Group | None, after: Group | None, slug: str) -> float | None:
    one, other = (group.now.get(slug) if group else None for group in (before, after))
    if one is None and other is None:
        return None
    return float((other or Decimal(0)) - (one or Decimal(0)))


def preview(
    person: Person, project: Project, view: View, found: Tags, now: Grouping, after: Grouping
) -> None:
    """Before saving: what moves, what never matches, and the channels side by side."""
    triples = [one.triple for one in found.tagged]
    old, new = grouping.assign(now, triples), grouping.assign(after, triples)
    moving = [one for one in found.tagged if old[one.triple] != new[one.triple]]
    sessions = sum((one.now.get("sessions") or Decimal(0) for one in moving), Decimal(0))
    orders = sum((one.now.get("orders") or Decimal(0) for one in moving), Decimal(0))
    st.markdown(
        f"**{len(moving):,} of {len(triples):,}** tags move to another channel, with {sessions:,.0f} sessions and "
        f"{orders:,.0f} orders of this period."
    )
    for text in rules.warnings(after, triples):
        st.warning(text, icon=":material/rule:")
    by_channel(person, project, view, found, now, after)
    if moving:
        with st.expander(f"The {len(moving):,} tags that move", icon=":material/swap_horiz:"):
            table = _tags(moving[:_MOST])
            table.insert(0, "To", [new[one.triple] for one in moving[:_MOST]])
            table.insert(0, "From", [old[one.triple] for one in moving[:_MOST]])
            st.dataframe(
                table, hide_index=True, column_config=_COUNTS, placeholder=formats.NONE, key="moving"
            )


def _tags(found: Sequence[Tagged]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        name.capitalize(): [getattr(one.triple, name) or "(empty)" for one in found]
        for name in ("source", "medium", "campaign")
    }
    for slug, name in (("sessions", "Sessions"), ("orders", "Orders")):
        values = [one.now.get(slug) for one in found]
        if any(value is not None for value in values):
            columns[name] = [None if value is None else int(value) for value in values]
    return pd.DataFrame(columns)


_COUNTS = {name: st.column_config.NumberColumn(name, format="localized") for name in ("Sessions", "Orders")}


def raw(person: Person, project: Project, found: Tags, wanted: Grouping) -> None:
    """Every tag with its channel and category, Unassigned first, found by any part."""
    channels = grouping.assign(wanted, (one.triple for one in found.tagged))
    lost = [one for one in found.tagged if channels[one.triple] == UNASSIGNED]
    if lost:
        sessions = sum((one.now.get("sessions") or Decimal(0) for one in lost), Decimal(0))
        orders = sum((one.now.get("orders") or Decimal(0) for one in lost), Decimal(0))
        st.caption(
            f"{len(lost):,} of {len(found.tagged):,} tags are {UNASSIGNED}, with {sessions:,.0f} sessions and {orders:,.0f} "
            "orders; they stand first."
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find a tag", key="find-tag", bind="query-params", placeholder="Part of it", width=220
        )
        names = sorted(set(channels.values()), key=lambda name: (name != UNASSIGNED, name))
        only = st.multiselect(
            "Channels of tags",
            names,
            key="tags-of",
            bind="query-params",
            placeholder="All channels",
            width=300,
        )
    words = (text or "").casefold().split()
    rows = [
        one
        for one in (*lost, *(one for one in found.tagged if channels[one.triple] != UNASSIGNED))
        if (not only or channels[one.triple] in only)
        and all(any(word in part.casefold() for part in one.triple) for word in words)
    ]
    if not rows:
        st.info("No tag here matches. Clear “Find a tag” and “Channels of tags” to see all.")
        return

    def table(of: Sequence[Tagged]) -> pd.DataFrame:
        frame = _tags(of)
        frame.insert(0, "Channel", [channels[one.triple] for one in of])
        return frame

    st.dataframe(
        table(rows[:_MOST]),
        hide_index=True,
        placeholder=formats.NONE,
        key="raw-tags",
        column_config=_COUNTS,
        alt="Tags with their channel",
    )
    if len(rows) > _MOST:
        st.caption(f"The first {_MOST:,} of {len(rows):,} are shown; downloads hold all.")
    downloads.offer(person, project, "tags", lambda: pl.from_pandas(table(rows)), "raw-tags")
