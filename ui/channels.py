"""The parts of the Channels page: a kind's figures, its channels side by side, and what only that kind has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import streamlit as st

from analytics import channels, metrics
from analytics.channels import ChannelKind
from reports import overview
from reports.coverage import Coverage
from reports.exports import Sheet
from reports.kinds import KindReport
from reports.overview import Points, Totals
from reports.sales import Sold
from reports.view import View
from store.access import Person
from store.projects import Project
from ui import charts, data, filters, formats, notes, tables

_TILES = 8
_MOST_DRAWN = 7
"""Colours that are told apart at a glance; the rest is one."""
REST = "All others"
_TOP = 10
_SAID = {
    "paid": "Conversions and their value are each platform's own claim; add them up with care.",
    "social": "As each platform counts them. Averages are weighted by views.",
    "email": "Opens are inflated by Apple Mail Privacy Protection; clicks are the firmer figure.",
    "web": "Sessions as the web analytics tool counts them, over all its visitors.",
    "search": "Unpaid Google results. The average position is weighted by impressions.",
    "shop": "Net sales = gross sales − discounts − refunds.",
}
_DIMENSIONS = {
    "customer": ("First-time and returning customers", "Customers"),
    "channel": ("Sales channels of the shop", "Sales channel"),
    "country": ("Countries", "Country"),
    "product": ("Products", "Product"),
    "tag": ("Where orders came from, by tag", "Source / medium / campaign"),
}
_CUSTOMERS = {"new": "First-time", "returning": "Returning", "unknown": "No customer given"}
_SOLD = ("orders", "revenue_gross", "discounts", "refunds", "revenue_net", "aov")
_VISITS = ("sessions", "engagement_rate_web", "key_events", "orders", "revenue_net", "cvr_session")
_PRODUCT = ("items", "orders", "revenue_gross", "discounts")


def pick(kinds: Sequence[ChannelKind]) -> ChannelKind:
    """Let the person pick one of the kinds that the project has; it stands in the link."""
    labels = {channels.KINDS[kind]: kind for kind in kinds}
    chosen = st.segmented_control(
        "Kind of channel", list(labels), default=next(iter(labels)), key="kind", bind="query-params",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    return labels.get(str(chosen), kinds[0])


def tiles(found: KindReport, view: View) -> None:
    """The kind's leading figures together; what several channels cannot share is left out."""
    measured = [
        slug for slug in channels.METRICS[found.kind] if metrics.evaluate(slug, found.now) is not None
    ]
    with st.grid(4, min_column_width=160):
        for slug in measured[:_TILES]:
            tables.compared_tile(
                slug, found.now, found.before, overview.course(slug, found.days), view.currency,
                filters.VERSUS[view.compare],
            )  # fmt: skip


def course(person: Person, project: Project, found: KindReport, view: View, coverage: list[Coverage]) -> None:
    """The leading metric by channel and day, with the days that are not final told apart."""
    lead = channels.LEADING[found.kind]
    label = tables.column_title(lead, view.currency)
    unit = view.currency if metrics.metric(lead).unit == "money" else ""
    if found.course:
        settled = filters.settling(project, coverage, view, [lead])
        title = f"{label} by channel by day"
        marks = notes.bar(person, project, view)
        st.subheader(title, anchor=False)
        picture = charts.by_channel(title, found.course, unit, settled, marks)
        charts.show(person, project, picture, "course", settled=settled)


def table(person: Person, project: Project, found: KindReport, view: View) -> None:
    """The channels side by side, with their total and the way into each."""
    several = len(found.rows) > 1
    totals = [*(row.now for row in found.rows), *([found.now] if several else [])]
    labels = [channels.label(row.channel) for row in found.rows]
    slugs = _measured(found.rows[0].channel if found.kind == "paid" else "", found.kind, totals)
    _listing(
        person, project, view, channels.KINDS[found.kind],
        {"Channel": [*labels, *(["Total"] if several else [])]}, totals, slugs, f"table-{found.kind}",
    )  # fmt: skip
    st.caption(_SAID[found.kind])
    if found.kind != "shop":
        with st.container(horizontal=True):
            for label in labels:
                st.page_link(
                    "../pages/channel.py", label=f"Open {label}", icon=":material/arrow_forward:",
                    query_params={**_kept(), "channel": label}, width="content",
                )  # fmt: skip


def _kept() -> dict[str, list[str]]:
    """The filters of this page that hold on a channel's page too."""
    left = {"kind", "channels", "channel"}
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in left}


def _measured(channel: str, kind: ChannelKind, totals: Sequence[Totals]) -> tuple[str, ...]:
    if channel:
        return tuple(channels.measured(channel, totals))
    return tuple(
        slug
        for slug in channels.METRICS[kind]
        if any(metrics.evaluate(slug, row) is not None for row in totals)
    )


def _listing(
    person: Person,
    project: Project,
    view: View,
    title: str,
    names: dict[str, list[str]],
    totals: Sequence[Totals],
    slugs: tuple[str, ...],
    key: str,
) -> None:
    config = {slug: tables.column(slug, view.currency) for slug in slugs}
    shown = tables.frame(names, totals, slugs)
    st.dataframe(shown, hide_index=True, column_config=config, alt=title, placeholder=formats.NONE)
    sheet = Sheet(title, names, totals, slugs, view.currency)
    tables.downloads(person, project, view, title, lambda: sheet, key)


