"""`shop_daily`: totals of orders by shop and day, recomputed for the days that a load touches.

Orders, gross sales, discounts, shipping and taxes count on the day of the order; refunds are kept both
on that day and on the day they were paid out (the order's day where that is unknown). The first order of
a customer key in the project makes a new customer; orders of one day go by time, then shop, then key.
An order without a customer key is a new customer's where the shop says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from store import history
from store.merge import plan_as_usual, plan_for_bulk

ShopDay = tuple[int, date]
"""Source and day."""

_SUMS = (
    "orders", "revenue_gross", "discounts", "refunds_order_day", "refunds_refund_day", "shipping", "taxes",
    "new_customers", "new_customer_revenue", "customers_known",
)  # fmt: skip
_KEYS = ("source_id", "day", "currency")


@dataclass
class Touched:
    """Days and customers of the orders that a load changes, before and after."""

    dates: set[date] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)

    def add(self, day: date, refunded_day: date | None, customer_key: str | None) -> None:
        """Note one version of an order; null where there is none."""
        self.dates.update(d for d in (day, refunded_day) if d)
        if customer_key:
            self.customers.add(customer_key)

    def days(self, source_id: int) -> set[ShopDay]:
        """The days, of one shop."""
        return {(source_id, day) for day in self.dates}


def first_orders(connection: Connection, project_id: int, customers: Collection[str]) -> set[ShopDay]:
    """Shop and day of the first order of each customer."""
    if not customers:
        return set()
    query = sa.text(f"""
        SELECT DISTINCT source_id, day FROM (
            SELECT DISTINCT ON (o.customer_key) o.source_id, o.day FROM orders o
            WHERE o.project_id = :project_id AND o.customer_key = ANY (CAST(:customers AS text[]))
            ORDER BY {FIRST}
        ) firsts""")
    rows = connection.execute(query, {"project_id": project_id, "customers": sorted(customers)})
    return {(source_id, day) for source_id, day in rows}


FIRST = "o.customer_key, o.day, o.placed_at NULLS LAST, o.source_id, o.order_key"

# Where an order carries no customer, the shop's own word counts (WooCommerce: "new").
NEW = "f.order_key IS NOT NULL OR (o.customer_key IS NULL AND o.customer_type = 'new')"

NEAR = "o.source_id = ANY (CAST(:shops AS integer[])) AND o.day = ANY (CAST(:days AS date[]))"
"""Every pair of the shops and days given: more than needed, but an index serves it whatever the planner believes."""

_PLACED = f"""
    SELECT o.source_id, o.day, o.currency, count(*) AS orders, sum(o.gross) AS revenue_gross,
           sum(o.discounts) AS discounts, sum(o.refunds) AS refunds_order_day,
           coalesce(sum(o.shipping), 0) AS shipping, coalesce(sum(o.taxes), 0) AS taxes,
           count(*) FILTER (WHERE {NEW}) AS new_customers,
           coalesce(sum(o.gross - o.discounts) FILTER (WHERE {NEW}), 0) AS new_customer_revenue,
           count(*) FILTER (WHERE o.customer_key IS NOT NULL OR o.customer_type <> '') AS customers_known
    FROM orders o
    JOIN given g ON g.source_id = o.source_id AND g.day = o.day
    LEFT JOIN (
        SELECT DISTINCT ON (o.customer_key) o.project_id, o.source_id, o.day, o.order_key FROM orders o
        WHERE o.project_id = :project_id AND o.customer_key = ANY (CAST(:customers AS text[]))
        ORDER BY {FIRST}
    ) f ON f.project_id = o.project_id AND f.source_id = o.source_id AND f.day = o.day AND f.order_key = o.order_key
    WHERE o.project_id = :project_id AND {NEAR}
    GROUP BY o.source_id, o.day, o.currency"""

# Orders whose refunds are known one by one count those, each on its own day.
TOLD = """NOT EXISTS (
            SELECT 1 FROM order_refunds r WHERE r.project_id = o.project_id AND r.source_id = o.source_id
            AND r.day = o.day AND r.order_key = o.order_key)"""

_REFUNDED = f"""
    SELECT source_id, day, currency, sum(refunds) AS refunds_refund_day FROM (
        SELECT o.source_id, o.refunded_day AS day, o.currency, o.refunds
        FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.refunded_day
        WHERE o.project_id = :project_id AND o.refunds <> 0 AND {NEAR.replace("o.day", "o.refunded_day")} AND {TOLD}
        UNION ALL
        SELECT r.source_id, r.refunded_day, o.currency, r.amount
        FROM order_refunds r
        JOIN given g ON g.source_id = r.source_id AND g.day = r.refunded_day
        JOIN orders o ON o.project_id = r.project_id AND o.source_id = r.source_id AND o.day = r.day
             AND o.order_key = r.order_key
        WHERE r.project_id = :project_id AND {NEAR.replace("o.day", "r.refunded_day").replace("o.source_id", "r.source_id")}
        UNION ALL
        SELECT o.source_id, o.day, o.currency, o.refunds
        FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.day
        WHERE o.project_id = :project_id AND o.refunds <> 0 AND {NEAR} AND o.refunded_day IS NULL AND {TOLD}
    ) paid GROUP BY source_id, day, currency"""


def replacing(table: str, keys: Sequence[str], sums: Sequence[str]) -> str:
    """SQL, the CTEs of a statement: make a roll-up equal to `fresh` on the shops and days of `given`.

    Only what differs is written; former versions are kept.
    """
    same = " AND ".join(f"f.{name} = t.{name}" for name in keys)
    differs = " OR ".join(f"t.{name} IS DISTINCT FROM f.{name}" for name in sums)
    near = "t.project_id = :project_id AND (t.source_id, t.day) IN (SELECT source_id, day FROM given)"
    going = f"FROM {table} t LEFT JOIN fresh f ON {same} WHERE {near} AND (f.day IS NULL OR {differs})"
    columns = ", ".join((*keys, *sums))
    return f"""kept AS (
    {history.keeping(table, "t", f"project_id, {columns}, since", going)}
), gone AS (
    DELETE FROM {table} t WHERE {near} AND NOT EXISTS (SELECT 1 FROM fresh f WHERE {same})
), put AS (
    INSERT INTO {table} (project_id, {columns}, since)
    SELECT :project_id, {", ".join(f"f.{name}" for name in (*keys, *sums))}, :at
    FROM fresh f LEFT JOIN {table} t ON t.project_id = :project_id AND {same}
    WHERE t.project_id IS NULL OR {differs}
    ON CONFLICT (project_id, {", ".join(keys)}) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in (*sums, "since"))}
)"""


GIVEN = """given AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:shops AS integer[]), CAST(:days AS date[])) AS given (source_id, day)
)"""

_REFRESH = sa.text(f"""
WITH {GIVEN}, fresh AS MATERIALIZED (
    SELECT source_id, day, currency, {", ".join(f"coalesce({name}, 0) AS {name}" for name in _SUMS)}
    FROM ({_PLACED}) placed FULL JOIN ({_REFUNDED}) refunded USING (source_id, day, currency)
), {replacing("shop_daily", _KEYS, _SUMS)}
SELECT 1""")


_CUSTOMERS = sa.text(
    f"SELECT DISTINCT o.customer_key FROM orders o"
    f" WHERE o.project_id = :project_id AND {NEAR} AND o.customer_key IS NOT NULL"
)


def refresh(connection: Connection, project_id: int, days: Collection[ShopDay], at: datetime) -> None:
    """Make `shop_daily` true for these shops and days at a time; what already stands right is not written again.

    The tables may have grown a thousandfold in this very transaction, so the planner's statistics are not
    to be trusted: every table is reached by lists of keys, and what remains is joined by hash.
    """
    if not days:
        return
    shops, dates = zip(*sorted(days), strict=True)
    values = {"project_id": project_id, "shops": list(shops), "days": list(dates), "at": at}
    near = {"project_id": project_id, "shops": sorted(set(shops)), "days": sorted(set(dates))}
    values["customers"] = list(connection.scalars(_CUSTOMERS, near))
    plan_for_bulk(connection)
    connection.execute(_REFRESH, values)
    plan_as_usual(connection)
