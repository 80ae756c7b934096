"""The overview: sixteen figures against the period before, spend and net sales by day, and the channels side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports import daily
from reports.daily import BEFORE, NOW, SHOP, Cut, LeftOut, Sums
from reports.view import Compare, View
from store.models import MEASURES

Totals = dict[str, Decimal | None]
Points = list[tuple[date, Decimal | None]]

_TILE_MEASURES = sorted(
    {
        part
        for group in metrics.OVERVIEW.values()
        for slugs in group
        for slug in slugs
        for part in metrics.parts(slug)
    }
    & set(MEASURES)
)
TABLE = (
    "spend",
    "spend_part",
    "impressions",
    "clicks",
    "ctr",
    "cpc",
    "conversions",
    "cpa",
    "conversion_value",
    "roas_reported",
)
"""Columns of the channel table; `spend_part` is the channel's part of all spend."""


SLUGS = tuple(slug for slug in TABLE if slug != "spend_part")
OTHERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "shop": ("Shop", channels.METRICS["shop"]),
    "search": ("Organic search", ("clicks", "impressions", "ctr", "position")),
    "email": (
        "E-mail",
        (
            "sent",
            "delivered",
            "open_rate",
            "click_rate",
            "unsubscribe_rate",
            "conversions",
            "conversion_value",
        ),
    ),
    "web": (
        "Web analytics",
        (
            "sessions",
            "engaged_sessions",
            "engagement_rate_web",
            "pageviews",
            "key_events",
            "conversion_value",
        ),
    ),
}
"""The other tables by kind of channel: title and columns."""


@dataclass(frozen=True)
class Tile:
    """One figure: its value, the value of the compared period, their relative change, and its course by day."""

    slug: str
    value: Decimal | None
    before: Decimal | None
    change: Decimal | None
    course: Points


@dataclass(frozen=True)
class ChannelRow:
    """One channel of the table: measures of the period and of the compared one."""

    channel: str
    now: Totals
    before: Totals


@dataclass(frozen=True)
class Overview:
    """What the page shows. `paid` and `others` are channels by kind; money is in the view's currency."""

    groups: dict[str, list[Tile]]
    spend_by_channel: dict[str, Points]
    spend: Points
    net_sales: Points
    paid: list[ChannelRow]
    paid_total: Totals
    paid_total_before: Totals
    shops: list[ChannelRow]
    others: dict[str, list[ChannelRow]]
    left_out: list[LeftOut] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)
    rates_of: date | None = None

    def channel(self, channel: str) -> ChannelRow | None:
        """The row of one channel; None where it has no figure in the period."""
        rows = [*self.paid, *(row for rows in self.others.values() for row in rows)]
        return next((row for row in rows if row.channel == channel), None)

    @property
    def is_empty(self) -> bool:
        """True if the period has no figure at all."""
        return not self.paid and not any(self.others.values()) and not any(row.now for row in self.shops)


def add(totals: Iterable[Mapping[str, Any]], names: Iterable[str]) -> Totals:
    """Σ over channels; None where no channel measures it. Distinct counts stay only where one channel has them."""
    rows = list(totals)
    found: Totals = {}
    for name in names:
        values = [row[name] for row in rows if row.get(name) is not None]
        if name in {"reach", "users"}:
            found[name] = values[0] if len(values) == 1 else None
        else:
            found[name] = sum(values, Decimal(0)) if values else None
    return found


def _of_kind(rows: Iterable[ChannelRow], *kinds: str) -> list[ChannelRow]:
    return [row for row in rows if channels.kind(row.channel) in kinds]


def _scope(slug: str, rows: list[ChannelRow], phase: str) -> list[Totals]:
    """The channels whose totals make a tile: advertising for advertising's metrics, e-mail for e-mail's …"""
    found = metrics.metric(slug)
    base = metrics.parts(slug)[-1]
    kinds = ("email",) if base in {"delivered", "sent"} else ("web",) if base == "sessions" else ("paid",)
    chosen = [row.now if phase == NOW else row.before for row in _of_kind(rows, *kinds)]
    if found.shared_only:
        chosen = [totals for totals in chosen if totals.get(found.numerator) is not None]
    return chosen


def _value(slug: str, rows: list[ChannelRow], shop: Totals, phase: str) -> Decimal | None:
    totals = add(_scope(slug, rows, phase), MEASURES)
    if "sessions" in metrics.parts(slug) or slug == "sessions":
        totals["sessions"] = add(
            [r.now if phase == NOW else r.before for r in _of_kind(rows, "web")], ["sessions"]
        )["sessions"]
    return metrics.evaluate(slug, {**totals, **shop})


def by_channel(found: list[Sums]) -> list[ChannelRow]:
    """Sums by phase and channel as rows by channel, the largest spend first."""
    by_channel: dict[str, dict[str, Totals]] = defaultdict(lambda: {NOW: {}, BEFORE: {}})
    for sums in found:
        by_channel[sums.pop("channel")][sums.pop("phase")] = sums
    rows = [ChannelRow(channel, t[NOW], t[BEFORE]) for channel, t in by_channel.items()]
    return sorted(rows, key=lambda r: (-(r.now.get("spend") or Decimal(0)), channels.label(r.channel)))


