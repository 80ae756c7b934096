"""Does it match? Per source and day: the platform's own total, what is stored, and what the shop has."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels
from errors import BadInput
from reports import daily
from reports.view import Compare, View
from store import rates, sources
from store.models import reconciliations, source_daily
from store.sources import Source

LONGEST = 92
"""Days of one answer: platforms are asked for their totals of the last month only."""
MEASURED = ("spend", "conversions", "conversion_value", "sessions")
"""What is shown of a source even where the platform gave no total to compare with."""
CLAIMS = {"conversions": "orders", "conversion_value": "revenue_net"}
"""A platform's claim, and what the shop has instead."""
CAUSES = {
    "equal": "The same.",
    "rounding": "A cent or less: rounding.",
    "still_changing": "The two were read at different moments of a day that the platform still changes.",
    "below_account": "The platform counts something that it does not report by campaign.",
    "unexplained": "No reason that we know: read the day again, and compare with the platform's own screen.",
    "uploaded": "From a file: the platform was not asked.",
    "not_offered": "The platform was not asked for this total of this day.",
}
SHOP_CAUSES = {
    "equal": "The same as the shop.",
    "over_claim": "Claims more than the whole shop sold that day.",
    "over_claim_together": "All platforms together claim more than the shop sold: some orders are claimed twice.",
    "attribution_window": "Its part, by its own attribution window, on the day of the ad instead of the order.",
    "not_orders": "Not comparable: these conversions carry no value, so they are hardly orders.",
    "not_seen": "Web analytics misses orders of people who decline cookies or block scripts.",
    "seen_twice": "Web analytics counts orders that the shop does not: pages opened twice, or cancelled orders.",
    "no_shop": "Not comparable: no shop in this project covers the day.",
    "no_rate": "Not comparable: no exchange rate between the two currencies.",
}
_CLAIMING = frozenset({"paid", "email"})


class Row(NamedTuple):
    """One figure of one source and day, money in the account's currency. None: nobody said.

    `stored_total` is what was stored when the two were compared, `at`. `shop_total` are all orders (or net
    sales) of the project's shops, for claims alone; `shop_cause` is empty for anything else.
    """

    source_id: int
    channel: str
    account: str
    currency: str
    day: date
    metric: str
    platform_total: Decimal | None
    stored_total: Decimal | None
    cause: str
    at: datetime | None
    shop_total: Decimal | None = None
    shop_cause: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Stored minus platform."""
        return (
            None if self.platform_total is None else (self.stored_total or Decimal(0)) - self.platform_total
        )

    @property
    def relative(self) -> Decimal | None:
        """Difference ÷ the platform's total; None where either is missing or it is 0."""
        found = self.difference
        return found / abs(self.platform_total) if found is not None and self.platform_total else None

    @property
    def claim(self) -> Decimal | None:
        """What the platform says; what is stored of it where it was not asked."""
        return self.stored_total if self.platform_total is None else self.platform_total

    @property
    def shop_difference(self) -> Decimal | None:
        """Claim minus shop."""
        return None if self.claim is None or self.shop_total is None else self.claim - self.shop_total

    @property
    def shop_relative(self) -> Decimal | None:
        """That difference ÷ the shop's total; None where the shop has nothing."""
        found = self.shop_difference
        return found / self.shop_total if found is not None and self.shop_total else None


@dataclass(frozen=True)
class Reconciled:
    """Rows, the newest day first. Totals are over the days that a shop covers: their ratio is the over-claim."""

    rows: list[Row]
    claimed_orders: Decimal
    shop_orders: Decimal

    @property
    def over_claim(self) -> Decimal | None:
        """Claimed conversions of all platforms ÷ the shop's orders."""
        return self.claimed_orders / self.shop_orders if self.shop_orders else None


Shop = Mapping[date, Mapping[str, Decimal]]
Factors = Mapping[tuple[str, date], Decimal]


def reconcile(
    connection: Connection, project_id: int, first: date, last: date, currency: str, refund_policy: str
) -> Reconciled:
    """All sources of a project between two days. Raises BadInput for a period that is too long."""
    if (last - first).days >= LONGEST:
        raise BadInput(f"Totals are compared over {LONGEST} days at most. Pick a shorter period.")
    known = {one.id: one for one in sources.listed(connection, project_id)}
    view = View(first, last, currency, Compare.NONE)
    sold = _sold(connection, project_id, view, refund_policy, known)
    factors = _factors(connection, project_id, view)
    found = _compared(connection, project_id, view, known)
    found += _stored(connection, project_id, view, known, {(r.source_id, r.day, r.metric) for r in found})
    rows = against_shop(found, sold, factors)
    order = list(MEASURED)
    rows.sort(
        key=lambda r: (r.channel, r.account, r.source_id, order.index(r.metric) if r.metric in order else 9)
    )
    rows.sort(key=lambda r: r.day, reverse=True)
    claims = [
        r.claim or Decimal(0)
        for r in rows
        if r.metric == "conversions" and _claims_orders(r) and r.day in sold
    ]
    return Reconciled(
        rows, sum(claims, Decimal(0)), sum((day["orders"] for day in sold.values()), Decimal(0))
    )


