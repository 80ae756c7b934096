"""The part of Data health that holds totals against each other: filters, the chart of differences, the table."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import streamlit as st

from reports import wording
from reports.reconciliation import CAUSES, SHOP_CAUSES, Reconciled, Row
from store.access import Person
from store.projects import Project
from ui import charts, data, downloads, formats

PLATFORM, SHOP = "The platform's own totals", "The shop"
PERIODS = {"7": 7, "14": 14, "35": 35, "92": 92}
_HUNDRED = Decimal(100)
_NOTHING = Decimal(0)
_MOST_ROWS = 2_000


def show(person: Person, project: Project, last: date) -> None:
    """Filters, and what they leave: chart, table, downloads."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="reconcile-filters"):
        against = st.segmented_control(
            "What is stored, against",
            [PLATFORM, SHOP],
            default=PLATFORM,
            key="against",
            bind="query-params",
            required=True,
        )
        days = st.selectbox(
            "Days",
            list(PERIODS),
            2,
            format_func="Last {} days".format,
            key="days",
            bind="query-params",
            width=150,
        )
        first = last - timedelta(PERIODS.get(days or "", 35) - 1)
        found = data.reconciled(person, project, first, last)
        named = {wording.account(row.channel, row.account): None for row in found.rows}
        source = st.selectbox(
            "Source",
            list(named),
            None,
            key="source",
            bind="query-params",
            placeholder="All sources",
            width=260,
        )
        only = st.toggle("Only differences", key="differing", bind="query-params")
    by_shop = against == SHOP
    rows = [row for row in found.rows if _is_wanted(row, by_shop, source)]
    if not rows:
        st.info(_nothing(by_shop), icon=":material/help:")
        return
    if by_shop:
        _over_claim(found)
    _chart(person, project, rows, by_shop)
    shown = [row for row in rows if not only or _differs(row, by_shop)]
    table = frame(shown, by_shop)
    alt = f"Each figure by source and day against {'the shop' if by_shop else 'the platform'}"
    downloads.show(table.head(_MOST_ROWS), f"reconciled-{by_shop}", alt)
    shortened = f" The first {_MOST_ROWS:,} are shown; downloads hold all." if len(shown) > _MOST_ROWS else ""
    st.caption(f"{wording.count(len(shown), 'row')}, money in each account's currency.{shortened}")
    _causes(shown, by_shop)
    downloads.offer(person, project, "reconciliation", lambda: table, f"reconciled-{by_shop}")


def _is_wanted(row: Row, by_shop: bool, source: str | None) -> bool:
    if source and wording.account(row.channel, row.account) != source:
        return False
    return bool(row.shop_cause) if by_shop else True


def _differs(row: Row, by_shop: bool) -> bool:
    return bool(row.shop_difference) if by_shop else bool(row.difference)


def _nothing(by_shop: bool) -> str:
    if by_shop:
        return "No source claims conversions on these days, so there is nothing to hold against the shop."
    return "No source has daily figures in these days, so there is nothing to compare. Pick more days."


def _over_claim(found: Reconciled) -> None:
    if found.over_claim is not None:
        st.markdown(
            f"Platforms claim **{found.claimed_orders:,.0f}** conversions where the shop has **{found.shop_orders:,.0f}** "
            f"orders: over-claim ratio **{found.over_claim:.2f}×**. Above 1 some orders are claimed twice for certain."
        )


def _chart(person: Person, project: Project, rows: list[Row], by_shop: bool) -> None:
    """Difference in percent by day, one line a source, of the figure that is picked."""
    usual = (
        ("conversions", "conversion_value") if by_shop else ("spend", "impressions", "clicks", "conversions")
    )
    there = {row.metric for row in rows if _relative(row, by_shop) is not None}
    figures = [name for name in usual if name in there] + sorted(there - set(usual))
    if not figures:
        st.caption("No day has both totals, so no difference can be drawn.")
        return
    metric = st.selectbox(
        "Figure in the chart",
        figures,
        format_func=_figure,
        key="drawn",
        bind="query-params",
        width=220,
    )
    lines: dict[str, list[tuple[date, Decimal | None]]] = {}
    of: dict[str, str] = {}
    for row in reversed(rows):
        value = _relative(row, by_shop)
        if row.metric == metric and value is not None:
            name = wording.account(row.channel, row.account)
            lines.setdefault(name, []).append((row.day, value * _HUNDRED))
            of[name] = row.channel
    drawn = _figure(metric or "")
    if not any(value for points in lines.values() for _, value in points):
        st.success(
            f"{drawn}: no difference on any of these days.",
            icon=":material/check_circle:",
        )
        return
    other = "the shop's" if by_shop else "the platform's"
    title = f"{drawn} against {other}: difference in percent by day"
    st.subheader(title, anchor=False)
    size, name, day = max((abs(v or _NOTHING), n, d) for n, points in lines.items() for d, v in points)
    alt = f"Difference in percent by day; the largest is {size:.1f} % for {name} on {formats.day(day)}"
    charts.show(person, project, charts.accounts(title, lines, of, "%"), "differences", alt=alt)


def _relative(row: Row, by_shop: bool) -> Decimal | None:
    return row.shop_relative if by_shop else row.relative


def frame(rows: list[Row], by_shop: bool) -> pl.DataFrame:
    """The table as it is shown and downloaded."""
    columns: dict[str, object] = {
        "Day": [row.day for row in rows],
        "Source": [wording.account(row.channel, row.account) for row in rows],
        "Figure": [_figure(row.metric) for row in rows],
        "Platform": downloads.numbers([row.platform_total for row in rows]),
        "Stored": downloads.numbers([row.stored_total for row in rows]),
    }
    if by_shop:
        columns |= {
            "Shop": downloads.numbers([row.shop_total for row in rows], 2),
            "Difference": downloads.numbers([row.shop_difference for row in rows], 2),
            "Difference %": downloads.numbers([_percent(row.shop_relative) for row in rows], 2),
            "Why": [SHOP_CAUSES.get(row.shop_cause, row.shop_cause) for row in rows],
        }
    else:
        columns |= {
            "Difference": downloads.numbers([row.difference for row in rows]),
            "Difference %": downloads.numbers([_percent(row.relative) for row in rows], 2),
            "Why": [CAUSES.get(row.cause, row.cause) for row in rows],
        }
    columns["Currency"] = [row.currency if row.metric in wording.MONEY else "" for row in rows]
    return pl.DataFrame(columns)


def _figure(metric: str) -> str:
    """A metric in a narrow column: 'Conversions', for those that a platform claims."""
    text = wording.label(metric).removeprefix("platform ")
    return text[:1].upper() + text[1:]


def _causes(rows: list[Row], by_shop: bool) -> None:
    """Why totals differ, the most frequent first, in words that need no scrolling."""
    words = SHOP_CAUSES if by_shop else CAUSES
    counted = Counter(row.shop_cause if by_shop else row.cause for row in rows)
    lines = [f"- {words.get(cause, cause)} ({wording.count(n, 'row')})" for cause, n in counted.most_common()]
    st.markdown("\n".join(lines))


def _percent(value: Decimal | None) -> Decimal | None:
    return None if value is None else value * _HUNDRED