def _courses(by_kind: list[Sums], shop: list[Sums]) -> dict[str, dict[date, Totals]]:
    """Measures by kind of channel and day, each with the shop's: for sparklines, which are ratios of the day's
    sums too."""
    sales = {sums.pop("day"): sums for sums in shop}
    found: dict[str, dict[date, Totals]] = {kind: dict(sales) for kind in ("paid", "email", "web")}
    for sums in by_kind:
        kind, day = sums.pop("kind"), sums.pop("day")
        if kind in found:
            found[kind][day] = {**sums, **sales.get(day, {})}
    return found


def _course(slug: str, view: View, courses: dict[str, dict[date, Totals]]) -> Points:
    base = metrics.parts(slug)[-1]
    kind = "email" if base == "delivered" else "web" if base == "sessions" else "paid"
    by_day, nothing = courses[kind], Totals()
    return [(day, metrics.evaluate(slug, by_day.get(day, nothing))) for day in view.days]


def _spend_by_channel(view: View, found: list[Sums]) -> dict[str, Points]:
    by_channel: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for sums in found:
        by_channel[sums["channel"]][sums["day"]] = sums["spend"]
    days = view.days
    return {channel: [(day, spent.get(day)) for day in days] for channel, spent in by_channel.items()}


def by_day(connection: Connection, project_id: int, view: View) -> list[tuple[date, Totals]]:
    """All measures of the view's channels for each day of the period; empty on days without a figure."""
    base = daily.rows(connection, project_id, replace(view, compare=Compare.NONE))
    (found,), _ = daily.cuts(connection, base, Cut(("day",), MEASURES, _single_days(base)))
    by_day = {sums.pop("day"): sums for sums in found}
    return [(day, by_day.get(day, {})) for day in view.days]


def _single_days(base: sa.CTE) -> tuple[sa.ColumnElement[bool], ...]:
    return (base.c.phase == NOW, base.c.days == 1)


def course(slug: str, days: list[tuple[date, Totals]]) -> Points:
    """A metric's value on each day; a ratio is that of the day's sums."""
    return [(day, metrics.evaluate(slug, totals)) for day, totals in days]


def overview(connection: Connection, project_id: int, view: View, refund_policy: str) -> Overview:
    """Everything on the overview, in the view's currency. `refund_policy` is the project's: order_day or refund_day."""
    base = daily.rows(connection, project_id, view)
    singly = _single_days(base)
    (sums, by_kind, spent), money = daily.cuts(
        connection, base,
        Cut(("phase", "channel"), MEASURES),
        Cut(("kind", "day"), tuple(_TILE_MEASURES), singly),
        Cut(("channel", "day"), ("spend",), (*singly, base.c.kind == "paid", base.c.spend.is_not(None))),
    )  # fmt: skip
    sold = daily.shop(connection, project_id, view, refund_policy)
    (sales, by_shop, sales_by_day), shop_money = daily.cuts(
        connection, sold,
        Cut(("phase",), SHOP), Cut(("phase", "channel"), SHOP), Cut(("day",), SHOP, (sold.c.phase == NOW,)),
    )  # fmt: skip
    rows, courses = by_channel(sums), _courses(by_kind, sales_by_day)
    shop: dict[str, Totals] = {NOW: {}, BEFORE: {}} | {sums.pop("phase"): sums for sums in sales}
    currencies = [*money, *shop_money]
    groups = {
        group: [
            _first_with_value([_tile(slug, view, rows, shop, courses) for slug in slugs]) for slugs in places
        ]
        for group, places in metrics.OVERVIEW.items()
    }
    paid = [row for row in _of_kind(rows, "paid") if any(v is not None for v in row.now.values())]
    return Overview(
        groups=groups,
        spend_by_channel=_spend_by_channel(view, spent),
        spend=_course("spend", view, courses),
        net_sales=_course("revenue_net", view, courses),
        paid=paid,
        paid_total=add([row.now for row in paid], MEASURES),
        paid_total_before=add([row.before for row in _of_kind(rows, "paid")], MEASURES),
        shops=by_channel(by_shop),
        others={kind: [r for r in _of_kind(rows, kind) if r.now] for kind in ("search", "email", "web")},
        left_out=daily.left_out(connection, project_id, view),
        without_rate=daily.without_rate(currencies),
        rates_of=daily.old_rates(connection, view, currencies),
    )


def _first_with_value(tiles: list[Tile]) -> Tile:
    return next((tile for tile in tiles if tile.value is not None), tiles[0])


def _tile(
    slug: str,
    view: View,
    rows: list[ChannelRow],
    shop: dict[str, Totals],
    courses: dict[str, dict[date, Totals]],
) -> Tile:
    now = _value(slug, rows, shop[NOW], NOW)
    before = _value(slug, rows, shop[BEFORE], BEFORE) if view.compared else None
    return Tile(slug, now, before, metrics.change(now, before), _course(slug, view, courses))
