"""The overview: sixteen figures against the period before, spend and net sales by day, and the channels side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports import daily
from reports.daily import BEFORE, NOW, LeftOut
from reports.view import View
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
SHOP_TABLE = ("orders", "revenue_gross", "discounts", "refunds", "revenue_net", "aov", "new_customers")
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


def _add(totals: Iterable[Mapping[str, Any]], names: Iterable[str]) -> Totals:
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
    totals = _add(_scope(slug, rows, phase), MEASURES)
    if "sessions" in metrics.parts(slug) or slug == "sessions":
        totals["sessions"] = _add(
            [r.now if phase == NOW else r.before for r in _of_kind(rows, "web")], ["sessions"]
        )["sessions"]
    return metrics.evaluate(slug, {**totals, **shop})


def _channel_rows(connection: Connection, base: sa.CTE) -> list[ChannelRow]:
    query = sa.select(base.c.phase, base.c.channel, *daily.summed(base, MEASURES)).group_by(
        base.c.phase, base.c.channel
    )
    return _by_channel(connection, query)


def _by_channel(connection: Connection, query: sa.Select[Any]) -> list[ChannelRow]:
    """Rows by phase and channel as rows by channel, the largest spend first."""
    found: dict[str, dict[str, Totals]] = defaultdict(lambda: {NOW: {}, BEFORE: {}})
    for row in connection.execute(query):
        values = dict(row._mapping)
        channel = values.pop("channel")
        found[channel][values.pop("phase")] = values
    rows = [ChannelRow(channel, t[NOW], t[BEFORE]) for channel, t in found.items()]
    return sorted(rows, key=lambda r: (-(r.now.get("spend") or Decimal(0)), channels.label(r.channel)))


def _shop_rows(connection: Connection, base: sa.CTE) -> list[ChannelRow]:
    query = sa.select(base.c.phase, base.c.channel, *daily.summed(base, daily.SHOP)).group_by(
        base.c.phase, base.c.channel
    )
    return _by_channel(connection, query)


def _shop_totals(connection: Connection, base: sa.CTE) -> dict[str, Totals]:
    query = sa.select(base.c.phase, *daily.summed(base, daily.SHOP)).group_by(base.c.phase)
    found: dict[str, Totals] = {NOW: {}, BEFORE: {}}
    for row in connection.execute(query):
        values = dict(row._mapping)
        found[values.pop("phase")] = values
    return found


def _days(view: View) -> list[date]:
    return [view.start + timedelta(days=n) for n in range(view.length)]


def _courses(connection: Connection, view: View, base: sa.CTE, shop: sa.CTE) -> dict[str, dict[date, Totals]]:
    """Measures by kind of channel and day: for sparklines, which are ratios of the day's sums too."""
    found: dict[str, dict[date, Totals]] = defaultdict(dict)
    query = (
        sa.select(base.c.channel, base.c.day, *daily.summed(base, _TILE_MEASURES))
        .where(base.c.phase == NOW, base.c.days == 1)
        .group_by(base.c.channel, base.c.day)
    )
    for row in connection.execute(query):
        values = dict(row._mapping)
        kind, day = channels.kind(values.pop("channel")), values.pop("day")
        before = found[kind].get(day)
        found[kind][day] = _add([before, values], _TILE_MEASURES) if before else values
    sales = (
        sa.select(shop.c.day, *daily.summed(shop, daily.SHOP)).where(shop.c.phase == NOW).group_by(shop.c.day)
    )
    for row in connection.execute(sales):
        values = dict(row._mapping)
        found["shop"][values.pop("day")] = values
    return found


def _course(slug: str, view: View, courses: dict[str, dict[date, Totals]]) -> Points:
    base = metrics.parts(slug)[-1]
    kind = "email" if base == "delivered" else "web" if base == "sessions" else "paid"
    nothing: Totals = {}
    return [
        (
            day,
            metrics.evaluate(
                slug, {**courses[kind].get(day, nothing), **courses.get("shop", {}).get(day, nothing)}
            ),
        )
        for day in _days(view)
    ]


def _spend_by_channel(connection: Connection, view: View, base: sa.CTE) -> dict[str, Points]:
    query = (
        sa.select(base.c.channel, base.c.day, sa.func.sum(base.c.spend).label("spend"))
        .where(
            base.c.phase == NOW,
            base.c.days == 1,
            base.c.channel.not_in(channels.NOT_PAID),
            base.c.spend.is_not(None),
        )
        .group_by(base.c.channel, base.c.day)
    )
    found: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for channel, day, spend in connection.execute(query):
        found[channel][day] = spend
    return {channel: [(day, points.get(day)) for day in _days(view)] for channel, points in found.items()}


def by_day(connection: Connection, project_id: int, view: View) -> list[tuple[date, Totals]]:
    """All measures of the view's channels for each day of the period; empty on days without a figure."""
    base = daily.rows(project_id, view)
    query = (
        sa.select(base.c.day, *daily.summed(base, MEASURES))
        .where(base.c.phase == NOW, base.c.days == 1)
        .group_by(base.c.day)
    )
    found: dict[date, Totals] = {}
    for row in connection.execute(query):
        values = dict(row._mapping)
        found[values.pop("day")] = values
    return [(day, found.get(day, {})) for day in _days(view)]


def course(slug: str, days: list[tuple[date, Totals]]) -> Points:
    """A metric's value on each day; a ratio is that of the day's sums."""
    return [(day, metrics.evaluate(slug, totals)) for day, totals in days]


def overview(connection: Connection, project_id: int, view: View, refund_policy: str) -> Overview:
    """Everything on the overview, in the view's currency. `refund_policy` is the project's: order_day or refund_day."""
    base, shop_rows = daily.rows(project_id, view), daily.shop(project_id, view, refund_policy)
    rows = _channel_rows(connection, base)
    shop = _shop_totals(connection, shop_rows)
    courses = _courses(connection, view, base, shop_rows)
    shops = _shop_rows(connection, shop_rows)
    currencies = daily.currencies(connection, base, shop_rows)
    groups = {
        group: [
            _first_with_value([_tile(slug, view, rows, shop, courses) for slug in slugs]) for slugs in places
        ]
        for group, places in metrics.OVERVIEW.items()
    }
    paid = [row for row in _of_kind(rows, "paid") if any(v is not None for v in row.now.values())]
    return Overview(
        groups=groups,
        spend_by_channel=_spend_by_channel(connection, view, base),
        spend=_course("spend", view, courses),
        net_sales=_course("revenue_net", view, courses),
        paid=paid,
        paid_total=_add([row.now for row in paid], MEASURES),
        paid_total_before=_add([row.before for row in _of_kind(rows, "paid")], MEASURES),
        shops=shops,
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
