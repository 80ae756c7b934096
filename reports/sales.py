"""A shop's orders along one dimension: sales channel, country, new and returning customers, tag, or product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput
from reports import daily
from reports.daily import BEFORE, NOW
from reports.view import View
from store.history import as_of
from store.models import sales_daily, sources
from store.sales import DIMENSIONS

Totals = dict[str, Decimal | None]
MEASURES = (
    "orders", "items", "revenue_gross", "discounts", "refunds", "revenue_net", "new_customers", "new_customer_revenue",
)  # fmt: skip
_OF_PRODUCTS = ("orders", "items", "revenue_gross", "discounts")
"""What order lines tell; refunds and customers belong to whole orders."""


@dataclass(frozen=True)
class Sold:
    """What one value of a dimension sold, in the view's period and in the compared one; money in its currency.

    A product has no refunds, net sales or new customers: those belong to whole orders.
    """

    value: str
    now: Totals
    before: Totals


def by(
    connection: Connection,
    project_id: int,
    view: View,
    refund_policy: str,
    dimension: str,
    channels: Iterable[str] = (),
) -> list[Sold]:
    """The values of a dimension, the largest sales first; of some shops' `channels` only, where given.

    Raises BadInput for an unknown dimension.
    """
    phases = _rows(connection, project_id, view, refund_policy, dimension, channels, daily.periods_of(view))
    names = _OF_PRODUCTS if dimension == "product" else MEASURES
    parts = [
        sa.select(
            sa.literal(phase).label("phase"), rows.c.value, *(_sum(rows, name).label(name) for name in names)
        ).group_by(rows.c.value)
        for phase, rows in phases.items()
    ]
    found: dict[str, dict[str, Totals]] = defaultdict(lambda: {NOW: {}, BEFORE: {}})
    daily.prepare(connection, project_id, view)
    for row in connection.execute(sa.union_all(*parts)):
        found[row.value][row.phase] = {name: row._mapping[name] for name in names}
    made = [Sold(value, one[NOW], one[BEFORE]) for value, one in found.items()]
    return sorted(made, key=lambda sold: (-(sold.now.get("revenue_gross") or Decimal(0)), sold.value))


def _sum(rows: sa.Subquery, name: str) -> sa.ColumnElement[Any]:
    """Σ of a measure; net sales from the sums of what they are made of, which spares as much work again a row."""
    if name != "revenue_net":
        return sa.func.sum(rows.c[name])
    return sa.func.sum(rows.c.revenue_gross) - sa.func.sum(rows.c.discounts) - sa.func.sum(rows.c.refunds)


def course(
    connection: Connection,
    project_id: int,
    view: View,
    refund_policy: str,
    dimension: str,
    measure: str = "revenue_net",
    channels: Iterable[str] = (),
) -> dict[str, list[tuple[date, Decimal | None]]]:
    """A measure of the view's period by value and day. Raises BadInput for an unknown dimension or measure."""
    if measure not in MEASURES:
        raise BadInput(f"Sales have no measure “{measure}”.")
    now = {NOW: (view.start, view.end)}
    rows = _rows(connection, project_id, view, refund_policy, dimension, channels, now)[NOW]
    query = sa.select(rows.c.value, rows.c.day, sa.func.sum(rows.c[measure]).label("total"))
    found: dict[str, dict[date, Decimal]] = defaultdict(dict)
    daily.prepare(connection, project_id, view)
    for row in connection.execute(query.group_by(rows.c.value, rows.c.day)):
        found[row.value][row.day] = row.total
    return {value: [(day, by_day.get(day)) for day in view.days] for value, by_day in found.items()}


def _rows(
    connection: Connection,
    project_id: int,
    view: View,
    refund_policy: str,
    dimension: str,
    channels: Iterable[str],
    periods: dict[str, tuple[date, date]],
) -> dict[str, sa.Subquery]:
    """By phase: value, day and MEASURES, money in the view's currency. Each phase is added up by itself: a row then
    passes fewer hands, and two workers may take one each."""
    if dimension not in DIMENSIONS:
        raise BadInput(f"Sales cannot be broken down by “{dimension}”.")
    d = as_of(sales_daily, view.as_of)
    factors = daily.conversion(connection, project_id, view)
    factor: Any = daily.factor_of(view, d, factors)
    columns = [d.c.value, d.c.day, d.c["items"], *daily.sold(d, factor, refund_policy)]
    shops = sa.select(sources.c.id).where(sources.c.project_id == project_id, sources.c.in_totals)
    if chosen := tuple(channels):
        shops = shops.where(sources.c.channel.in_(chosen))
    ids = connection.scalars(shops).all()
    source = d.outerjoin(factors, daily.rate_of(factors, d))
    return {
        name: sa.select(*columns)
        .select_from(source)
        .where(
            d.c.project_id == project_id,
            d.c.source_id.in_(ids),
            d.c.dimension == dimension,
            d.c.day.between(first, last),
        )
        .subquery(f"sold_{name}")
        for name, (first, last) in periods.items()
    }
