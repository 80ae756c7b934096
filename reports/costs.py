"""What selling costs in a project: as the team agreed, with the days from which it holds; and applied to its orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import costs
from analytics.costs import Agreed, Sold
from errors import BadInput
from reports import daily
from reports.view import View
from store import definitions
from store.access import Person
from store.definitions import Definition
from store.history import as_of
from store.models import shop_daily, sources

KIND = "costs"


@dataclass(frozen=True)
class InForce:
    """The costs that hold and their version; 0 where none were agreed on."""

    agreed: Agreed
    version: int


@dataclass(frozen=True)
class Taken:
    """Costs by slug in the view's currency. None where they are not known: `before_first` says that some days lie
    before the first costs, `no_rate` that the costs' currency has no rate on some day."""

    parts: dict[str, Decimal] | None
    before_first: bool = False
    no_rate: bool = False


def in_force(connection: Connection, project_id: int, currency: str) -> InForce:
    """The costs that the project agreed on; `currency` is the project's."""
    found = definitions.current(connection, project_id, KIND)
    return (
        InForce(costs.read(found.content, currency), found.version) if found else InForce(Agreed(currency), 0)
    )


def save(person: Person, project_id: int, content: Any, *, seen: int, note: str = "") -> Definition:
    """Agree on costs: `currency` and `periods`. Raises BadInput that says what is wrong, and as `definitions.save`."""
    if wrong := costs.problems(content):
        raise BadInput(f"{' '.join(wrong)} Nothing was saved.")
    return definitions.save(person, project_id, KIND, content, seen=seen, note=note)


def taken(
    connection: Connection, project_id: int, view: View, refund_policy: str, agreed: Agreed
) -> dict[str, Taken]:
    """By phase: the costs of the shop's orders, each day at the costs that held on it."""
    if not agreed.periods:
        return {phase: Taken(None) for phase in daily.periods_of(view)}
    rows = connection.execute(_sums(connection, project_id, view, refund_policy, agreed)).all()
    return {phase: _taken([r for r in rows if r.phase == phase], agreed) for phase in daily.periods_of(view)}


def _taken(rows: list[Any], agreed: Agreed) -> Taken:
    before_first = any(r.version < 0 for r in rows)
    no_rate = any(r.no_rate and costs.has_amounts(agreed.periods[r.version]) for r in rows if r.version >= 0)
    if before_first or no_rate:
        return Taken(None, before_first, no_rate)
    applied = [
        costs.applied(agreed.periods[r.version], Sold(r.net, r.paid, r.shipping, r.order_unit)) for r in rows
    ]
    return Taken(costs.added(applied))


def _sums(
    connection: Connection, project_id: int, view: View, refund_policy: str, agreed: Agreed
) -> sa.Select[Any]:
    """By phase and place of the costs that held (−1: none yet): what these costs are taken from."""
    d = as_of(shop_daily, view.as_of)
    factors = daily.conversion(connection, project_id, view, also=agreed.currency)
    factor: Any = daily.factor_of(view, d, factors)
    unit = factors.c.get(agreed.currency, sa.cast(sa.null(), sa.Numeric))
    each: Any = sa.literal(1) if agreed.currency == view.currency else unit
    refunds = d.c.refunds_order_day if refund_policy == "order_day" else d.c.refunds_refund_day
    paid = d.c.revenue_gross - d.c.discounts
    source = d.join(
        sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id)
    ).outerjoin(factors, daily.rate_of(factors, d))
    parts = [
        sa.select(
            sa.literal(phase).label("phase"), _version(d, agreed).label("version"), ((paid - refunds) * factor).label("net"),
            (paid * factor).label("paid"), (d.c.shipping * factor).label("shipping"),
            (d.c.orders * each).label("order_unit"),
        )
        .select_from(source)
        .where(d.c.project_id == project_id, sources.c.in_totals, d.c.day.between(start, end))
        for phase, (start, end) in daily.periods_of(view).items()
    ]  # fmt: skip
    rows = sa.union_all(*parts).subquery("costed")
    sums = [
        sa.func.coalesce(sa.func.sum(rows.c[name]), 0).label(name)
        for name in ("net", "paid", "shipping", "order_unit")
    ]
    no_rate = sa.func.bool_or(rows.c.order_unit.is_(None)).label("no_rate")
    return sa.select(rows.c.phase, rows.c.version, *sums, no_rate).group_by(rows.c.phase, rows.c.version)


def _version(d: sa.FromClause, agreed: Agreed) -> sa.ColumnElement[int]:
    places = reversed(list(enumerate(agreed.periods)))
    return sa.case(*((d.c.day >= one.since, place) for place, one in places), else_=-1)