def _compared(connection: Connection, project_id: int, view: View, known: Mapping[int, Source]) -> list[Row]:
    r = reconciliations.c
    query = sa.select(r.source_id, r.day, r.metric, r.platform_total, r.stored_total, r.cause, r.at).where(
        r.project_id == project_id, r.day.between(view.start, view.end)
    )
    return [
        _row(known[source_id], day, metric, platform, stored, cause, at)
        for source_id, day, metric, platform, stored, cause, at in connection.execute(query)
        if source_id in known
    ]


def _stored(
    connection: Connection, project_id: int, view: View, known: Mapping[int, Source], told: Set[tuple[int, date, str]]
) -> list[Row]:  # fmt: skip
    """What is stored of days and figures that were not compared."""
    d = source_daily.c
    query = sa.select(d.source_id, d.day, *(d[name] for name in MEASURED)).where(
        d.project_id == project_id, d.days == 1, d.day.between(view.start, view.end)
    )
    found = []
    for source_id, day, *values in connection.execute(query):
        source = known.get(source_id)
        if source is None:
            continue
        cause = "not_offered" if source.connection_id else "uploaded"
        found += [
            _row(source, day, name, None, Decimal(value), cause, None)
            for name, value in zip(MEASURED, values, strict=True)
            if value and (source_id, day, name) not in told
        ]
    return found


def _row(
    source: Source, day: date, metric: str, platform: Decimal | None, stored: Decimal | None, cause: str, at: datetime | None
) -> Row:  # fmt: skip
    return Row(
        source.id, source.channel, source.name, source.currency, day, metric, platform, stored, cause, at
    )


def _sold(
    connection: Connection, project_id: int, view: View, refunds: str, known: Mapping[int, Source]
) -> dict[date, dict[str, Decimal]]:
    """Orders and net sales by day, of the days that a shop in the totals covers; 0 where it sold nothing."""
    base = daily.shop(connection, project_id, view, refunds)
    query = sa.select(base.c.day, sa.func.sum(base.c.orders), sa.func.sum(base.c.revenue_net)).group_by(
        base.c.day
    )
    found = {
        row[0]: {"orders": Decimal(row[1] or 0), "revenue_net": Decimal(row[2] or 0)}
        for row in connection.execute(query)
    }
    for shop in known.values():
        if channels.kind(shop.channel) != "shop" or not (shop.covers_from and shop.covers_through):
            continue
        day, end = max(view.start, shop.covers_from), min(view.end, shop.covers_through)
        while shop.in_totals and day <= end:
            found.setdefault(day, {"orders": Decimal(0), "revenue_net": Decimal(0)})
            day += timedelta(days=1)
    return found


def _factors(connection: Connection, project_id: int, view: View) -> dict[tuple[str, date], Decimal]:
    """What an amount of a currency and day is multiplied by to be in the view's currency."""
    table = rates.factors(project_id, view.currency, view.earliest, view.end)
    rows = connection.execute(sa.select(table.c.currency, table.c.day, table.c.factor))
    return {(str(row[0]).strip(), row[1]): row[2] for row in rows if row[2]} | {
        (view.currency, day): Decimal(1) for day in view.days
    }


def _claims_orders(row: Row) -> bool:
    return channels.kind(row.channel) in _CLAIMING


def against_shop(rows: list[Row], sold: Shop, factors: Factors) -> list[Row]:
    """The rows with the shop's total beside each claim, and the cause of the difference."""
    together: dict[date, Decimal] = {}
    valued = {(r.source_id, r.day) for r in rows if r.metric == "conversion_value" and r.claim}
    for row in rows:
        if row.metric == "conversions" and _claims_orders(row):
            together[row.day] = together.get(row.day, Decimal(0)) + (row.claim or Decimal(0))
    return [
        _beside(row, sold, factors, together.get(row.day, Decimal(0)), (row.source_id, row.day) in valued)
        for row in rows
    ]


def _beside(row: Row, sold: Shop, factors: Factors, together: Decimal, has_value: bool) -> Row:
    if row.metric not in CLAIMS or channels.kind(row.channel) not in {*_CLAIMING, "web"}:
        return row
    if row.day not in sold:
        return _with(row, None, "no_shop")
    total = sold[row.day][CLAIMS[row.metric]]
    if row.metric == "conversion_value":
        factor = factors.get((row.currency, row.day))
        if factor is None:
            return _with(row, None, "no_rate")
        total /= factor
    return _with(row, total, shop_cause(row, total, together, sold[row.day]["orders"], has_value=has_value))


def _with(row: Row, total: Decimal | None, cause: str) -> Row:
    return row._replace(shop_total=total, shop_cause=cause)


def shop_cause(row: Row, total: Decimal, together: Decimal, orders: Decimal, *, has_value: bool) -> str:
    """Why a claim is not the shop's total: a key of `SHOP_CAUSES`.

    `together` are the conversions that all platforms claim of the day, `orders` those that the shop has.
    """
    claim = row.claim or Decimal(0)
    if channels.kind(row.channel) == "web":
        return "equal" if claim == total else "not_seen" if claim < total else "seen_twice"
    if claim and not has_value:
        return "not_orders"
    if claim > total:
        return "over_claim"
    if together > orders:
        return "over_claim_together"
    return "equal" if claim == total else "attribution_window"
