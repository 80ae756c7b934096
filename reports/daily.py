"""The rows that every dashboard starts from: roll-ups of the days asked for, money in one currency.

A row that stands for several days (a file without a day column) counts only where the whole period is
asked for, the source has no daily rows inside it, and no longer period of the source covers it: so no
day is counted twice, and a period is never booked on its first day. What was left out is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from reports.view import View
from store import rates
from store.models import (
    COUNTS,
    MEASURES,
    campaign_daily,
    daily_metrics,
    entities,
    shop_daily,
    source_daily,
    sources,
)

MONEY = frozenset({"spend", "conversion_value"})
SHOP = [
    "orders",
    "revenue_gross",
    "discounts",
    "refunds",
    "revenue_net",
    "new_customers",
    "new_customer_revenue",
]
NOW, BEFORE = "now", "before"
_WITHOUT_PUBLICATION = timedelta(days=4)


class Converted(NamedTuple):
    """A currency of some rows: whether a rate was missing for any of them, and the last of their days."""

    currency: str
    no_rate: bool
    last_day: date


@dataclass(frozen=True)
class LeftOut:
    """A period figure that is not counted: `covered` by other files of the same source, or asked for only in part."""

    channel: str
    account: str
    first: date
    days: int
    spend: Decimal | None
    currency: str
    covered: bool


def last_day(table: sa.FromClause) -> sa.ColumnElement[date]:
    """The last day that a row stands for; its exchange rate is the one used."""
    return table.c.day + table.c.days - 1


def within(table: sa.FromClause, first: date, last: date) -> sa.ColumnElement[bool]:
    """True for rows that lie wholly between two days."""
    return sa.and_(table.c.day >= first, table.c.day <= last, last_day(table) <= last)


def _periods(view: View) -> dict[str, tuple[date, date]]:
    found = {NOW: (view.start, view.end)}
    if view.compared:
        found[BEFORE] = view.compared
    return found


def not_twice(table: sa.FromClause, first: date, last: date) -> sa.ColumnElement[bool]:
    """True for a single day, and for a period that nothing finer or longer of its source overlaps."""
    by_grain = "entity_id" in table.c
    other = (daily_metrics if by_grain else source_daily).alias("other")
    overlaps = sa.and_(
        other.c.project_id == table.c.project_id,
        other.c.source_id == table.c.source_id,
        other.c.day <= last_day(table),
        last_day(other) >= table.c.day,
        within(other, first, last),
        other.c.grain == table.c.grain if by_grain else sa.true(),
        sa.or_(
            other.c.days == 1,
            other.c.days > table.c.days,
            sa.and_(other.c.days == table.c.days, other.c.day < table.c.day),
        ),
    )
    return sa.or_(table.c.days == 1, ~sa.exists(sa.select(sa.literal(1)).where(overlaps)))


def conversion(project_id: int, view: View) -> sa.CTE:
    """The factors that turn amounts of the view's days into its currency."""
    first = view.compared[0] if view.compared else view.start
    return rates.factors(project_id, view.currency, first, view.end)