def leaders(person: Person, project: Project, found: KindReport, view: View) -> None:
    """The e-mails or posts that did most, where the kind has any."""
    what, grain = {"email": ("E-mails", None), "social": ("Posts", 400)}.get(found.kind, ("", None))
    names = tuple(row.channel for row in found.rows)
    if not what or not names:
        return
    inside = replace(view, channels=names)
    lead = "unique_clicks" if found.kind == "email" else "views"
    rows = sorted(
        data.details(person, project, inside, grain), key=lambda row: -(row.totals.get(lead) or Decimal(0))
    )
    if not rows:
        return
    st.subheader(f"{what} by {metrics.metric(lead).label.lower()}", anchor=False)
    totals = [row.totals for row in rows[:_TOP]]
    _listing(
        person, project, view, what, {what[:-1]: [row.name or row.account for row in rows[:_TOP]]}, totals,
        _measured("", found.kind, totals), f"leaders-{found.kind}",
    )  # fmt: skip
    if len(rows) > _TOP:
        st.caption(f"The first {_TOP} of {len(rows):,}. Open the channel to see all.")


def visits(person: Person, project: Project, view: View) -> None:
    """Where the visits of a site come from, by the project's own channel rules."""
    found = data.traffic(person, project, view)
    if found.no_visits or not found.groups:
        st.info(found.no_visits or "No visit in this period is told apart by source.")
        return
    st.subheader("Where visits come from", anchor=False)
    rows = sorted(found.groups, key=lambda group: -(group.value("sessions") or Decimal(0)))
    whole = found.whole.now.get("sessions")
    names = {
        "Channel group": [row.channel for row in rows],
        "Share of sessions": [
            formats.percent((row.value("sessions") or Decimal(0)) / whole, 1) if whole else formats.NONE
            for row in rows
        ],
        "Sessions change": [formats.change(row.change("sessions")) or formats.NONE for row in rows],
    }
    _listing(
        person, project, view, "Where visits come from", names, [row.now for row in rows], _VISITS, "visits"
    )
    st.page_link(
        "../pages/grouping.py", label="Channel rules: what counts as which", icon=":material/rule:",
        width="content",
    )  # fmt: skip


def sold(person: Person, project: Project, view: View) -> None:
    """Orders by the kind of customer, by country, product, sales channel or tag."""
    labels = {title: dimension for dimension, (title, _) in _DIMENSIONS.items()}
    chosen = st.pills(
        "Orders by", list(labels), default=next(iter(labels)), key="orders-by", bind="query-params",
        required=True,
    )  # fmt: skip
    dimension = labels[str(chosen)]
    title, column = _DIMENSIONS[dimension]
    rows = data.sold(person, project, view, dimension)
    if not any(row.value for row in rows):
        st.info(_missing(dimension))
        return
    if dimension != "product":
        series = largest(data.sold_by_day(person, project, view, dimension), view.days)
        named = {_value(dimension, value): points for value, points in series.items()}
        heading = f"Net sales by {column.lower()} by day ({view.currency})"
        st.subheader(heading, anchor=False)
        picture = charts.by_channel(heading, named, view.currency)
        charts.show(person, project, picture, f"sold-{dimension}-chart")
    totals = [row.now for row in rows if row.now]
    values = [_value(dimension, row.value) for row in rows if row.now]
    shown = {column: values, **_shares(rows, dimension)}
    slugs = _PRODUCT if dimension == "product" else _SOLD
    _listing(person, project, view, title, shown, totals, slugs, f"sold-{dimension}")
    st.caption(_note(dimension))


def _shares(rows: Sequence[Sold], dimension: str) -> dict[str, list[str]]:
    """Each value's part of all sales, and its change against the compared period."""
    measure = "revenue_gross" if dimension == "product" else "revenue_net"
    present = [row for row in rows if row.now]
    whole = sum((row.now.get(measure) or Decimal(0) for row in present), Decimal(0))
    label = "Share of gross sales" if dimension == "product" else "Share of net sales"
    shares = [
        formats.percent((row.now.get(measure) or Decimal(0)) / whole, 1) if whole else formats.NONE
        for row in present
    ]
    changes = [metrics.change(row.now.get(measure), row.before.get(measure)) for row in present]
    found = {label: shares}
    if any(change is not None for change in changes):
        found["Change"] = [formats.change(change) or formats.NONE for change in changes]
    return found


def largest(series: dict[str, Points], days: Sequence[date]) -> dict[str, Points]:
    """The values with the largest sums; all others as one. A day without any figure stays a gap."""
    by_size = sorted(series, key=lambda value: -sum(abs(v) for _, v in series[value] if v is not None))
    if len(by_size) <= _MOST_DRAWN:
        return {value: series[value] for value in by_size}
    kept, rest = by_size[: _MOST_DRAWN - 1], by_size[_MOST_DRAWN - 1 :]
    found = {value: series[value] for value in kept}
    others = [dict(series[value]) for value in rest]
    found[REST] = [(day, _sum(one.get(day) for one in others)) for day in days]
    return found


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _value(dimension: str, value: str) -> str:
    if dimension == "customer":
        return _CUSTOMERS[value]
    return value or ("Not tagged" if dimension == "tag" else "Not given")


def _missing(dimension: str) -> str:
    column = _DIMENSIONS[dimension][1].lower()
    return f"No order in this period says its {column}. Some exports leave that column out."


def _note(dimension: str) -> str:
    if dimension == "product":
        return (
            "Prices and discounts of the order lines. Refunds are known by order only, so products are before "
            "refunds, and shipping is in no product."
        )
    if dimension == "tag":
        return (
            "The last visit that the shop ties to an order; else the order's own source, medium and campaign."
        )
    if dimension == "customer":
        return "First-time: the customer's first order in this project. Guests without a customer are told apart."
    return "Each order counts once."
