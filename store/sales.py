"""`sales_daily`: orders by shop and day along one dimension at a time, kept true with `shop_daily`.

Each order counts once in every dimension: `channel` (the shop's sales channel), `country`, `customer` (new,
returning, or unknown where the order names no customer) and `tag` (source / medium / campaign in lower case:
of the last visit that the shop ties to the order, else the order's own; empty where it is not tagged). A
`product` counts the orders that hold it, its items, and its lines' own prices and discounts; refunds are known
by order only, so a product has none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store.merge import plan_as_usual, plan_for_bulk
from store.models import sales_daily, shop_daily
from store.shops import FIRST, GIVEN, NEAR, NEW, TOLD, ShopDay, replacing

DIMENSIONS = ("channel", "country", "customer", "tag", "product")
SUMS = (
    "orders", "items", "revenue_gross", "discounts", "refunds_order_day", "refunds_refund_day", "new_customers",
    "new_customer_revenue", "customers_known",
)  # fmt: skip
_KEYS = ("source_id", "day", "currency", "dimension", "value")
_LONGEST = 200
"""Signs of a value that are kept."""

_ORDER = "o.source_id, o.day AS order_day, o.order_key, o.customer_key, o.customer_type, o.currency, o.channel, o.medium, o.campaign, o.country"

# What counts on a given day: an order that was placed then, and a refund that was paid then.
_MOVES = f"""
    SELECT {_ORDER}, g.day, true AS placed, o.items, o.gross, o.discounts, o.refunds, NULL::numeric AS paid_back
    FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.day
    WHERE o.project_id = :project_id AND {NEAR}
    UNION ALL
    SELECT {_ORDER}, g.day, false, NULL, NULL, NULL, NULL, o.refunds
    FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.refunded_day
    WHERE o.project_id = :project_id AND o.refunds <> 0 AND {NEAR.replace("o.day", "o.refunded_day")} AND {TOLD}
    UNION ALL
    SELECT {_ORDER}, g.day, false, NULL, NULL, NULL, NULL, r.amount
    FROM order_refunds r
    JOIN given g ON g.source_id = r.source_id AND g.day = r.refunded_day
    JOIN orders o ON o.project_id = r.project_id AND o.source_id = r.source_id AND o.day = r.day
         AND o.order_key = r.order_key
    WHERE r.project_id = :project_id AND {NEAR.replace("o.day", "r.refunded_day").replace("o.source_id", "r.source_id")}
    UNION ALL
    SELECT {_ORDER}, g.day, false, NULL, NULL, NULL, NULL, o.refunds
    FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.day
    WHERE o.project_id = :project_id AND o.refunds <> 0 AND {NEAR} AND o.refunded_day IS NULL AND {TOLD}"""

_IS_NEW = NEW.replace("f.order_key", "f.first_key")

_LABELLED = f"""
    SELECT o.*, {_IS_NEW} AS is_new, o.customer_key IS NOT NULL OR o.customer_type <> '' AS is_known,
           lower(CASE WHEN v.source IS NOT NULL THEN concat_ws(' / ', v.source, v.medium, v.campaign)
                      WHEN o.medium <> '' OR o.campaign <> '' THEN concat_ws(' / ', o.channel, o.medium, o.campaign)
                      ELSE '' END) AS tag
    FROM moves o
    LEFT JOIN firsts f ON f.source_id = o.source_id AND f.first_day = o.order_day AND f.first_key = o.order_key
    LEFT JOIN LATERAL (
        SELECT v.source, v.medium, v.campaign FROM order_visits v
        WHERE v.project_id = :project_id AND v.source_id = o.source_id AND v.day = o.order_day
          AND v.order_key = o.order_key AND v.which = 'last' AND (v.source, v.medium, v.campaign) <> ('', '', '')
        LIMIT 1
    ) v ON true"""

_BY_ORDER = f"""
    SELECT source_id, day, currency, dimension, left(value, {_LONGEST}) AS value,
           count(*) FILTER (WHERE placed) AS orders, coalesce(sum(items), 0) AS items,
           coalesce(sum(gross), 0) AS revenue_gross, coalesce(sum(discounts), 0) AS discounts,
           coalesce(sum(refunds), 0) AS refunds_order_day, coalesce(sum(paid_back), 0) AS refunds_refund_day,
           count(*) FILTER (WHERE placed AND is_new) AS new_customers,
           coalesce(sum(gross - discounts) FILTER (WHERE placed AND is_new), 0) AS new_customer_revenue,
           count(*) FILTER (WHERE placed AND is_known) AS customers_known
    FROM labelled CROSS JOIN LATERAL (VALUES ('channel', channel), ('country', country), ('tag', tag),
        ('customer', CASE WHEN is_new THEN 'new' WHEN is_known THEN 'returning' ELSE 'unknown' END)
    ) part (dimension, value)
    GROUP BY source_id, day, currency, dimension, left(value, {_LONGEST})"""

_BY_PRODUCT = f"""
    SELECT o.source_id, o.day, o.currency, 'product', left(l.title, {_LONGEST}), count(DISTINCT o.order_key),
           coalesce(sum(coalesce(l.quantity, 1)), 0), coalesce(sum(l.price * coalesce(l.quantity, 1)), 0),
           coalesce(sum(l.discount), 0), NULL::numeric, NULL::numeric,
           count(DISTINCT o.order_key) FILTER (WHERE o.is_new),
           coalesce(sum(l.price * coalesce(l.quantity, 1) - coalesce(l.discount, 0)) FILTER (WHERE o.is_new), 0),
           count(DISTINCT o.order_key) FILTER (WHERE o.is_known)
    FROM labelled o JOIN order_lines l ON l.source_id = o.source_id AND l.day = o.day AND l.order_key = o.order_key
    WHERE o.placed AND l.project_id = :project_id AND {NEAR.replace("o.", "l.")}
    GROUP BY o.source_id, o.day, o.currency, left(l.title, {_LONGEST})"""

_REFRESH = sa.text(f"""
WITH {GIVEN}, moves AS MATERIALIZED ({_MOVES}), firsts AS MATERIALIZED (
    SELECT DISTINCT ON (o.customer_key) o.source_id, o.day AS first_day, o.order_key AS first_key FROM orders o
    WHERE o.project_id = :project_id AND o.customer_key = ANY (CAST(:customers AS text[]))
    ORDER BY {FIRST}
), labelled AS MATERIALIZED ({_LABELLED}), fresh AS MATERIALIZED ({_BY_ORDER} UNION ALL {_BY_PRODUCT}),
{replacing("sales_daily", _KEYS, SUMS)}
SELECT 1""")


_CUSTOMERS = sa.text(f"""
WITH {GIVEN}, moves AS ({_MOVES}) SELECT DISTINCT customer_key FROM moves WHERE customer_key IS NOT NULL""")

# Whose customer turns out new or returning takes the word along to the day of its refund.
_REFUND_DAYS = sa.text(f"""
WITH {GIVEN}
SELECT o.source_id, o.refunded_day FROM orders o JOIN given g ON g.source_id = o.source_id AND g.day = o.day
WHERE o.project_id = :project_id AND {NEAR} AND o.refunded_day IS NOT NULL
UNION
SELECT o.source_id, o.refunded_day FROM order_refunds o JOIN given g ON g.source_id = o.source_id AND g.day = o.day
WHERE o.project_id = :project_id AND {NEAR}""")


def refresh(connection: Connection, project_id: int, days: Collection[ShopDay], at: datetime) -> None:
    """Make `sales_daily` true for these shops and days at a time; what already stands right is not written again."""
    if not days:
        return
    plan_for_bulk(connection)
    later = connection.execute(_REFUND_DAYS, _given(project_id, days)).tuples()
    place = _given(project_id, {*days, *later}) | {"at": at}
    place["customers"] = list(connection.scalars(_CUSTOMERS, place))
    connection.execute(_REFRESH, place)
    plan_as_usual(connection)


def _given(project_id: int, days: Collection[ShopDay]) -> dict[str, Any]:
    shops, dates = zip(*sorted(days), strict=True)
    return {"project_id": project_id, "shops": list(shops), "days": list(dates)}


def complete(connection: Connection, project_id: int, at: datetime) -> None:
    """Fill in the days of shops that were loaded before this table was there."""
    there = sa.exists().where(
        *(sales_daily.c[name] == shop_daily.c[name] for name in ("project_id", "source_id", "day"))
    )
    query = sa.select(shop_daily.c.source_id, shop_daily.c.day).where(
        shop_daily.c.project_id == project_id, ~there
    )
    refresh(connection, project_id, {(row.source_id, row.day) for row in connection.execute(query)}, at)