def rate_of(factors: sa.CTE, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The join of a row to its rate: that of the last day that it stands for."""
    return sa.and_(factors.c.currency == table.c.currency, factors.c.day == last_day(table))


def converted(table: sa.FromClause, factors: sa.CTE, name: str) -> sa.ColumnElement[Any]:
    """A measure of a row; money in the view's currency."""
    return table.c[name] * factors.c.factor if name in MONEY else table.c[name]


def _phase(view: View, table: sa.FromClause, columns: list[Any], source: Any, name: str) -> sa.Select[Any]:
    first, last = _periods(view)[name]
    query = sa.select(sa.literal(name).label("phase"), *columns).select_from(source)
    return query.where(sources.c.in_totals, within(table, first, last), not_twice(table, first, last))


def rows(project_id: int, view: View) -> sa.CTE:
    """phase (now, before), channel, source_id, day, days and all measures, money in the view's currency.

    With campaigns in the view the rows come from the campaign roll-up, and carry its `campaign_id` and `campaign`.
    """
    table: sa.FromClause = campaign_daily if view.campaigns else source_daily
    source = table.join(
        sources, sa.and_(sources.c.project_id == table.c.project_id, sources.c.id == table.c.source_id)
    )
    if view.campaigns:
        source = source.join(
            entities,
            sa.and_(
                entities.c.project_id == table.c.project_id,
                entities.c.source_id == table.c.source_id,
                entities.c.id == table.c.campaign_id,
            ),
        )
    factors = conversion(project_id, view)
    source = source.outerjoin(factors, rate_of(factors, table))
    factor = factors.c.factor
    measures = [converted(table, factors, name).label(name) for name in MEASURES]
    columns = [
        sources.c.channel,
        table.c.source_id,
        table.c.day,
        table.c.days,
        table.c.currency,
        factor.is_(None).label("no_rate"),
        *measures,
    ]
    phases = []
    for name in _periods(view):
        query = _phase(view, table, columns, source, name).where(table.c.project_id == project_id)
        if view.channels:
            query = query.where(sources.c.channel.in_(view.channels))
        if view.campaigns:
            query = query.where(entities.c.name.in_(view.campaigns))
        phases.append(query)
    return sa.union_all(*phases).cte("daily")


def shop(project_id: int, view: View, refund_policy: str) -> sa.CTE:
    """phase, channel, day and the shop's measures, money in the view's currency."""
    d = shop_daily
    factors = conversion(project_id, view)
    factor = factors.c.factor
    refunds = d.c.refunds_order_day if refund_policy == "order_day" else d.c.refunds_refund_day
    columns = [
        sources.c.channel,
        d.c.day,
        d.c.currency,
        factor.is_(None).label("no_rate"),
        d.c.orders,
        (d.c.revenue_gross * factor).label("revenue_gross"),
        (d.c.discounts * factor).label("discounts"),
        (refunds * factor).label("refunds"),
        ((d.c.revenue_gross - d.c.discounts - refunds) * factor).label("revenue_net"),
        sa.case((d.c.customers_known > 0, d.c.new_customers)).label("new_customers"),
        sa.case((d.c.customers_known > 0, d.c.new_customer_revenue * factor)).label("new_customer_revenue"),
    ]
    source = d.join(
        sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id)
    ).outerjoin(factors, sa.and_(factors.c.currency == d.c.currency, factors.c.day == d.c.day))
    phases = [
        sa.select(sa.literal(name).label("phase"), *columns)
        .select_from(source)
        .where(d.c.project_id == project_id, sources.c.in_totals, d.c.day.between(first, last))
        for name, (first, last) in _periods(view).items()
    ]
    return sa.union_all(*phases).cte("shop")


def summed(table: sa.FromClause, names: tuple[str, ...] | list[str]) -> list[sa.Label[Any]]:
    """Σ of each measure; distinct counts only where one row makes the sum, else null."""
    found = []
    for name in names:
        column = table.c[name]
        if name in {"reach", "users"}:
            found.append(sa.case((sa.func.count() == 1, sa.func.max(column))).label(name))
        else:
            total = sa.func.sum(column)
            found.append((sa.cast(total, sa.Numeric) if name in COUNTS else total).label(name))
    return found


def left_out(connection: Connection, project_id: int, view: View) -> list[LeftOut]:
    """Period figures that touch the view's period and are not counted in it."""
    d = source_daily
    whole = within(d, view.start, view.end)
    own = source_daily.alias("own")
    by_day = sa.exists().where(
        own.c.project_id == d.c.project_id,
        own.c.source_id == d.c.source_id,
        own.c.days == 1,
        own.c.day.between(view.start, view.end),
    )
    query = (
        sa.select(
            sources.c.channel,
            sources.c.name,
            d.c.day,
            d.c.days,
            d.c.spend,
            d.c.currency,
            sa.or_(whole, by_day).label("covered"),
        )
        .join(sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id))
        .where(
            d.c.project_id == project_id,
            d.c.days > 1,
            d.c.day <= view.end,
            last_day(d) >= view.start,
            sa.not_(sa.and_(whole, not_twice(d, view.start, view.end))),
        )
        .order_by(sources.c.channel, d.c.day)
    )
    if view.channels:
        query = query.where(sources.c.channel.in_(view.channels))
    return [
        LeftOut(
            row.channel,
            row.name,
            row.day,
            row.days,
            row.spend,
            row.currency,
            row.covered,
        )
        for row in connection.execute(query)
    ]


def currencies(connection: Connection, *tables: sa.CTE) -> list[Converted]:
    """The currencies of the rows, one for each table that has rows in them."""
    found = []
    for table in tables:
        c = table.c
        query = sa.select(c.currency, sa.func.bool_or(c.no_rate), sa.func.max(c.day)).where(c.currency != "")
        found += [Converted(*row) for row in connection.execute(query.group_by(c.currency))]
    return found


def without_rate(found: list[Converted]) -> list[str]:
    """Currencies whose amounts could not be converted and are missing from the totals."""
    return sorted({one.currency for one in found if one.no_rate})


def old_rates(connection: Connection, view: View, found: list[Converted]) -> date | None:
    """The newest ECB rates' day, where later amounts in other currencies had to be converted at them; else None.

    A weekend and a holiday make four days without a publication; only more than that is worth a word.
    """
    known = rates.newest(connection)
    if known is None:
        return None
    late = known + _WITHOUT_PUBLICATION
    return known if any(one.currency != view.currency and one.last_day > late for one in found) else None
