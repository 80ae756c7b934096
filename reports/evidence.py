"""Where a figure comes from: the accounts, rows, runs and exchange rates behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports import daily
from reports.overview import Totals
from reports.view import View
from store import grains
from store.history import as_of
from store.models import MEASURES, daily_metrics, entities, orders, source_daily, terms

MOST_ROWS = 500
_ORDERS = {
    "revenue_gross": orders.c.gross, "discounts": orders.c.discounts, "refunds": orders.c.refunds,
    "revenue_net": orders.c.net,
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """Sums of one source over a period, in the view's currency."""

    source_id: int
    channel: str
    account: str
    currency: str
    totals: Totals


@dataclass(frozen=True)
class Behind:
    """One account's part of a figure: its base measures in the view's currency, and where they come from.

    `rows` are stored rows at `grain` (orders for a shop), the newest written by `run_id` at `extracted_at`.
    `amount` and `converted` are the account's money before and after conversion: their ratio is the mean rate.
    """

    source_id: int
    channel: str
    account: str
    currency: str
    totals: Totals
    grain: str
    rows: int
    run_id: int | None
    extracted_at: datetime | None
    attribution: str
    amount: Decimal | None
    converted: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        """The mean exchange rate that the account's money was converted at; None without money or a rate."""
        return self.converted / self.amount if self.amount and self.converted is not None else None


@dataclass(frozen=True)
class Fact:
    """One stored row behind a figure, money in the account's currency."""

    day: date
    days: int
    name: str
    segment: str
    totals: Totals
    run_id: int
    extracted_at: datetime


def behind(
    connection: Connection, project_id: int, view: View, parts: tuple[str, ...], accounts: dict[int, Account]
) -> list[Behind]:
    """What stands behind each account's part of a figure whose base measures are `parts`."""
    money = next((name for name in ("spend", "conversion_value") if name in parts), None)
    sold = next((name for name in parts if name in _ORDERS), None)
    shops = {key for key, one in accounts.items() if channels.kind(one.channel) in {"shop", "crm"}}
    facts = _facts(connection, project_id, view, [key for key in accounts if key not in shops], money)
    facts |= _sold(connection, project_id, view, sorted(shops), sold)
    found = []
    for key, one in accounts.items():
        grain, count, run_id, at, attribution, amount = facts.get(key, ("", 0, None, None, "", None))
        converted = one.totals.get((sold if key in shops else money) or "")
        found.append(
            Behind(
                key, one.channel, one.account, one.currency, one.totals, grain, count, run_id, at, attribution,
                amount, converted if amount is not None else None,
            )
        )  # fmt: skip
    return sorted(found, key=lambda b: (channels.label(b.channel), b.account))


def _rows_of_totals(s: sa.FromClause, d: sa.FromClause) -> sa.Join:
    """The days of sources, each with the rows of the grain that makes its totals."""
    return s.join(
        d,
        sa.and_(
            d.c.project_id == s.c.project_id, d.c.source_id == s.c.source_id, d.c.grain == s.c.grain,
            d.c.day == s.c.day, d.c.days == s.c.days,
        ),
    )  # fmt: skip


_About = tuple[str, int, int | None, datetime | None, str, Decimal | None]


def _facts(
    connection: Connection, project_id: int, view: View, keys: list[int], money: str | None
) -> dict[int, _About]:
    """Of each source: the grain that makes its totals, its rows there, their newest run, terms and money."""
    if not keys:
        return {}
    d, s = as_of(daily_metrics, view.as_of), as_of(source_daily, view.as_of)
    amount = sa.func.sum(d.c[money]) if money else sa.cast(sa.null(), sa.Numeric)
    query = (
        sa.select(
            d.c.source_id, d.c.grain, sa.func.count(), sa.func.max(d.c.run_id), sa.func.max(d.c.extracted_at),
            sa.func.max(terms.c.attribution), amount,
        )
        .select_from(
            _rows_of_totals(s, d).join(terms, sa.and_(terms.c.project_id == d.c.project_id, terms.c.id == d.c.terms_id))
        )
        .where(s.c.project_id == project_id, s.c.source_id.in_(keys), daily.within(s, view.start, view.end))
        .group_by(d.c.source_id, d.c.grain)
        .order_by(d.c.grain)
    )  # fmt: skip
    found: dict[int, _About] = {}
    for source_id, grain, count, run_id, at, attribution, total in connection.execute(query):
        known = found.get(source_id)
        label = grains.label(grain)
        if known:
            label, count = f"{known[0]}, {label}", known[1] + count
            run_id, at = max(known[2] or 0, run_id), max(known[3] or at, at)
            total = (known[5] or 0) + total if total is not None else known[5]
        found[source_id] = (label, count, run_id, at, attribution, total)
    return found


def _sold(
    connection: Connection, project_id: int, view: View, keys: list[int], money: str | None
) -> dict[int, _About]:
    """Of each shop: its orders of the period, their newest run, and their money."""
    if not keys:
        return {}
    amount = sa.func.sum(_ORDERS[money]) if money else sa.cast(sa.null(), sa.Numeric)
    query = (
        sa.select(
            orders.c.source_id, sa.func.count(), sa.func.max(orders.c.run_id), sa.func.max(orders.c.extracted_at), amount
        )
        .where(
            orders.c.project_id == project_id,
            orders.c.source_id.in_(keys),
            orders.c.day.between(view.start, view.end),
        )
        .group_by(orders.c.source_id)
    )  # fmt: skip
    return {row[0]: ("orders", row[1], row[2], row[3], "", row[4]) for row in connection.execute(query)}


def facts(connection: Connection, project_id: int, view: View, slug: str, source_id: int) -> list[Fact]:
    """The stored rows of a source behind a figure, newest day first, at most MOST_ROWS."""
    parts = metrics.parts(slug)
    d, s = as_of(daily_metrics, view.as_of), as_of(source_daily, view.as_of)
    names = [name for name in parts if name in MEASURES]
    if not names:
        return _order_facts(connection, project_id, view, source_id)
    query = (
        sa.select(
            d.c.day, d.c.days, sa.func.coalesce(entities.c.name, "").label("name"), d.c.segment,
            *(d.c[name] for name in names), d.c.run_id, d.c.extracted_at,
        )
        .select_from(
            _rows_of_totals(s, d).outerjoin(
                entities,
                sa.and_(
                    entities.c.project_id == d.c.project_id, entities.c.source_id == d.c.source_id,
                    entities.c.id == d.c.entity_id,
                ),
            )
        )
        .where(
            s.c.project_id == project_id, s.c.source_id == source_id, daily.within(s, view.start, view.end),
            sa.or_(*(d.c[name].is_not(None) for name in names)),
        )
        .order_by(d.c.day.desc(), entities.c.name)
        .limit(MOST_ROWS)
    )  # fmt: skip
    return [
        Fact(
            row.day, row.days, row.name, row.segment, {name: row._mapping[name] for name in names}, row.run_id,
            row.extracted_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _order_facts(connection: Connection, project_id: int, view: View, source_id: int) -> list[Fact]:
    o = orders.c
    query = (
        sa.select(o.day, o.name, o.status, o.gross, o.discounts, o.refunds, o.net, o.run_id, o.extracted_at)
        .where(o.project_id == project_id, o.source_id == source_id, o.day.between(view.start, view.end))
        .order_by(o.day.desc(), o.order_key.desc())
        .limit(MOST_ROWS)
    )
    return [
        Fact(
            row.day, 1, row.name, row.status,
            {"revenue_gross": row.gross, "discounts": row.discounts, "refunds": row.refunds, "revenue_net": row.net},
            row.run_id, row.extracted_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip
